package store

import "fmt"

// UnfitError: a store can't live in this directory, because its file system does not keep
// the locks or the order of writes that a store relies on.
type UnfitError struct{ Path, Kind string }

func (e *UnfitError) Error() string { return e.Path + " lies on a file system of the kind " + e.Kind }

// RootError: the program runs as root, and Path belongs to another user, who could not open
// what root would make there.
type RootError struct {
	Path string
	UID  int // of the owner
}

func (e *RootError) Error() string {
	return fmt.Sprintf("%s belongs to user %d, and the program runs as root", e.Path, e.UID)
}
