package setup

import (
	"context"

	"crmdeck/connectors"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// outgoing is the refresh token that a reconnected connection has until now, if it may
// still work at the provider and a new one takes its place; else it is zero.
func (s *Setup) outgoing(ctx context.Context, v store.Vault) secret.Value {
	if s.old == nil || !s.oauth() || s.p.Revoke.OAuth != connectors.RevokeRFC7009 {
		return secret.Value{}
	}
	var g store.Grant
	var others []store.Connection
	err := s.d.Store.Read(ctx, func(r store.Reader) (err error) {
		if g, err = r.Grant(s.old.Grant); err == nil {
			others, err = r.ConnectionsOf(g.ID)
		}
		return err
	})
	dead := g.Revocation != nil || g.Trouble != nil && g.Trouble.Class == store.Dead
	if err != nil || dead || !living(g.Refresh) || g.Refresh.Fingerprint == s.got.fingerprint {
		return secret.Value{}
	}
	if len(others) > 1 && s.old.Account.ID != s.got.account.ID {
		return secret.Value{} // the others go on using it
	}
	old, err := v.Open(store.Binding{Owner: g.ID, Field: lifecycle.FieldRefresh}, g.Refresh.Sealed)
	if err != nil {
		return secret.Value{} // it does not open: nothing can be sent
	}
	return old
}

// retire revokes the refresh token that was replaced. Its record is gone, so nobody
// could revoke it later. The new grant is stored and stays, whatever comes of this;
// the audit log says what did.
func (s *Setup) retire(ctx context.Context, old secret.Value) {
	if old.IsZero() {
		return
	}
	defer old.Wipe()
	p, err := s.profile(ctx)
	if err == nil {
		err = s.d.OAuth.Revoke(ctx, p, old, oauth.HintRefresh)
	}
	outcome := "done"
	if err != nil {
		outcome = "failed"
	}
	_ = s.d.Store.Write(ctx, func(w store.Writer) error { // the new grant does not depend on it
		_, err := w.Append(store.Event{
			Act: store.ActRevoke, Connection: s.saved.Name, ConnectionID: s.saved.ID, Outcome: outcome,
			Evidence: s.p.ID + ", account " + s.old.Account.ID + ": the refresh token that was replaced",
		})
		return err
	})
}
