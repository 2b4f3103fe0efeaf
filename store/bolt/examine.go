package bolt

import (
	"context"
	"errors"
	"fmt"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
)

var _ store.Examiner = (*Store)(nil)

// Examine implements store.Examiner.
func (s *Store) Examine(ctx context.Context) (store.Examination, error) {
	x := examiner{ctx: ctx}
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		if err := structure(tx); err != nil {
			return err
		}
		x.reader = s.reader(tx)
		defer x.reader.end()
		x.keys = x.reader.holder()
		return x.run()
	})
	return x.found, err
}

// structure has bbolt check its pages. All of its answers are read: it waits for that.
func structure(tx *bbolt.Tx) error {
	var first error
	for err := range tx.Check() {
		if first == nil {
			first = err
		}
	}
	if first != nil {
		return fmt.Errorf("%w: %w", store.ErrDamaged, first)
	}
	return nil
}

// examiner goes through the records of one transaction.
type examiner struct {
	*reader
	ctx   context.Context
	keys  *seal.Vault // nil: locked
	found store.Examination
}

func (x *examiner) run() error {
	return errors.Join(x.connections(), x.grants(), x.clients(), x.drafts())
}

// each calls fn for every id of a bucket, and stops when the context ends.
func (x *examiner) each(bucket []byte, count *int, fn func(store.ID) error) error {
	err := x.tx.Bucket(bucket).ForEach(func(k, _ []byte) error {
		*count++
		if err := x.ctx.Err(); err != nil {
			return err
		}
		return fn(store.ID(k))
	})
	if err != nil {
		return fmt.Errorf("examining %s: %w", bucket, err)
	}
	return nil
}

func (x *examiner) connections() error {
	return x.each(buckets.connections, &x.found.Connections, func(id store.ID) error {
		c, err := x.Connection(id)
		if err != nil {
			return err
		}
		switch {
		case c.ID != id:
			return fmt.Errorf("%w: connection %s says that it is %s", store.ErrDamaged, id, c.ID)
		case string(x.tx.Bucket(buckets.names).Get([]byte(c.Name))) != string(id):
			return fmt.Errorf("%w: connection %s is not found by its name", store.ErrDamaged, id)
		case x.tx.Bucket(buckets.grants).Get([]byte(c.Grant)) == nil:
			return fmt.Errorf("%w: the grant of connection %s is missing", store.ErrDamaged, id)
		}
		_, err = x.Summary(id)
		return missing(err)
	})
}

// missing tells a record that has to be there as damage.
func missing(err error) error {
	if errors.Is(err, store.ErrNotFound) {
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return err
}

func (x *examiner) grants() error {
	return x.each(buckets.grants, &x.found.Grants, func(id store.ID) error {
		g, err := x.grant(id)
		if err != nil {
			return err
		}
		return x.sealed(id, g.SealedFields())
	})
}

func (x *examiner) clients() error {
	return x.each(buckets.clients, &x.found.Clients, func(id store.ID) error {
		c, err := x.client(id)
		if err != nil {
			return err
		}
		return x.sealed(id, c.SealedFields())
	})
}

func (x *examiner) drafts() error {
	return x.each(buckets.drafts, &x.found.Drafts, func(id store.ID) error {
		_, err := x.Draft(id)
		return err
	})
}

// sealed tries to open the values of one record.
func (x *examiner) sealed(owner store.ID, fields []store.SealedField) error {
	for _, f := range fields {
		x.found.Sealed++
		if x.keys == nil {
			continue
		}
		x.found.Opened++
		err := x.open(owner, f)
		var damage *store.DamageError
		switch {
		case err == nil:
		case !errors.As(err, &damage):
			return err
		case len(x.found.Refused) < store.MaxRefused:
			x.found.Refused = append(x.found.Refused, damage)
		}
	}
	return nil
}

func (x *examiner) open(owner store.ID, f store.SealedField) error {
	ix, err := x.index()
	if err != nil {
		return err
	}
	if ix != nil {
		if err := ix.check(owner, f.Field, *f.Value); err != nil {
			return err
		}
	}
	val, err := x.keys.Open(store.Binding{Owner: owner, Field: f.Field}, *f.Value)
	if errors.Is(err, store.ErrSealed) {
		return refuse(owner, f.Field, "was changed, moved or cut")
	}
	val.Wipe()
	return err
}
