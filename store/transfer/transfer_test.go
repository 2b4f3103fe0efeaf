package transfer_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"filippo.io/age"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/envelope"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
	"crmdeck/store/transfer"
)

// fill puts a client, a grant with three secrets and two connections.
func fill(t *testing.T, st store.Store) {
	t.Helper()
	v, err := st.Vault()
	if err != nil {
		t.Fatal(err)
	}
	seal := func(owner store.ID, field string, gen uint64) (store.Sealed, string) {
		val := secret.FromString("CANARY-" + field)
		s, err := v.Seal(store.Binding{Owner: owner, Field: field}, gen, []string{"login.example", "api.example"}, val)
		if err != nil {
			t.Fatal(err)
		}
		return s, v.Fingerprint(val)
	}
	now := time.Now().UTC()
	c := &store.Client{ID: "k1", Provider: "salesforce", ClientID: "app", RedirectURI: "http://localhost:7317/callback/salesforce", Created: now}
	c.Secret, c.Fingerprint = seal("k1", store.FieldClientSecret, 1)
	g := &store.Grant{ID: "g1", Provider: "salesforce", Method: store.AuthorizationCode, Client: "k1", Generation: 7, Created: now,
		TokenURL: "https://login.example/token", Access: &store.Token{Issued: now, Type: "Bearer"}, Refresh: &store.Token{Issued: now}}
	g.Access.Sealed, g.Access.Fingerprint = seal("g1", store.FieldAccess, 7)
	g.Refresh.Sealed, g.Refresh.Fingerprint = seal("g1", store.FieldRefresh, 7)
	err = st.Write(t.Context(), func(w store.Writer) error {
		err := errors.Join(w.PutClient(c), w.PutGrant(g))
		for _, name := range []string{"a", "b"} {
			err = errors.Join(err, w.PutConnection(&store.Connection{ID: store.ID("c" + name), Name: name, Provider: "salesforce", Method: store.AuthorizationCode, Grant: "g1", Created: now, Updated: now,
				Params: store.Params{"login_host": "login.example"}}))
		}
		_, e := w.Append(store.Event{Act: store.ActAdd, Outcome: "done"})
		return errors.Join(err, e)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// move packs g1 of one store, writes and reads it, and puts it into another.
func move(t *testing.T, from, to store.Store, r transfer.Rules) ([]transfer.Outcome, error) {
	t.Helper()
	parcels, err := transfer.Pack(t.Context(), from, []store.ID{"g1"})
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := transfer.Write(&b, transfer.Head{Made: time.Now(), StoreID: "x"}, parcels); err != nil {
		t.Fatal(err)
	}
	_, parcels, err = transfer.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return put(t, to, parcels, r)
}

func put(t *testing.T, to store.Store, parcels []*transfer.Parcel, r transfer.Rules) (out []transfer.Outcome, err error) {
	t.Helper()
	v, err := to.Vault()
	if err != nil {
		t.Fatal(err)
	}
	if r.Act == "" {
		r.Act = store.ActImport
	}
	err = to.Write(t.Context(), func(w store.Writer) (err error) {
		out, err = transfer.Put(w, v, parcels, r)
		return err
	})
	return out, err
}

func grant(t *testing.T, st store.Store, id store.ID) (g store.Grant) {
	t.Helper()
	err := st.Read(t.Context(), func(r store.Reader) (err error) {
		g, err = r.Grant(id)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

// SE-17: everything arrives: sealed under the other key, for the same hosts, with the same
// generation, and fingerprints of the other store.
func TestMove(t *testing.T) {
	from, to := storetest.New(t), storetest.New(t)
	fill(t, from)
	out, err := move(t, from, to, transfer.Rules{})
	if err != nil || len(out) != 2 || out[0].What != transfer.Added {
		t.Fatalf("%v %v", out, err)
	}
	a, b := grant(t, from, "g1"), grant(t, to, "g1")
	if bytes.Equal(a.Refresh.Sealed.Box, b.Refresh.Sealed.Box) || a.Refresh.Fingerprint == b.Refresh.Fingerprint || b.Generation != 7 ||
		b.Refresh.Sealed.Gen != 7 || !slices.Equal(b.Refresh.Sealed.Hosts, a.Refresh.Sealed.Hosts) || b.TokenURL != a.TokenURL {
		t.Errorf("%+v", b)
	}
	v, err := to.Vault()
	if err != nil {
		t.Fatal(err)
	}
	val, err := v.Open(store.Binding{Owner: "g1", Field: store.FieldAccess}, b.Access.Sealed)
	if err != nil || val.Reveal() != "CANARY-access" || v.Fingerprint(val) != b.Access.Fingerprint {
		t.Error(err)
	}
	// once more: what is here is not overwritten, and the id alone does not prove a connection
	if _, err := move(t, from, to, transfer.Rules{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("again: %v", err)
	}
	if out, err := move(t, from, to, transfer.Rules{Keep: true}); err != nil || out[0].What != transfer.Kept {
		t.Errorf("kept: %v %v", out, err)
	}
}

// A grant of the same id with another credential is not joined by whoever says its id.
func TestIDsProveNothing(t *testing.T) {
	from, to := storetest.New(t), storetest.New(t)
	fill(t, from)
	fill(t, to)
	parcels, err := transfer.Pack(t.Context(), from, []store.ID{"g1"})
	if err != nil {
		t.Fatal(err)
	}
	p := parcels[0]
	p.Connections = p.Connections[:1]
	p.Connections[0].ID, p.Connections[0].Name = "mallory", "mallory"
	for i := range p.Secrets {
		p.Secrets[i].Value = secret.FromString("mine")
	}
	if out, err := put(t, to, parcels, transfer.Rules{}); !errors.Is(err, store.ErrConflict) {
		t.Errorf("%v %v", out, err)
	}
	p.Grant.ID, p.Connections[0].Grant, p.Client.ClientID = "g2", "g2", "another app"
	for i := range p.Secrets {
		if p.Secrets[i].Owner == "g1" {
			p.Secrets[i].Owner = "g2"
		}
	}
	if out, err := put(t, to, parcels, transfer.Rules{}); !errors.Is(err, transfer.ErrInvalid) {
		t.Errorf("another client of the same id: %v %v", out, err)
	}
}

// The steps of a hand-over and what is there when the process is killed at each: never is the
// credential nowhere, and never is it used here while the file may have it.
func TestHandOverKilled(t *testing.T) {
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	for _, step := range []string{"start", "marked", "writing", "written", "finished"} {
		t.Run(step, func(t *testing.T) {
			st, dir := storetest.NewIn(t, bolt.Options{})
			fill(t, st)
			file := filepath.Join(t.TempDir(), "x.export")
			dies(t, step, dir, file, id.Recipient().String())
			g := grant(t, st, "g1")
			here, there := len(g.SealedFields()) > 0, readable(t, file, id)
			marked := g.Handed != nil && g.Trouble != nil && g.Trouble.Class == store.Dead
			switch {
			case !here && !there:
				t.Fatal("the credential is nowhere")
			case there && !marked:
				t.Fatal("it is in the file, and used here")
			case here == (step == "finished"), there != (step == "written" || step == "finished"):
				t.Errorf("here %v, there %v", here, there)
			}
			again := transfer.Again(st, clock.System{}, "op", []store.ID{"g1"})
			err := again.TakeBack(t.Context())
			switch {
			case step == "start" || step == "finished":
				var b *transfer.BlockedError
				if !errors.As(err, &b) {
					t.Errorf("taken back: %v", err)
				}
			case err != nil:
				t.Error(err)
			default:
				if g := grant(t, st, "g1"); g.Handed != nil || g.Trouble != nil {
					t.Error("still marked")
				}
			}
			if step != "finished" { // and the leases are free
				h, err := transfer.Begin(t.Context(), st, clock.System{}, "op", []store.ID{"g1"}, "x")
				if err != nil {
					t.Fatal(err)
				}
				h.Release()
			}
			if n := len(leftovers(file)); n > 1 || n == 1 && step != "writing" {
				t.Errorf("%d files left", n)
			}
		})
	}
}

// readable reports that an export is there and whole.
func readable(t *testing.T, file string, id age.Identity) bool {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	r, err := envelope.Open(f, envelope.Key{Identities: []age.Identity{id}})
	if err != nil {
		t.Fatal(err)
	}
	if _, _, err := transfer.Read(r); err != nil {
		t.Fatal(err)
	}
	return true
}

// export is what a file holds, in the clear.
func export(t testing.TB, change func(*transfer.Parcel)) []byte {
	t.Helper()
	now := time.Date(2026, 11, 24, 12, 0, 0, 0, time.UTC)
	p := &transfer.Parcel{
		Grant: store.Grant{ID: "g1", Provider: "salesforce", Method: store.AuthorizationCode, Client: "k1", Created: now,
			Refresh: &store.Token{Issued: now}},
		Client:      &store.Client{ID: "k1", Provider: "salesforce", ClientID: "app", Created: now},
		Connections: []store.Connection{{ID: "c1", Name: "a", Provider: "salesforce", Grant: "g1", Params: store.Params{"k": "v"}, Created: now, Updated: now}},
		Secrets:     []transfer.Secret{{Owner: "g1", Field: store.FieldRefresh, Gen: 1, Hosts: []string{"login.example"}, Value: secret.FromString("CANARY-refresh")}},
	}
	if change != nil {
		change(p)
	}
	var b bytes.Buffer
	if err := transfer.Write(&b, transfer.Head{Made: now, StoreID: "x"}, []*transfer.Parcel{p}); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// RL-5, TE-13: what does not fit together, is too large or has odd characters is refused, and says
// nothing of the secrets.
func TestHostileExports(t *testing.T) {
	whole := export(t, nil)
	tries := map[string][]byte{
		"nothing": nil, "text": []byte("hello"), "long line": bytes.Repeat([]byte("x"), 1<<20), "newer": []byte("crmdeck-export/2\n"),
		"more":         append(slices.Clone(whole), 0),
		"huge part":    []byte("crmdeck-export/1\n\xff\xff\xff\xff"),
		"other client": export(t, func(p *transfer.Parcel) { p.Client.Provider = "hubspot" }),
		"no client":    export(t, func(p *transfer.Parcel) { p.Client = nil }),
		"other grant":  export(t, func(p *transfer.Parcel) { p.Connections[0].Grant = "g2" }),
		"other crm":    export(t, func(p *transfer.Parcel) { p.Connections[0].Provider = "hubspot" }),
		"twice":        export(t, func(p *transfer.Parcel) { p.Connections = append(p.Connections, p.Connections[0]) }),
		"no hosts":     export(t, func(p *transfer.Parcel) { p.Secrets[0].Hosts = nil }),
		"no place":     export(t, func(p *transfer.Parcel) { p.Secrets[0].Field = store.FieldKey }),
		"two of one":   export(t, func(p *transfer.Parcel) { p.Secrets = append(p.Secrets, p.Secrets[0]) }),
		"line break":   export(t, func(p *transfer.Parcel) { p.Secrets[0].Value = secret.FromString("CANARY-\r\nX: y") }),
		"long secret":  export(t, func(p *transfer.Parcel) { p.Secrets[0].Value = secret.FromString(strings.Repeat("x", 65<<10)) }),
		"no secret":    export(t, func(p *transfer.Parcel) { p.Secrets = nil }),
	}
	for i := range whole {
		tries["cut"+string(rune(i))] = whole[:i]
	}
	for name, b := range tries {
		_, parcels, err := transfer.Read(bytes.NewReader(b))
		if err == nil || strings.Contains(err.Error(), "CANARY") {
			t.Errorf("%.20q: %v", name, err)
		}
		for _, p := range parcels {
			if len(p.Secrets) > 0 {
				t.Errorf("%.20q: secrets are left", name)
			}
		}
	}
	if err := transfer.Write(io.Discard, transfer.Head{}, []*transfer.Parcel{{Connections: []store.Connection{{Purpose: strings.Repeat("x", 1<<20)}}}}); !errors.Is(err, transfer.ErrTooLarge) {
		t.Errorf("too large to write: %v", err)
	}
}

// TM-2: text that acts on a terminal does not come in, wherever it stands.
func TestTextIsCleaned(t *testing.T) {
	bad := "x\x1b]0;owned\x07\u202ey"
	_, parcels, err := transfer.Read(bytes.NewReader(export(t, func(p *transfer.Parcel) {
		c := &p.Connections[0]
		c.Owner, c.Tags, c.Account.Name, c.Params = bad, []string{bad}, bad, store.Params{bad: bad}
		c.Tests = []store.TestRun{{Message: bad, Objects: []store.TestObject{{Sample: []string{bad}}}}}
		p.Grant.Trouble = &store.Trouble{Message: bad}
		p.Client.RedirectURI = bad
	})))
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := transfer.Write(&b, transfer.Head{}, parcels); err != nil {
		t.Fatal(err)
	}
	if bytes.ContainsAny(b.Bytes(), "\x1b\x07") && bytes.Contains(b.Bytes(), []byte("owned\x07")) || bytes.Contains(b.Bytes(), []byte("\u202e")) {
		t.Error("controls came in")
	}
}

// FuzzRead: no panic, and what is taken is of one piece and can be written again.
func FuzzRead(f *testing.F) {
	whole := export(f, nil)
	f.Add(whole)
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("crmdeck-export/1\n\x00\x00\x00\x01\xa0"))
	f.Fuzz(func(t *testing.T, b []byte) {
		h, parcels, err := transfer.Read(bytes.NewReader(b))
		if err != nil {
			return
		}
		var out bytes.Buffer
		if err := transfer.Write(&out, h, parcels); err != nil {
			t.Fatal(err)
		}
		_, again, err := transfer.Read(&out)
		if err != nil || len(again) != len(parcels) {
			t.Fatalf("not stable: %v", err)
		}
	})
}
