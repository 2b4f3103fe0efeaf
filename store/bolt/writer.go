package bolt

import (
	"errors"
	"fmt"
	"strings"

	bbolt "go.etcd.io/bbolt"
	bolterr "go.etcd.io/bbolt/errors"

	"crmdeck/store"
)

// writer changes records within one transaction. Summaries, the revision and the head
// of the audit log are written once, by finish.
type writer struct {
	reader
	s   *Store
	key []byte // chains the audit log

	changed     bool // something was put, removed or appended
	records     bool // a record was: that needs an event
	bookkeeping bool
	events      int
	dirty       map[store.ID]bool // connections whose summary is to be made anew
	head        *logHead          // read at the first Append
	run         *openRun          // of the log, likewise
	undo        []func()          // give callers back the versions that were raised
	committed   bool
	placed      bool           // the place was looked at
	made        store.Revision // the revision that finish wrote
}

var _ store.Writer = (*writer)(nil)

func newWriter(s *Store, tx *bbolt.Tx, key []byte) *writer {
	return &writer{reader: *s.reader(tx), s: s, key: key, dirty: make(map[store.ID]bool)}
}

// rollback undoes everything that was not committed, also in the callers' records.
func (w *writer) rollback() {
	w.reader.end()
	if w.committed {
		return
	}
	_ = w.tx.Rollback() // fails only if it has ended, which is what we want
	for _, f := range w.undo {
		f()
	}
}

// Bookkeeping implements store.Writer.
func (w *writer) Bookkeeping() { w.bookkeeping = true }

// finish completes the transaction, or refuses it.
func (w *writer) finish() error {
	if !w.changed {
		return nil
	}
	if w.records && w.events == 0 && !w.bookkeeping {
		return store.ErrUnaudited
	}
	if err := w.flush(); err != nil {
		return err
	}
	if err := w.notePlace(); err != nil {
		return err
	}
	if err := w.putHead(); err != nil {
		return err
	}
	if err := w.sealIndex(); err != nil {
		return err
	}
	w.made = w.next()
	return w.put(buckets.meta, keys.revision, revisionValue(w.made))
}

// next is the revision that this transaction makes.
func (w *writer) next() store.Revision { return w.reader.Revision() + 1 }

func (w *writer) put(bucket, key, value []byte) error {
	w.changed = true
	if err := w.tx.Bucket(bucket).Put(key, value); err != nil {
		if errors.Is(err, bolterr.ErrIncompatibleValue) { // a bucket stands where a value should
			err = fmt.Errorf("%w: %w", store.ErrDamaged, err)
		}
		return fmt.Errorf("putting into %s: %w", bucket, err)
	}
	return nil
}

func (w *writer) delete(bucket, key []byte) error {
	w.changed = true
	if err := w.tx.Bucket(bucket).Delete(key); err != nil {
		return fmt.Errorf("removing from %s: %w", bucket, err)
	}
	return nil
}

// checkID refuses ids that could not be keys or file names.
func checkID(what string, id store.ID) error {
	const allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
	if id == "" || len(id) > 64 || strings.Trim(string(id), allowed) != "" {
		return fmt.Errorf("%s: %q is no id", what, string(id))
	}
	return nil
}

// raise checks a record's version against the stored one and raises it.
func (w *writer) raise(what string, version *uint64, stored uint64) error {
	if *version != stored {
		return fmt.Errorf("%s: %w (version %d, stored is %d)", what, store.ErrConflict, *version, stored)
	}
	*version = stored + 1
	w.undo = append(w.undo, func() { *version = stored })
	return nil
}

// putRecord encodes a record and stores it under its id.
func (w *writer) putRecord(bucket []byte, what string, id store.ID, v any) error {
	b, err := w.codec.encode(what, v)
	if err != nil {
		return err
	}
	w.records = true
	return w.put(bucket, []byte(id), b)
}

// reindex replaces an index key; an empty part means none.
func (w *writer) reindex(index []byte, oldFirst, newFirst string, id store.ID) error {
	if oldFirst == newFirst {
		return nil
	}
	if oldFirst != "" {
		if err := w.delete(index, pair(oldFirst, id)); err != nil {
			return err
		}
	}
	if newFirst == "" {
		return nil
	}
	return w.put(index, pair(newFirst, id), []byte{})
}
