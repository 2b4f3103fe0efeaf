package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal"
)

// raise brings a store of an older format to the one of now, in one transaction and
// after a copy of the file was made. v is the vault that was just opened. A store that
// can't be written stays as it is and can be read, as every older store could.
func (s *Store) raise(ctx context.Context, v *seal.Vault) error {
	err := s.raiseAlone(ctx, v)
	switch {
	case err == nil:
		v.MarkIndexed()
	case errors.Is(err, store.ErrUnwritable):
		return nil
	}
	return err
}

func (s *Store) raiseAlone(ctx context.Context, v *seal.Vault) error {
	leave, err := s.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	return s.alone(v, func(w *writer) error {
		was := formatOf(w.tx)
		if was == format {
			return nil // another process was faster
		}
		if err := s.keepCopy(fmt.Sprintf("%s.format%d", s.path, was)); err != nil {
			return err
		}
		if err := w.raiseFrom(was); err != nil {
			return err
		}
		_, err := w.Append(store.Event{Act: store.ActMigrate, Outcome: "done", Evidence: fmt.Sprintf("from format %d to %d", was, format)})
		return err
	})
}

// raiseFrom makes what a store of format was has not got.
func (w *writer) raiseFrom(was int) error {
	for _, b := range allBuckets(format) {
		if _, err := w.tx.CreateBucketIfNotExists(b); err != nil {
			return fmt.Errorf("making bucket %s: %w", b, err)
		}
	}
	if err := w.put(buckets.meta, keys.format, []byte{format}); err != nil || was >= 2 {
		return err
	}
	var h header
	if err := readHeader(w.tx, w.codec, &h); err != nil {
		return err
	}
	if err := w.keys.Raise(&h.Seal); err != nil {
		return err
	}
	if err := w.putHeader(h); err != nil {
		return err
	}
	return w.buildIndex()
}

// alone runs fn in a writing transaction whose turn the caller has, of any format, with
// the keys of v.
func (s *Store) alone(v *seal.Vault, fn func(*writer) error) (err error) {
	key, err := v.AuditKey()
	if err != nil {
		return err
	}
	defer clear(key)
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
	w.keys = v
	defer w.rollback()
	if err := checkFormat(tx); err != nil {
		return err
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

func (w *writer) putHeader(h header) error {
	b, err := w.codec.encode("the header", h)
	if err != nil {
		return err
	}
	return w.put(buckets.meta, keys.header, b)
}

// buildIndex makes the index of all sealed values that there are.
func (w *writer) buildIndex() error {
	v := w.holder()
	if v == nil {
		return store.ErrLocked
	}
	key, err := v.IndexKey()
	if err != nil {
		return err
	}
	x := newIndex(w.tx, v.StoreID(), key)
	x.checked, x.table = true, make([]byte, shardCount*macSize)
	w.ix = x
	if err := w.put(buckets.index, indexKeys.macs, x.table); err != nil {
		return err
	}
	return w.eachSealed(func(owner store.ID, f store.SealedField) error { return x.set(owner, f.Field, *f.Value) })
}

// eachSealed calls fn for every sealed value of every record.
func (r *reader) eachSealed(fn func(store.ID, store.SealedField) error) error {
	each := func(owner store.ID, fields []store.SealedField) error {
		for _, f := range fields {
			if err := fn(owner, f); err != nil {
				return err
			}
		}
		return nil
	}
	err := r.tx.Bucket(buckets.grants).ForEach(func(k, _ []byte) error {
		g, err := r.grant(store.ID(k))
		if err != nil {
			return err
		}
		return each(store.ID(k), g.SealedFields())
	})
	if err != nil {
		return err
	}
	return r.tx.Bucket(buckets.clients).ForEach(func(k, _ []byte) error {
		c, err := r.client(store.ID(k))
		if err != nil {
			return err
		}
		return each(store.ID(k), c.SealedFields())
	})
}

// keepCopy copies the store's file to path, whole or not at all. The caller has the turn.
// A copy that is there already stays: it is of the first try, which was cut short.
func (s *Store) keepCopy(path string) error {
	if _, err := os.Lstat(path); err == nil {
		return nil
	}
	temp := path + ".new"
	_ = os.Remove(temp)
	err := copyFile(s.path, temp)
	if err == nil {
		err = os.Rename(temp, path)
	}
	if err == nil {
		err = ownfile.SyncDir(filepath.Dir(path))
	}
	if err != nil {
		_ = os.Remove(temp)
		if unwritable(err) {
			return fmt.Errorf("keeping a copy of the store: %w: %w", store.ErrUnwritable, err)
		}
		return fmt.Errorf("keeping a copy of the store: %w", err)
	}
	return nil
}

func copyFile(from, to string) error {
	in, err := ownfile.Open(from, os.O_RDONLY, 0)
	if err != nil {
		return err
	}
	defer in.Close()
	out, err := ownfile.Open(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(out, in)
	if err == nil {
		err = out.Sync()
	}
	return errors.Join(err, out.Close())
}

// holder is the vault that this transaction's keys come from; nil: locked.
func (r *reader) holder() *seal.Vault {
	if r.keys != nil || r.s == nil {
		return r.keys
	}
	r.s.mu.Lock()
	defer r.s.mu.Unlock()
	return r.s.vault
}
