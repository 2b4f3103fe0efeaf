package bolt

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

var _ store.Placer = (*Store)(nil)

// keyPlace is the key of bucket meta that holds the store.Place. It is no secret and no
// proof: whoever can write the file can change it. It finds mishaps, not burglars.
var keyPlace = []byte("place")

// errSettled ends a transaction that has nothing to add.
var errSettled = errors.New("the place is noted already")

// Place implements store.Placer. What is only noticed now is suspect since now, until the
// next write notes it.
func (s *Store) Place(ctx context.Context) (store.Place, error) {
	var p store.Place
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		r := &reader{tx: tx, codec: s.codec}
		id, err := r.storeID()
		if err != nil {
			return err
		}
		if p, err = r.place(); err != nil {
			return err
		}
		if p.Suspect == nil {
			p.Suspect = s.suspicion(p, id, r.Revision())
		}
		return nil
	})
	return p, err
}

// Adopt implements store.Placer.
func (s *Store) Adopt(ctx context.Context) error {
	return s.changePlace(ctx, func(w *writer, p *store.Place, id string) (store.Event, error) {
		now := s.here(id)
		now.Since = p.Since
		if now.Machine != p.Machine || now.Dir != p.Dir || now.Since.IsZero() {
			now.Since = s.o.Clock.Now()
		}
		ev := store.Event{Act: store.ActAdopt, Outcome: "done", Evidence: "nothing was suspect"}
		if p.Suspect == nil {
			p.Suspect = s.suspicion(*p, id, w.Revision())
		}
		if p.Suspect != nil {
			ev.Evidence = "was suspect: " + tellSuspicion(*p.Suspect)
		}
		*p = now
		return ev, nil
	})
}

// MarkRestored implements store.Placer.
func (s *Store) MarkRestored(ctx context.Context, made time.Time) error {
	return s.changePlace(ctx, func(_ *writer, p *store.Place, id string) (store.Event, error) {
		*p = s.here(id)
		p.Since = s.o.Clock.Now()
		p.Suspect = &store.Suspicion{Why: store.SuspectRestored, Seen: s.o.Clock.Now(), From: made}
		return suspected(*p.Suspect), nil
	})
}

// settle notes where the store is, if it has no note of that, and that it is a copy, so that
// it stays so. It runs at unlocking; a store that can't be written stays as it is, and what
// is suspect is found again each time. An older state that was put back is noted by the next
// write (see notePlace) and not here: looking at it, as verifying its log does, leaves it as it is.
func (s *Store) settle(ctx context.Context) error {
	todo := false
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		todo = s.unsettled(&reader{tx: tx, codec: s.codec})
		return nil
	})
	if err != nil || !todo {
		return err
	}
	err = s.changePlace(ctx, func(w *writer, p *store.Place, id string) (store.Event, error) {
		if found := s.suspicion(*p, id, w.Revision()); toNote(*p, found) {
			p.Suspect = found
			return suspected(*found), nil
		}
		if !p.Since.IsZero() {
			return store.Event{}, errSettled
		}
		*p = s.here(id)
		p.Since = s.o.Clock.Now()
		return store.Event{}, nil
	})
	var busy *store.BusyError
	if errors.Is(err, errSettled) || errors.Is(err, store.ErrUnwritable) || errors.As(err, &busy) {
		return nil
	}
	return err
}

// settleNew notes where a new store is.
func (w *writer) settleNew(id string) error {
	p := w.s.here(id)
	p.Since, w.placed = w.s.o.Clock.Now(), true
	return w.putPlace(p)
}

// unsettled reports that settle would have something to note.
func (s *Store) unsettled(r *reader) bool {
	p, err := r.place()
	if err != nil {
		return true
	}
	id, err := r.storeID()
	return err != nil || p.Since.IsZero() || toNote(p, s.suspicion(p, id, r.Revision()))
}

// toNote reports that a suspicion is news that must not wait for the next write.
func toNote(p store.Place, found *store.Suspicion) bool {
	return p.Suspect == nil && found != nil && found.Why != store.SuspectOlder
}

// changePlace changes the note of the place, with an event if change names one.
func (s *Store) changePlace(ctx context.Context, change func(*writer, *store.Place, string) (store.Event, error)) error {
	err := s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return store.ErrReadOnly
		}
		id, err := w.storeID()
		if err != nil {
			return err
		}
		p, err := w.place()
		if err != nil {
			return err
		}
		ev, err := change(w, &p, id)
		if err != nil {
			return err
		}
		w.placed = true
		if err := w.putPlace(p); err != nil || ev.Act == "" {
			return err
		}
		_, err = w.Append(ev)
		return err
	})
	if err != nil {
		return fmt.Errorf("noting the place of the store: %w", err)
	}
	return nil
}

// notePlace notes in any transaction that an older database was put back, before the mark
// that tells it is overwritten.
func (w *writer) notePlace() error {
	if w.placed {
		return nil
	}
	id, err := w.storeID()
	if err != nil {
		return nil // it is said by whoever needs the header
	}
	if w.s.mark(id) <= w.Revision() {
		return nil
	}
	p, err := w.place()
	if err != nil || p.Suspect != nil {
		return err
	}
	p.Suspect = &store.Suspicion{Why: store.SuspectOlder, Seen: w.s.o.Clock.Now()}
	if err := w.putPlace(p); err != nil {
		return err
	}
	_, err = w.Append(suspected(*p.Suspect))
	return err
}

// suspicion is what is found now, nil if nothing is. What is unknown proves nothing.
func (s *Store) suspicion(p store.Place, id string, rev store.Revision) *store.Suspicion {
	here := s.here(id)
	differ := func(a, b string) bool { return a != "" && b != "" && a != b }
	switch {
	case differ(p.Machine, here.Machine), differ(p.Dir, here.Dir):
		return &store.Suspicion{Why: store.SuspectMoved, Seen: s.o.Clock.Now()}
	case s.mark(id) > rev:
		return &store.Suspicion{Why: store.SuspectOlder, Seen: s.o.Clock.Now()}
	}
	return nil
}

// here is where the store is now.
func (s *Store) here(id string) store.Place {
	return store.Place{Machine: placeHash(id, "machine", s.o.Machine()), Dir: placeHash(id, "directory", dirIdentity(s.dir))}
}

// placeHash hides what is hashed, and makes it another in every store.
func placeHash(id, what, v string) string {
	if v == "" {
		return ""
	}
	sum := sha256.Sum256([]byte("crmdeck place\x00" + id + "\x00" + what + "\x00" + v))
	return hex.EncodeToString(sum[:16])
}

func suspected(x store.Suspicion) store.Event {
	return store.Event{Act: store.ActSuspicious, Outcome: "suspect", Evidence: tellSuspicion(x)}
}

func tellSuspicion(x store.Suspicion) string {
	switch x.Why {
	case store.SuspectMoved:
		return "the store is on another machine or in another directory than before: a copy"
	case store.SuspectOlder:
		return "an older state of the store was put back"
	}
	return "the store was restored from a backup of " + x.From.UTC().Format(time.RFC3339)
}

// place reads the note; the zero Place where there is none.
func (r *reader) place() (p store.Place, err error) {
	if b := r.tx.Bucket(buckets.meta).Get(keyPlace); b != nil {
		err = r.codec.decode("the place", b, &p)
	}
	return p, err
}

func (w *writer) putPlace(p store.Place) error {
	b, err := w.codec.encode("the place", p)
	if err != nil {
		return err
	}
	return w.put(buckets.meta, keyPlace, b)
}

func (r *reader) storeID() (string, error) {
	var h header
	err := readHeader(r.tx, r.codec, &h)
	return h.Seal.StoreID, err
}
