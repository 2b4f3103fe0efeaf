package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// swap puts the new file in the place of the store's, within a writer's turn.
func (c *compaction) swap(ctx context.Context) error {
	leave, err := c.s.enter(ctx, true)
	if err != nil {
		return err
	}
	defer leave()
	if err := c.complete(); err != nil {
		return err
	}
	if err := os.Rename(c.to, c.s.path); err != nil {
		return fmt.Errorf("naming the new file: %w", err)
	}
	// Nobody writes to the new file before its name is durable: the turn is still ours.
	return ownfile.SyncDir(c.s.dir)
}

// complete brings the new file to the state of the store, and appends the event. Both files
// are closed and synced when it returns.
func (c *compaction) complete() (err error) {
	defer guarded()()
	defer damaged(&err, func() {})
	db, err := openFile(c.to, true, c.s.o.Strict)
	if err != nil {
		return err
	}
	defer func() {
		if e := db.Close(); err == nil {
			err = e
		}
	}()
	live, err := openFile(c.s.path, false, false)
	if err != nil {
		return err
	}
	defer live.Close()
	err = live.View(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		c.done.Before = tx.Size()
		if tx.ID() == c.txid {
			return nil // nobody wrote
		}
		if err := db.Update(func(fresh *bbolt.Tx) error { return c.catchUp(tx, fresh) }); err != nil {
			return err
		}
		return db.View(func(fresh *bbolt.Tx) error { return c.caughtUp(tx, fresh) })
	})
	if err != nil {
		return err
	}
	return c.tell(db)
}

// tell appends the event to the new file.
func (c *compaction) tell(db *bbolt.DB) error {
	tx, err := db.Begin(true)
	if err != nil {
		return fmt.Errorf("beginning to write: %w", err)
	}
	w := newWriter(c.s, tx, c.key)
	defer w.rollback()
	w.begin()
	c.done.After = tx.Size()
	_, err = w.Append(store.Event{Act: store.ActCompact, Outcome: "done",
		Evidence: fmt.Sprintf("%d bytes before, %d after, %d keys", c.done.Before, c.done.After, c.done.Keys)})
	if err != nil {
		return err
	}
	if err := w.finish(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("writing the new file: %w", err)
	}
	w.committed = true
	return nil
}

// catchUp makes fresh equal to live.
func (c *compaction) catchUp(live, fresh *bbolt.Tx) error {
	c.done.Keys = 0
	return eachPair(live, fresh, func(l, f *bbolt.Bucket) error {
		puts, gone, n := differences(l, f)
		c.done.Keys += n
		c.done.CaughtUp += len(puts) + len(gone)
		for _, k := range gone {
			if err := f.Delete(k); err != nil {
				return fmt.Errorf("catching up: %w", err)
			}
		}
		for _, p := range puts {
			if err := f.Put(p.k, p.v); err != nil {
				return fmt.Errorf("catching up: %w", err)
			}
		}
		return f.SetSequence(l.Sequence())
	})
}

// caughtUp proves that nothing differs any more.
func (c *compaction) caughtUp(live, fresh *bbolt.Tx) error {
	return eachPair(live, fresh, func(l, f *bbolt.Bucket) error {
		if puts, gone, _ := differences(l, f); len(puts)+len(gone) != 0 {
			return errors.New("the new file does not hold what was written meanwhile")
		}
		return nil
	})
}

// eachPair calls fn with every bucket of live and its twin in fresh; it is made where it
// is missing, and only where fresh can be written.
func eachPair(live, fresh *bbolt.Tx, fn func(l, f *bbolt.Bucket) error) error {
	return live.ForEach(func(name []byte, l *bbolt.Bucket) error {
		f := fresh.Bucket(name)
		if f == nil {
			var err error
			if f, err = fresh.CreateBucket(name); err != nil {
				return fmt.Errorf("catching up with bucket %s: %w", name, err)
			}
		}
		return fn(l, f)
	})
}

// keyValue is one key with its value; both are bytes of a transaction.
type keyValue struct{ k, v []byte }

// differences walks two buckets side by side, and tells what must be put into and removed
// from fresh to make it equal to live, and how many keys live has.
func differences(live, fresh *bbolt.Bucket) (puts []keyValue, gone [][]byte, n int) {
	a, b := live.Cursor(), fresh.Cursor()
	lk, lv := a.First()
	fk, fv := b.First()
	for lk != nil || fk != nil {
		order := bytes.Compare(lk, fk)
		if lk == nil {
			order = 1
		} else if fk == nil {
			order = -1
		}
		if order > 0 {
			gone = append(gone, bytes.Clone(fk)) // removing moves what fk points to
			fk, fv = b.Next()
			continue
		}
		if n++; order < 0 || !bytes.Equal(lv, fv) {
			puts = append(puts, keyValue{lk, lv})
		}
		if lk, lv = a.Next(); order == 0 {
			fk, fv = b.Next()
		}
	}
	return puts, gone, n
}
