package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"syscall"

	"crmdeck/store"
)

// unknown says that nobody knows what is on disk: syncing again can report success for
// pages that the kernel dropped, so this process writes no more.
func (s *Store) unknown(err error) error {
	s.broken.Store(true)
	return fmt.Errorf("%w: the outcome is unknown: %w", store.ErrUnwritable, err)
}

// undone reports that a commit that failed left the old state whole: there was no room for
// its pages. An error of a sync says nothing of the kind, whatever it is: the page that makes
// the new state valid can have been written. bbolt returns the bare number of it on Linux,
// where a write that fails is named as one.
func undone(err error) bool {
	var of *fs.PathError
	var errno syscall.Errno
	switch {
	case !unwritable(err):
		return false
	case errors.As(err, &of):
		return of.Op != "sync"
	}
	return !errors.As(err, &errno)
}
