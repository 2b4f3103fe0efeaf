// Package transfer moves single connections between stores, with their grant, their client
// registration and their secrets.
//
// A Parcel is one grant and what hangs on it, opened: it lives in memory and is wiped. In another
// store its secrets are sealed again under that store's key, for the same hosts and with the same
// generation, and its fingerprints are made anew. A refresh token that its provider replaces must
// live in one place only: HandOver gives it up here, in an order that a crash can't turn into
// two owners that do not know of each other. Start with Pack and Put, for files with Write and Read.
package transfer

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// Parcel is one grant with everything that hangs on it.
type Parcel struct {
	Grant       store.Grant
	Client      *store.Client // nil: a key, or a public client that is not kept
	Connections []store.Connection
	Secrets     []Secret
	// Refused are sealed values that did not open; they are not among the secrets.
	Refused []*store.DamageError
}

// Secret is one opened value and what it was bound to.
type Secret struct {
	Owner store.ID
	Field string
	Gen   uint64
	Hosts []string
	Value secret.Value
}

// Wipe clears the secrets.
func (p *Parcel) Wipe() {
	for i := range p.Secrets {
		p.Secrets[i].Value.Wipe()
	}
	p.Secrets = nil
}

// Names are those of the connections.
func (p *Parcel) Names() []string {
	var out []string
	for _, c := range p.Connections {
		out = append(out, c.Name)
	}
	return out
}

// Pack reads grants with all of their connections, and opens what is sealed. store.ErrLocked. The
// caller wipes the parcels.
func Pack(ctx context.Context, st store.Store, grants []store.ID) ([]*Parcel, error) {
	v, err := st.Vault()
	if err != nil {
		return nil, err
	}
	out := make([]*Parcel, 0, len(grants))
	err = st.Read(ctx, func(r store.Reader) error {
		for _, id := range grants {
			p, err := read(r, id)
			if err != nil {
				return err
			}
			out = append(out, p)
		}
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("reading connections: %w", err)
	}
	for _, p := range out {
		if err := p.open(v); err != nil {
			for _, p := range out {
				p.Wipe()
			}
			return nil, err
		}
	}
	return out, nil
}

func read(r store.Reader, grant store.ID) (*Parcel, error) {
	g, err := r.Grant(grant)
	if err != nil {
		return nil, err
	}
	p := &Parcel{Grant: g}
	if g.Client != "" {
		c, err := r.Client(g.Client)
		if err != nil && !errors.Is(err, store.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			p.Client = &c
		}
	}
	p.Connections, err = r.ConnectionsOf(grant)
	return p, err
}

// open takes every sealed value out of the records. One that does not open is left behind.
func (p *Parcel) open(v store.Vault) error {
	for _, f := range p.fields() {
		val, err := v.Open(store.Binding{Owner: f.owner, Field: f.Field}, *f.Value)
		var damage *store.DamageError
		switch {
		case errors.As(err, &damage):
			p.Refused = append(p.Refused, damage)
		case err != nil:
			return fmt.Errorf("opening the %s of %s: %w", f.Field, f.owner, err)
		default:
			p.Secrets = append(p.Secrets, Secret{f.owner, f.Field, f.Value.Gen, slices.Clone(f.Value.Hosts), val})
		}
		*f.Value = store.Sealed{}
	}
	return nil
}

// ownedField is a sealed value of one of the parcel's records.
type ownedField struct {
	store.SealedField
	owner store.ID
}

func (p *Parcel) fields() []ownedField {
	var out []ownedField
	for _, f := range p.Grant.SealedFields() {
		out = append(out, ownedField{f, p.Grant.ID})
	}
	if p.Client != nil {
		for _, f := range p.Client.SealedFields() {
			out = append(out, ownedField{f, p.Client.ID})
		}
	}
	return out
}
