package bolt

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
)

// seen is the header that the vault has followed, so that a transaction which finds the same one
// does not decode it again.
type seen struct {
	mu      sync.Mutex
	raw     []byte
	vault   *seal.Vault
	gone    []string  // data keys that were destroyed
	retired time.Time // when the vault took the next data key for its own
}

// past reports a data key that was destroyed.
func (s *seen) past(id string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Contains(s.gone, id)
}

// retireAfter is how long the key that was replaced still opens what was read before. A
// refresh is over in less: it waits 40 s for a lease, 30 s for an answer, four times 5 s for the store.
const retireAfter = 5 * time.Minute

// keepUp brings the vault to the data keys that the store has now. Every transaction does
// that, so whoever works with the store while a new data key is put in use learns it before it
// is the only one. store.ErrRekeyed if the vault has missed that; it is locked then.
func (s *Store) keepUp(tx *bbolt.Tx) error {
	s.mu.Lock()
	v := s.vault
	s.mu.Unlock()
	if v == nil {
		return nil
	}
	raw := tx.Bucket(buckets.meta).Get(keys.header)
	s.seen.mu.Lock()
	defer s.seen.mu.Unlock()
	if v == s.seen.vault && bytes.Equal(raw, s.seen.raw) {
		if !s.seen.retired.IsZero() && s.o.Clock.Now().Sub(s.seen.retired).Abs() > retireAfter {
			v.Retire()
			s.seen.retired = time.Time{}
		}
		return nil
	}
	var h header
	if err := readHeader(tx, s.codec, &h); err != nil {
		return err
	}
	err := v.Follow(h.Seal, s.readHandover)
	switch {
	case errors.Is(err, store.ErrLocked) && !errors.Is(err, store.ErrRekeyed):
		return err // locked this moment
	case err != nil:
		if !errors.Is(err, store.ErrRekeyed) {
			err = fmt.Errorf("%w: %w", store.ErrRekeyed, err)
		}
		s.lose(v, err)
		return err
	}
	s.seen.raw, s.seen.vault, s.seen.gone = bytes.Clone(raw), v, h.Seal.Past
	if v.Retired() {
		s.seen.retired = s.o.Clock.Now()
	}
	return nil
}

// lose locks the store because its vault is of no use any more, and keeps the reason.
func (s *Store) lose(v *seal.Vault, why error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vault == v {
		s.forget()
		s.lost = why
	}
}

// lockedBecause is why a store is locked.
func lockedBecause(lost error) error {
	if lost != nil {
		return lost
	}
	return store.ErrLocked
}

// reseal puts a sealed value of a record that is being written under the data key that new values
// get, in the caller's record too. same: it is the one that is stored. One that was put back
// or damaged stays as it is: nothing makes it the newest.
func (w *writer) reseal(x *index, owner store.ID, f store.SealedField, same bool) (bool, error) {
	v := w.holder()
	if v == nil || f.Value.KeyID == v.SealingID() {
		return false, nil
	}
	if !same && w.s.seen.past(f.Value.KeyID) && !v.Knows(f.Value.KeyID) {
		return false, store.ErrRekeyed // nobody could ever open it
	}
	if same && x.check(owner, f.Field, *f.Value) != nil {
		return false, nil
	}
	next, resealed, err := v.Reseal(store.Binding{Owner: owner, Field: f.Field}, *f.Value)
	switch {
	case errors.Is(err, store.ErrSealed):
		return false, nil // what is wrong with it is said when it is opened
	case err != nil || !resealed:
		return false, err
	}
	was := *f.Value
	w.undo = append(w.undo, func() { *f.Value = was })
	*f.Value = next
	w.s.proven.add(next.Box)
	return true, nil
}
