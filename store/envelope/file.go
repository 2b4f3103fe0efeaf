package envelope

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"

	"crmdeck/store/ownfile"
)

// ToFile lets fn write a file whole or not at all, mode 0600, as ownfile.Replace does it. A file
// that is there is fs.ErrExist, or replaced if over says so.
func ToFile(path string, over bool, fn func(io.Writer) error) error {
	if err := free(path, over); err != nil {
		return err
	}
	return ownfile.Replace(path, 0o600, func(w io.Writer) error {
		if err := fn(w); err != nil {
			return err
		}
		return free(path, over) // somebody may have come meanwhile
	})
}

// free tells whether path may be written.
func free(path string, over bool) error {
	if over {
		return nil // what is there is looked at by Replace
	}
	_, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("looking at %s: %w", path, err)
	}
	return fmt.Errorf("%s: %w", path, fs.ErrExist)
}
