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
// connection has one.
func (s *Store) Changes(ctx context.Context, since store.Revision) (store.Delta, error) {
	var d store.Delta
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		r := &reader{tx: tx, codec: s.codec}
		d.Revision = r.Revision()
		if since == d.Revision && since != 0 {
			return nil
		}
		if since == 0 || since > d.Revision { // the latter: an older copy was put back
			var err error
			d.Full = true
			d.Changed, err = r.Summaries()
			return err
		}
		return r.changes(since, &d)
	})
	if err != nil {
		return store.Delta{}, err
	}
	return d, nil
}

func (r *reader) changes(since store.Revision, d *store.Delta) error {
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
		sum, err := r.Summary(id)
		if err != nil {
			return dangling(err)
		}
		d.Changed = append(d.Changed, sum)
	}
	return nil
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
