package bolt

import (
	"context"
	"encoding/hex"
	"fmt"
	"time"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

// Changes implements store.Store: it walks the changes after since, of which each
// connection has one. Within the turn the summaries are copied as they are; decoding them
// takes a hundred times as long, and no writer waits for it.
func (s *Store) Changes(ctx context.Context, since store.Revision) (store.Delta, error) {
	var d store.Delta
	var raw copies
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		r := &reader{tx: tx, codec: s.codec}
		d.Revision = r.Revision()
		switch {
		case since == d.Revision && since != 0:
			return nil
		case since == 0 || since > d.Revision: // the latter: an older copy was put back
			d.Full = true
			return tx.Bucket(buckets.summaries).ForEach(func(_, v []byte) error { raw.add(v); return nil })
		}
		return r.changes(since, &d, &raw)
	})
	if err == nil && len(raw.list) > 0 {
		d.Changed, err = decodeAll[store.Summary](s.codec, raw.list, "summary")
	}
	if err != nil {
		return store.Delta{}, err
	}
	return d, nil
}

func (r *reader) changes(since store.Revision, d *store.Delta, raw *copies) error {
	summaries := r.tx.Bucket(buckets.summaries)
	c := r.tx.Bucket(buckets.changes).Cursor()
	for k, v := c.Seek(number(uint64(since) + 1)); k != nil; k, v = c.Next() {
		if len(k) <= 8 {
			return fmt.Errorf("reading changes: %w", store.ErrDamaged)
		}
		id := store.ID(k[8:])
		if len(v) != 0 {
			d.Removed = append(d.Removed, id)
			continue
		}
		sum := summaries.Get([]byte(id))
		if sum == nil {
			return dangling(fmt.Errorf("summary %q: %w", string(id), store.ErrNotFound))
		}
		raw.add(sum)
	}
	return nil
}

// copies are bytes that outlive the transaction that they were read in.
type copies struct {
	list [][]byte
	room []byte
}

// copyRoom is how much memory is taken at once.
const copyRoom = 256 << 10

func (c *copies) add(b []byte) {
	if len(c.room)+len(b) > cap(c.room) {
		c.room = make([]byte, 0, max(copyRoom, len(b)))
	}
	at := len(c.room)
	c.room = append(c.room, b...)
	c.list = append(c.list, c.room[at:len(c.room):len(c.room)])
}

// Info implements store.Store.
func (s *Store) Info(ctx context.Context) (store.Info, error) {
	in := store.Info{Dir: s.dir}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		r := &reader{tx: tx, codec: s.codec}
		var h header
		if err := readHeader(tx, s.codec, &h); err != nil {
			return err
		}
		created, err := time.Parse(time.RFC3339Nano, h.Created)
		if err != nil {
			return fmt.Errorf("reading the header: %w: %w", store.ErrDamaged, err)
		}
		head, err := r.logHead()
		if err != nil {
			return err
		}
		in.StoreID, in.Format, in.Created = h.Seal.StoreID, int(tx.Bucket(buckets.meta).Get(keys.format)[0]), created
		in.Revision, in.Slots, in.Events, in.Size = r.Revision(), h.Seal.Info(), head.Seq, tx.Size()
		in.KeyMade, in.Rekeying = h.Seal.Made, h.Seal.Next != nil
		if in.KeyMade.IsZero() { // the store is older than the note of it
			in.KeyMade = created
		}
		in.Head = hex.EncodeToString(head.Chain[:min(8, len(head.Chain))])
		return nil
	})
	return in, err
}
