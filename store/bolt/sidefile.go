package bolt

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/text"
)

// sideFile is a file that exists to be locked. It is never unlinked: whoever waits on
// a name that was unlinked waits on another file than whoever comes next.
//
// Its content is the holder as JSON, advice for those who wait; the lock is the kernel's.
type sideFile struct {
	path string
	// turn is held by the one goroutine of this process that wants or has the lock, so
	// that a process has at most one thread in the kernel's queue for a file.
	turn chan struct{}
}

func newSideFile(path string) *sideFile {
	return &sideFile{path: path, turn: make(chan struct{}, 1)}
}

// holderSize is fixed, so that writing the holder changes no length.
const holderSize = 512

// acquire waits for the exclusive lock until ctx ends, and returns what frees it. A
// wait that is given up releases the lock the moment it gets it, and keeps this
// process's turn until then.
func (l *sideFile) acquire(ctx context.Context, h *store.Holder) (release func(), err error) {
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	f, err := l.open()
	if err != nil {
		<-l.turn
		return nil, err
	}
	free := func() { _ = f.Close(); <-l.turn }
	if err := wait(ctx, f, true, free); err != nil {
		return nil, err
	}
	if h != nil {
		writeHolder(f, *h)
	}
	return free, nil
}

// share waits for the shared lock; any number of holders have it together.
func (l *sideFile) share(ctx context.Context) (release func(), err error) {
	f, err := l.open()
	if err != nil {
		return nil, err
	}
	free := func() { _ = f.Close() }
	if err := wait(ctx, f, false, free); err != nil {
		return nil, err
	}
	return free, nil
}

// wait locks f. If it fails it calls free, at once or when the kernel lets go of f.
func wait(ctx context.Context, f *os.File, exclusive bool, free func()) error {
	ok, err := tryLock(f, exclusive)
	if ok {
		return nil
	}
	if err != nil {
		free()
		return fmt.Errorf("locking %s: %w", filepath.Base(f.Name()), err)
	}
	done := make(chan error, 1)
	go func() { done <- waitLock(f, exclusive) }()
	select {
	case err := <-done:
		if err != nil {
			free()
			return fmt.Errorf("locking %s: %w", filepath.Base(f.Name()), err)
		}
		return nil
	case <-ctx.Done():
		go func() { <-done; free() }()
		return ctx.Err()
	}
}

// open opens the file, and makes it if it is missing. On a file system that is
// read-only a lock can be had on an open file all the same.
func (l *sideFile) open() (*os.File, error) {
	f, err := ownfile.Open(l.path, os.O_RDWR, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		f, err = ownfile.Open(l.path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
		if errors.Is(err, fs.ErrExist) { // somebody was faster
			f, err = ownfile.Open(l.path, os.O_RDWR, 0)
		}
	case errors.Is(err, syscall.EROFS), errors.Is(err, fs.ErrPermission):
		f, err = ownfile.Open(l.path, os.O_RDONLY, 0)
	}
	if err != nil {
		return nil, fmt.Errorf("opening lock: %w", err)
	}
	return f, nil
}

// holder reads who holds the file. Where the kernel names another process than the
// content does, the content was left by an earlier holder; what says what the one of
// now must be doing.
func (l *sideFile) holder(host, what string) store.Holder {
	pid := lockOwner(l.path)
	unnamed := store.Holder{PID: pid, Host: host, What: what}
	f, err := ownfile.Open(l.path, os.O_RDONLY, 0)
	if err != nil {
		return unnamed
	}
	defer f.Close()
	b := make([]byte, holderSize)
	n, _ := f.ReadAt(b, 0)
	var h store.Holder
	if json.Unmarshal(bytes.TrimSpace(b[:n]), &h) != nil || (pid != 0 && pid != h.PID) {
		return unnamed
	}
	h.Host, h.What = text.Clean(h.Host), text.Clean(h.What)
	return h
}

// writeHolder leaves advice; that it can't is no reason to fail.
func writeHolder(f *os.File, h store.Holder) {
	b, err := json.Marshal(h)
	if err != nil || len(b) > holderSize {
		return
	}
	b = append(b, strings.Repeat(" ", holderSize-len(b))...)
	_, _ = f.WriteAt(b, 0)
}
