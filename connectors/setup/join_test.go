package setup_test

import (
	"errors"
	"testing"

	"crmdeck/connectors/setup"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// A refresh token that a grant here holds already joins that grant, and is not sent: where
// refresh tokens are replaced, sending it would end the grant for all. Both are told.
func TestTakeOverOfAKnownTokenJoins(t *testing.T) {
	b := newBench(t, 0)
	e, err := b.sim.Endpoint(sim.Salesforce)
	must(t, err)
	by := b.given(sim.Salesforce, sim.ConsentOptions{})
	by.ClientID, by.TakeOver = e.ClientID, true
	by.Secret = func(f string) (setup.Secret, error) {
		return secret.FromString(map[string]string{setup.FieldClientSecret: e.ClientSecret, setup.FieldRefreshToken: e.RefreshToken}[f]), nil
	}
	_, err = b.add("first", by)
	must(t, err)
	before, err := b.sim.Counters(sim.Salesforce)
	must(t, err)
	_, first := b.records("first")
	if _, err = b.add("second", by); inputCode(err) != "same_grant" {
		t.Errorf("without a word about it: %v", err)
	}
	by.Accept = true
	_, err = b.add("second", by)
	must(t, err)
	after, err := b.sim.Counters(sim.Salesforce)
	must(t, err)
	if n := after["token.refresh"] - before["token.refresh"]; n != 0 {
		t.Errorf("the known token was sent %d times", n)
	}
	conn, g := b.records("second")
	if g.ID != first.ID || g.Generation != first.Generation || conn.Account.ID == "" {
		t.Errorf("grant %s generation %d, want %s generation %d", g.ID, g.Generation, first.ID, first.Generation)
	}
	must(t, b.st.Write(t.Context(), func(w store.Writer) error {
		g, err := w.Grant(first.ID)
		if err != nil {
			return err
		}
		w.Bookkeeping()
		g.Access.Expires = g.Access.Issued
		return w.PutGrant(&g)
	}))
	_, err = b.add("third", by)
	var in *setup.InputError
	if !errors.As(err, &in) || in.Code != "access_over" || in.Detail != "first" && in.Detail != "second" {
		t.Errorf("with access over: %v", err)
	}
	if n, _, _ := b.count(); n != 2 {
		t.Errorf("%d connections", n)
	}
}
