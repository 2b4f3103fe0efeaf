package bolt

import (
	"errors"
	"fmt"
	"io/fs"
	"math"
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

// maxSize bounds the file: 100,000 connections and a million events are under 1 GiB. A write
// that would make it larger is refused as if the disk were full. Where addresses have 32 bits
// the engine can't map more than 2 GiB.
const maxSize = 8 << 30

// engineOptions are how every file of a store is opened.
func engineOptions(open func(string, int, os.FileMode) (*os.File, error)) *bbolt.Options {
	return &bbolt.Options{
		Timeout:      boltTimeout,
		NoStatistics: true,
		MaxSize:      int(min(int64(maxSize), int64(math.MaxInt))),
		// With the free list in the file a writer reads it; without, it would scan the file.
		NoFreelistSync: false,
		// Each transaction reads the list anew and takes few pages: with 30,000 free pages that is
		// 9 ms with a plain list and 23 ms with a map, which must be built first.
		FreelistType: bbolt.FreelistArrayType,
		OpenFile:     open,
	}
}

// openFile opens the database file for one transaction.
func openFile(path string, write, strict bool) (db *bbolt.DB, err error) {
	var file *os.File
	var size int64
	defer guarded()()
	defer damaged(&err, func() { drop(file) })
	o := engineOptions(func(path string, flag int, perm os.FileMode) (*os.File, error) {
		var err error
		file, size, err = openWhole(path, flag&^os.O_CREATE, perm)
		return file, err
	})
	o.ReadOnly = !write
	if db, err = bbolt.Open(path, 0o600, o); err != nil {
		return nil, openError(path, write, err)
	}
	db.StrictMode = strict
	err = checkSize(db, size)
	if err == nil {
		err = checkRoot(db, file)
	}
	if err == nil && write {
		err = checkFree(db, file)
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
	for _, e := range []error{bolterr.ErrMaxSizeReached, syscall.ENOSPC, syscall.EROFS, syscall.EDQUOT, syscall.EFBIG, fs.ErrPermission} {
		if errors.Is(err, e) {
			return true
		}
	}
	return false
}
