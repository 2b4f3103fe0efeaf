package bolt_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/bolt"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// facts is everything that a store tells, one fact a key, so that two states of it can be
// compared. A fact that is refused begins with refusedMark and then says why.
type facts map[string]string

const (
	refusedMark = "refused: "
	absentMark  = "absent"
)

// note puts what was read, or why it was not.
func (f facts) note(key string, v any, err error) {
	switch {
	case errors.Is(err, store.ErrNotFound):
		f[key] = absentMark
		return
	case err != nil && clean(err):
		f[key] = refusedMark + err.Error()
		return
	case err != nil:
		f[key] = "unclean: " + err.Error()
		return
	}
	b, err := json.Marshal(v)
	if err != nil {
		f[key] = "unclean: " + err.Error()
		return
	}
	f[key] = string(b)
}

// clean reports an error that names damage as such, and so can be explained to a person.
func clean(err error) bool {
	var unsafe *store.UnsafeError
	for _, e := range []error{store.ErrDamaged, store.ErrSealed, store.ErrNewer, store.ErrWrongKey, store.ErrNoStore} {
		if errors.Is(err, e) {
			return true
		}
	}
	return audit.IsBroken(err) || errors.As(err, &unsafe)
}

// shape names the records that a store is asked for.
type shape struct {
	Conns, Names, Grants, Clients []string
}

// The records of a small store, small enough for 64 KiB.
const (
	smallConns  = 6
	smallGrants = 4
)

func smallShape() (x shape) {
	for i := range smallConns {
		x.Conns, x.Names = append(x.Conns, fmt.Sprint("c", i)), append(x.Names, fmt.Sprint("name-c", i))
	}
	for i := range smallGrants {
		x.Grants = append(x.Grants, fmt.Sprint("g", i))
	}
	x.Clients = []string{"k0"}
	return x
}

// fillSmall makes a store with a record of every kind, in several transactions, so that it
// has a history: free pages, old boxes, a log.
func fillSmall(t testing.TB) (dir string) {
	t.Helper()
	s, dir := storetest.NewIn(t, bolt.Options{})
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	ctx := t.Context()
	for gen := range uint64(3) {
		for i := range smallGrants {
			id := store.ID(fmt.Sprint("g", i))
			if err := putTokens(ctx, s, v, id, gen+1); err != nil {
				t.Fatal(err)
			}
		}
	}
	err = s.Write(ctx, func(w store.Writer) error {
		sec, err := v.Seal(store.Binding{Owner: "k0", Field: store.FieldClientSecret}, 1, []string{"crm.example"}, secret.FromString("client secret 0"))
		if err != nil {
			return err
		}
		c := store.Client{ID: "k0", Provider: "close", ClientID: "client-0", Secret: sec, Fingerprint: "AAAA-BBBB-CC"}
		d := store.Draft{ID: "d0", Label: "half a set-up", Data: []byte(strings.Repeat("answers ", 20))}
		if err := errors.Join(w.PutClient(&c), w.PutDraft(&d)); err != nil {
			return err
		}
		for i := range smallConns {
			id := fmt.Sprint("c", i)
			c := store.Connection{ID: store.ID(id), Name: "name-" + id, Provider: "close", Method: store.AuthorizationCode, Owner: "ops", Environment: "prod",
				Purpose: strings.Repeat("sync of contacts ", 6), Grant: store.ID(fmt.Sprint("g", i%smallGrants)), Asked: []string{"contacts.read"}}
			if err := w.PutConnection(&c); err != nil {
				return err
			}
		}
		_, err = w.Append(store.Event{Act: store.ActAdd, Outcome: "done", ConnectionID: "c0", Connection: "name-c0"})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	return dir
}

func secretOf(id store.ID, field string, gen uint64) string {
	return fmt.Sprintf("secret %s of %s, generation %d", field, id, gen)
}

// putTokens writes as a refresh does: both tokens anew, one event.
func putTokens(ctx context.Context, s store.Store, v store.Vault, id store.ID, gen uint64) error {
	token := func(field string) (*store.Token, error) {
		b := store.Binding{Owner: id, Field: field}
		val := secret.FromString(secretOf(id, field, gen))
		sealed, err := v.Seal(b, gen, []string{"crm.example"}, val)
		return &store.Token{Sealed: sealed, Fingerprint: v.Fingerprint(val), Issued: time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)}, err
	}
	access, e1 := token(store.FieldAccess)
	refresh, e2 := token(store.FieldRefresh)
	if err := errors.Join(e1, e2); err != nil {
		return err
	}
	return s.Write(ctx, func(w store.Writer) error {
		g, err := w.Grant(id)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return err
		}
		g.ID, g.Provider, g.Generation, g.Access, g.Refresh, g.Client = id, "close", gen, access, refresh, "k0"
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		_, err = w.Append(store.Event{Act: store.ActRefresh, Outcome: "done", Evidence: fmt.Sprint(id, " ", gen)})
		return err
	})
}

// look opens the store in dir as a new process would and tells everything that it says;
// without a key what can be told without one.
func look(ctx context.Context, dir, identity string, x shape) facts {
	f := facts{}
	s, err := bolt.New(bolt.Options{Actor: "looker", Host: "test-host"}).Open(ctx, dir)
	if err != nil {
		f.note("open", nil, err)
		return f
	}
	defer s.Close()
	f.looking(ctx, s, x)
	if identity == "" {
		return f
	}
	err = s.Unlock(ctx, store.Key{IdentityFile: identity}) // can write where the store is
	f.note("unlock", true, err)
	if err == nil {
		f.secrets(ctx, s, x)
		f.chain(ctx, s)
	}
	return f
}

// looking tells what needs no key.
func (f facts) looking(ctx context.Context, s store.Store, x shape) {
	in, err := s.Info(ctx)
	in.Dir = ""
	f.note("info", in, err)
	d, err := s.Changes(ctx, 0)
	f.note("changes", d, err)
	var asked []question
	one := func(key string, get func(store.Reader) (any, error)) { asked = append(asked, question{key, get}) }
	for _, id := range x.Conns {
		one("connection "+id, func(r store.Reader) (any, error) { return r.Connection(store.ID(id)) })
		one("summary "+id, func(r store.Reader) (any, error) { return r.Summary(store.ID(id)) })
		one("events of "+id, func(r store.Reader) (any, error) { return r.Events(store.EventFilter{Connection: store.ID(id)}) })
	}
	for _, name := range x.Names {
		one("name "+name, func(r store.Reader) (any, error) { return r.ConnectionByName(name) })
	}
	for _, id := range x.Grants {
		one("grant "+id, func(r store.Reader) (any, error) { return r.Grant(store.ID(id)) })
		one("connections of "+id, func(r store.Reader) (any, error) { return r.ConnectionsOf(store.ID(id)) })
	}
	for _, id := range x.Clients {
		one("client "+id, func(r store.Reader) (any, error) { return r.Client(store.ID(id)) })
		one("grants of client "+id, func(r store.Reader) (any, error) { return r.GrantsOf(store.ID(id)) })
	}
	one("clients", func(r store.Reader) (any, error) { return r.Clients("") })
	one("pending", func(r store.Reader) (any, error) { return r.GrantsPending() })
	one("drafts", func(r store.Reader) (any, error) { return r.Drafts() })
	one("events", func(r store.Reader) (any, error) { return r.Events(store.EventFilter{}) })
	f.ask(ctx, s, asked)
}

// question is one fact and how it is read.
type question struct {
	key string
	get func(store.Reader) (any, error)
}

// ask reads in one transaction, or in one for each question if that one ends early: a damaged
// page ends it.
func (f facts) ask(ctx context.Context, s store.Store, asked []question) {
	all := facts{}
	err := s.Read(ctx, func(r store.Reader) error {
		for _, q := range asked {
			v, err := q.get(r)
			all.note(q.key, v, err)
		}
		return nil
	})
	if err == nil {
		maps.Copy(f, all)
		return
	}
	for _, q := range asked {
		var v any
		err := s.Read(ctx, func(r store.Reader) (err error) { v, err = q.get(r); return err })
		f.note(q.key, v, err)
	}
}

// secrets tells what the sealed values open to.
func (f facts) secrets(ctx context.Context, s store.Store, x shape) {
	v, err := s.Vault()
	if err != nil {
		f.note("vault", nil, err)
		return
	}
	var fields []owned
	err = s.Read(ctx, func(r store.Reader) error {
		for _, id := range x.Grants {
			if g, err := r.Grant(store.ID(id)); err == nil {
				fields = append(fields, ownedOf(g.ID, g.SealedFields())...)
			}
		}
		for _, id := range x.Clients {
			if c, err := r.Client(store.ID(id)); err == nil {
				fields = append(fields, ownedOf(c.ID, c.SealedFields())...)
			}
		}
		return nil
	})
	f.note("sealed values", true, err)
	for _, x := range fields {
		val, err := v.Open(store.Binding{Owner: x.id, Field: x.field}, x.sealed)
		f.note(fmt.Sprintf("secret %s %s", x.id, x.field), val.Reveal(), err)
	}
}

type owned struct {
	id     store.ID
	field  string
	sealed store.Sealed
}

func ownedOf(id store.ID, fields []store.SealedField) (out []owned) {
	for _, x := range fields {
		out = append(out, owned{id, x.Field, *x.Value})
	}
	return out
}

// chain verifies the audit log.
func (f facts) chain(ctx context.Context, s store.Store) {
	_, err := verifyLog(ctx, s)
	f.note("chain", true, err)
}

// verifyLog checks the whole audit log against the head that the store notes.
func verifyLog(ctx context.Context, s store.Store) (audit.Head, error) {
	a := s.(store.AuditReader)
	key, err := a.AuditKey()
	if err != nil {
		return audit.Head{}, err
	}
	end, err := a.AuditHead(ctx)
	if err != nil {
		return audit.Head{}, err
	}
	v := audit.NewVerifier(key, audit.Head{})
	if err := a.EachEvent(ctx, 0, v.AddPage); err != nil {
		return v.Head(), err
	}
	return v.Head(), v.End(audit.Head(end))
}

// against compares with what a whole store tells: wrong lists what is told and differs, or
// is not cleanly refused; absent what is said not to be there: bbolt has no checksum for
// keys, so one that changed is not found, by its name or in an index. What stands under a key is checked.
func (f facts) against(want facts) (wrong, absent []string, refusals int) {
	if got, closed := f["open"]; closed {
		if strings.HasPrefix(got, refusedMark) {
			return nil, nil, 1
		}
		return []string{"open: " + got}, nil, 0
	}
	for _, k := range slices.Sorted(maps.Keys(want)) {
		switch got := f[k]; {
		case got == want[k]:
		case got == absentMark, list(k) && !strings.HasPrefix(got, "unclean") && !strings.HasPrefix(got, refusedMark):
			absent = append(absent, k)
		case got == "" || strings.HasPrefix(got, refusedMark):
			refusals++
		default:
			wrong = append(wrong, fmt.Sprintf("%s\n   is %.160s\nshould %.160s", k, got, want[k]))
		}
	}
	return wrong, absent, refusals
}

// list reports facts that are many things: one that is not found can be missing in them.
func list(key string) bool {
	for _, p := range []string{"connections of ", "grants of client ", "clients", "pending", "drafts", "events", "changes"} {
		if strings.HasPrefix(key, p) {
			return true
		}
	}
	return false
}

// copyStore copies the files of a store, without locks, and its identity beside it.
func copyStore(t testing.TB, from string) (dir string) {
	t.Helper()
	dir = filepath.Join(t.TempDir(), "deck")
	err := os.Mkdir(dir, 0o700)
	for _, name := range []string{"deck/store.db", "identity.txt"} {
		b, e := os.ReadFile(filepath.Join(filepath.Dir(from), name))
		err = errors.Join(err, e, os.WriteFile(filepath.Join(filepath.Dir(dir), name), b, fs.FileMode(0o600)))
	}
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
