package snapshot

import (
	"maps"
	"slices"
	"time"

	"crmdeck/store"
)

// each turns a list into one of another type; none stays none.
func each[A, B any](list []A, turn func(A) B) []B {
	if list == nil {
		return nil
	}
	out := make([]B, len(list))
	for i, x := range list {
		out[i] = turn(x)
	}
	return out
}

// maybe turns what may be absent.
func maybe[A, B any](x *A, turn func(A) B) *B {
	if x == nil {
		return nil
	}
	y := turn(*x)
	return &y
}

func fromConnection(c store.Connection) connection {
	return connection{
		ID: c.ID, Name: c.Name, Provider: c.Provider, Environment: c.Environment, Method: c.Method, Grant: c.Grant,
		Owner: c.Owner, Purpose: c.Purpose, Tags: slices.Clone(c.Tags), Sensitive: c.Sensitive, Unattended: c.Unattended,
		Params: maps.Clone(c.Params), Account: account(c.Account), Asked: slices.Clone(c.Asked), Proven: slices.Clone(c.Proven),
		Risky: c.Risky, KeyDays: c.KeyDays, Paused: c.Paused, Consented: c.Consented, Created: c.Created, Updated: c.Updated,
		Tests:    each(c.Tests, fromTest),
		Uses:     each(c.Uses, func(u store.Use) use { return use{u.Job, u.Last, u.Day, u.Today, u.Gen} }),
		Decision: maybe(c.Decision, func(d store.Decision) decision { return decision(d) }),
	}
}

func (c connection) record() store.Connection {
	return store.Connection{
		ID: c.ID, Name: c.Name, Provider: c.Provider, Environment: c.Environment, Method: c.Method, Grant: c.Grant,
		Owner: c.Owner, Purpose: c.Purpose, Tags: c.Tags, Sensitive: c.Sensitive, Unattended: c.Unattended,
		Params: c.Params, Account: store.Account(c.Account), Asked: c.Asked, Proven: c.Proven,
		Risky: c.Risky, KeyDays: c.KeyDays, Paused: c.Paused, Consented: c.Consented, Created: c.Created, Updated: c.Updated,
		Tests: each(c.Tests, testRun.record),
		Uses: each(c.Uses, func(u use) store.Use {
			return store.Use{Job: u.Job, Last: u.Last, Day: u.Day, Today: u.Today, Gen: u.Generation}
		}),
		Decision: maybe(c.Decision, func(d decision) store.Decision { return store.Decision(d) }),
	}
}

func fromTest(t store.TestRun) testRun {
	return testRun{t.At, t.Took.Milliseconds(), t.Outcome, each(t.Objects, func(o store.TestObject) testObject {
		return testObject{o.Name, o.Outcome, o.Records, o.Total, o.Pages, slices.Clone(o.Proved), o.Reason, o.Message}
	}), t.Requests, t.Retries, t.All, t.Reason, t.Message}
}

func (t testRun) record() store.TestRun {
	return store.TestRun{At: t.At, Took: milliseconds(t.Took), Outcome: t.Outcome, Requests: t.Requests, Retries: t.Retries,
		All: t.All, Reason: t.Reason, Message: t.Message, Objects: each(t.Objects, func(o testObject) store.TestObject {
			return store.TestObject{Name: o.Name, Outcome: o.Outcome, Records: o.Records, Total: o.Total, Pages: o.Pages,
				Proved: o.Proved, Reason: o.Reason, Message: o.Message}
		})}
}

// milliseconds is a duration that a file names; one that no duration can hold is the longest.
func milliseconds(n int64) time.Duration {
	const most = int64(1<<63-1) / int64(time.Millisecond)
	return time.Duration(max(-most, min(n, most))) * time.Millisecond
}

func fromGrant(g store.Grant) grant {
	return grant{
		ID: g.ID, Provider: g.Provider, Issuer: g.Issuer, Method: g.Method, Client: g.Client, Generation: g.Generation,
		Family: g.Family, TokenURL: g.TokenURL, RevokeURL: g.RevokeURL, BaseURL: g.BaseURL, Granted: slices.Clone(g.Granted),
		GrantedKnown: g.GrantedKnown, AccountID: g.AccountID, Refreshed: g.Refreshed, Refreshes: g.Refreshes,
		Rotations: g.Rotations, Skew: g.Skew.Milliseconds(), Created: g.Created,
		Restored: g.Restored, Copied: g.Copied, Handed: maybe(g.Handed, func(h store.Handed) handed { return handed(h) }),
		History: each(g.History, func(m store.Made) credential { return credential(m) }),
		Access:  maybe(g.Access, fromToken), Refresh: maybe(g.Refresh, fromToken),
		Key: maybe(g.Key, func(k store.APIKeyRecord) key { return key{k.Fingerprint, k.Kind, k.Made, k.MadeKnown} }),
		Intent: maybe(g.Intent, func(i store.Intent) intent {
			return intent{i.Generation, i.Begun, i.Retried, i.Lost}
		}),
		Trouble: maybe(g.Trouble, func(t store.Trouble) trouble {
			return trouble{t.Class, t.Reason, t.Message, t.HTTP, t.Since, t.Last, t.Attempts, t.Next, t.Where, t.Cause}
		}),
		Revocation: maybe(g.Revocation, func(r store.Revocation) revocation {
			return revocation{r.State, r.Verdict, r.Asked, r.By, r.Sent, r.DiesAt, r.Ended, r.Next, r.Attempts,
				each(r.Steps, func(s store.Step) step { return step(s) })}
		}),
	}
}

func fromToken(t store.Token) token {
	return token{t.Fingerprint, t.Type, t.Issued, t.Expires, t.IdleExpires, t.Assumed}
}

func (t token) record() store.Token {
	return store.Token{Fingerprint: t.Fingerprint, Type: t.Type, Issued: t.Issued, Expires: t.Expires, IdleExpires: t.IdleExpires, Assumed: t.Assumed}
}

func (g grant) record() store.Grant {
	return store.Grant{
		ID: g.ID, Provider: g.Provider, Issuer: g.Issuer, Method: g.Method, Client: g.Client, Generation: g.Generation,
		Family: g.Family, TokenURL: g.TokenURL, RevokeURL: g.RevokeURL, BaseURL: g.BaseURL, Granted: g.Granted,
		GrantedKnown: g.GrantedKnown, AccountID: g.AccountID, Refreshed: g.Refreshed, Refreshes: g.Refreshes,
		Rotations: g.Rotations, Skew: milliseconds(g.Skew), Created: g.Created,
		Restored: g.Restored, Copied: g.Copied, Handed: maybe(g.Handed, func(h handed) store.Handed { return store.Handed(h) }),
		History: each(g.History, func(m credential) store.Made { return store.Made(m) }),
		Access:  maybe(g.Access, token.record), Refresh: maybe(g.Refresh, token.record),
		Key: maybe(g.Key, func(k key) store.APIKeyRecord {
			return store.APIKeyRecord{Fingerprint: k.Fingerprint, Kind: k.Kind, Made: k.Made, MadeKnown: k.MadeKnown}
		}),
		Intent: maybe(g.Intent, func(i intent) store.Intent {
			return store.Intent{Generation: i.Generation, Begun: i.Begun, Retried: i.Retried, Lost: i.Lost}
		}),
		Trouble: maybe(g.Trouble, func(t trouble) store.Trouble {
			return store.Trouble{Class: t.Class, Reason: t.Reason, Message: t.Message, HTTP: t.HTTP, Since: t.Since, Last: t.Last,
				Attempts: t.Attempts, Next: t.Next, Where: t.Where, Cause: t.Cause}
		}),
		Revocation: maybe(g.Revocation, func(r revocation) store.Revocation {
			return store.Revocation{State: r.State, Verdict: r.Verdict, Asked: r.Asked, By: r.By, Sent: r.Sent, DiesAt: r.DiesAt,
				Ended: r.Ended, Next: r.Next, Attempts: r.Attempts, Steps: each(r.Steps, func(s step) store.Step { return store.Step(s) })}
		}),
	}
}

func fromClient(c store.Client) client {
	return client{c.ID, c.Provider, c.ClientID, c.RedirectURI, !c.Secret.IsZero(), c.Fingerprint, c.SecretMade, c.MadeKnown,
		c.SecretEnds, maps.Clone(c.Params), c.Created}
}

func (c client) record() store.Client {
	return store.Client{ID: c.ID, Provider: c.Provider, ClientID: c.ClientID, RedirectURI: c.RedirectURI, Fingerprint: c.Fingerprint,
		SecretMade: c.SecretMade, MadeKnown: c.MadeKnown, SecretEnds: c.SecretEnds, Params: c.Params, Created: c.Created}
}

func fromEvent(e store.Event) event {
	return event{e.Seq, e.At, e.Actor, e.Host, e.Act, e.Connection, e.ConnectionID, e.Outcome, e.Evidence, e.Op}
}

func (e event) record() store.Event {
	return store.Event{Seq: e.Seq, At: e.At, Actor: e.Actor, Host: e.Host, Act: e.Act, Connection: e.Connection,
		ConnectionID: e.ConnectionID, Outcome: e.Outcome, Evidence: e.Evidence, Op: e.Op}
}
