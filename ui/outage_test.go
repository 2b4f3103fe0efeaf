package ui_test

import (
	"context"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/ui/uitest"
)

// fail gives connections a trouble since a minute ago.
func fail(t *testing.T, w *uitest.World, class store.Class, reason string, names ...string) {
	t.Helper()
	w.Put(t, func(tx store.Writer) error {
		for _, n := range names {
			c, err := tx.Connection(uitest.IDOf(n))
			if err != nil {
				return err
			}
			g, err := tx.Grant(c.Grant)
			if err != nil {
				return err
			}
			g.Trouble = &store.Trouble{Class: class, Reason: reason, Since: uitest.Noon.Add(-time.Minute), Next: uitest.Noon.Add(time.Hour)}
			if err := tx.PutGrant(&g); err != nil {
				return err
			}
		}
		return nil
	})
}

// calm is the example deck without what needs a person.
func calm(t *testing.T) *uitest.World {
	w := uitest.New(t).Deck(t)
	for _, n := range []string{"salesforce-emea", "hubspot-partner", "salesforce-lost", "hubspot-etl"} {
		if err := w.Engine.Remove(context.Background(), uitest.IDOf(n), true); err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// What many connections fail for is told once.
func TestManyFailuresOfOneCause(t *testing.T) {
	w := calm(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.WantNot("HubSpot answers")
	fail(t, w, store.Transient, "503", "hubspot-events", "hubspot-prod", "hubspot-marketing")
	x.Until("3 connections  HubSpot answers 503")
	x.WantNot("OFFLINE")
	w = uitest.New(t).Deck(t)
	fail(t, w, store.Config, "invalid_client", "salesforce-prod", "salesforce-sbx")
	x = uitest.Start(t, w.Deps, 120, 36)
	x.Want("first  salesforce-emea") // it needs a person, whatever else there is
	fail(t, w, store.Dead, "invalid_grant", "salesforce-prod", "salesforce-sbx")
	x.Until("first  3 connections  Salesforce refused them: invalid_grant  c")
}

// A deck without a network says so once, and no longer once somebody answers.
func TestOffline(t *testing.T) {
	w := calm(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	fail(t, w, store.Transient, "dial", "hubspot-prod")
	x.Settle()
	x.WantNot("OFFLINE") // Salesforce may be there
	fail(t, w, store.Transient, "dial", "hubspot-prod", "hubspot-events", "hubspot-finance", "salesforce-prod")
	x.Until(" OFFLINE ")
	x.Want("3 connections  HubSpot cannot be reached")
	if _, err := w.Engine.Refresh(context.Background(), uitest.IDOf("salesforce-sbx"), false); err != nil {
		t.Fatal(err)
	}
	x.UntilNot(" OFFLINE ")
}

// A deck that no passphrase opens speaks of none.
func TestEmptyDeckSpeaksOfItsKey(t *testing.T) {
	for _, kind := range []string{store.SlotPassphrase, store.SlotIdentity} {
		w := uitest.New(t)
		w.Store.Kinds = []string{kind}
		x := uitest.Start(t, w.Deps, 120, 36)
		if kind == store.SlotIdentity {
			x.Want("your key opens it")
			x.WantNot("a passphrase opens it")
		} else {
			x.Want("a passphrase opens it")
		}
	}
}
