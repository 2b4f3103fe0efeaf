package bolt

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

const (
	// batch is how many records are re-sealed in one transaction: some 10 ms, in which
	// nobody else writes.
	batch = 200
	// glance is how many records are looked at in one reading transaction: some 20 ms.
	glance = 2000
	// breath is left between two batches to those who wait for the store; kernel locks are
	// not given in turn.
	breath = 2 * time.Millisecond
	// busyTries is how often a store that is busy is waited for, 5 s each.
	busyTries = 12
)

// resealer puts every sealed value under the next data key.
type resealer struct {
	s        *Store
	progress func(store.RekeyProgress)
	total    int
	seen     int             // in the first pass
	passes   int             // that were ended
	secrets  int             // re-sealed
	refused  map[string]bool // values that can't be: they were damaged or put back before
}

// all goes through all records until nothing is left, waits for the leases, and looks once more.
func (r *resealer) all(ctx context.Context) error {
	err := r.s.view(ctx, func(tx *bbolt.Tx) error {
		for _, b := range [][]byte{buckets.grants, buckets.clients} {
			c := tx.Bucket(b).Cursor()
			for k, _ := c.First(); k != nil; k, _ = c.Next() {
				r.total++
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for waited := false; ; {
		n, err := r.pass(ctx)
		switch {
		case err != nil:
			return err
		case n > 0:
		case waited:
			return nil
		default:
			if err := r.s.waitLeases(ctx); err != nil {
				return err
			}
			waited = true
		}
	}
}

// pass goes through all records once, and returns how many it re-sealed.
func (r *resealer) pass(ctx context.Context) (n int, err error) {
	for _, bucket := range [][]byte{buckets.grants, buckets.clients} {
		for after := []byte(nil); ; {
			ids, last, err := r.look(ctx, bucket, after)
			if err != nil {
				return n, err
			}
			if len(ids) > 0 {
				if err := r.patiently(ctx, bucket, ids); err != nil {
					return n, err
				}
			}
			n += len(ids)
			if after = last; after == nil {
				break
			}
		}
	}
	r.passes++
	return n, nil
}

// look finds the next records with a value that is not under the next data key. last is
// where it ended, nil at the end of the bucket.
func (r *resealer) look(ctx context.Context, bucket, after []byte) (ids []store.ID, last []byte, err error) {
	looked := 0
	err = r.s.view(ctx, func(tx *bbolt.Tx) error {
		v, err := r.s.opened()
		if err != nil {
			return err
		}
		sealing := v.SealingID()
		rd := &reader{tx: tx, codec: r.s.codec}
		c := tx.Bucket(bucket).Cursor()
		k, _ := c.Seek(after)
		if k != nil && bytes.Equal(k, after) {
			k, _ = c.Next()
		}
		for ; k != nil; k, _ = c.Next() {
			if looked == glance || len(ids) == batch {
				return nil
			}
			looked++
			last = bytes.Clone(k)
			fields, err := rd.sealed(bucket, store.ID(k))
			if err != nil {
				return err
			}
			for _, f := range fields {
				if f.Value.KeyID != sealing && !r.refused[place(store.ID(k), f.Field)] {
					ids = append(ids, store.ID(k))
					break
				}
			}
		}
		last = nil
		return nil
	})
	if r.passes == 0 {
		r.seen += looked
	}
	if r.progress != nil && err == nil {
		r.progress(store.RekeyProgress{Done: min(r.seen, r.total), Total: r.total})
	}
	return ids, last, err
}

func place(owner store.ID, field string) string { return string(owner) + " " + field }

// sealed are the sealed values of the record with this id.
func (r *reader) sealed(bucket []byte, id store.ID) ([]store.SealedField, error) {
	if bytes.Equal(bucket, buckets.grants) {
		g, err := r.grant(id)
		return g.SealedFields(), err
	}
	c, err := r.client(id)
	return c.SealedFields(), err
}

// patiently re-seals a batch, and waits for the store as often as a long work may.
func (r *resealer) patiently(ctx context.Context, bucket []byte, ids []store.ID) (err error) {
	for range busyTries {
		err = r.batch(ctx, bucket, ids)
		var busy *store.BusyError
		if !errors.As(err, &busy) {
			break
		}
	}
	if err != nil {
		return err
	}
	t := time.NewTimer(breath)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stopped: %w", context.Cause(ctx))
	}
}

// batch re-seals records in one transaction. It is bookkeeping: nothing that a person has
// stored changes, and no version either, so that nobody's own change meets a conflict.
func (r *resealer) batch(ctx context.Context, bucket []byte, ids []store.ID) error {
	secrets, refused := 0, []string(nil)
	err := r.s.Write(ctx, func(sw store.Writer) error {
		w, ok := sw.(*writer)
		if !ok {
			return store.ErrReadOnly
		}
		w.Bookkeeping()
		for _, id := range ids {
			done, left, err := w.resealRecord(bucket, id)
			if err != nil {
				return err
			}
			secrets += done
			refused = append(refused, left...)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r.secrets += secrets
	for _, p := range refused {
		r.refused[p] = true
	}
	return nil
}

// resealRecord re-seals the values of one record, and names those that it could not.
func (w *writer) resealRecord(bucket []byte, id store.ID) (done int, left []string, err error) {
	var record any
	var fields []store.SealedField
	what := "client"
	if bytes.Equal(bucket, buckets.grants) {
		what = "grant"
		g, err := old(w.grant(id))
		if err != nil {
			return 0, nil, err
		}
		record, fields = &g, g.SealedFields()
	} else {
		c, err := old(w.client(id))
		if err != nil {
			return 0, nil, err
		}
		record, fields = &c, c.SealedFields()
	}
	was := make([]store.SealedField, len(fields))
	for i, f := range fields {
		v := *f.Value
		was[i] = store.SealedField{Field: f.Field, Value: &v}
	}
	if err := w.reindexSealed(id, was, fields); err != nil {
		return 0, nil, err
	}
	sealing := w.holder().SealingID()
	for i, f := range fields {
		switch {
		case f.Value.KeyID != sealing:
			left = append(left, place(id, f.Field))
		case was[i].Value.KeyID != sealing:
			done++
		}
	}
	if done == 0 {
		return 0, left, nil
	}
	return done, left, w.putRecord(bucket, what, id, record)
}

// globQuote makes a path a pattern that matches itself alone.
func globQuote(path string) string {
	if os.PathSeparator == '\\' { // where a backslash separates, nothing can be quoted
		return path
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(filepath.Clean(path))
}
