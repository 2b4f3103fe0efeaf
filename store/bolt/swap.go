package bolt

import (
	"bytes"
	"context"
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
	if err := ownfile.SyncDir(c.s.dir); err != nil {
		return c.s.unknown(err)
	}
	return nil
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
		var late []keyDiff
		err := db.Update(func(fresh *bbolt.Tx) (err error) {
			late, err = c.catchUp(tx, fresh)
			return err
		})
		if err != nil {
			return err
		}
		return db.View(func(fresh *bbolt.Tx) error { return caughtUp(fresh, late) })
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

// catchUp makes fresh equal to live, and returns what it changed.
func (c *compaction) catchUp(live, fresh *bbolt.Tx) ([]keyDiff, error) {
	var all []keyDiff
	c.done.Keys = 0
	err := live.ForEach(func(name []byte, l *bbolt.Bucket) error {
		f, err := fresh.CreateBucketIfNotExists(name)
		if err != nil {
			return fmt.Errorf("catching up with bucket %s: %w", name, err)
		}
		part, n := differences(l, f)
		c.done.Keys += n
		for _, d := range part {
			if d.value == nil {
				err = f.Delete(d.key)
			} else {
				err = f.Put(d.key, d.value)
			}
			if err != nil {
				return fmt.Errorf("catching up with bucket %s: %w", name, err)
			}
			d.bucket = name
			all = append(all, d)
		}
		return f.SetSequence(l.Sequence())
	})
	c.done.CaughtUp += len(all)
	return all, err
}

// caughtUp proves that what was brought over is there. Everything else was compared.
func caughtUp(fresh *bbolt.Tx, all []keyDiff) error {
	for _, d := range all {
		got := fresh.Bucket(d.bucket).Get(d.key)
		if !bytes.Equal(got, d.value) || (got == nil) != (d.value == nil) {
			return fmt.Errorf("the new file does not hold what was written to %s meanwhile", d.bucket)
		}
	}
	return nil
}

// keyDiff is one key that differs; value nil: it is gone. The bytes are those of the
// transaction on the store's file, but for a key that is gone.
type keyDiff struct{ bucket, key, value []byte }

// differences walks two buckets side by side, and tells what must be done to fresh to make
// it equal to live, and how many keys live has.
func differences(live, fresh *bbolt.Bucket) (out []keyDiff, n int) {
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
			out = append(out, keyDiff{key: bytes.Clone(fk)}) // removing moves what fk points to
			fk, fv = b.Next()
			continue
		}
		if n++; order < 0 || !bytes.Equal(lv, fv) {
			out = append(out, keyDiff{key: lk, value: lv})
		}
		if lk, lv = a.Next(); order == 0 {
			fk, fv = b.Next()
		}
	}
	return out, n
}
