package bolt

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"runtime"
	"slices"

	bbolt "go.etcd.io/bbolt"
	"golang.org/x/sync/errgroup"

	"crmdeck/store"
	"crmdeck/store/seal"
)

// reader reads within one transaction. What it returns are copies: the bytes of a
// transaction are the mapped file, which is gone when it ends.
type reader struct {
	tx    *bbolt.Tx
	codec codec
	s     *Store      // nil: sealed values are not looked up
	ix    *index      // made when it is first needed
	keys  *seal.Vault // nil: those of s
}

func (s *Store) reader(tx *bbolt.Tx) *reader { return &reader{tx: tx, codec: s.codec, s: s} }

var _ store.Reader = (*reader)(nil)

// get decodes the record of bucket under id.
func get[T any](r *reader, bucket []byte, what string, id store.ID) (T, error) {
	var v T
	b := r.tx.Bucket(bucket).Get([]byte(id))
	if b == nil {
		return v, fmt.Errorf("%s %q: %w", what, string(id), store.ErrNotFound)
	}
	if err := r.codec.decode(what, b, &v); err != nil {
		return v, err
	}
	if is := idOf(&v); is != id {
		return v, fmt.Errorf("%s %q: %w: what stands there says that it is %q", what, string(id), store.ErrDamaged, string(is))
	}
	return v, nil
}

// idOf is the id that a record has within.
func idOf(record any) store.ID {
	switch r := record.(type) {
	case *store.Connection:
		return r.ID
	case *store.Grant:
		return r.ID
	case *store.Client:
		return r.ID
	case *store.Draft:
		return r.ID
	case *store.Summary:
		return r.ID
	}
	return ""
}

// all decodes every record of a bucket, in the order of their ids.
func all[T any](r *reader, bucket []byte, what string) ([]T, error) {
	var raw [][]byte
	c := r.tx.Bucket(bucket).Cursor()
	for k, b := c.First(); k != nil; k, b = c.Next() {
		raw = append(raw, b)
	}
	return decodeAll[T](r.codec, raw, what)
}

// decodeAll decodes records. Decoding is what costs, so many are decoded by as many
// goroutines as there are processors.
func decodeAll[T any](c codec, raw [][]byte, what string) ([]T, error) {
	out, at := make([]T, len(raw)), 0
	var g errgroup.Group
	for part := range slices.Chunk(raw, max(minPart, len(raw)/runtime.GOMAXPROCS(0)+1)) {
		into := out[at:]
		at += len(part)
		g.Go(func() (err error) {
			defer guarded()()
			defer damaged(&err, func() {})
			for i, b := range part {
				if err := c.decode(what, b, &into[i]); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return out, g.Wait()
}

// minPart is the least that is worth a goroutine: about 1 ms of decoding.
const minPart = 256

// under lists the second halves of an index's keys that start with first.
func under(r *reader, index []byte, first string) []store.ID {
	var out []store.ID
	prefix := pair(first, "")
	c := r.tx.Bucket(index).Cursor()
	for k, _ := c.Seek(prefix); k != nil && bytes.HasPrefix(k, prefix); k, _ = c.Next() {
		out = append(out, store.ID(k[len(prefix):]))
	}
	return out
}

// each gets the records that an index names.
func each[T any](ids []store.ID, one func(store.ID) (T, error)) ([]T, error) {
	out := make([]T, 0, len(ids))
	for _, id := range ids {
		v, err := one(id)
		if err != nil {
			return nil, dangling(err)
		}
		out = append(out, v)
	}
	return out, nil
}

// dangling says of a record that an index names, and that is not there, that it is damage.
func dangling(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: an index names a record that is not there: %w", store.ErrDamaged, err)
	}
	return err
}

func (r *reader) Connection(id store.ID) (store.Connection, error) {
	return get[store.Connection](r, buckets.connections, "connection", id)
}

func (r *reader) ConnectionByName(name string) (store.Connection, error) {
	id := r.tx.Bucket(buckets.names).Get([]byte(name))
	if id == nil {
		return store.Connection{}, fmt.Errorf("connection %q: %w", name, store.ErrNotFound)
	}
	c, err := r.Connection(store.ID(id))
	if err == nil && c.Name != name {
		err = fmt.Errorf("connection %q: %w: the index of names leads to another one", name, store.ErrDamaged)
	}
	return c, dangling(err)
}

func (r *reader) ConnectionsOf(grant store.ID) ([]store.Connection, error) {
	return each(under(r, buckets.grantConns, string(grant)), r.Connection)
}

func (r *reader) Summary(id store.ID) (store.Summary, error) {
	return get[store.Summary](r, buckets.summaries, "summary", id)
}

func (r *reader) Summaries() ([]store.Summary, error) {
	return all[store.Summary](r, buckets.summaries, "summary")
}

func (r *reader) Grant(id store.ID) (store.Grant, error) {
	g, err := r.grant(id)
	if err == nil {
		r.see(id, g.SealedFields())
	}
	return g, err
}

// grant reads without looking at the index.
func (r *reader) grant(id store.ID) (store.Grant, error) {
	return get[store.Grant](r, buckets.grants, "grant", id)
}

func (r *reader) GrantsByFingerprint(fp string) ([]store.Grant, error) {
	return each(under(r, buckets.fingerprints, fp), r.Grant)
}

func (r *reader) GrantsPending() ([]store.Grant, error) {
	var ids []store.ID
	err := r.tx.Bucket(buckets.pending).ForEach(func(k, _ []byte) error {
		ids = append(ids, store.ID(k))
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("listing revocations: %w", err)
	}
	return each(ids, r.Grant)
}

func (r *reader) GrantsOf(client store.ID) ([]store.Grant, error) {
	return each(under(r, buckets.clientGrants, string(client)), r.Grant)
}

func (r *reader) Client(id store.ID) (store.Client, error) {
	c, err := r.client(id)
	if err == nil {
		r.see(id, c.SealedFields())
	}
	return c, err
}

// client reads without looking at the index.
func (r *reader) client(id store.ID) (store.Client, error) {
	return get[store.Client](r, buckets.clients, "client", id)
}

func (r *reader) Clients(provider string) ([]store.Client, error) {
	list, err := all[store.Client](r, buckets.clients, "client")
	if provider != "" {
		list = slices.DeleteFunc(list, func(c store.Client) bool { return c.Provider != provider })
	}
	for i := range list {
		r.see(list[i].ID, list[i].SealedFields())
	}
	return list, err
}

func (r *reader) Draft(id store.ID) (store.Draft, error) {
	return get[store.Draft](r, buckets.drafts, "draft", id)
}

func (r *reader) Drafts() ([]store.Draft, error) {
	return all[store.Draft](r, buckets.drafts, "draft")
}

// Revision implements store.Reader. That it can be read was checked with the format.
func (r *reader) Revision() store.Revision {
	b := r.tx.Bucket(buckets.meta).Get(keys.revision)
	if len(b) < 8 { // it is being made
		return 0
	}
	return store.Revision(binary.BigEndian.Uint64(b))
}

// eventLimit is how many events come back if the filter names no limit.
const eventLimit = 1000

// Events walks from the newest event down; for one connection through its index.
func (r *reader) Events(f store.EventFilter) ([]store.Event, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = eventLimit
	}
	index, prefix := buckets.audit, []byte(nil)
	if f.Connection != "" {
		index, prefix = buckets.connEvents, pair(f.Connection, "")
	}
	var out []store.Event
	c := r.tx.Bucket(index).Cursor()
	for k := last(c, prefix, f.Before); k != nil && bytes.HasPrefix(k, prefix) && len(out) < limit; k, _ = c.Prev() {
		seq := k[len(prefix):]
		if len(seq) != 8 || binary.BigEndian.Uint64(seq) <= f.After {
			break
		}
		var e store.Event
		if err := r.codec.decode("event", r.tx.Bucket(buckets.audit).Get(seq), &e); err != nil {
			return nil, err
		}
		if e.Seq != binary.BigEndian.Uint64(seq) {
			return nil, fmt.Errorf("event %d: %w: it says that it is event %d", binary.BigEndian.Uint64(seq), store.ErrDamaged, e.Seq)
		}
		if len(f.Acts) == 0 || slices.Contains(f.Acts, e.Act) {
			out = append(out, e)
		}
	}
	return out, nil
}

// last moves c to the last key with prefix whose number is under before (0: any).
func last(c *bbolt.Cursor, prefix []byte, before uint64) []byte {
	end := number(before)
	if before == 0 {
		end = bytes.Repeat([]byte{0xff}, 9)
	}
	if k, _ := c.Seek(append(bytes.Clone(prefix), end...)); k == nil {
		k, _ = c.Last()
		return k
	}
	k, _ := c.Prev()
	return k
}
