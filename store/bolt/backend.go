package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal"
)

// Backend opens and creates stores.
type Backend struct{ o Options }

var _ store.Backend = (*Backend)(nil)

// New returns the engine.
func New(o Options) *Backend { return &Backend{o: o.withDefaults()} }

// Open implements store.Backend. It reads the header once, so that a store that can't
// be read is found here.
func (b *Backend) Open(ctx context.Context, dir string) (store.Store, error) {
	if _, err := os.Lstat(filepath.Join(dir, dbName)); err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("opening store in %s: %w", dir, store.ErrNoStore)
		}
		return nil, fmt.Errorf("opening store: %w", err)
	}
	if err := ownfile.CheckDir(dir); err != nil {
		return nil, err
	}
	if err := fit(dir, b.o.FileSystem); err != nil {
		return nil, err
	}
	s, err := newStore(b.o, dir)
	if err != nil {
		return nil, err
	}
	if _, err := s.header(ctx); err != nil {
		_ = s.Close()
		return nil, err
	}
	return s, nil
}

// Create implements store.Backend: a temporary file is filled, synced and renamed, so
// that a crash leaves either no store or a whole one.
func (b *Backend) Create(ctx context.Context, dir string, ks ...store.Key) (store.Store, error) {
	if b.o.ReadOnly {
		return nil, fmt.Errorf("creating store: %w", store.ErrReadOnly)
	}
	if Exists(dir) {
		return nil, fmt.Errorf("creating store in %s: %w", dir, store.ErrExists)
	}
	if err := b.makeDir(dir); err != nil {
		return nil, createError(err)
	}
	id, err := store.NewID(b.o.Rand)
	if err != nil {
		return nil, err
	}
	h, v, err := seal.Create(ctx, b.o.tools(), string(id), b.o.Clock.Now(), ks...)
	if err != nil {
		return nil, createError(err)
	}
	s, err := newStore(b.o, dir)
	if err != nil {
		return nil, err
	}
	s.vault = v
	if err := s.create(ctx, h); err != nil {
		for _, x := range h.Slots {
			v.Forget(x)
		}
		_ = s.Close()
		return nil, createError(err)
	}
	return s, nil
}

// makeDir makes the directory of a store, unless it would lie where no store can live.
func (b *Backend) makeDir(dir string) error {
	if err := ownfile.CheckPath(dir); err != nil {
		return err
	}
	if err := fit(ownfile.Existing(dir), b.o.FileSystem); err != nil {
		return err
	}
	return ownfile.MakeDir(dir)
}

func createError(err error) error {
	if unwritable(err) && !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("creating store: %w: %w", store.ErrUnwritable, err)
	}
	return fmt.Errorf("creating store: %w", err)
}

// tempPrefix starts the names of stores that are being made.
const tempPrefix = dbName + ".new-"

// create makes the file, alone in the directory.
func (s *Store) create(ctx context.Context, h seal.Header) error {
	leave, err := s.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	if Exists(s.dir) {
		return store.ErrExists
	}
	// Whoever left these died before the rename; nobody else makes one while we have the gate.
	old, _ := filepath.Glob(filepath.Join(s.dir, tempPrefix+"*"))
	for _, name := range old {
		_ = os.Remove(name)
	}
	var tail [8]byte
	if _, err := io.ReadFull(s.o.Rand, tail[:]); err != nil {
		return fmt.Errorf("drawing a name: %w", err)
	}
	temp := filepath.Join(s.dir, fmt.Sprintf("%s%x", tempPrefix, tail))
	if err := s.fill(temp, h); err != nil {
		_ = os.Remove(temp)
		return err
	}
	if err := os.Rename(temp, s.path); err != nil {
		_ = os.Remove(temp)
		return fmt.Errorf("naming the store: %w", err)
	}
	if err := ownfile.SyncDir(s.dir); err != nil {
		return s.unknown(err)
	}
	// The directory may be new too. That its parent can't be opened is no reason to fail.
	_ = ownfile.SyncDir(filepath.Dir(s.dir))
	return nil
}

// fill writes a whole empty store to path: its buckets, its header, its first event.
func (s *Store) fill(path string, h seal.Header) error {
	db, err := bbolt.Open(path, 0o600, &bbolt.Options{
		Timeout: boltTimeout, NoStatistics: true, FreelistType: bbolt.FreelistMapType,
		OpenFile: func(path string, flag int, perm os.FileMode) (*os.File, error) {
			return ownfile.Open(path, flag|os.O_EXCL, perm)
		},
	})
	if err != nil {
		return fmt.Errorf("making the store's file: %w", err)
	}
	err = s.fillBuckets(db, h)
	if e := db.Close(); err == nil && e != nil {
		err = fmt.Errorf("making the store's file: %w", e)
	}
	return err
}

func (s *Store) fillBuckets(db *bbolt.DB, h seal.Header) error {
	key, err := s.vault.AuditKey()
	if err != nil {
		return err
	}
	defer clear(key)
	tx, err := db.Begin(true)
	if err != nil {
		return fmt.Errorf("filling the store: %w", err)
	}
	w := newWriter(s, tx, key)
	defer w.rollback()
	for _, b := range allBuckets(format) {
		if _, err := tx.CreateBucket(b); err != nil {
			return fmt.Errorf("filling the store: %w", err)
		}
	}
	hb, err := s.codec.encode("the header", header{Created: s.o.Clock.Now().UTC().Format(time.RFC3339Nano), Seal: h})
	if err != nil {
		return err
	}
	m := tx.Bucket(buckets.meta)
	if err := errors.Join(m.Put(keys.format, []byte{format}), m.Put(keys.header, hb)); err != nil {
		return fmt.Errorf("filling the store: %w", err)
	}
	if err := w.settleNew(h.StoreID); err != nil {
		return err
	}
	if err := w.buildIndex(); err != nil {
		return err
	}
	kinds := make([]string, 0, len(h.Slots))
	for _, x := range h.Slots {
		kinds = append(kinds, x.Kind)
	}
	if _, err := w.Append(store.Event{Act: store.ActInit, Outcome: "done", Evidence: "slots: " + strings.Join(kinds, ", ")}); err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	return s.commit(w)
}
