package setup

import (
	"context"
	"fmt"
	"slices"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/policy"
	"crmdeck/store"
)

// saveTime is how long storing may take in all. It goes on when the caller has gone:
// the provider has made the grant, and what is not stored is lost.
const saveTime = 45 * time.Second

// save stores client, grant and connection with their events in one transaction.
// Where an existing grant is changed, its lease is taken first, so that no refresh of
// another process falls into it.
func (s *Setup) save(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), saveTime)
	defer cancel()
	v, err := s.d.Store.Vault()
	if err != nil {
		return err
	}
	target, err := s.target(ctx)
	if err != nil {
		return err
	}
	if target != "" {
		lease, err := s.d.Store.Lease(ctx, target, "setting up "+s.a.Name)
		if err != nil {
			return fmt.Errorf("taking the lease: %w", err)
		}
		defer lease.Release()
	}
	op, err := store.NewID(s.d.Rand)
	if err != nil {
		return err
	}
	old := s.outgoing(ctx, v)
	var conn store.Connection
	err = s.d.Store.Write(ctx, func(w store.Writer) error {
		t := &writing{s: s, w: w, v: v, op: op, now: s.d.Clock.Now()}
		if err := t.run(target); err != nil {
			return err
		}
		conn = t.conn
		return nil
	})
	if err != nil {
		return fmt.Errorf("storing the connection: %w", err)
	}
	s.saved, s.got = conn, nil
	s.retire(ctx, old)
	return nil
}

// target is the existing grant that the answer goes into: the one that holds the very
// same refresh token, else, on reconnecting the same account with tokens that are
// still there, the connection's own. Empty: a new grant.
func (s *Setup) target(ctx context.Context) (store.ID, error) {
	if !s.oauth() {
		return "", nil
	}
	if len(s.got.shared) > 0 {
		return s.got.shared[0], nil
	}
	if s.old == nil || s.old.Account.ID != s.got.account.ID {
		return "", nil
	}
	var g store.Grant
	err := s.d.Store.Read(ctx, func(r store.Reader) (err error) {
		g, err = r.Grant(s.old.Grant)
		return err
	})
	if err != nil {
		return "", fmt.Errorf("reading the grant: %w", err)
	}
	if g.Revocation != nil || !living(g.Access) || !living(g.Refresh) || g.TokenURL != s.got.profile.TokenURL || s.got.answer.Refresh.IsZero() {
		return "", nil
	}
	return g.ID, nil
}

func living(t *store.Token) bool { return t != nil && !t.Sealed.IsZero() }

// writing is the one transaction of a set-up.
type writing struct {
	s    *Setup
	w    store.Writer
	v    store.Vault
	op   store.ID
	now  time.Time
	conn store.Connection
}

func (t *writing) run(target store.ID) error {
	client, err := t.client()
	if err != nil {
		return err
	}
	grant, err := t.grant(target, client)
	if err != nil {
		return err
	}
	if err := lifecycle.ShareKeyDate(t.w, &grant); err != nil {
		return err
	}
	if err := t.w.PutGrant(&grant); err != nil {
		return err
	}
	if err := t.connection(grant); err != nil {
		return err
	}
	if err := t.events(grant, target); err != nil {
		return err
	}
	if err := t.dropOld(grant.ID); err != nil {
		return err
	}
	return t.w.DeleteDraft(t.s.id)
}

// client stores a new registration, or a remembered one's new secret or port.
func (t *writing) client() (store.ID, error) {
	s := t.s
	if !s.oauth() || s.a.Client != "" && !s.a.NewSecret {
		return s.a.Client, nil
	}
	c := store.Client{Provider: s.p.ID, ClientID: s.a.ClientID, Created: t.now}
	if was, ok := s.remembered(s.a.ClientID); ok {
		fresh, err := t.w.Client(was.ID)
		if err != nil {
			return "", err
		}
		c = fresh
	} else {
		id, err := store.NewID(s.d.Rand)
		if err != nil {
			return "", err
		}
		c.ID = id
	}
	c.RedirectURI, c.Params = s.redirectURI(), s.a.Params
	if !s.clientSecret.IsZero() && t.v.Fingerprint(s.clientSecret) != c.Fingerprint {
		if err := lifecycle.SealClientSecret(t.v, &c, s.got.profile.SecretHosts, s.clientSecret); err != nil {
			return "", err
		}
		c.SecretMade, c.MadeKnown = t.now, false
	}
	if err := t.w.PutClient(&c); err != nil {
		return "", err
	}
	return c.ID, t.event(store.ActClient, "done", "client id "+c.ClientID+", "+c.RedirectURI)
}

// grant makes the record of the credential, or puts it into the one that it belongs to.
func (t *writing) grant(target, client store.ID) (store.Grant, error) {
	s := t.s
	family, err := store.NewID(s.d.Rand)
	if err != nil {
		return store.Grant{}, err
	}
	if target != "" {
		return t.into(target, family)
	}
	id, err := store.NewID(s.d.Rand)
	if err != nil {
		return store.Grant{}, err
	}
	seed := lifecycle.Seed{
		ID: id, Family: family, Provider: s.p, Method: s.a.Method, Client: client, Params: s.a.Params,
		Profile: s.got.profile, AccountID: s.got.account.ID, Now: t.now, How: s.how(), By: lifecycle.Origin(""),
	}
	if s.a.Method == store.APIKey {
		return lifecycle.NewKeyGrant(t.v, seed, s.a.KeyKind, s.key, s.got.made)
	}
	return lifecycle.NewGrant(t.v, seed, s.got.answer)
}

// into puts the answer into an existing grant. A consent of its own is a new family;
// the very same refresh token stays in the one that it is of.
func (t *writing) into(target, family store.ID) (store.Grant, error) {
	g, err := t.w.Grant(target)
	if err != nil {
		return g, err
	}
	if t.s.got.joined { // it may have been refreshed meanwhile: what the grant has is what counts
		return g, nil
	}
	if _, err := lifecycle.ApplyAnswer(t.v, t.s.p, &g, t.s.got.answer, t.now); err != nil {
		return g, err
	}
	if len(t.s.got.shared) == 0 {
		g.Family, g.Refreshed, g.Refreshes, g.Rotations = family, time.Time{}, 0, 0
	}
	g.Remember(t.now, t.s.how(), lifecycle.Origin(""))
	g.Intent, g.Trouble, g.Handed = nil, nil, nil
	g.Restored, g.Copied = time.Time{}, time.Time{}
	g.AccountID = t.s.got.account.ID
	return g, nil
}

// how tells where the credential came from.
func (s *Setup) how() store.HowMade {
	switch {
	case !s.oauth():
		return store.MadeByKey
	case s.a.TakeOver:
		return store.MadeByTakeOver
	case s.old != nil:
		return store.MadeByReconnect
	}
	return store.MadeByConsent
}

// connection makes or changes the connection.
func (t *writing) connection(g store.Grant) error {
	s := t.s
	c := store.Connection{Created: t.now, Name: s.a.Name}
	if s.old != nil {
		was, err := t.w.Connection(s.old.ID)
		if err != nil {
			return err
		}
		if was.Grant != s.old.Grant {
			return store.ErrConflict
		}
		c = was
	} else {
		id, err := store.NewID(s.d.Rand)
		if err != nil {
			return err
		}
		c.ID, c.Provider, c.Method, c.Params = id, s.p.ID, s.a.Method, s.a.Params
		c.Environment, c.Owner, c.Purpose, c.Tags = s.a.Environment, s.a.Owner, s.a.Purpose, s.a.Tags
		c.Sensitive, c.Unattended = s.a.Personal, s.a.Unattended
		c.Decision = s.decision(t.now)
	}
	c.Grant, c.Account, c.Updated, c.Consented = g.ID, s.got.account, t.now, t.now
	if s.oauth() {
		c.Asked = s.a.Scopes
		if s.a.TakeOver && g.GrantedKnown { // nobody was asked: what is there is what counts
			c.Asked = g.Granted
		}
	}
	c.Proven = s.proven(g)
	c.Risky = s.p.Risky(c.Asked)
	if g.GrantedKnown {
		c.Risky = s.p.Risky(g.Granted)
	}
	t.conn = c
	err := t.w.PutConnection(&t.conn)
	return err
}

// proven are the scopes that the identity call, and a refresh that took a grant over,
// have used with success.
func (s *Setup) proven(g store.Grant) []string {
	used := s.p.Identity.Proves
	if s.a.TakeOver {
		used = append(slices.Clone(used), s.p.Tokens.RefreshProves...)
	}
	var out []string
	for _, name := range used {
		if g.GrantedKnown && slices.Contains(g.Granted, name) {
			out = append(out, name)
		}
	}
	return out
}

// decision keeps why this method was chosen.
func (s *Setup) decision(now time.Time) *store.Decision {
	d := &store.Decision{Method: s.a.Method, By: s.d.Actor, At: now}
	for _, a := range policy.Advise(s.p, s.purpose()) {
		if a.Recommended {
			d.Advised = a.Method
		}
		if a.Method == s.a.Method && (a.KeyKind == "" || a.KeyKind == s.a.KeyKind) {
			for _, c := range a.Because {
				d.Reasons = append(d.Reasons, c.Code)
			}
		}
	}
	return d
}

// events writes what was done.
func (t *writing) events(g store.Grant, target store.ID) error {
	s := t.s
	evidence := s.p.ID + ", account " + s.got.account.ID
	outcome := "done"
	switch {
	case !s.oauth():
		evidence += ", key " + g.Key.Fingerprint
	case g.GrantedKnown:
		missing := absent(t.conn.Asked, g.Granted)
		evidence += fmt.Sprintf(", %d of %d scopes", len(t.conn.Asked)-len(missing), len(t.conn.Asked))
		if len(missing) > 0 {
			outcome = "partial" // SC-1
		}
		if extra := absent(g.Granted, t.conn.Asked); len(extra) > 0 {
			evidence += fmt.Sprintf(", %d unasked", len(extra)) // SC-2
		}
	}
	if s.a.TakeOver {
		evidence += ", its refresh token was taken over"
	}
	if len(s.got.shared) > 0 {
		evidence += ", the same credential as another connection"
	}
	act := store.ActAdd
	if s.old != nil {
		act = store.ActReconnect
		if s.old.Account.ID != s.got.account.ID {
			evidence += ", before it was account " + s.old.Account.ID
		}
	}
	if s.oauth() && !s.a.TakeOver {
		if err := t.event(store.ActConsent, outcome, evidence); err != nil {
			return err
		}
	}
	return t.event(act, outcome, evidence)
}

func (t *writing) event(act store.Act, outcome, evidence string) error {
	_, err := t.w.Append(store.Event{
		Act: act, Connection: t.s.a.Name, ConnectionID: t.conn.ID, Outcome: outcome, Evidence: evidence, Op: t.op,
	})
	return err
}

// dropOld removes the grant that a reconnected connection pointed to, if nothing else
// does and no revocation of it is under way.
func (t *writing) dropOld(now store.ID) error {
	if t.s.old == nil || t.s.old.Grant == now {
		return nil
	}
	others, err := t.w.ConnectionsOf(t.s.old.Grant)
	if err != nil || len(others) > 0 {
		return err
	}
	g, err := t.w.Grant(t.s.old.Grant)
	if err != nil {
		return err
	}
	if g.Revocation != nil && g.Revocation.State != store.RevocationDone {
		return nil
	}
	return t.w.DeleteGrant(g.ID)
}

// absent lists what a has and b has not.
func absent(a, b []string) []string {
	have := make(map[string]bool, len(b))
	for _, x := range b {
		have[x] = true
	}
	var out []string
	for _, x := range a {
		if !have[x] {
			out = append(out, x)
		}
	}
	return out
}
