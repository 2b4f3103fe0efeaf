package doctor_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/doctor"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// patient is a healthy store with one connection, and what doctor is told of it.
func patient(t *testing.T) (doctor.Subject, string) {
	t.Helper()
	s, dir := storetest.NewIn(t, bolt.Options{})
	keeper, ok := s.(store.SlotKeeper)
	if !ok {
		t.Fatal("the store keeps no slots")
	}
	safe, err := age.GenerateX25519Identity() // a passphrase would take a while each time
	if err == nil {
		_, err = keeper.AddSlot(t.Context(), store.NewSlot{Recipient: safe.Recipient().String()})
	}
	if err != nil {
		t.Fatal(err)
	}
	cat, err := catalog.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	return doctor.Subject{
		Home: dir, Store: s, Clock: clock.System{}, Catalog: cat, Env: func(string) string { return "" },
		Terminal:   doctor.Terminal{Is: true, Width: 120, Height: 36, Term: "xterm-256color", UTF8: true},
		Process:    doctor.Process{CoreOff: true, Unreadable: true},
		CheckPages: func(ctx context.Context) error { return s.(store.Checkup).CheckPages(ctx) },
		Proxy:      func(*http.Request) (*url.URL, error) { return nil, nil },
		KeyFiles:   map[string]string{"--identity": storetest.Identity(dir)},
	}, dir
}

func run(t *testing.T, s doctor.Subject) []doctor.Finding {
	t.Helper()
	found, err := doctor.Run(t.Context(), s)
	if err != nil {
		t.Fatal(err)
	}
	return found
}

// want checks that exactly these are not fine, as level and code.
func want(t *testing.T, found []doctor.Finding, codes ...string) {
	t.Helper()
	var got []string
	for _, f := range found {
		if f.Level != doctor.Fine && f.Code != "network_not_asked" {
			got = append(got, string(f.Level)+" "+f.Code)
		}
	}
	slices.Sort(got)
	slices.Sort(codes)
	if !slices.Equal(got, codes) {
		t.Errorf("found %q, want %q", got, codes)
	}
}

func fact(found []doctor.Finding, code, name string) string {
	for _, f := range found {
		if f.Code == code {
			return f.Facts[name]
		}
	}
	return ""
}

// TestHealthy: a store that is well has nothing but fine findings, one for each check.
func TestHealthy(t *testing.T) {
	s, _ := patient(t)
	found := run(t, s)
	want(t, found)
	seen := map[string]bool{}
	for _, f := range found {
		seen[f.Check] = true
	}
	for _, id := range doctor.IDs() {
		if !seen[id] {
			t.Errorf("nothing was found by %q", id)
		}
	}
	if doctor.Worst(found) != doctor.Unknown { // the network, which nobody asked for
		t.Errorf("worst is %s", doctor.Worst(found))
	}
}

// TestLocked: without a key the checks that need it say so, and the others are done.
func TestLocked(t *testing.T) {
	s, _ := patient(t)
	s.Store.Lock()
	want(t, run(t, s), "unknown key_none", "unknown needs_key", "unknown needs_key")
	s.KeyErr = store.ErrWrongKey
	want(t, run(t, s), "bad key_wrong", "unknown needs_key", "unknown needs_key")
}

// TestFiles: FP-2, FP-3, FP-4: modes, links and strange files are named with what mends them, in
// the directory and where the key lies; what dead processes left is found, and old copies are.
func TestFiles(t *testing.T) {
	s, dir := patient(t)
	path := func(name string) string { return filepath.Join(dir, name) }
	write := func(name string, mode fs.FileMode, age time.Duration) {
		t.Helper()
		p := path(name)
		at := time.Now().Add(-age)
		err := errors.Join(os.MkdirAll(filepath.Dir(p), 0o700), os.WriteFile(p, []byte("x"), mode), os.Chmod(p, mode), os.Chtimes(p, at, at))
		if err != nil {
			t.Fatal(err)
		}
	}
	write("store.db.new-0011", 0o600, 2*time.Hour)
	write(".deck.json.new-77", 0o600, time.Minute) // somebody may be writing it
	write("store.db.format2", 0o600, 0)
	write("themes/mine.toml", 0o644, 0) // may be read
	found := run(t, s)
	want(t, found, "warn file_temp", "warn file_copy")
	if fix := fact(found, "file_temp", "fix"); fix != "rm "+path("store.db.new-0011") {
		t.Errorf("fix %q", fix)
	}
	write("themes/mine.toml", 0o666, 0)
	write("locks/x", 0o640, 0)
	if err := errors.Join(os.Symlink("/etc/passwd", path("link")), os.Chmod(storetest.Identity(dir), 0o444)); err != nil {
		t.Fatal(err)
	}
	found = run(t, s)
	want(t, found, "warn file_temp", "warn file_copy", "bad unsafe", "bad unsafe", "bad unsafe", "bad unsafe_odd")
	var fixes []string
	for _, f := range found {
		if f.Code == "unsafe" {
			fixes = append(fixes, f.Facts["fix"])
		}
	}
	for _, fix := range []string{"chmod 0600 " + path("locks/x"), "chmod 0600 " + path("themes/mine.toml"), "chmod 0400 " + storetest.Identity(dir)} {
		if !slices.Contains(fixes, fix) {
			t.Errorf("no %q among %q", fix, fixes)
		}
	}
	if err := errors.Join(os.Remove(storetest.Identity(dir)), os.Chmod(dir, 0o755)); err != nil {
		t.Fatal(err)
	}
	found = run(t, s)
	if fact(found, "key_file_absent", "path") == "" || !strings.HasPrefix(fact(found, "unsafe", "fix"), "chmod 0700 ") {
		t.Errorf("%v", found)
	}
}

// TestDamaged: DB-7, DB-8: a file that is damaged is said to be so, with what there is to go
// back to; nothing claims to mend it.
func TestDamaged(t *testing.T) {
	s, dir := patient(t)
	s.CheckPages = func(context.Context) error { return fmt.Errorf("%w: page 7", store.ErrDamaged) }
	want(t, run(t, s), "bad store_damaged")
	s.CheckPages = nil
	want(t, run(t, s), "unknown pages_unknown")
	s.Store, s.OpenErr = nil, fmt.Errorf("opening: %w", store.ErrDamaged)
	want(t, run(t, s), "bad store_damaged")
	if err := os.WriteFile(filepath.Join(dir, "store.db.format2"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	found := run(t, s)
	want(t, found, "bad store_damaged_copy", "warn file_copy")
	if c := fact(found, "store_damaged_copy", "copies"); !strings.Contains(c, "store.db.format2") {
		t.Errorf("copies %q", c)
	}
	for err, code := range map[error]string{
		store.ErrNewer: "bad store_newer", store.ErrNoStore: "warn store_absent", fs.ErrPermission: "bad store_unreadable",
		error(&store.BusyError{}): "unknown store_busy", error(&store.UnsafeError{Path: dir, Problem: "is a symbolic link"}): "bad unsafe_odd",
		error(&store.UnfitError{Path: dir, Kind: "NFS"}): "bad file_system", error(&store.RootError{Path: dir, UID: 1000}): "bad root", // FP-10, FP-7
	} {
		s.OpenErr = err
		want(t, run(t, s), code, "warn file_copy")
	}
}

// TestSlots: a single slot is not enough, and one for the safe is asked for (SE-11 asks for a
// new data key when it is old).
func TestSlots(t *testing.T) {
	s, _ := patient(t)
	keeper := s.Store.(store.SlotKeeper)
	slots, err := keeper.Slots(t.Context())
	if err == nil {
		_, err = keeper.RemoveSlot(t.Context(), slots[1].ID)
	}
	if err != nil {
		t.Fatal(err)
	}
	want(t, run(t, s), "warn slots_one")
	if _, err := keeper.AddSlot(t.Context(), store.NewSlot{Key: store.Key{Passphrase: secret.FromString("anvil kettle meadow 4711")}, Label: "on call"}); err != nil {
		t.Fatal(err)
	}
	want(t, run(t, s), "warn slots_no_recovery")
	late := clock.NewScaled(time.Now().Add(400*24*time.Hour), 0)
	s.Clock = late
	found := run(t, s)
	if days := fact(found, "data_key_old", "days"); days != "400" {
		t.Errorf("the data key is %q days old: %v", days, found)
	}
}

// TestAround: settings, providers, clock, process and terminal are told with what mends them.
func TestAround(t *testing.T) {
	s, dir := patient(t)
	providers := filepath.Join(dir, "providers")
	err := errors.Join(os.MkdirAll(providers, 0o700), os.WriteFile(filepath.Join(providers, "acme.toml"), []byte("id = 7\n"), 0o600))
	if err != nil {
		t.Fatal(err)
	}
	if s.Catalog, err = catalog.Load(dir); err != nil {
		t.Fatal(err)
	}
	s.ConfigErr = errors.New("config.toml:3: theme: there is none\nconfig.toml:4: port: too low")
	s.Clock = clock.NewScaled(time.Now().Add(-48*time.Hour), 0)
	s.Env = func(name string) string {
		return map[string]string{"GOTRACEBACK": "crash", "CRMDECK_WIRE_LOG": "/tmp/wire", "HTTPS_PROXY": "http://"}[name]
	}
	s.Process = doctor.Process{}
	s.Terminal = doctor.Terminal{Is: true, Width: 70, Height: 20, Term: "linux"}
	want(t, run(t, s), "bad provider_wrong", "bad settings_wrong", "bad settings_wrong", "bad clock_behind_file", "bad clock_behind_event",
		"warn env_trace", "warn env_wire", "warn core_on", "warn terminal_ascii", "warn terminal_small", "bad proxy_wrong")
	s.Terminal.Term = "dumb"
	if found := run(t, s); fact(found, "terminal_dumb", "term") != "dumb" {
		t.Errorf("%v", found)
	}
}

// connect adds a connection that uses an address.
func connect(t *testing.T, s store.Store, name, base string, change func(*store.Grant)) {
	t.Helper()
	err := s.Write(t.Context(), func(w store.Writer) error {
		id := store.ID("grant-" + name)
		g := store.Grant{ID: id, Provider: "hubspot", Method: store.APIKey, BaseURL: base,
			Key: &store.APIKeyRecord{Kind: "service_key", Made: time.Now(), MadeKnown: true}}
		if change != nil {
			change(&g)
		}
		_, err := w.Append(store.Event{Act: store.ActAdd, Connection: name, Outcome: "done"})
		return errors.Join(err, w.PutGrant(&g), w.PutConnection(&store.Connection{ID: store.ID(name), Name: name, Provider: "hubspot", Method: store.APIKey, Grant: id}))
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestNetwork: hosts are reached only if asked, each in a word; a certificate that is not
// trusted is said; TL-5: a proxy is told without its user and password.
func TestNetwork(t *testing.T) {
	s, _ := patient(t)
	plain, secure := httptest.NewServer(http.NotFoundHandler()), httptest.NewUnstartedServer(http.NotFoundHandler())
	secure.Config.ErrorLog = log.New(io.Discard, "", 0)
	secure.StartTLS()
	t.Cleanup(plain.Close)
	t.Cleanup(secure.Close)
	gone := httptest.NewServer(http.NotFoundHandler())
	gone.Close()
	connect(t, s.Store, "plain", plain.URL+"/crm/v3", nil)
	connect(t, s.Store, "secure", secure.URL, nil)
	connect(t, s.Store, "gone", gone.URL, nil)
	want(t, run(t, s))
	s.Network = true
	found := run(t, s)
	want(t, found, "bad reach_bad", "bad reach_bad")
	said := ""
	for _, f := range found {
		said += f.Facts["said"] + ";"
	}
	if !strings.Contains(said, "certificate is not trusted") || !strings.Contains(said, "no connection could be made") || fact(found, "reach", "host") == "" {
		t.Errorf("%v", found)
	}
	connect(t, s.Store, "far", "https://api.crm.example/v1", nil)
	s.Network = false
	s.Proxy = func(r *http.Request) (*url.URL, error) {
		return url.Parse("http://jan:CANARY-proxy-pass@proxy.test:3128")
	}
	found = run(t, s)
	if p := fact(found, "proxy", "proxy"); p != "http://proxy.test:3128 (with a user)" {
		t.Errorf("proxy %q", p)
	}
	if all := fmt.Sprint(found); strings.Contains(all, "CANARY") || strings.Contains(all, "jan") {
		t.Errorf("a credential of the proxy is told: %s", all)
	}
}

// TestConnections: what waits for a person, revocations that have not ended, and clocks of
// providers that differ are named.
func TestConnections(t *testing.T) {
	s, _ := patient(t)
	st := s.Store
	connect(t, st, "refused", "https://a.test", func(g *store.Grant) {
		g.Trouble = &store.Trouble{Class: store.Dead, Reason: "revoked_key", Since: time.Now()}
	})
	connect(t, st, "waits", "https://a.test", func(g *store.Grant) {
		g.Revocation = &store.Revocation{State: store.RevocationQueued, Asked: time.Now()}
	})
	connect(t, st, "console", "https://a.test", func(g *store.Grant) {
		g.Revocation = &store.Revocation{State: store.RevocationConsole, Asked: time.Now()}
	})
	connect(t, st, "old", "https://a.test", func(g *store.Grant) { g.Key.Made = time.Now().Add(-3 * 365 * 24 * time.Hour) })
	connect(t, st, "skewed", "https://a.test", func(g *store.Grant) { g.Skew = -5 * time.Minute })
	connect(t, st, "lost", "https://a.test", func(g *store.Grant) {
		g.Intent = &store.Intent{Begun: time.Now().Add(-time.Hour), Lost: true}
	})
	found := run(t, s)
	want(t, found, "warn conns_reconnect", "warn conns_overdue", "warn conns_uncertain", "warn revocation_queued", "warn revocation_console", "warn clock_skew")
	for code, name := range map[string]string{"conns_reconnect": "refused", "conns_uncertain": "lost", "revocation_queued": "waits", "conns_overdue": "old"} {
		if got := fact(found, code, "name"); got != name {
			t.Errorf("%s names %q, want %q", code, got, name)
		}
	}
}

// TestCancelled: an interrupt ends it.
func TestCancelled(t *testing.T) {
	s, _ := patient(t)
	ctx, cancel := context.WithCancel(t.Context())
	s.CheckPages = func(ctx context.Context) error { cancel(); return ctx.Err() }
	if _, err := doctor.Run(ctx, s); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}
