package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
)

var _ store.Checkup = (*Store)(nil)

// Space implements store.Checkup. A transaction that reads does not load the list of free
// pages, so the file is opened here in another way.
func (s *Store) Space(ctx context.Context) (sp store.Space, err error) {
	err = s.view(ctx, func(tx *bbolt.Tx) error { // a file that is damaged is refused in the usual words
		sp = store.Space{Size: tx.Size(), Format: formatOf(tx), Newest: format}
		return nil
	})
	if err != nil {
		return sp, err
	}
	leave, err := s.enter(ctx, false)
	if err != nil {
		return sp, err
	}
	defer leave()
	defer guarded()()
	defer damaged(&err, func() {})
	db, err := bbolt.Open(s.path, 0o600, &bbolt.Options{
		Timeout: boltTimeout, ReadOnly: true, PreLoadFreelist: true, FreelistType: bbolt.FreelistMapType,
		OpenFile: func(path string, flag int, perm os.FileMode) (*os.File, error) {
			f, _, err := openWhole(path, flag&^os.O_CREATE, perm)
			return f, err
		},
	})
	if err != nil {
		return sp, openError(s.path, false, err)
	}
	defer func() { _ = db.Close() }()
	sp.Free = int64(db.Stats().FreePageN) * int64(db.Info().PageSize)
	return sp, nil
}

// SlotCosts implements store.Checkup.
func (s *Store) SlotCosts(ctx context.Context) ([]store.SlotCost, error) {
	h, err := s.header(ctx)
	if err != nil {
		return nil, err
	}
	var out []store.SlotCost
	for _, slot := range h.Seal.Slots {
		if slot.Kind != seal.KindPassphrase {
			continue
		}
		out = append(out, store.SlotCost{SlotInfo: infoOf(slot), Memory: slot.KDF.Memory, Passes: slot.KDF.Time,
			Lanes: slot.KDF.Threads, Low: slot.KDF.Low()})
	}
	return out, nil
}

// CheckPages implements store.Checkup.
func (s *Store) CheckPages(ctx context.Context) error { return s.view(ctx, structure) }

// sealedStep is how many records one transaction of CheckSealed reads: 5 ms or so, which a
// writer can wait.
const sealedStep = 256

// CheckSealed implements store.Checkup.
func (s *Store) CheckSealed(ctx context.Context, fn func(store.SealedProgress) error) error {
	if _, err := s.Vault(); err != nil {
		return err
	}
	c := sealedCheck{s: s, ctx: ctx, fn: fn}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		c.rev = (&reader{tx: tx, codec: s.codec}).Revision()
		c.told.All = tx.Bucket(buckets.grants).Stats().KeyN + tx.Bucket(buckets.clients).Stats().KeyN
		return nil
	})
	if err != nil {
		return fmt.Errorf("looking at sealed values: %w", err)
	}
	err = c.bucket(buckets.grants, func(x *examiner, id store.ID) ([]store.SealedField, error) {
		g, err := x.grant(id)
		return g.SealedFields(), err
	})
	if err == nil {
		err = c.bucket(buckets.clients, func(x *examiner, id store.ID) ([]store.SealedField, error) {
			k, err := x.client(id)
			return k.SealedFields(), err
		})
	}
	if err == nil {
		err = c.counts()
	}
	if err != nil {
		return fmt.Errorf("looking at sealed values: %w", err)
	}
	return nil
}

// sealedCheck is one run of CheckSealed.
type sealedCheck struct {
	s    *Store
	ctx  context.Context
	fn   func(store.SealedProgress) error
	rev  store.Revision // at the start
	told store.SealedProgress
	torn bool // a record could not be read, so that nobody knows how many values it has
}

// bucket goes through the records of a bucket, a step at a time.
func (c *sealedCheck) bucket(bucket []byte, fields func(*examiner, store.ID) ([]store.SealedField, error)) error {
	for last := []byte(nil); ; {
		n := 0
		err := c.s.view(c.ctx, func(tx *bbolt.Tx) error {
			x := examiner{ctx: c.ctx, reader: c.s.reader(tx)}
			defer x.reader.end()
			if x.keys = x.reader.holder(); x.keys == nil {
				return store.ErrLocked
			}
			cur := tx.Bucket(bucket).Cursor()
			for k := seekAfter(cur, last); k != nil && n < sealedStep; k, _ = cur.Next() {
				last = bytes.Clone(k)
				n++
				if err := c.record(&x, store.ID(k), fields); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
		if n == 0 {
			return nil
		}
		c.told.Records += n
		if err := c.tell(); err != nil {
			return err
		}
	}
}

// seekAfter moves to the first key after last.
func seekAfter(c *bbolt.Cursor, last []byte) []byte {
	k, _ := c.Seek(last)
	if last != nil && bytes.Equal(k, last) {
		k, _ = c.Next()
	}
	return k
}

// record looks at the values of one record.
func (c *sealedCheck) record(x *examiner, id store.ID, fields func(*examiner, store.ID) ([]store.SealedField, error)) error {
	list, err := fields(x, id)
	if err != nil {
		if !errors.Is(err, store.ErrDamaged) {
			return err
		}
		c.torn = true
		c.refused(&store.DamageError{What: fmt.Sprintf("record %s", id), Problem: "can't be read",
			Next: "reconnect the connection, or put a copy of the store from before it back", Owner: id})
		return nil
	}
	for _, f := range list {
		c.told.Values++
		err := x.open(id, f)
		var damage *store.DamageError
		switch {
		case errors.As(err, &damage):
			c.refused(damage)
		case err != nil:
			return err
		}
	}
	return nil
}

func (c *sealedCheck) refused(d *store.DamageError) { c.told.Refused = append(c.told.Refused, d) }

func (c *sealedCheck) tell() error {
	err := c.fn(c.told)
	c.told.Refused = nil
	return err
}

// counts compares how many values the index has with how many there are, if nothing was
// written meanwhile: a record that somebody took out of the file leaves its entries behind.
func (c *sealedCheck) counts() error {
	err := c.s.view(c.ctx, func(tx *bbolt.Tx) error {
		r := c.s.reader(tx)
		defer r.end()
		x, err := r.index()
		if c.torn || x == nil || err != nil || r.Revision() != c.rev || x.head() != nil {
			return err // what is wrong with the head was said of every value
		}
		entries := 0
		err = tx.Bucket(buckets.index).ForEach(func(k, v []byte) error {
			if len(k) == len(blockID{}) {
				entries += len(v) / entrySize
			}
			return nil
		})
		if err == nil && entries > c.told.Values {
			c.refused(&store.DamageError{What: fmt.Sprintf("%d of the sealed values that the index has", entries-c.told.Values),
				Problem: "are in no record: records were removed from outside",
				Next:    "put a copy of the store from before it back, or reconnect what is missing"})
		}
		return err
	})
	if err != nil {
		return err
	}
	return c.tell()
}
