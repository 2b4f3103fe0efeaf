package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"crmdeck/connectors"
	"crmdeck/connectors/crm"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// Errors of a rebinding.
var (
	// ErrHosts: a host that no secret can be sent to, or none at all.
	ErrHosts = errors.New("this is no host that a secret can be sent to")
	// ErrForeignHost: the provider's definition does not name the host.
	ErrForeignHost = errors.New("the provider's definition does not name this host")
	// ErrStranded: without a host of the list the connection could not be used at all.
	ErrStranded = errors.New("the list leaves out the host that the connection needs")
)

// HostError is one of these errors with the host that it is about.
type HostError struct {
	Host string
	Err  error
}

func (e *HostError) Error() string { return e.Host + ": " + e.Err.Error() }

// Unwrap makes it the error of its kind.
func (e *HostError) Unwrap() error { return e.Err }

// BoundValue is one sealed value of a connection with the hosts that it may go to.
type BoundValue struct {
	Field    string   // see store.Binding
	Now, New []string // New is empty until hosts are proposed
}

// Rebinding is what a change of hosts would do. It holds no secret.
type Rebinding struct {
	Values []BoundValue
	Named  []string // hosts that the provider's definition names today
	Others []string // names of connections that have the same grant or client
	Same   bool     // nothing would change

	token, revoke, base string // the addresses afterwards
}

// Hosts tells where the secrets of a connection may go, and what hosts would make of that;
// none: only what is. Looking needs no key. A host that the definition does not name is a
// *HostError with ErrForeignHost, unless foreign is set.
func (e *Engine) Hosts(ctx context.Context, id store.ID, hosts []string, foreign bool) (Rebinding, error) {
	var out Rebinding
	err := e.cfg.Store.Read(ctx, func(r store.Reader) error {
		rec, err := read(r, id)
		if err != nil {
			return err
		}
		if out, err = e.rebinding(rec, hosts, foreign); err != nil {
			return err
		}
		out.Others, err = sharing(r, rec)
		return err
	})
	if err != nil {
		return out, fmt.Errorf("reading the hosts: %w", err)
	}
	return out, nil
}

// Rebind seals the secrets of a connection anew, to hosts: refresh token and client secret
// to those of them that are for signing in, as far as the definition tells, everything
// else to all of them. It is the one way in which the list of a stored secret changes.
func (e *Engine) Rebind(ctx context.Context, id store.ID, hosts []string, foreign bool) (Rebinding, error) {
	var out Rebinding
	err := e.change(ctx, id, store.ActRebind, func(w store.Writer, rec *record) (string, error) {
		var err error
		if out, err = e.rebinding(*rec, hosts, foreign); err != nil || out.Same {
			return "", err
		}
		if out.Others, err = sharing(w, *rec); err != nil {
			return "", err
		}
		v, err := e.cfg.Store.Vault()
		if err != nil {
			return "", err
		}
		if err := out.seal(v, rec); err != nil {
			return "", err
		}
		if err := w.PutGrant(&rec.grant); err != nil {
			return "", err
		}
		if rec.client.ID != "" {
			if err := w.PutClient(&rec.client); err != nil {
				return "", err
			}
		}
		return out.evidence(), nil
	})
	return out, err
}

// rebinding works out what hosts would change.
func (e *Engine) rebinding(rec record, hosts []string, foreign bool) (Rebinding, error) {
	out := Rebinding{token: rec.grant.TokenURL, revoke: rec.grant.RevokeURL, base: rec.grant.BaseURL}
	p, err := e.provider(rec)
	if err != nil {
		return out, err
	}
	prof, err := oauth.ProfileOf(p, rec.client.ClientID, secret.Value{}, nil, rec.client.RedirectURI, rec.conn.Params, nil)
	if err != nil {
		return out, rec.failure(FailConfig, err)
	}
	login := prof.Hosts()
	base, _ := crm.Base(p, rec.conn.Params, "") // none where the root is learnt from an answer
	out.Named = slices.Clone(login)
	if h, err := guard.Host(base); err == nil && !slices.Contains(login, h) {
		out.Named = append(out.Named, h)
	}
	if hosts, err = checkHosts(p, hosts, out.Named, foreign); err != nil {
		return out, err
	}
	signing := slices.DeleteFunc(slices.Clone(hosts), func(h string) bool { return !slices.Contains(login, h) })
	if len(signing) == 0 {
		signing = hosts
	}
	for _, f := range rec.sealed() {
		b := BoundValue{Field: f.Field, Now: f.Value.Hosts, New: hosts}
		if f.Field == FieldRefresh || f.Field == FieldClientSecret {
			b.New = signing
		}
		out.Values = append(out.Values, b)
	}
	if len(hosts) == 0 {
		return out, nil
	}
	if err := out.repin(rec, prof, base, hosts); err != nil {
		return out, err
	}
	out.Same = out.token == rec.grant.TokenURL && out.revoke == rec.grant.RevokeURL && out.base == rec.grant.BaseURL &&
		!slices.ContainsFunc(out.Values, func(b BoundValue) bool { return !slices.Equal(b.Now, b.New) })
	return out, nil
}

// checkHosts brings hosts into the form in which they are sealed, and refuses those that
// the definition does not name.
func checkHosts(p *connectors.Provider, hosts, named []string, foreign bool) ([]string, error) {
	var out []string
	for _, h := range hosts {
		scheme := "https://"
		if name, _, _ := strings.Cut(h, ":"); connectors.Loopback(name) {
			scheme = "http://"
		}
		host, err := guard.Host(scheme + h)
		if err != nil || strings.ContainsAny(h, "/?#@") {
			return nil, &HostError{Host: h, Err: ErrHosts}
		}
		if !foreign && !slices.Contains(named, host) && !crm.Admits(p, scheme+host) {
			return nil, &HostError{Host: host, Err: ErrForeignHost}
		}
		if !slices.Contains(out, host) {
			out = append(out, host)
		}
	}
	return out, nil
}

// repin moves the pinned addresses to those of the definition where their hosts are left
// out, and refuses a list that leaves none.
func (b *Rebinding) repin(rec record, prof oauth.Profile, base string, hosts []string) error {
	for _, u := range []struct {
		at   *string
		next string
	}{{&b.token, prof.TokenURL}, {&b.revoke, prof.RevokeURL}, {&b.base, base}} {
		in := func(raw string) (string, bool) {
			h, err := guard.Host(raw)
			return h, err == nil && slices.Contains(hosts, h)
		}
		if *u.at == "" {
			continue
		}
		host, ok := in(*u.at)
		if ok {
			continue
		}
		if _, ok := in(u.next); !ok {
			return &HostError{Host: host, Err: ErrStranded}
		}
		*u.at = u.next
	}
	return nil
}

// sealed lists the sealed values of the connection's grant and client; they point into rec.
func (rec *record) sealed() []store.SealedField {
	return append(rec.grant.SealedFields(), rec.client.SealedFields()...)
}

// seal opens every value and seals it to its new hosts as the next generation.
func (b *Rebinding) seal(v store.Vault, rec *record) error {
	for i, f := range rec.sealed() {
		owner := rec.grant.ID
		if f.Field == FieldClientSecret {
			owner = rec.client.ID
		}
		bind := store.Binding{Owner: owner, Field: f.Field}
		val, err := v.Open(bind, *f.Value)
		if err != nil {
			return fmt.Errorf("opening the %s: %w", f.Field, err)
		}
		fresh, err := v.Seal(bind, f.Value.Gen+1, b.Values[i].New, val)
		val.Wipe()
		if err != nil {
			return fmt.Errorf("sealing the %s: %w", f.Field, err)
		}
		*f.Value = fresh
	}
	rec.grant.TokenURL, rec.grant.RevokeURL, rec.grant.BaseURL = b.token, b.revoke, b.base
	return nil
}

// evidence is the change in a line.
func (b *Rebinding) evidence() string {
	parts := make([]string, len(b.Values))
	for i, v := range b.Values {
		parts[i] = fmt.Sprintf("%s: %s, before %s", v.Field, strings.Join(v.New, " "), strings.Join(v.Now, " "))
	}
	return strings.Join(parts, "; ")
}

// sharing names the other connections with the same grant or client.
func sharing(r store.Reader, rec record) ([]string, error) {
	grants := []store.ID{rec.grant.ID}
	if rec.client.ID != "" {
		list, err := r.GrantsOf(rec.client.ID)
		if err != nil {
			return nil, err
		}
		for _, g := range list {
			if g.ID != rec.grant.ID {
				grants = append(grants, g.ID)
			}
		}
	}
	var names []string
	for _, id := range grants {
		conns, err := r.ConnectionsOf(id)
		if err != nil {
			return nil, err
		}
		for _, c := range conns {
			if c.ID != rec.conn.ID {
				names = append(names, c.Name)
			}
		}
	}
	slices.Sort(names)
	return names, nil
}
