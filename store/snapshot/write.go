package snapshot

import (
	"bufio"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// WriteFile puts a document in the place of path, whole or not at all, with exactly mode.
// A symbolic link, or anything else that is no regular file, is refused with a
// *store.UnsafeError. It returns the size in bytes.
func WriteFile(path string, mode fs.FileMode, d *Document) (size int64, err error) {
	if fi, err := os.Lstat(path); err == nil && !fi.Mode().IsRegular() {
		return 0, &store.UnsafeError{Path: path, Problem: "is not a regular file"}
	}
	f, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".new-*") // O_EXCL, 0600
	if err != nil {
		return 0, fmt.Errorf("writing snapshot: %w", err)
	}
	defer func() {
		if err != nil {
			_ = f.Close()
			_ = os.Remove(f.Name())
		}
	}()
	w := bufio.NewWriterSize(f, 64<<10)
	if err = Encode(w, d); err != nil {
		return 0, err
	}
	err = w.Flush()
	if err == nil {
		err = f.Chmod(mode)
	}
	if err == nil {
		err = f.Sync()
	}
	if err != nil {
		return 0, fmt.Errorf("writing snapshot: %w", err)
	}
	fi, err := f.Stat()
	if err == nil {
		err = f.Close()
	}
	if err == nil {
		err = os.Rename(f.Name(), path)
	}
	if err != nil {
		return 0, fmt.Errorf("writing snapshot: %w", err)
	}
	return fi.Size(), ownfile.SyncDir(filepath.Dir(path))
}
