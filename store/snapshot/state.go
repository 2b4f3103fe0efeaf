package snapshot

import (
	"cmp"
	"fmt"
	"slices"

	"crmdeck/store"
)

// state is a document as records, ready to be read.
type state struct {
	doc     *Document
	rev     store.Revision // counts what was loaded, not what the store had
	conns   map[store.ID]store.Connection
	names   map[string]store.ID
	grants  map[store.ID]store.Grant
	clients map[store.ID]store.Client
	sums    []store.Summary // by id
	findAt  map[string]int  // connection name → its place in the findings
}

func newState(d *Document, rev store.Revision) *state {
	s := &state{
		doc: d, rev: rev, conns: make(map[store.ID]store.Connection, len(d.Connections)),
		names: make(map[string]store.ID, len(d.Connections)), grants: make(map[store.ID]store.Grant, len(d.Grants)),
		clients: make(map[store.ID]store.Client, len(d.Clients)), findAt: make(map[string]int, len(d.Findings)),
	}
	held := make(map[store.ID]bool, len(d.Clients))
	for _, c := range d.Clients {
		s.clients[c.ID], held[c.ID] = c.record(), c.HasSecret
	}
	for _, g := range d.Grants {
		s.grants[g.ID] = g.record()
	}
	for i, f := range d.Findings {
		s.findAt[f.Connection] = i
	}
	for _, x := range d.Connections {
		c := x.record()
		s.conns[c.ID], s.names[c.Name] = c, c.ID
		g := s.grants[c.Grant]
		client := s.clients[g.Client]
		if held[g.Client] {
			client.Secret.Box = []byte{0} // a summary tells the age of a secret that is there
		}
		sum := store.Summarize(c, g, client)
		sum.Rev = rev
		s.sums = append(s.sums, sum)
	}
	slices.SortFunc(s.sums, func(a, b store.Summary) int { return cmp.Compare(a.ID, b.ID) })
	return s
}

var _ store.Reader = (*state)(nil)

func get[T any](from map[store.ID]T, what string, id store.ID) (T, error) {
	v, ok := from[id]
	if !ok {
		return v, fmt.Errorf("%s %q: %w", what, string(id), store.ErrNotFound)
	}
	return v, nil
}

// where lists the values for which keep holds, in the order of their ids.
func where[T any](from map[store.ID]T, id func(T) store.ID, keep func(T) bool) []T {
	var out []T
	for _, v := range from {
		if keep(v) {
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b T) int { return cmp.Compare(id(a), id(b)) })
	return out
}

func (s *state) Connection(id store.ID) (store.Connection, error) {
	return get(s.conns, "connection", id)
}

func (s *state) ConnectionByName(name string) (store.Connection, error) {
	id, ok := s.names[name]
	if !ok {
		return store.Connection{}, fmt.Errorf("connection %q: %w", name, store.ErrNotFound)
	}
	return s.Connection(id)
}

func (s *state) ConnectionsOf(grant store.ID) ([]store.Connection, error) {
	return where(s.conns, func(c store.Connection) store.ID { return c.ID }, func(c store.Connection) bool { return c.Grant == grant }), nil
}

func (s *state) Summary(id store.ID) (store.Summary, error) {
	i, ok := slices.BinarySearchFunc(s.sums, id, func(x store.Summary, id store.ID) int { return cmp.Compare(x.ID, id) })
	if !ok {
		return store.Summary{}, fmt.Errorf("summary %q: %w", string(id), store.ErrNotFound)
	}
	return s.sums[i], nil
}

func (s *state) Summaries() ([]store.Summary, error)      { return slices.Clone(s.sums), nil }
func (s *state) Grant(id store.ID) (store.Grant, error)   { return get(s.grants, "grant", id) }
func (s *state) Client(id store.ID) (store.Client, error) { return get(s.clients, "client", id) }
func (s *state) Draft(id store.ID) (store.Draft, error) {
	return store.Draft{}, fmt.Errorf("draft %q: %w", string(id), store.ErrNotFound)
}
func (s *state) Drafts() ([]store.Draft, error) { return nil, nil }
func (s *state) Revision() store.Revision       { return s.rev }

func (s *state) grantsWhere(keep func(store.Grant) bool) ([]store.Grant, error) {
	return where(s.grants, func(g store.Grant) store.ID { return g.ID }, keep), nil
}

func (s *state) GrantsByFingerprint(fp string) ([]store.Grant, error) {
	return s.grantsWhere(func(g store.Grant) bool {
		return g.Refresh != nil && g.Refresh.Fingerprint == fp || g.Key != nil && g.Key.Fingerprint == fp
	})
}

func (s *state) GrantsPending() ([]store.Grant, error) {
	return s.grantsWhere(func(g store.Grant) bool { return g.Revocation != nil && g.Revocation.State != store.RevocationDone })
}

func (s *state) GrantsOf(client store.ID) ([]store.Grant, error) {
	return s.grantsWhere(func(g store.Grant) bool { return g.Client == client })
}

func (s *state) Clients(provider string) ([]store.Client, error) {
	return where(s.clients, func(c store.Client) store.ID { return c.ID }, func(c store.Client) bool {
		return provider == "" || c.Provider == provider
	}), nil
}

// eventLimit is how many events come back if the filter names no limit.
const eventLimit = 1000

func (s *state) Events(f store.EventFilter) ([]store.Event, error) {
	limit := f.Limit
	if limit <= 0 {
		limit = eventLimit
	}
	var out []store.Event
	for _, e := range slices.Backward(s.doc.Events) {
		switch {
		case len(out) == limit, f.Connection != "" && e.ConnectionID != f.Connection,
			f.Before > 0 && e.Seq >= f.Before, e.Seq <= f.After, len(f.Acts) > 0 && !slices.Contains(f.Acts, e.Act):
		default:
			out = append(out, e.record())
		}
	}
	return out, nil
}
