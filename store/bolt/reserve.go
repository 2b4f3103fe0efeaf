package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// Reserve makes sure that n bytes more can be written to the store now, so that a refresh
// token is not spent for an answer that finds no room (RF-9). ErrUnwritable if they can't.
//
// bbolt makes its file longer without taking blocks for it, and finds the disk full when it
// writes; so blocks are taken for n bytes behind the pages in use, which the next
// transaction then writes to. Where the file system can't do that, n bytes are written to
// a file of their own and removed again: that proves room for this moment only.
func (s *Store) Reserve(ctx context.Context, n int64) error {
	switch {
	case s.o.ReadOnly:
		return fmt.Errorf("making room: %w", store.ErrReadOnly)
	case s.broken.Load():
		return fmt.Errorf("making room: %w: an earlier sync failed", store.ErrUnwritable)
	}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		f, err := ownfile.Open(s.path, os.O_RDWR, 0)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := withinLimit(tx.Size() + n); err != nil {
			return err
		}
		if err := allocate(f, tx.Size(), n); !errors.Is(err, errors.ErrUnsupported) {
			return err
		}
		return s.probe(n)
	})
	if err != nil && unwritable(err) {
		return fmt.Errorf("making room: %w: %w", store.ErrUnwritable, err)
	}
	return err
}

// probe writes n bytes to a file of its own, syncs and removes it.
func (s *Store) probe(n int64) error {
	f, err := os.CreateTemp(s.dir, filepath.Base(s.path)+".room-*")
	if err != nil {
		return fmt.Errorf("trying to write: %w", err)
	}
	_, err = io.CopyN(f, zeros{}, n)
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close(), os.Remove(f.Name()))
}

// zeros reads as zeros without end.
type zeros struct{}

func (zeros) Read(p []byte) (int, error) {
	clear(p)
	return len(p), nil
}
