package transfer

import (
	"errors"
	"fmt"
	"reflect"
	"slices"

	"crmdeck/store"
	"crmdeck/store/text"
)

// maxValue bounds one secret: 64 KiB is where the token client stops (TE-13).
const maxValue = 64 << 10

// check makes sure that a parcel that came in is of one piece, and cleans its text: it is another
// store's, or somebody's who wrote it by hand.
func (p *Parcel) check() error {
	for _, v := range []any{&p.Grant, p.Client, &p.Connections} {
		clean(reflect.ValueOf(v))
	}
	p.Grant.Handed = nil
	for _, f := range p.fields() { // only secrets may hold values
		*f.Value = store.Sealed{}
	}
	g := &p.Grant
	switch {
	case g.ID == "" || g.Provider == "" || g.Method == "":
		return errors.New("it names no provider or method")
	case len(p.Connections) == 0:
		return errors.New("it has no connection")
	case g.Client != "" && (p.Client == nil || p.Client.ID != g.Client || p.Client.Provider != g.Provider):
		return errors.New("its client registration is missing, or another provider's")
	case g.Client == "" && p.Client != nil:
		return errors.New("it has a client registration that it does not use")
	}
	for _, c := range p.Connections {
		if c.ID == "" || c.Name == "" || c.Grant != g.ID || c.Provider != g.Provider {
			return fmt.Errorf("connection %q is of another grant or provider", c.Name)
		}
	}
	return p.checkSecrets()
}

// checkSecrets: each has a place in the records, once, and is of characters that a credential has.
func (p *Parcel) checkSecrets() error {
	g := &p.Grant
	room := map[string]bool{
		store.FieldAccess: g.Access != nil, store.FieldRefresh: g.Refresh != nil, store.FieldKey: g.Key != nil,
	}
	seen := map[string]bool{}
	for _, s := range p.Secrets {
		ok := s.Owner == g.ID && room[s.Field] || p.Client != nil && s.Owner == p.Client.ID && s.Field == store.FieldClientSecret
		switch {
		case !ok || seen[string(s.Owner)+" "+s.Field]:
			return fmt.Errorf("a secret %q has no place", s.Field)
		case s.Value.Len() == 0 || s.Value.Len() > maxValue || len(s.Hosts) == 0:
			return fmt.Errorf("the secret %q is empty, too long, or for no host", s.Field)
		case slices.ContainsFunc(s.Value.Bytes(), func(b byte) bool { return b < 0x20 || b == 0x7f }):
			return fmt.Errorf("the secret %q has control characters", s.Field)
		}
		seen[string(s.Owner)+" "+s.Field] = true
	}
	if len(seen) == 0 {
		return errors.New("it has no secret")
	}
	return nil
}

// apart: no grant or connection stands in an export twice.
func apart(parcels []*Parcel) error {
	seen := map[store.ID]bool{}
	names := map[string]bool{}
	for _, p := range parcels {
		ids := []store.ID{p.Grant.ID}
		for _, c := range p.Connections {
			ids = append(ids, c.ID)
			if names[c.Name] {
				return fmt.Errorf("%w: connection %q stands in it twice", ErrInvalid, c.Name)
			}
			names[c.Name] = true
		}
		for _, id := range ids {
			if seen[id] {
				return fmt.Errorf("%w: %s stands in it twice", ErrInvalid, text.Clean(string(id)))
			}
			seen[id] = true
		}
	}
	return nil
}

// clean takes what acts on a terminal out of every text of a record.
func clean(v reflect.Value) {
	switch v.Kind() {
	case reflect.Pointer, reflect.Interface:
		if !v.IsNil() {
			clean(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				clean(v.Field(i))
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			clean(v.Index(i))
		}
	case reflect.Map:
		if v.Type() == reflect.TypeFor[store.Params]() {
			for _, k := range v.MapKeys() {
				val := text.Clean(v.MapIndex(k).String())
				v.SetMapIndex(k, reflect.Value{})
				v.SetMapIndex(reflect.ValueOf(text.Clean(k.String())), reflect.ValueOf(val))
			}
		}
	case reflect.String:
		v.SetString(text.Clean(v.String()))
	}
}
