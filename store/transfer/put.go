package transfer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"crmdeck/store"
)

// Outcome is what became of one connection.
type Outcome struct {
	Name     string // in the parcel
	As       string // in the store that it was put into
	Provider string
	What     What
	Why      Why
}

// What became of it.
type What string

// The outcomes.
const (
	Added  What = "added"
	Joined What = "joined" // it is new, its grant was known here
	Kept   What = "kept"   // it was here, and stays as it is
)

// Why it became so; ui has the sentence for each.
type Why string

// The reasons.
const (
	WhyNew      Why = ""
	WhyHere     Why = "here"       // a connection with this id is here
	WhySame     Why = "same_grant" // the very same refresh token or key is here
	WhyRenamed  Why = "renamed"
	WhyReturned Why = "returned" // it was handed over from here, and comes back
)

// TakenError lists names that other connections have here.
type TakenError struct{ Names []string }

func (e *TakenError) Error() string {
	return "names are taken: " + strings.Join(e.Names, ", ")
}

// Unwrap makes it a store.ErrNameTaken.
func (e *TakenError) Unwrap() error { return store.ErrNameTaken }

// HereError lists connections that are here already.
type HereError struct{ Names []string }

func (e *HereError) Error() string {
	return "connections are here already: " + strings.Join(e.Names, ", ")
}

// Unwrap makes it a store.ErrConflict.
func (e *HereError) Unwrap() error { return store.ErrConflict }

// Rules say how parcels are put into a store.
type Rules struct {
	Act      store.Act // of the events
	Evidence string    // of the events
	Op       store.ID  // joins the events
	// Keep lets what is here already stay as it is. Without it that is a *HereError.
	Keep bool
	// Rename gives a connection another name; nil: its own.
	Rename func(store.Connection) string
	// Spent marks refresh tokens that may have been used since; zero: they are not.
	Spent time.Time
}

// putter puts parcels within one transaction.
type putter struct {
	w     store.Writer
	v     store.Vault
	rules Rules
	taken []string
	here  []string
	out   []Outcome
	known map[string][]store.Client // registrations here, by provider
}

// Put puts parcels into a store within the caller's transaction, each connection with its
// event. A *TakenError or *HereError names every connection that stands in the way; the transaction
// has to be given up then. It keeps nothing of the parcels' secrets.
func Put(w store.Writer, v store.Vault, parcels []*Parcel, r Rules) ([]Outcome, error) {
	t := &putter{w: w, v: v, rules: r, known: make(map[string][]store.Client)}
	for _, p := range parcels {
		if err := t.parcel(p); err != nil {
			return nil, err
		}
	}
	switch {
	case len(t.here) > 0:
		return nil, &HereError{t.here}
	case len(t.taken) > 0:
		return nil, &TakenError{t.taken}
	}
	return t.out, nil
}

func (t *putter) parcel(p *Parcel) error {
	var absent []store.Connection
	for _, c := range p.Connections {
		was, err := t.w.Connection(c.ID)
		switch {
		case errors.Is(err, store.ErrNotFound):
			absent = append(absent, c)
		case err != nil:
			return err
		case t.returned(was):
			c.Version, c.Name = was.Version, was.Name
			absent = append(absent, c)
		case t.rules.Keep:
			t.out = append(t.out, Outcome{c.Name, was.Name, c.Provider, Kept, WhyHere})
		default:
			t.here = append(t.here, was.Name)
		}
	}
	if len(absent) == 0 {
		return nil
	}
	grant, what, why, err := t.grant(p)
	if err != nil {
		return err
	}
	for _, c := range absent {
		if err := t.connection(c, grant, what, why); err != nil {
			return err
		}
	}
	return nil
}

// returned reports a connection whose grant was handed over from here.
func (t *putter) returned(c store.Connection) bool {
	g, err := t.w.Grant(c.Grant)
	return err == nil && g.Handed != nil && !g.Handed.Done.IsZero()
}

// grant finds the grant here that the parcel's is, or puts it.
func (t *putter) grant(p *Parcel) (store.ID, What, Why, error) {
	why := WhyNew
	was, err := t.w.Grant(p.Grant.ID)
	switch {
	case err == nil && was.Handed != nil && !was.Handed.Done.IsZero():
		why = WhyReturned
	case err == nil && (t.rules.Keep || t.same(p, was)):
		return was.ID, Joined, WhySame, nil
	case err == nil: // the id alone proves nothing
		t.here = append(t.here, p.Names()...)
		return was.ID, Joined, WhySame, nil
	case !errors.Is(err, store.ErrNotFound):
		return "", "", "", err
	default:
		twin, err := t.twin(p)
		if err != nil {
			return "", "", "", err
		}
		if twin != "" {
			return twin, Joined, WhySame, nil
		}
	}
	client, err := t.client(p)
	if err != nil {
		return "", "", "", err
	}
	g := p.Grant
	g.Version, g.Client, g.Handed = was.Version, client, nil
	if err := t.seal(p, &g); err != nil {
		return "", "", "", err
	}
	if !t.rules.Spent.IsZero() && g.Refresh != nil && !g.Refresh.Sealed.IsZero() {
		g.Restored = t.rules.Spent
	}
	return g.ID, Added, why, t.w.PutGrant(&g)
}

// twin is a grant here with the very same refresh token or key.
func (t *putter) twin(p *Parcel) (store.ID, error) {
	for _, s := range p.Secrets {
		if s.Owner != p.Grant.ID || s.Field != store.FieldRefresh && s.Field != store.FieldKey {
			continue
		}
		list, err := t.w.GrantsByFingerprint(t.v.Fingerprint(s.Value))
		if err != nil {
			return "", err
		}
		for _, g := range list {
			if g.Provider == p.Grant.Provider {
				return g.ID, nil
			}
		}
	}
	return "", nil
}

// same reports that the grant here has the very credential of the parcel.
func (t *putter) same(p *Parcel, was store.Grant) bool {
	for _, s := range p.Secrets {
		fp := t.v.Fingerprint(s.Value)
		if s.Owner != was.ID || was.Provider != p.Grant.Provider {
			continue
		}
		if was.Refresh != nil && s.Field == store.FieldRefresh && was.Refresh.Fingerprint == fp ||
			was.Key != nil && s.Field == store.FieldKey && was.Key.Fingerprint == fp {
			return true
		}
	}
	return false
}

// seal seals the secrets of a grant under this store's key. Fingerprints are keyed, so they
// are made anew, and those of what is gone are dropped.
func (t *putter) seal(p *Parcel, g *store.Grant) error {
	sent := ""
	if g.Refresh != nil {
		sent = g.Refresh.Fingerprint
	}
	access, refresh, key := g.Access, g.Refresh, g.Key
	for _, tok := range []**store.Token{&access, &refresh} {
		if *tok != nil {
			c := **tok
			c.Fingerprint, c.Sealed = "", store.Sealed{}
			*tok = &c
		}
	}
	if key != nil {
		c := *key
		c.Fingerprint, c.Sealed = "", store.Sealed{}
		key = &c
	}
	for _, s := range p.Secrets {
		if s.Owner != g.ID {
			continue
		}
		sealed, err := t.v.Seal(store.Binding{Owner: s.Owner, Field: s.Field}, s.Gen, s.Hosts, s.Value)
		if err != nil {
			return err
		}
		fp := t.v.Fingerprint(s.Value)
		switch {
		case s.Field == store.FieldAccess && access != nil:
			access.Sealed, access.Fingerprint = sealed, fp
		case s.Field == store.FieldRefresh && refresh != nil:
			refresh.Sealed, refresh.Fingerprint = sealed, fp
		case s.Field == store.FieldKey && key != nil:
			key.Sealed, key.Fingerprint = sealed, fp
		}
	}
	if g.Intent != nil {
		in := *g.Intent
		if in.Lost = true; in.TokenHash == sent && refresh != nil {
			in.TokenHash = refresh.Fingerprint
		}
		g.Intent = &in
	}
	g.Access, g.Refresh, g.Key = access, refresh, key
	g.History = histories(g)
	return nil
}

// histories is what a grant has had, with the one fingerprint that can be made anew.
func histories(g *store.Grant) []store.Made {
	out := slices.Clone(g.History)
	for i := range out {
		out[i].Fingerprint = ""
		if out[i].Generation != g.Generation {
			continue
		}
		switch {
		case g.Key != nil:
			out[i].Fingerprint = g.Key.Fingerprint
		case g.Refresh != nil:
			out[i].Fingerprint = g.Refresh.Fingerprint
		}
	}
	return out
}

// client finds the registration here that the parcel's is, or puts it.
func (t *putter) client(p *Parcel) (store.ID, error) {
	if p.Client == nil {
		return "", nil
	}
	was, err := t.w.Client(p.Client.ID)
	if err == nil {
		if was.Provider != p.Client.Provider || was.ClientID != p.Client.ClientID {
			return "", fmt.Errorf("%w: its client registration is another one here", ErrInvalid)
		}
		return was.ID, nil
	}
	if !errors.Is(err, store.ErrNotFound) {
		return "", err
	}
	c := *p.Client
	c.Version, c.Fingerprint, c.Secret = 0, "", store.Sealed{}
	for _, s := range p.Secrets {
		if s.Owner != c.ID || s.Field != store.FieldClientSecret {
			continue
		}
		if c.Secret, err = t.v.Seal(store.Binding{Owner: s.Owner, Field: s.Field}, s.Gen, s.Hosts, s.Value); err != nil {
			return "", err
		}
		c.Fingerprint = t.v.Fingerprint(s.Value)
	}
	list, ok := t.known[c.Provider]
	if !ok {
		if list, err = t.w.Clients(c.Provider); err != nil {
			return "", err
		}
	}
	for _, x := range list { // the same registration, known under another id
		if x.ClientID == c.ClientID && x.Fingerprint == c.Fingerprint && x.RedirectURI == c.RedirectURI {
			return x.ID, nil
		}
	}
	t.known[c.Provider] = append(list, c)
	return c.ID, t.w.PutClient(&c)
}

// connection puts one connection with its event.
func (t *putter) connection(c store.Connection, grant store.ID, what What, why Why) error {
	o := Outcome{Name: c.Name, As: c.Name, Provider: c.Provider, What: what, Why: why}
	if t.rules.Rename != nil && why != WhyReturned {
		o.As = t.rules.Rename(c)
	}
	if o.As != o.Name && o.Why == WhyNew {
		o.Why = WhyRenamed
	}
	other, err := t.w.ConnectionByName(o.As)
	if err == nil && other.ID != c.ID {
		t.taken = append(t.taken, o.As)
		return nil
	}
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return err
	}
	if why != WhyReturned {
		c.Version = 0
	}
	c.Name, c.Grant = o.As, grant
	if err := t.w.PutConnection(&c); err != nil {
		return fmt.Errorf("connection %q: %w", c.Name, err)
	}
	t.out = append(t.out, o)
	_, err = t.w.Append(store.Event{
		Act: t.rules.Act, Outcome: string(what), Connection: c.Name, ConnectionID: c.ID, Evidence: t.rules.Evidence, Op: t.rules.Op,
	})
	return err
}
