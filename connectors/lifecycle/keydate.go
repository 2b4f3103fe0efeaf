package lifecycle

import (
	"crmdeck/store"
)

// ShareKeyDate makes a new key's date and that of the same key in other grants one: the
// date that was given goes to all; without one, the known date is taken over, else the
// day on which the key was first seen. The caller stores g in the same transaction.
func ShareKeyDate(w store.Writer, g *store.Grant) error {
	if g.Key == nil {
		return nil
	}
	if g.Key.MadeKnown {
		return dateTwins(w, *g)
	}
	list, err := sameKey(w, *g)
	if err != nil {
		return err
	}
	for _, t := range list {
		switch k := t.Key; {
		case k.MadeKnown && !g.Key.MadeKnown, k.MadeKnown == g.Key.MadeKnown && k.Made.Before(g.Key.Made):
			g.Key.Made, g.Key.MadeKnown = k.Made, k.MadeKnown
		}
	}
	return nil
}

// dateTwins gives the other grants of the same key the date that this one has.
func dateTwins(w store.Writer, g store.Grant) error {
	list, err := sameKey(w, g)
	if err != nil {
		return err
	}
	for _, t := range list {
		if t.Key.Made.Equal(g.Key.Made) && t.Key.MadeKnown == g.Key.MadeKnown {
			continue
		}
		t.Key.Made, t.Key.MadeKnown = g.Key.Made, g.Key.MadeKnown
		if err := w.PutGrant(&t); err != nil {
			return err
		}
	}
	return nil
}

// sameKey are the other grants of the provider with the key of g, revoked or not.
func sameKey(r store.Reader, g store.Grant) ([]store.Grant, error) {
	list, err := r.GrantsByFingerprint(g.Key.Fingerprint)
	if err != nil {
		return nil, err
	}
	var out []store.Grant
	for _, x := range list {
		if x.ID != g.ID && x.Provider == g.Provider && x.Key != nil {
			out = append(out, x)
		}
	}
	return out, nil
}
