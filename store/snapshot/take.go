package snapshot

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/text"
)

// Options say who takes a snapshot and what goes in besides the records.
type Options struct {
	Taken   time.Time
	By      string
	Host    string
	Program string
	// Events is how many of a connection's newest audit events go in, and how many of those
	// that are about none; 0: none.
	Events int
	// Judge says what a connection is found to be; nil: nothing is found.
	Judge func(store.Summary) Finding
}

// Take reads one consistent state of a store. It needs no key.
func Take(ctx context.Context, s store.Store, o Options) (*Document, error) {
	in, err := s.Info(ctx)
	if err != nil {
		return nil, fmt.Errorf("taking snapshot: %w", err)
	}
	d := &Document{
		Version: Version, Taken: o.Taken.UTC().Round(0), By: o.By, Host: o.Host, Program: o.Program,
		Store: About{Name: filepath.Base(in.Dir), ID: in.StoreID, Format: in.Format, Created: in.Created, Slots: []string{}},
	}
	for _, slot := range in.Slots {
		d.Store.Slots = append(d.Store.Slots, slot.Kind)
	}
	err = s.Read(ctx, func(r store.Reader) error { return d.read(r, o) })
	if err != nil {
		return nil, fmt.Errorf("taking snapshot: %w", err)
	}
	d.Store.Events, d.Store.Head = in.Events, in.Head
	scrub(reflect.ValueOf(d).Elem())
	return d, nil
}

// read fills in the records and what is found of them.
func (d *Document) read(r store.Reader, o Options) error {
	d.Store.Revision = r.Revision()
	sums, err := r.Summaries()
	if err != nil {
		return err
	}
	slices.SortFunc(sums, func(a, b store.Summary) int { return cmp.Or(strings.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID)) })
	d.Connections, d.Findings = make([]connection, 0, len(sums)), []Finding{}
	grants, clients := map[store.ID]bool{}, map[store.ID]bool{}
	for _, s := range sums {
		c, err := r.Connection(s.ID)
		if err != nil {
			return err
		}
		d.Connections = append(d.Connections, fromConnection(c))
		grants[c.Grant] = true
		if o.Judge != nil {
			f := o.Judge(s)
			f.Connection = c.Name
			d.Findings = append(d.Findings, f)
		}
	}
	if err := d.readGrants(r, grants, clients); err != nil {
		return err
	}
	return d.readEvents(r, o.Events)
}

// readGrants fills in the grants that the connections have, and the clients of those.
func (d *Document) readGrants(r store.Reader, grants, clients map[store.ID]bool) error {
	d.Grants, d.Clients = []grant{}, []client{}
	for _, id := range slices.Sorted(maps.Keys(grants)) {
		g, err := r.Grant(id)
		if errors.Is(err, store.ErrNotFound) {
			continue // a connection that is being set up may have none yet
		}
		if err != nil {
			return err
		}
		d.Grants = append(d.Grants, fromGrant(g))
		if g.Client != "" {
			clients[g.Client] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(clients)) {
		c, err := r.Client(id)
		if errors.Is(err, store.ErrNotFound) {
			continue
		}
		if err != nil {
			return err
		}
		d.Clients = append(d.Clients, fromClient(c))
	}
	return nil
}

// readEvents fills in the newest n events of each connection, and of what is about none.
func (d *Document) readEvents(r store.Reader, n int) error {
	d.Events = []event{}
	if n <= 0 {
		return nil
	}
	for _, c := range d.Connections {
		list, err := r.Events(store.EventFilter{Connection: c.ID, Limit: n})
		if err != nil {
			return err
		}
		d.Events = append(d.Events, each(list, fromEvent)...)
	}
	// What is about no connection has no index of its own: as many are looked through as
	// it takes at ten to one.
	list, err := r.Events(store.EventFilter{Limit: 10 * n})
	if err != nil {
		return err
	}
	left := n
	for _, e := range list {
		if e.ConnectionID == "" && left > 0 {
			d.Events, left = append(d.Events, fromEvent(e)), left-1
		}
	}
	slices.SortFunc(d.Events, func(a, b event) int { return cmp.Compare(a.Seq, b.Seq) })
	return nil
}

// maxText is the most characters that a text of a snapshot has.
const maxText = 4096

// scrub cleans every text of a document, on its way out and on its way in.
func scrub(v reflect.Value) {
	switch v.Kind() {
	case reflect.String:
		v.SetString(text.Cut(text.Clean(v.String()), maxText))
	case reflect.Pointer:
		if !v.IsNil() {
			scrub(v.Elem())
		}
	case reflect.Slice:
		for i := range v.Len() {
			scrub(v.Index(i))
		}
	case reflect.Map: // of texts
		for _, k := range v.MapKeys() {
			was := v.MapIndex(k).String()
			v.SetMapIndex(k, reflect.Value{})
			v.SetMapIndex(reflect.ValueOf(text.Cut(text.Clean(k.String()), maxText)), reflect.ValueOf(text.Cut(text.Clean(was), maxText)))
		}
	case reflect.Struct:
		if v.Type() == reflect.TypeFor[time.Time]() {
			return
		}
		for i := range v.NumField() {
			scrub(v.Field(i))
		}
	}
}
