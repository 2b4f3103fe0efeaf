package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	bbolt "go.etcd.io/bbolt"
	bolterr "go.etcd.io/bbolt/errors"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// The files of a store in its directory.
const (
	dbName   = "store.db"
	gateName = "store.gate"
	lockName = "store.lock"
	locksDir = "locks"
)

// minSize is the least that a file of bbolt can have: two meta pages, freelist and
// root, 1 KiB each on the smallest page size. bbolt would initialise an empty file.
const minSize = 4 << 10

// Waiting for bbolt's own lock: the side files keep us out of each other's way, so
// only a program that doesn't know them can hold it. bbolt tries every 50 ms.
const boltTimeout = 500 * time.Millisecond

// Exists reports whether dir holds a store, or something in its place.
func Exists(dir string) bool {
	_, err := os.Lstat(filepath.Join(dir, dbName))
	return err == nil
}

// openFile opens the database file for one transaction.
func openFile(path string, write, strict bool) (db *bbolt.DB, err error) {
	var file *os.File
	var size int64
	defer guarded()()
	defer damaged(&err, func() { drop(file) })
	db, err = bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout:      boltTimeout,
		ReadOnly:     !write,
		NoStatistics: true,
		// With the free list in the file a writer reads it; without, it would scan the file.
		NoFreelistSync: false,
		FreelistType:   bbolt.FreelistMapType,
		OpenFile: func(path string, flag int, perm os.FileMode) (*os.File, error) {
			var err error
			file, size, err = openWhole(path, flag&^os.O_CREATE, perm)
			return file, err
		},
	})
	if err != nil {
		return nil, openError(path, write, err)
	}
	db.StrictMode = strict
	err = checkSize(db, size)
	if err == nil {
		err = checkRoot(db, file)
	}
	if err != nil {
		_ = db.Close()
		return nil, err
	}
	return db, nil
}

// openWhole opens a file that is ours and not empty, and tells its size.
func openWhole(path string, flag int, perm os.FileMode) (*os.File, int64, error) {
	f, err := ownfile.Open(path, flag, perm)
	if err != nil {
		return nil, 0, err
	}
	fi, err := f.Stat()
	if err == nil && fi.Size() < minSize {
		err = fmt.Errorf("%w: %s has only %d bytes", store.ErrDamaged, path, fi.Size())
	}
	if err != nil {
		_ = f.Close()
		return nil, 0, err
	}
	return f, fi.Size(), nil
}

// checkSize refuses a file that lost its end: reading the missing part of the mapping
// would end the process.
func checkSize(db *bbolt.DB, size int64) error {
	return db.View(func(tx *bbolt.Tx) error {
		if tx.Size() > size {
			return fmt.Errorf("%w: it has %d bytes of %d", store.ErrDamaged, size, tx.Size())
		}
		return nil
	})
}

func openError(path string, write bool, err error) error {
	var errno syscall.Errno
	var unsafe *store.UnsafeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("opening store: %w", store.ErrNoStore)
	case errors.Is(err, bolterr.ErrTimeout):
		return &store.BusyError{Holder: store.Holder{PID: lockOwner(path), What: "not through the side files"}}
	case write && unwritable(err):
		return fmt.Errorf("opening store: %w: %w", store.ErrUnwritable, err)
	case !errors.As(err, &errno) && !errors.As(err, &unsafe) && !errors.Is(err, store.ErrDamaged):
		// Not the system's error, so bbolt doesn't like what the file holds.
		return fmt.Errorf("opening store: %w: %w", store.ErrDamaged, err)
	}
	return fmt.Errorf("opening store: %w", err)
}

// unwritable reports errors that leave the old state whole: no room, no right. bbolt
// makes its file longer before it writes anything, and drops the cause of that error.
func unwritable(err error) bool {
	if strings.HasPrefix(err.Error(), "file resize error") {
		return true
	}
	for _, e := range []error{syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EFBIG, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
