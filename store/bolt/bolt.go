// Package bolt keeps a store in one bbolt file on one machine.
//
// It promises what store.Store promises, and that the store is never held:
// bbolt's lock keeps every other process out, even one that only reads, so the file
// is open for one transaction and no longer. Processes queue on two side files
// with kernel locks. Everybody first takes store.gate exclusively; a writer keeps it and
// takes store.lock exclusively, a reader takes store.lock shared and lets the gate go.
// So a stream of readers can't starve a writer, and bbolt's own lock, which polls
// every 50 ms, is always free. Leases are files of their own, so that a slow provider
// never blocks the store.
//
// A transaction must not be begun inside another one of the same process: the
// inner one waits for the outer one until its time is up.
//
// It is not for network file systems, whose locks lie. Start with New.
package bolt

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/seal"
	"crmdeck/store/seal/oskeyring"
)

// Options say where a store gets the time, randomness and names from. The zero
// Options are usable.
type Options struct {
	Clock clock.Clock // of events and holders; nil: the computer's
	Rand  io.Reader   // of ids, keys and nonces; nil: crypto/rand
	Actor string      // who acts, for events that don't say; empty: uid N
	Host  string      // where, for events that don't say; empty: the host's name
	// Machine tells this computer from others; nil: the system's id of it, empty: unknown.
	Machine func() string
	// Keyring holds the keys of keyring slots; nil: the system's.
	Keyring seal.Keyring
	// FileSystem tells the kind of file system that a directory lies on, a name of unfitKinds or
	// anything else; nil: the system is asked.
	FileSystem func(dir string) string
	// ReadOnly refuses to write and to unlock: a store for looking only.
	ReadOnly bool
	// Strict checks the whole file after each commit, for tests.
	Strict bool
}

// Store is one store on disk. It holds no file between calls.
type Store struct {
	o     Options
	dir   string
	path  string
	codec codec
	gate  *sideFile
	lock  *sideFile
	wait  time.Duration // for a turn

	mu     sync.Mutex
	vault  *seal.Vault // nil: locked
	lost   error       // why it locked itself
	leases map[store.ID]*sideFile

	seen   seen        // the header that the vault has followed
	proven proven      // sealed values that were the newest when they were read
	broken atomic.Bool // a sync failed: nobody knows what is on disk
	ctx    context.Context
	cancel context.CancelFunc
}

var _ store.Store = (*Store)(nil)

func newStore(o Options, dir string) (*Store, error) {
	c, err := newCodec()
	if err != nil {
		return nil, err
	}
	s := &Store{
		o: o, dir: dir, path: filepath.Join(dir, dbName), codec: c,
		gate: newSideFile(filepath.Join(dir, gateName)), lock: newSideFile(filepath.Join(dir, lockName)),
		wait:   Wait,
		leases: make(map[store.ID]*sideFile),
	}
	s.ctx, s.cancel = context.WithCancel(context.Background())
	return s, nil
}

func (o Options) withDefaults() Options {
	if o.Clock == nil {
		o.Clock = clock.System{}
	}
	if o.Rand == nil {
		o.Rand = rand.Reader
	}
	if o.Actor == "" {
		o.Actor = fmt.Sprintf("uid %d", os.Getuid())
	}
	if o.Host == "" {
		o.Host, _ = os.Hostname()
	}
	if o.Keyring == nil {
		o.Keyring = oskeyring.Keyring{}
	}
	if o.Machine == nil {
		o.Machine = machineIdentity
	}
	if o.FileSystem == nil {
		o.FileSystem = kindOf
	}
	return o
}

// view runs fn on a consistent state.
func (s *Store) view(ctx context.Context, fn func(*bbolt.Tx) error) (err error) {
	leave, err := s.enter(ctx, false)
	if err != nil {
		return err
	}
	defer leave()
	defer guarded()()
	defer damaged(&err, func() {})
	db, err := openFile(s.path, false, false)
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		_ = s.keepUp(tx) // a vault that is left behind says so when it is needed
		return fn(tx)
	})
}

// Read implements store.Store.
func (s *Store) Read(ctx context.Context, fn func(store.Reader) error) error {
	return s.view(ctx, func(tx *bbolt.Tx) error {
		r := s.reader(tx)
		defer r.end()
		return fn(r)
	})
}

// Write implements store.Store.
func (s *Store) Write(ctx context.Context, fn func(store.Writer) error) (err error) {
	key, err := s.mayWrite()
	if err != nil {
		return err
	}
	defer clear(key)
	leave, err := s.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	defer guarded()()
	defer damaged(&err, func() {})
	db, err := openFile(s.path, true, s.o.Strict)
	if err != nil {
		return err
	}
	defer db.Close()
	tx, err := db.Begin(true)
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	w := newWriter(s, tx, key)
	defer w.rollback() // does nothing after a commit
	if err := checkFormat(tx); err != nil {
		return err
	}
	if formatOf(tx) != format {
		return fmt.Errorf("writing: %w: it has format %d and could not be raised to %d", store.ErrUnwritable, formatOf(tx), format)
	}
	if err := s.keepUp(tx); err != nil {
		return fmt.Errorf("writing: %w", err)
	}
	w.begin()
	if err := fn(w); err != nil {
		return err
	}
	if err := w.finish(); err != nil || !w.changed {
		return err
	}
	return s.commit(w)
}

// mayWrite returns the key that chains the audit log, or why nothing can be written.
func (s *Store) mayWrite() ([]byte, error) {
	switch {
	case s.o.ReadOnly:
		return nil, store.ErrReadOnly
	case s.broken.Load():
		return nil, fmt.Errorf("writing: %w: an earlier sync failed and its outcome is unknown, start again", store.ErrUnwritable)
	}
	s.mu.Lock()
	v, lost := s.vault, s.lost
	s.mu.Unlock()
	if v == nil {
		return nil, lockedBecause(lost)
	}
	return v.AuditKey()
}

// commit makes w durable. After an error other than «no room» this process writes no more.
func (s *Store) commit(w *writer) error {
	if err := w.tx.Commit(); err != nil {
		if undone(err) {
			return fmt.Errorf("writing: %w: %w", store.ErrUnwritable, err)
		}
		return fmt.Errorf("writing: %w", s.unknown(err))
	}
	w.committed = true
	if v := w.holder(); v != nil {
		s.setMark(v.StoreID(), w.made)
	}
	return nil
}

// Lock implements store.Store. What is left of keys in memory that nobody uses any more, in
// the buffers of libraries for one, is given back to the system, which hands out zeros.
func (s *Store) Lock() {
	s.mu.Lock()
	s.forget()
	s.lost = nil
	s.mu.Unlock()
	debug.FreeOSMemory()
}

// forget wipes the vault; s.mu is held.
func (s *Store) forget() {
	if s.vault != nil {
		s.vault.Wipe()
		s.vault = nil
	}
}

// Vault implements store.Store.
func (s *Store) Vault() (store.Vault, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vault == nil {
		return nil, lockedBecause(s.lost)
	}
	return &vault{Vault: s.vault, s: s}, nil
}

// Close implements store.Store.
func (s *Store) Close() error {
	s.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	s.forget()
	return nil
}

func (o Options) tools() seal.Tools { return seal.Tools{Rand: o.Rand, Keyring: o.Keyring} }

// header reads what the store says about itself.
func (s *Store) header(ctx context.Context) (header, error) {
	var h header
	err := s.view(ctx, func(tx *bbolt.Tx) error { return readHeader(tx, s.codec, &h) })
	return h, err
}

func readHeader(tx *bbolt.Tx, c codec, h *header) error {
	return c.decode("the header", tx.Bucket(buckets.meta).Get(keys.header), h)
}
