//go:build !linux

package bolt

import (
	"errors"
	"os"
)

// allocate: this system has no call that takes blocks without making the file longer.
func allocate(*os.File, int64, int64) error { return errors.ErrUnsupported }
