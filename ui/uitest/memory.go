package uitest

import (
	"context"
	"slices"
	"strings"
	"sync"
	"time"

	"crmdeck/store"
)

// Memory is a store.Store in memory, for screens: it keeps records, revisions
// and events, and is locked or not. It checks versions and names, but promises
// nothing of what a real engine promises about disks.
type Memory struct {
	mu       sync.Mutex
	conns    map[store.ID]store.Connection
	grants   map[store.ID]store.Grant
	clients  map[store.ID]store.Client
	drafts   map[store.ID]store.Draft
	changed  map[store.ID]store.Revision
	gone     map[store.ID]store.Revision
	events   []store.Event
	rev      store.Revision
	watchers []chan struct{}
	locked   bool
	pass     string
	writes   int
	lost     error // why the key is gone, besides locking
	now      func() time.Time

	// Kinds are those of the slots, as Info tells them.
	Kinds []string
	// OnUnlock stands in for Unlock.
	OnUnlock func(context.Context, store.Key) error
}

var _ store.Store = (*Memory)(nil)

// NewMemory makes an empty, unlocked store.
func NewMemory(now func() time.Time) *Memory {
	return &Memory{conns: map[store.ID]store.Connection{}, grants: map[store.ID]store.Grant{},
		clients: map[store.ID]store.Client{}, drafts: map[store.ID]store.Draft{},
		changed: map[store.ID]store.Revision{}, gone: map[store.ID]store.Revision{}, now: now}
}

// LockWith locks the store; pass opens it.
func (m *Memory) LockWith(pass string) { m.locked, m.pass = true, pass }

// Needs sets what opens the store once it is locked.
func (m *Memory) Needs(pass string) { m.pass = pass }

// Rekeyed takes the key away, as another process does that gives the store a new one.
func (m *Memory) Rekeyed() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked, m.lost = true, store.ErrRekeyed
}

// Writes counts the transactions that wrote.
func (m *Memory) Writes() int {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.writes
}

// Read implements store.Store.
func (m *Memory) Read(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return fn((*tx)(m))
}

// Write implements store.Store.
func (m *Memory) Write(ctx context.Context, fn func(store.Writer) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.rev++
	m.writes++
	err := fn((*tx)(m))
	for _, w := range m.watchers {
		select {
		case w <- struct{}{}:
		default:
		}
	}
	return err
}

// Changes implements store.Store.
func (m *Memory) Changes(_ context.Context, since store.Revision) (store.Delta, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	d := store.Delta{Revision: m.rev, Full: since == 0}
	for id, rev := range m.changed {
		if rev > since {
			d.Changed = append(d.Changed, m.summary(id))
		}
	}
	for id, rev := range m.gone {
		if rev > since && since > 0 {
			d.Removed = append(d.Removed, id)
		}
	}
	return d, nil
}

// summary is that of one connection.
func (m *Memory) summary(id store.ID) store.Summary {
	c := m.conns[id]
	g := m.grants[c.Grant]
	s := store.Summarize(c, g, m.clients[g.Client])
	s.Rev = m.changed[id]
	return s
}

// Watch implements store.Store.
func (m *Memory) Watch(context.Context) (<-chan struct{}, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	w := make(chan struct{}, 1)
	m.watchers = append(m.watchers, w)
	return w, nil
}

// Info implements store.Store.
func (m *Memory) Info(context.Context) (store.Info, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	info := store.Info{Dir: "memory", Revision: m.rev, Events: uint64(len(m.events))}
	for _, k := range m.Kinds {
		info.Slots = append(info.Slots, store.SlotInfo{ID: k, Kind: k})
	}
	return info, nil
}

// Unlock implements store.Store.
func (m *Memory) Unlock(ctx context.Context, k store.Key) error {
	if m.OnUnlock != nil {
		if err := m.OnUnlock(ctx, k); err != nil {
			return err
		}
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if !k.Keyring && k.IdentityFile != m.pass && k.Passphrase.Reveal() != m.pass {
		return store.ErrWrongKey
	}
	m.locked, m.lost = false, nil
	return nil
}

// Lock implements store.Store.
func (m *Memory) Lock() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.locked = true
}

// Vault implements store.Store; this store seals nothing.
func (m *Memory) Vault() (store.Vault, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.lost != nil:
		return nil, m.lost
	case m.locked:
		return nil, store.ErrLocked
	}
	return nil, nil
}

// Lease implements store.Store.
func (m *Memory) Lease(context.Context, store.ID, string) (store.Lease, error) { return lease{}, nil }

type lease struct{}

func (lease) Release() {}

// Close implements store.Store.
func (m *Memory) Close() error { return nil }

// tx is a transaction: the store itself, locked by its caller.
type tx Memory

var _ store.Writer = (*tx)(nil)

// get finds a record.
func get[T any](from map[store.ID]T, id store.ID) (T, error) {
	v, ok := from[id]
	if !ok {
		return v, store.ErrNotFound
	}
	return v, nil
}

func (t *tx) Connection(id store.ID) (store.Connection, error) { return get(t.conns, id) }
func (t *tx) Grant(id store.ID) (store.Grant, error)           { return get(t.grants, id) }
func (t *tx) Client(id store.ID) (store.Client, error)         { return get(t.clients, id) }
func (t *tx) Draft(id store.ID) (store.Draft, error)           { return get(t.drafts, id) }
func (t *tx) Revision() store.Revision                         { return t.rev }

func (t *tx) Summary(id store.ID) (store.Summary, error) {
	if _, ok := t.conns[id]; !ok {
		return store.Summary{}, store.ErrNotFound
	}
	return (*Memory)(t).summary(id), nil
}

func (t *tx) Summaries() ([]store.Summary, error) {
	var all []store.Summary
	for id := range t.conns {
		all = append(all, (*Memory)(t).summary(id))
	}
	return all, nil
}

func (t *tx) ConnectionByName(name string) (store.Connection, error) {
	for _, c := range t.conns {
		if c.Name == name {
			return c, nil
		}
	}
	return store.Connection{}, store.ErrNotFound
}

func (t *tx) ConnectionsOf(grant store.ID) ([]store.Connection, error) {
	return t.connections(func(c store.Connection) bool { return c.Grant == grant }), nil
}

// connections are those for which keep holds, by name.
func (t *tx) connections(keep func(store.Connection) bool) []store.Connection {
	var all []store.Connection
	for _, c := range t.conns {
		if keep(c) {
			all = append(all, c)
		}
	}
	slices.SortFunc(all, func(a, b store.Connection) int { return strings.Compare(a.Name, b.Name) })
	return all
}

// grantsWhere are the grants for which keep holds.
func (t *tx) grantsWhere(keep func(store.Grant) bool) []store.Grant {
	var all []store.Grant
	for _, g := range t.grants {
		if keep(g) {
			all = append(all, g)
		}
	}
	slices.SortFunc(all, func(a, b store.Grant) int { return strings.Compare(string(a.ID), string(b.ID)) })
	return all
}

func (t *tx) GrantsByFingerprint(fp string) ([]store.Grant, error) {
	return t.grantsWhere(func(g store.Grant) bool {
		return (g.Key != nil && g.Key.Fingerprint == fp) || (g.Refresh != nil && g.Refresh.Fingerprint == fp)
	}), nil
}

func (t *tx) GrantsPending() ([]store.Grant, error) {
	return t.grantsWhere(func(g store.Grant) bool {
		return g.Revocation != nil && g.Revocation.State != store.RevocationDone
	}), nil
}

func (t *tx) GrantsOf(client store.ID) ([]store.Grant, error) {
	return t.grantsWhere(func(g store.Grant) bool { return g.Client == client }), nil
}

func (t *tx) Clients(provider string) ([]store.Client, error) {
	var all []store.Client
	for _, c := range t.clients {
		if provider == "" || c.Provider == provider {
			all = append(all, c)
		}
	}
	return all, nil
}

func (t *tx) Drafts() ([]store.Draft, error) {
	var all []store.Draft
	for _, d := range t.drafts {
		all = append(all, d)
	}
	return all, nil
}

func (t *tx) Events(f store.EventFilter) ([]store.Event, error) {
	var all []store.Event
	for _, e := range slices.Backward(t.events) {
		switch {
		case f.Connection != "" && e.ConnectionID != f.Connection:
		case f.Before > 0 && e.Seq >= f.Before, e.Seq <= f.After:
		case f.Limit > 0 && len(all) == f.Limit:
		default:
			all = append(all, e)
		}
	}
	return all, nil
}

// touch notes that a connection's summary changed.
func (t *tx) touch(id store.ID) { t.changed[id] = t.rev }

func (t *tx) PutConnection(c *store.Connection) error {
	if old, err := t.ConnectionByName(c.Name); err == nil && old.ID != c.ID {
		return store.ErrNameTaken
	}
	if t.conns[c.ID].Version != c.Version {
		return store.ErrConflict
	}
	c.Version++
	t.conns[c.ID] = *c
	t.touch(c.ID)
	return nil
}

func (t *tx) PutGrant(g *store.Grant) error {
	if t.grants[g.ID].Version != g.Version {
		return store.ErrConflict
	}
	g.Version++
	t.grants[g.ID] = *g
	for _, c := range t.conns {
		if c.Grant == g.ID {
			t.touch(c.ID)
		}
	}
	return nil
}

func (t *tx) PutClient(c *store.Client) error {
	c.Version++
	t.clients[c.ID] = *c
	return nil
}

func (t *tx) PutDraft(d *store.Draft) error {
	d.Version++
	t.drafts[d.ID] = *d
	return nil
}

func (t *tx) DeleteConnection(id store.ID) error {
	delete(t.conns, id)
	delete(t.changed, id)
	t.gone[id] = t.rev
	return nil
}

func (t *tx) DeleteGrant(id store.ID) error  { delete(t.grants, id); return nil }
func (t *tx) DeleteClient(id store.ID) error { delete(t.clients, id); return nil }
func (t *tx) DeleteDraft(id store.ID) error  { delete(t.drafts, id); return nil }
func (t *tx) Bookkeeping()                   {}

func (t *tx) Append(e store.Event) (uint64, error) {
	e.Seq = uint64(len(t.events) + 1)
	if e.At.IsZero() {
		e.At = t.now()
	}
	t.events = append(t.events, e)
	return e.Seq, nil
}
