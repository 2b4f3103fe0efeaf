package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal"
)

// The place of copies that are made or checked, and the lock of whoever uses it. It lies
// beside the store, so that a copy can be renamed into its place.
const (
	stageDir  = "store.stage"
	stageLock = "store.stage.lock"
)

// stage is a copy of a store.
type stage struct {
	o    Options
	dir  string // of the store that it is a copy of, or becomes
	path string // of the private directory
	file *os.File
	keys *seal.Vault // borrowed from the store that was copied; nil: none
	from *Store      // that store

	once sync.Once
	free func()
}

var (
	_ store.Copier = (*Store)(nil)
	_ store.Stager = (*Backend)(nil)
	_ store.Stage  = (*stage)(nil)
)

// Copy implements store.Copier.
func (s *Store) Copy(ctx context.Context) (store.Stage, error) {
	st, err := newStage(ctx, s, "backing up")
	if err != nil {
		return nil, err
	}
	if err := s.copyTo(ctx, st.file); err != nil {
		_ = st.Close()
		return nil, fmt.Errorf("copying the store: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.keys, st.from = s.vault, s
	return st, nil
}

// copyTo copies the file within one reader's turn. It is read once before, so that nobody
// waits for the disk: under the turn the pages are in memory.
func (s *Store) copyTo(ctx context.Context, out *os.File) error {
	if in, err := ownfile.Open(s.path, os.O_RDONLY, 0); err == nil {
		_, _ = io.Copy(io.Discard, struct{ io.Reader }{in}) // an error is met again below
		_ = in.Close()
	}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		_, err := tx.WriteTo(out)
		return err
	})
	if err != nil && unwritable(err) && !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("%w: %w", store.ErrUnwritable, err)
	}
	return err
}

// Stage implements store.Stager.
func (b *Backend) Stage(ctx context.Context, dir string) (store.Stage, error) {
	if b.o.ReadOnly {
		return nil, fmt.Errorf("restoring: %w", store.ErrReadOnly)
	}
	if err := b.makeDir(dir); err != nil {
		return nil, err
	}
	s, err := newStore(b.o, dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = s.Close() }()
	return newStage(ctx, s, "restoring")
}

// newStage makes the private directory of the store's directory, which one process at a time has.
// What is there already was left by one that died.
func newStage(ctx context.Context, s *Store, what string) (*stage, error) {
	lock := newSideFile(filepath.Join(s.dir, stageLock))
	waiting, cancel := context.WithTimeoutCause(ctx, s.wait, errTurn)
	defer cancel()
	free, err := lock.acquire(waiting, s.holder(what))
	if err != nil {
		return nil, s.busy(waiting, lock, err)
	}
	st := &stage{o: s.o, dir: s.dir, path: filepath.Join(s.dir, stageDir), free: free}
	if err := st.make(); err != nil {
		_ = st.Close()
		if unwritable(err) {
			return nil, fmt.Errorf("making room for a copy: %w: %w", store.ErrUnwritable, err)
		}
		return nil, fmt.Errorf("making room for a copy: %w", err)
	}
	return st, nil
}

func (st *stage) make() error {
	if err := os.RemoveAll(st.path); err != nil {
		return err
	}
	if err := os.Mkdir(st.path, 0o700); err != nil {
		return err
	}
	if err := os.Chmod(st.path, 0o700); err != nil { // a umask that takes our own rights
		return err
	}
	if err := ownfile.CheckDir(st.path); err != nil {
		return err
	}
	var err error
	st.file, err = ownfile.Open(filepath.Join(st.path, dbName), os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	return err
}

// File implements store.Stage.
func (st *stage) File() *os.File { return st.file }

// Open implements store.Stage. A copy of an unlocked store opens with its keys, for
// looking only.
func (st *stage) Open(ctx context.Context) (store.Store, error) {
	o := st.o
	o.ReadOnly = st.keys != nil
	s, err := newStore(o, st.path)
	if err != nil {
		return nil, err
	}
	if _, err := s.header(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	if st.keys != nil { // they have followed the copy's header already, in the transaction that copied
		was := &st.from.seen
		was.mu.Lock()
		s.seen.raw, s.seen.vault, s.seen.gone = was.raw, was.vault, was.gone
		was.mu.Unlock()
		s.vault = st.keys
	}
	return &borrower{Store: s}, nil
}

// borrower is a store whose keys are another's, who wipes them.
type borrower struct{ *Store }

// Lock implements store.Store.
func (b *borrower) Lock() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.o.ReadOnly {
		b.vault = nil
	}
	b.forget()
}

// Close implements store.Store.
func (b *borrower) Close() error {
	b.Lock()
	return b.Store.Close()
}

// Place implements store.Stage.
func (st *stage) Place(ctx context.Context) error {
	s, err := newStore(st.o, st.dir)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if err := st.sync(); err != nil {
		return createError(err)
	}
	leave, err := s.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	if Exists(st.dir) {
		return fmt.Errorf("restoring into %s: %w", st.dir, store.ErrExists)
	}
	if err := os.Rename(filepath.Join(st.path, dbName), s.path); err != nil {
		return createError(err)
	}
	if err := ownfile.SyncDir(st.dir); err != nil {
		return createError(err)
	}
	_ = ownfile.SyncDir(filepath.Dir(st.dir)) // the directory may be new, too
	return nil
}

// sync makes the copy durable and closes it.
func (st *stage) sync() error {
	if st.file == nil {
		return nil
	}
	err := errors.Join(st.file.Sync(), st.file.Close())
	st.file = nil
	return err
}

// Close implements store.Stage.
func (st *stage) Close() (err error) {
	st.once.Do(func() {
		if st.file != nil {
			_ = st.file.Close()
		}
		err = os.RemoveAll(st.path)
		st.free()
	})
	return err
}
