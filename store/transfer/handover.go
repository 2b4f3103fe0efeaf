package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/text"
)

// Reasons of the trouble that a grant is in while it is given away, and after. No provider said them.
const (
	ReasonHandingOver = "handing_over" // begun: it may be in a file already, and is still sealed here
	ReasonHandedOver  = "handed_over"  // done: it is not here any more
)

// leaseWait is how long giving up a grant waits for a refresh of it to end: a request has 30 s.
const leaseWait = 40 * time.Second

// HandOver gives grants of a store to another store. The order is what it promises: the leases are
// taken, so that no refresh is under way; the grants are marked, and nothing uses them from then on,
// whatever dies when; then the caller writes the file; only when it is synced does Finish wipe what is here.
// A hand-over that was broken off can be begun again, which makes a new file, or taken back, if
// the file did not get anywhere.
type HandOver struct {
	st     store.Store
	clock  clock.Clock
	grants []store.ID
	op     store.ID
	leases []store.Lease
}

// Begin takes the leases and marks the grants. to says who gets them. Release has to be called.
func Begin(ctx context.Context, st store.Store, c clock.Clock, op store.ID, grants []store.ID, to string) (*HandOver, error) {
	to = text.Clean(to)
	h := &HandOver{st: st, clock: c, grants: slices.Sorted(slices.Values(grants)), op: op} // one order for all, so that two don't wait for each other
	waiting, cancel := context.WithTimeout(ctx, leaseWait)
	defer cancel()
	for _, id := range h.grants {
		l, err := st.Lease(waiting, id, "handing over")
		if err != nil {
			h.Release()
			return nil, err
		}
		h.leases = append(h.leases, l)
	}
	err := h.change(ctx, "begun", "to "+to, func(g *store.Grant) error {
		if b := Blocked(*g); b != "" {
			return &BlockedError{Why: b}
		}
		g.Handed = &store.Handed{To: to, Begun: c.Now()}
		g.Trouble = h.trouble(ReasonHandingOver, "it is being handed over to "+to)
		return nil
	})
	if err != nil {
		h.Release()
		return nil, err
	}
	return h, nil
}

func (h *HandOver) trouble(reason, message string) *store.Trouble {
	now := h.clock.Now()
	return &store.Trouble{Class: store.Dead, Reason: reason, Message: message, Since: now, Last: now, Where: "refresh"}
}

// change changes every grant in one transaction, with an event for each connection.
func (h *HandOver) change(ctx context.Context, outcome, evidence string, fn func(*store.Grant) error) error {
	err := h.st.Write(ctx, func(w store.Writer) error {
		for _, id := range h.grants {
			g, err := w.Grant(id)
			if err != nil {
				return err
			}
			conns, err := w.ConnectionsOf(id)
			if err != nil {
				return err
			}
			if err := fn(&g); err != nil {
				var b *BlockedError
				if errors.As(err, &b) && len(conns) > 0 {
					b.Name = conns[0].Name
				}
				return err
			}
			if err := w.PutGrant(&g); err != nil {
				return err
			}
			for _, c := range conns {
				if _, err := w.Append(store.Event{Act: store.ActHandOver, Outcome: outcome, Connection: c.Name, ConnectionID: c.ID, Evidence: evidence, Op: h.op}); err != nil {
					return err
				}
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("handing over: %w", err)
	}
	return nil
}

// Finish wipes what was given away; the file is synced by then. The connections stay and say who
// has their credential. It goes on when the caller has gone.
func (h *HandOver) Finish(ctx context.Context, evidence string) error {
	return h.change(context.WithoutCancel(ctx), "done", evidence, func(g *store.Grant) error {
		for _, f := range g.SealedFields() {
			*f.Value = store.Sealed{}
		}
		g.Handed.Done = h.clock.Now()
		g.Trouble, g.Intent = h.trouble(ReasonHandedOver, "it was handed over to "+g.Handed.To), nil
		return nil
	})
}

// TakeBack undoes what Begin marked, for a file that was not written.
func (h *HandOver) TakeBack(ctx context.Context) error {
	return h.change(context.WithoutCancel(ctx), "taken_back", "the credential stays here", func(g *store.Grant) error {
		switch {
		case g.Handed == nil:
			return &BlockedError{Why: BlockedNotHanded}
		case !g.Handed.Done.IsZero():
			return &BlockedError{Why: BlockedHanded}
		}
		g.Handed, g.Trouble = nil, nil
		return nil
	})
}

// Again is a hand-over that was begun by a process that has died, to be taken back.
func Again(st store.Store, c clock.Clock, op store.ID, grants []store.ID) *HandOver {
	return &HandOver{st: st, clock: c, op: op, grants: grants}
}

// Release frees the leases.
func (h *HandOver) Release() {
	for _, l := range h.leases {
		l.Release()
	}
	h.leases = nil
}

// Block is why a connection can't be given to another store.
type Block string

// The reasons.
const (
	BlockedRevoked   Block = "revoked"    // it is revoked, or shall be
	BlockedHanded    Block = "handed"     // another store has it
	BlockedHanding   Block = "handing"    // that was begun and is not finished
	BlockedNotHanded Block = "not_handed" // there is no hand-over to take back
	BlockedUncertain Block = "uncertain"  // a refresh was sent and its answer is lost: the token may be spent
	BlockedDead      Block = "dead"       // its provider refuses it
	BlockedEmpty     Block = "empty"      // there is no credential
	BlockedShared    Block = "shared"     // other connections have the same grant and were not named
	BlockedRotates   Block = "rotates"    // its refresh token is replaced at each use, so it can live in one place only
)

// BlockedError names a connection that can't be given away.
type BlockedError struct {
	Name   string
	Why    Block
	Others []string // BlockedShared
}

func (e *BlockedError) Error() string {
	return fmt.Sprintf("connection %q can't be given to another store: %s", e.Name, e.Why)
}

// Blocked tells why a grant can't be given away, empty if it can.
func Blocked(g store.Grant) Block {
	switch {
	case g.Revocation != nil:
		return BlockedRevoked
	case g.Handed != nil && !g.Handed.Done.IsZero():
		return BlockedHanded
	case len(g.SealedFields()) == 0:
		return BlockedEmpty
	case g.Intent != nil:
		return BlockedUncertain
	case g.Trouble != nil && g.Trouble.Class == store.Dead && g.Trouble.Reason != ReasonHandingOver:
		return BlockedDead
	}
	return ""
}

// Unmarked makes a packed parcel what it was before it was given away.
func (p *Parcel) Unmarked() {
	p.Grant.Handed, p.Grant.Copied = nil, time.Time{}
	if t := p.Grant.Trouble; t != nil && t.Reason == ReasonHandingOver {
		p.Grant.Trouble = nil
	}
}

// NoteCopy records that copies of grants are written out, before they are: each with an event.
func NoteCopy(ctx context.Context, st store.Store, op store.ID, now time.Time, conns []store.Connection, to string) error {
	err := st.Write(ctx, func(w store.Writer) error {
		for _, c := range conns {
			g, err := w.Grant(c.Grant)
			if err != nil {
				return err
			}
			if b := Blocked(g); b != "" {
				return &BlockedError{Name: c.Name, Why: b}
			}
			if g.Handed != nil {
				return &BlockedError{Name: c.Name, Why: BlockedHanding}
			}
			g.Copied = now
			if err := w.PutGrant(&g); err != nil {
				return err
			}
			if _, err := w.Append(store.Event{Act: store.ActExport, Outcome: "copied", Connection: c.Name, ConnectionID: c.ID, Evidence: "to " + to, Op: op}); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("noting the copy: %w", err)
	}
	return nil
}
