package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal"
)

var _ store.Rekeyer = (*Store)(nil)

// RekeyState implements store.Rekeyer.
func (s *Store) RekeyState(ctx context.Context) (store.RekeyState, error) {
	h, err := s.header(ctx)
	if err != nil {
		return store.RekeyState{}, err
	}
	out := store.RekeyState{KeyID: h.Seal.KeyID, Made: h.Seal.Made, Running: h.Seal.Next != nil}
	if out.Made.IsZero() {
		out.Made, _ = time.Parse(time.RFC3339Nano, h.Created)
	}
	if out.Running {
		out.Begun = h.Seal.Next.Begun
	}
	return out, nil
}

// Rekey implements store.Rekeyer. The steps, each of which can be the last that happened:
//
//  1. The slots of the next data key are made; the handover is written and synced; one transaction
//     puts the next key into the header. From then on every transaction of every process
//     seals under it (keepUp).
//  2. Records are re-sealed, a batch a transaction, until a whole pass finds none to do.
//  3. Every lease that is held is waited for: its holder may have read the header before step 1, with
//     a refresh under way; with its next transaction it learns the next key.
//  4. One transaction makes the next key the only one.
//  5. The handover is destroyed, and what removed slots had in the keyring.
func (s *Store) Rekey(ctx context.Context, o store.RekeyOptions) (store.RekeyReport, error) {
	var out store.RekeyReport
	if _, err := s.opened(); err != nil {
		return out, err
	}
	release, err := s.aloneRekeying(ctx)
	if err != nil {
		return out, err
	}
	defer release()
	h, _, err := s.openedNow(ctx)
	if err != nil {
		return out, err
	}
	if out.Resumed = h.Seal.Next != nil; !out.Resumed {
		if err := s.beginRekey(ctx, h, o); err != nil {
			return out, fmt.Errorf("making a new data key: %w", err)
		}
	}
	r := resealer{s: s, progress: o.Progress, refused: make(map[string]bool)}
	err = r.all(ctx)
	out.Secrets, out.Refused = r.secrets, len(r.refused)
	if err != nil {
		return out, fmt.Errorf("re-sealing: %w", err)
	}
	after, err := s.endRekey(ctx, out)
	if err != nil {
		return out, fmt.Errorf("ending the old data key: %w", err)
	}
	out.KeyID, out.Slots = after.KeyID, after.Info()
	return out, nil
}

// aloneRekeying keeps two runs of one store apart.
func (s *Store) aloneRekeying(ctx context.Context) (release func(), err error) {
	dir := filepath.Join(s.dir, locksDir)
	if err := ownfile.MakeDir(dir); err != nil {
		if unwritable(err) {
			return nil, fmt.Errorf("making a new data key: %w: %w", store.ErrUnwritable, err)
		}
		return nil, err
	}
	f := newSideFile(filepath.Join(dir, "rekey.lock"))
	return s.waitFor(ctx, f, Wait, "making a new data key")
}

// waitFor takes a side file's lock, waiting at most d.
func (s *Store) waitFor(ctx context.Context, f *sideFile, d time.Duration, what string) (func(), error) {
	waiting, cancel := context.WithTimeout(ctx, d)
	defer cancel()
	release, err := f.acquire(waiting, s.holder(what))
	switch {
	case err == nil:
		return release, nil
	case ctx.Err() != nil:
		return nil, fmt.Errorf("waiting: %w", context.Cause(ctx))
	case waiting.Err() != nil:
		return nil, &store.HeldError{Holder: f.holder(s.o.Host, what)}
	}
	return nil, err
}

// beginRekey is step 1. Deriving keys and asking plugins takes a while, so that is done before
// the transaction; slots that changed meanwhile are a conflict.
func (s *Store) beginRekey(ctx context.Context, h header, o store.RekeyOptions) error {
	v, err := s.opened()
	if err != nil {
		return err
	}
	next, handover, err := v.Begin(ctx, h.Seal, o, s.o.Clock.Now())
	if err != nil {
		return err
	}
	begun := false
	defer func() {
		if !begun {
			for _, x := range next.Slots {
				v.Forget(x)
			}
		}
	}()
	planned, err := s.codec.encode("the header", h)
	if err != nil {
		return err
	}
	err = s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return store.ErrReadOnly
		}
		var now header
		if err := readHeader(w.tx, s.codec, &now); err != nil {
			return err
		}
		if b, err := s.codec.encode("the header", now); err != nil || !bytes.Equal(b, planned) {
			return errors.Join(err, store.ErrConflict)
		}
		// Public keys are taken from the header: they must be the ones that were put there.
		if err := w.headHolds(); err != nil {
			return err
		}
		if err := s.writeHandover(handover); err != nil {
			return err
		}
		now.Seal.Next = next
		if err := w.putHeader(now); err != nil {
			return err
		}
		_, err := w.Append(store.Event{Act: store.ActRekey, Outcome: "begun",
			Evidence: fmt.Sprintf("data key %s to %s, %d slots of %d", now.Seal.KeyID, next.KeyID, len(next.Slots), len(now.Seal.Slots))})
		return err
	})
	begun = err == nil
	return err
}

// headHolds reports whether the header is the one that was written last.
func (w *writer) headHolds() error {
	x, err := w.index()
	if err != nil {
		return err
	}
	if x == nil {
		return store.ErrLocked
	}
	return x.head()
}

// endRekey is steps 4 and 5.
func (s *Store) endRekey(ctx context.Context, did store.RekeyReport) (seal.Header, error) {
	v, err := s.opened()
	if err != nil {
		return seal.Header{}, err
	}
	var gone []seal.Slot
	var after header
	err = s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return store.ErrReadOnly
		}
		if err := readHeader(w.tx, s.codec, &after); err != nil {
			return err
		}
		if after.Seal.Next == nil {
			return store.ErrConflict
		}
		if err := w.headHolds(); err != nil {
			return err
		}
		was := after.Seal.KeyID
		gone, after.Seal = after.Seal.Slots, after.Seal.Advanced()
		if err := w.putHeader(after); err != nil {
			return err
		}
		evidence := fmt.Sprintf("data key %s to %s, %d secrets re-sealed", was, after.Seal.KeyID, did.Secrets)
		if did.Refused > 0 {
			evidence += fmt.Sprintf(", %d that were refused before left", did.Refused)
		}
		_, err := w.Append(store.Event{Act: store.ActRekey, Outcome: "done", Evidence: evidence})
		return err
	})
	if err != nil {
		return seal.Header{}, err
	}
	for _, x := range gone {
		v.Forget(x)
	}
	if err := s.destroyHandover(); err != nil {
		return seal.Header{}, err
	}
	_, err = s.header(ctx) // the vault of this process goes on to the new key
	return after.Seal, err
}

// waitLeases is step 3. One that is never given back ends the run for now: whoever has it
// could not store what it gets.
func (s *Store) waitLeases(ctx context.Context) error {
	files, err := filepath.Glob(filepath.Join(globQuote(filepath.Join(s.dir, locksDir)), "grant-*.lock"))
	if err != nil {
		return fmt.Errorf("listing leases: %w", err)
	}
	for _, path := range files {
		release, err := s.waitFor(ctx, newSideFile(path), leasePatience, "waiting for refreshes before the old data key ends")
		if err != nil {
			return err
		}
		release()
	}
	return nil
}

// leasePatience is the longest that a lease is held for a refresh.
const leasePatience = 40 * time.Second
