package lifecycle_test

import (
	"errors"
	"net/http"
	"slices"
	"strings"
	"testing"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
)

// A provider moves to another host. The definition that follows it changes nothing of what
// is sealed; rebinding does, once, and audited.
func TestRebind(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	old := w.grant(c).Refresh.Sealed.Hosts
	w.front(sim.HubSpot, func(rw http.ResponseWriter, r *http.Request, next http.Handler) { next.ServeHTTP(rw, r) })
	moved := strings.TrimPrefix(w.cat[sim.HubSpot].API.BaseURL, "http://")

	r, err := w.Hosts(t.Context(), c.ID, nil, false)
	if err != nil || !slices.Equal(r.Named, []string{moved}) || len(r.Values) != 3 {
		t.Fatalf("%+v, %v", r, err)
	}
	sent := w.count(sim.HubSpot, "token.refresh")
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil { // where it always went
		t.Fatal(err)
	}
	if _, err := w.Rebind(t.Context(), c.ID, []string{moved}, false); err != nil {
		t.Fatal(err)
	}
	g := w.grant(c)
	for _, f := range g.SealedFields() {
		if !slices.Equal(f.Value.Hosts, []string{moved}) {
			t.Errorf("%s may go to %v", f.Field, f.Value.Hosts)
		}
	}
	if !strings.Contains(g.TokenURL, moved) || !strings.Contains(g.BaseURL, moved) {
		t.Errorf("addresses %s, %s", g.TokenURL, g.BaseURL)
	}
	if _, err := w.Refresh(t.Context(), c.ID, false); err != nil {
		t.Fatal(err)
	}
	w.works(c, w.token(c))
	if n := w.count(sim.HubSpot, "token.refresh") - sent; n != 2 {
		t.Errorf("%d refreshes", n)
	}
	ev := w.events(c, store.ActRebind)
	if len(ev) != 1 || !strings.Contains(ev[0].Evidence, moved) || !strings.Contains(ev[0].Evidence, old[0]) {
		t.Errorf("events %+v", ev)
	}
	if r, err = w.Rebind(t.Context(), c.ID, []string{moved}, false); err != nil || !r.Same || len(w.events(c, store.ActRebind)) != 1 {
		t.Errorf("the same again: %+v, %v", r, err)
	}
}

// Hosts that are none, that the definition does not name, or that leave the connection
// without its own are refused, and nothing changes.
func TestRebindRefuses(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.HubSpot, "a", false)
	before := w.grant(c)
	own := before.Refresh.Sealed.Hosts[0]
	rows := []struct {
		hosts   []string
		foreign bool
		want    error
	}{
		{[]string{"evil.example"}, false, lifecycle.ErrForeignHost},
		{[]string{own, "evil.example"}, false, lifecycle.ErrForeignHost},
		{[]string{"evil.example"}, true, lifecycle.ErrStranded},
		{[]string{"user@" + own}, true, lifecycle.ErrHosts},
		{[]string{own + "/path"}, true, lifecycle.ErrHosts},
		{[]string{""}, true, lifecycle.ErrHosts},
		{[]string{"ex ample"}, true, lifecycle.ErrHosts},
	}
	for _, r := range rows {
		if _, err := w.Rebind(t.Context(), c.ID, r.hosts, r.foreign); !errors.Is(err, r.want) {
			t.Errorf("%q: %v, want %v", r.hosts, err, r.want)
		}
	}
	if g := w.grant(c); g.Version != before.Version || len(w.events(c, store.ActRebind)) != 0 {
		t.Errorf("a refused rebinding changed something: %+v", g)
	}
	if _, err := w.Rebind(t.Context(), c.ID, []string{own, "proxy.example"}, true); err != nil {
		t.Errorf("with --foreign: %v", err)
	}
	if g := w.grant(c); !slices.Equal(g.Refresh.Sealed.Hosts, []string{own}) || !slices.Contains(g.Access.Sealed.Hosts, "proxy.example") {
		t.Errorf("refresh token %v, access token %v", g.Refresh.Sealed.Hosts, g.Access.Sealed.Hosts)
	}
	w.store.Lock()
	if _, err := w.Rebind(t.Context(), c.ID, []string{own}, false); !errors.Is(err, store.ErrLocked) {
		t.Errorf("locked: %v", err)
	}
}
