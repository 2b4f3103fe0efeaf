package bolt

import (
	"context"
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
)

// Unlock implements store.Store.
func (s *Store) Unlock(ctx context.Context, k store.Key) error {
	if s.o.ReadOnly {
		return fmt.Errorf("unlocking: %w", store.ErrReadOnly)
	}
	if err := s.misses().delay(ctx, s.o.Clock, k); err != nil {
		return fmt.Errorf("unlocking: %w", err)
	}
	v, was, err := s.openVault(ctx, k)
	if err != nil {
		if errors.Is(err, store.ErrWrongKey) {
			s.misses().note(ctx, s.o.Clock.Now(), k)
		}
		return fmt.Errorf("unlocking: %w", err)
	}
	if was < format {
		if err := s.raise(ctx, v); err != nil {
			v.Wipe()
			return fmt.Errorf("unlocking: %w", err)
		}
	}
	s.install(v)
	if err := s.settle(ctx); err != nil {
		return fmt.Errorf("unlocking: %w", err)
	}
	s.tidyHandover(ctx)
	s.tellMisses(ctx)
	return nil
}

// install makes v the vault of the store.
func (s *Store) install(v *seal.Vault) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.lost = nil
	if s.vault != nil && s.vault.KeyID() == v.KeyID() {
		v.Wipe() // proving the key again takes nothing from those who use the vault
		return
	}
	s.forget()
	s.vault = v
}

// openVault opens the store as it is now, and tells its format. A run that ends between
// reading the header and learning the next data key is a reason to look again.
func (s *Store) openVault(ctx context.Context, k store.Key) (v *seal.Vault, was int, err error) {
	for range 3 {
		var h header
		err = s.view(ctx, func(tx *bbolt.Tx) error {
			was = formatOf(tx)
			return readHeader(tx, s.codec, &h)
		})
		if err != nil {
			return nil, was, err
		}
		if v, err = h.Seal.Unlock(ctx, s.o.tools(), k); err != nil {
			return nil, was, err
		}
		if h.Seal.Next == nil {
			return v, was, nil
		}
		if err = v.Follow(h.Seal, s.readHandover); err == nil {
			return v, was, nil
		}
		// Without the handover, k's own slot of the next data key leads there.
		if other, e := h.Seal.Advanced().Unlock(ctx, s.o.tools(), k); e == nil {
			e = v.Join(other, h.Seal)
			other.Wipe()
			if e == nil {
				return v, was, nil
			}
		}
		v.Wipe()
	}
	return nil, was, err
}
