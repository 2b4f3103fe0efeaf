package bolt

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"sync"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// lease is held until its release is called.
type lease struct {
	once    sync.Once
	release func()
}

// Release implements store.Lease.
func (l *lease) Release() { l.once.Do(l.release) }

// Lease implements store.Locker with one file a grant. First the goroutines of this
// process queue among themselves, then one of them waits for the kernel's lock.
func (s *Store) Lease(ctx context.Context, grant store.ID, what string) (store.Lease, error) {
	if s.o.ReadOnly {
		return nil, fmt.Errorf("taking a lease: %w", store.ErrReadOnly)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("taking a lease: %w", err)
	}
	f, err := s.leaseFile(grant)
	if err != nil {
		return nil, err
	}
	release, err := f.acquire(ctx, s.holder(what))
	switch {
	case err == nil:
		return &lease{release: release}, nil
	case ctx.Err() != nil:
		held := &store.HeldError{Holder: f.holder(s.o.Host, "a lease")}
		if errors.Is(ctx.Err(), context.Canceled) { // a person gave up, which is another outcome
			return nil, fmt.Errorf("waiting for a lease: %w: %w", ctx.Err(), held)
		}
		return nil, held
	case unwritable(err):
		return nil, fmt.Errorf("taking a lease: %w: %w", store.ErrUnwritable, err)
	}
	return nil, fmt.Errorf("taking a lease: %w", err)
}

// leaseFile returns the one sideFile that this store has for a grant.
func (s *Store) leaseFile(grant store.ID) (*sideFile, error) {
	if err := checkID("lease", grant); err != nil {
		return nil, err
	}
	dir := filepath.Join(s.dir, locksDir)
	s.mu.Lock()
	defer s.mu.Unlock()
	if f := s.leases[grant]; f != nil {
		return f, nil
	}
	if err := ownfile.MakeDir(dir); err != nil {
		if unwritable(err) {
			return nil, fmt.Errorf("taking a lease: %w: %w", store.ErrUnwritable, err)
		}
		return nil, err
	}
	f := newSideFile(filepath.Join(dir, "grant-"+string(grant)+".lock"))
	s.leases[grant] = f
	return f, nil
}
