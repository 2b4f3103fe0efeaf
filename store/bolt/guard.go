package bolt

import (
	"bytes"
	"errors"
	"sync"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
	"crmdeck/store/secret"
)

// vault is the vault of a store on disk: what it opens is authentic, and the newest.
//
// That it is the newest is found out when a record is read, in the transaction that reads
// it, and remembered by the value's nonce: Open needs no transaction of its own, which
// could not be begun inside another, and a value that another process has replaced since
// then still opens, as whoever holds its record must expect. Only a value that was read
// while the store was locked is looked up by Open itself.
type vault struct {
	*seal.Vault
	s *Store
}

var _ store.Vault = (*vault)(nil)

// Seal implements store.Vault.
func (v *vault) Seal(b store.Binding, gen uint64, hosts []string, val secret.Value) (store.Sealed, error) {
	out, err := v.Vault.Seal(b, gen, hosts, val)
	if err == nil {
		v.s.proven.add(out.Box)
	}
	return out, err
}

// Open implements store.Vault.
func (v *vault) Open(b store.Binding, s store.Sealed) (secret.Value, error) {
	val, err := v.Vault.Open(b, s)
	if errors.Is(err, store.ErrSealed) && v.s.seen.past(s.KeyID) {
		return val, store.ErrRekeyed // it was read long ago
	}
	if errors.Is(err, store.ErrSealed) {
		return val, refuse(b.Owner, b.Field, "was changed, moved or cut")
	}
	if err != nil || v.s.proven.has(s.Box) {
		return val, err
	}
	if err := v.s.prove(b, s); err != nil {
		val.Wipe()
		return secret.Value{}, err
	}
	return val, nil
}

// prove looks a value up in the index, in a transaction of its own.
func (s *Store) prove(b store.Binding, v store.Sealed) error {
	return s.view(s.ctx, func(tx *bbolt.Tx) error {
		r := s.reader(tx)
		defer r.end()
		x, err := r.index()
		if err != nil || x == nil {
			return err
		}
		return r.look(x, b.Owner, b.Field, v)
	})
}

// index returns the transaction's index; nil while the store is locked, and for a store of format 1.
func (r *reader) index() (*index, error) {
	if r.ix != nil || r.s == nil {
		return r.ix, nil
	}
	v := r.holder()
	switch {
	case v == nil:
		return nil, nil
	case formatOf(r.tx) < 2 && v.Indexed():
		return nil, &store.DamageError{What: "the format of the store", Wide: true, Problem: "was set back from outside",
			Next: "no secret is opened any more, names and clocks can still be read; put a copy of the store from before it back"}
	case formatOf(r.tx) < 2:
		return nil, nil
	}
	key, err := v.IndexKey()
	if errors.Is(err, store.ErrLocked) { // locked this moment
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	r.ix = newIndex(r.tx, v.StoreID(), key)
	return r.ix, nil
}

// end wipes the key of the index.
func (r *reader) end() {
	if r.ix != nil {
		clear(r.ix.key)
	}
}

// see notes for each sealed value of a record that was read whether it is the newest.
// A value that is not can still be looked at: its record is shown, it does not open.
func (r *reader) see(owner store.ID, fields []store.SealedField) {
	if len(fields) == 0 {
		return
	}
	x, err := r.index()
	if x == nil && err == nil {
		return
	}
	for _, f := range fields { // what is wrong is said when it is opened
		if err != nil {
			r.s.proven.drop(f.Value.Box)
			continue
		}
		_ = r.look(x, owner, f.Field, *f.Value)
	}
}

func (r *reader) look(x *index, owner store.ID, field string, v store.Sealed) error {
	err := x.check(owner, field, v)
	if err != nil {
		r.s.proven.drop(v.Box)
		return err
	}
	r.s.proven.add(v.Box)
	return nil
}

// reindexSealed brings the index from one state of a record to the next. A value that
// stays as it is keeps what the index says of it, so that nothing put back becomes the
// newest by being written again.
func (w *writer) reindexSealed(owner store.ID, was, now []store.SealedField) error {
	if len(was) == 0 && len(now) == 0 {
		return nil
	}
	x, err := w.index()
	if err != nil || x == nil {
		return err
	}
	for _, f := range now {
		same := bytes.Equal(boxOf(was, f.Field), f.Value.Box)
		if !same && x.older(owner, f.Field, *f.Value) && !w.s.proven.has(f.Value.Box) {
			return refuse(owner, f.Field, "is not newer than the one that is stored")
		}
		resealed, err := w.reseal(x, owner, f, same)
		if err != nil {
			return err
		}
		if same && !resealed {
			continue
		}
		if err := x.set(owner, f.Field, *f.Value); err != nil {
			return err
		}
	}
	for _, f := range was {
		if boxOf(now, f.Field) == nil {
			// In a damaged index there is nothing to remove; wiping must work all the same.
			if err := x.set(owner, f.Field, store.Sealed{}); err != nil && !errors.Is(err, store.ErrDamaged) {
				return err
			}
		}
	}
	return nil
}

func boxOf(list []store.SealedField, field string) []byte {
	for _, f := range list {
		if f.Field == field {
			return f.Value.Box
		}
	}
	return nil
}

// begin has the index look at the header and the revision as they are before any change.
func (w *writer) begin() {
	_, _ = w.index() // what is wrong is said when it is needed
}

// sealIndex writes what changed in the index.
func (w *writer) sealIndex() error {
	x, err := w.index()
	switch {
	case err != nil:
		return nil // the format was set back: it stays refused
	case x == nil:
		return store.ErrLocked // since it waited for its turn: the revision would move without the index
	}
	header := w.tx.Bucket(buckets.meta).Get(keys.header)
	return x.flush(w.next(), header, func(key, value []byte) error { return w.put(buckets.index, key, value) })
}

// provenMax bounds each half of proven: 16,384 nonces of 24 bytes are under 1 MB.
const provenMax = 8192

// proven remembers the nonces of values that were the newest when they were read, or were
// sealed here. Older halves are forgotten; Open then looks again.
type proven struct {
	mu       sync.Mutex
	now, old map[nonce]struct{}
}

type nonce [24]byte

func nonceOf(box []byte) (n nonce, ok bool) {
	ok = copy(n[:], box) == len(n)
	return n, ok
}

func (p *proven) add(box []byte) {
	n, ok := nonceOf(box)
	if !ok {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.now == nil || len(p.now) >= provenMax {
		p.now, p.old = make(map[nonce]struct{}), p.now
	}
	p.now[n] = struct{}{}
}

func (p *proven) has(box []byte) bool {
	n, ok := nonceOf(box)
	p.mu.Lock()
	defer p.mu.Unlock()
	_, a := p.now[n]
	_, b := p.old[n]
	return ok && (a || b)
}

func (p *proven) drop(box []byte) {
	n, _ := nonceOf(box)
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.now, n)
	delete(p.old, n)
}
