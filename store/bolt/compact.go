package bolt

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// How a file is written anew.
const (
	compactName = "compact.db" // within the stage's directory
	// compactBatch bounds the bytes of one transaction, and so what is held in memory.
	compactBatch = 8 << 20
	// compactFill leaves room for records that grow by a few bytes; without it each would
	// split its page, and the file would soon be as large as before.
	compactFill = 0.9
)

// compaction is a store's file that is written anew.
type compaction struct {
	s        *Store
	key      []byte // chains the audit log
	from, to string // a copy of the store's file; the new file
	txid     int    // of the copy
	done     store.Compaction
}

var _ store.Compacter = (*Store)(nil)

// Compact implements store.Compacter. The file is copied within a reader's turn, memory to
// memory; the copy is rewritten and compared without any turn; what others wrote meanwhile
// is brought over within a writer's turn. Since every process opens the file by its
// name, and only within a turn, nobody has the old file open when it is replaced, and nobody
// can write to it afterwards.
func (s *Store) Compact(ctx context.Context) (store.Compaction, error) {
	key, err := s.mayWrite()
	if err != nil {
		return store.Compaction{}, fmt.Errorf("compacting: %w", err)
	}
	defer clear(key)
	st, err := newStage(ctx, s, "compacting")
	if err != nil {
		return store.Compaction{}, err
	}
	defer func() { _ = st.Close() }()
	c := &compaction{s: s, key: key, from: filepath.Join(st.path, dbName), to: filepath.Join(st.path, compactName)}
	err = s.copyTo(ctx, st.file)
	err = errors.Join(err, st.file.Close())
	st.file = nil
	if err == nil {
		err = c.rewrite(ctx)
	}
	if err == nil {
		err = c.swap(ctx)
	}
	if err != nil && unwritable(err) && !errors.Is(err, store.ErrUnwritable) {
		err = fmt.Errorf("%w: %w", store.ErrUnwritable, err)
	}
	if err != nil {
		return store.Compaction{}, fmt.Errorf("compacting: %w", err)
	}
	return c.done, nil
}

// rewrite makes the new file from the copy, and compares them.
func (c *compaction) rewrite(ctx context.Context) (err error) {
	defer guarded()()
	defer damaged(&err, func() {})
	old, err := openFile(c.from, false, false)
	if err != nil {
		return err
	}
	defer old.Close()
	o := engineOptions(func(path string, flag int, perm os.FileMode) (*os.File, error) {
		return ownfile.Open(path, flag|os.O_EXCL, perm)
	})
	o.NoSync, o.NoGrowSync = true, true // until it is whole: nobody uses it before
	db, err := bbolt.Open(c.to, 0o600, o)
	if err != nil {
		return fmt.Errorf("making the new file: %w", err)
	}
	defer db.Close()
	return old.View(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		c.txid = tx.ID()
		if err := copyBuckets(ctx, tx, db); err != nil {
			return err
		}
		if err := db.Sync(); err != nil {
			return fmt.Errorf("syncing the new file: %w", err)
		}
		return db.View(func(fresh *bbolt.Tx) (err error) {
			c.done.Keys, err = sameContent(tx, fresh)
			return err
		})
	})
}

// copyBuckets writes every key of every bucket of tx to db, in order.
func copyBuckets(ctx context.Context, tx *bbolt.Tx, db *bbolt.DB) error {
	in := &batches{db: db}
	defer in.rollback()
	return errors.Join(tx.ForEach(func(name []byte, b *bbolt.Bucket) error {
		if err := in.bucket(name, b.Sequence()); err != nil {
			return err
		}
		return b.ForEach(func(k, v []byte) error {
			if v == nil {
				return fmt.Errorf("%w: bucket %s holds another bucket", store.ErrDamaged, name)
			}
			if in.size >= compactBatch {
				if err := errors.Join(ctx.Err(), in.next()); err != nil {
					return err
				}
			}
			return in.put(k, v)
		})
	}), in.commit())
}

// batches writes keys of one bucket after the other, in transactions of bounded size.
type batches struct {
	db   *bbolt.DB
	tx   *bbolt.Tx
	in   *bbolt.Bucket
	name []byte
	size int
}

// bucket makes a bucket and goes on in it.
func (w *batches) bucket(name []byte, sequence uint64) error {
	if err := w.next(); err != nil {
		return err
	}
	if _, err := w.tx.CreateBucket(name); err != nil {
		return fmt.Errorf("making bucket %s: %w", name, err)
	}
	w.name = bytes.Clone(name)
	w.enter()
	return w.in.SetSequence(sequence)
}

// enter is in the bucket of now.
func (w *batches) enter() {
	w.in = w.tx.Bucket(w.name)
	w.in.FillPercent = compactFill
	if bytes.Equal(w.name, buckets.audit) || bytes.Equal(w.name, buckets.segments) {
		w.in.FillPercent = 1 // grows at its end only
	}
}

func (w *batches) put(k, v []byte) error {
	w.size += len(k) + len(v)
	if err := w.in.Put(k, v); err != nil {
		return fmt.Errorf("writing to %s: %w", w.name, err)
	}
	return nil
}

// next ends one transaction and begins another.
func (w *batches) next() (err error) {
	if err := w.commit(); err != nil {
		return err
	}
	if w.tx, err = w.db.Begin(true); err != nil {
		return fmt.Errorf("writing the new file: %w", err)
	}
	if w.size = 0; w.name != nil {
		w.enter()
	}
	return nil
}

func (w *batches) commit() error {
	tx := w.tx
	if w.tx = nil; tx == nil {
		return nil
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing the new file: %w", err)
	}
	return nil
}

// rollback gives up what is not committed.
func (w *batches) rollback() {
	if w.tx != nil {
		_ = w.tx.Rollback()
	}
}

// sameContent compares the buckets of two files, their numbers of keys and a hash of all
// of it, checks the structure of the second, and returns the number of keys.
func sameContent(a, b *bbolt.Tx) (int, error) {
	had, hash := content(a)
	has, other := content(b)
	if had != has || hash != other {
		return 0, fmt.Errorf("the new file holds something else than the old one (%d keys of %d)", has, had)
	}
	var wrong error
	for err := range b.Check() { // to its end: it runs in a goroutine of its own
		wrong = errors.Join(wrong, err)
	}
	if wrong != nil {
		return 0, fmt.Errorf("checking the new file: %w", wrong)
	}
	return had, nil
}

// content hashes every bucket, key and value with their lengths.
func content(tx *bbolt.Tx) (keys int, hash [sha256.Size]byte) {
	h := sha256.New()
	add := func(b []byte) {
		var n [8]byte
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	_ = tx.ForEach(func(name []byte, b *bbolt.Bucket) error { // no error but ours
		in := 0
		add(name)
		_ = b.ForEach(func(k, v []byte) error {
			add(k)
			add(v)
			in++
			return nil
		})
		add(binary.BigEndian.AppendUint64(nil, uint64(in)))
		keys += in
		return nil
	})
	return keys, [sha256.Size]byte(h.Sum(nil))
}
