package envelope

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// ToFile lets fn write a file whole or not at all: beside it, mode 0600, synced, then renamed. A
// file that is there is fs.ErrExist, or replaced if over says so, provided that it is a regular
// file of ours: a link or pipe is refused and its target left alone.
func ToFile(path string, over bool, fn func(io.Writer) error) error {
	if err := free(path, over); err != nil {
		return err
	}
	temp := fmt.Sprintf("%s.new-%.8s", path, rand.Text())
	f, err := ownfile.Open(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("making %s: %w", path, err)
	}
	err = fn(f)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = free(path, over) // somebody may have come meanwhile
	}
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp)
		return err
	}
	return ownfile.SyncDir(filepath.Dir(path))
}

// free tells whether path may be written.
func free(path string, over bool) error {
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at %s: %w", path, err)
	case !over:
		return fmt.Errorf("%s: %w", path, fs.ErrExist)
	}
	f, err := ownfile.Open(path, os.O_RDONLY, 0)
	if err != nil {
		var u *store.UnsafeError
		if errors.As(err, &u) {
			return u
		}
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	return f.Close()
}
