package detail

import (
	"context"
	"errors"

	"crmdeck/store"
	"crmdeck/ui/page"
)

// records is everything about one connection, read in one transaction.
type records struct {
	conn   store.Connection
	grant  store.Grant
	client store.Client
	events []store.Event
	// shared are the other connections on the same grant or with the same key,
	// clientMates those that only have the client registration in common.
	shared, clientMates []store.Connection
}

// maxEvents is how many of a connection's events the page shows.
const maxEvents = 500

// data holds the records of the connection that shows.
type data struct {
	slot  page.Slot
	have  bool
	reads int // counts what was read
	rec   records
	err   error
}

// forget empties it.
func (d *data) forget() {
	d.slot.Cancel()
	d.have, d.rec, d.err = false, records{}, nil
}

// read asks for the records of a connection.
func (d *data) read(e *page.Env, id store.ID) {
	s := e.Deps.Store
	page.Go(e, &d.slot, func(ctx context.Context) (records, error) {
		var r records
		err := s.Read(ctx, func(rd store.Reader) error { return r.read(rd, id) })
		return r, err
	}, func(_ *page.Env, r records, err error) {
		d.err = err
		if err == nil {
			d.rec, d.have = r, true
			d.reads++
		}
	})
}

// read collects the records within one transaction.
func (r *records) read(rd store.Reader, id store.ID) (err error) {
	if r.conn, err = rd.Connection(id); err != nil {
		return err
	}
	if r.grant, err = rd.Grant(r.conn.Grant); err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if r.grant.Client != "" {
		if r.client, err = rd.Client(r.grant.Client); err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
	}
	if err = r.mates(rd); err != nil {
		return err
	}
	r.events, err = rd.Events(store.EventFilter{Connection: id, Limit: maxEvents})
	return err
}

// mates collects who shares the grant, the credential or the client.
func (r *records) mates(rd store.Reader) error {
	seen := map[store.ID]bool{r.conn.ID: true}
	add := func(to *[]store.Connection, grant store.ID) error {
		all, err := rd.ConnectionsOf(grant)
		for _, c := range all {
			if !seen[c.ID] {
				seen[c.ID] = true
				*to = append(*to, c)
			}
		}
		return err
	}
	if err := add(&r.shared, r.conn.Grant); err != nil {
		return err
	}
	if fp := fingerprint(&r.grant); fp != "" {
		twins, err := rd.GrantsByFingerprint(fp)
		if err != nil {
			return err
		}
		for _, g := range twins {
			if err := add(&r.shared, g.ID); err != nil {
				return err
			}
		}
	}
	if r.grant.Client == "" {
		return nil
	}
	grants, err := rd.GrantsOf(r.grant.Client)
	if err != nil {
		return err
	}
	for _, g := range grants {
		if err := add(&r.clientMates, g.ID); err != nil {
			return err
		}
	}
	return nil
}

// fingerprint is that of the credential that others may have too.
func fingerprint(g *store.Grant) string {
	switch {
	case g.Key != nil:
		return g.Key.Fingerprint
	case g.Refresh != nil:
		return g.Refresh.Fingerprint
	}
	return ""
}
