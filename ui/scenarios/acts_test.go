package scenarios_test

import (
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/ui/uitest"
)

// connected sets HubSpot up and comes back to the deck.
func connected(t *testing.T, w *world, x *uitest.Terminal) {
	t.Helper()
	hubspot(t, w, x)
	w.consent(sim.ConsentOptions{Account: w.accounts(sim.HubSpot)[0].Name})
	x.Until("Is this the right account?")
	x.Press("e", "ctrl+u")
	x.Type("hub")
	x.Press("enter")
	x.Until("✓ hub works")
	x.Press("enter")
	x.Want("● healthy")
}

// keyed sets Close up by key, by the name of its account, and comes back to the deck.
func keyed(t *testing.T, w *world, x *uitest.Terminal, key, name string) {
	t.Helper()
	x.Press("n")
	x.Type("clo")
	x.Press("enter", "enter", "enter")
	x.Want("The key from Close")
	x.Paste(key)
	x.Press("enter")
	x.Until("Is this the right account?")
	x.Press("e", "ctrl+u")
	x.Type(name)
	x.Press("enter")
	x.Until("✓ " + name + " works")
	x.Press("enter")
	x.Want(name)
}

func TestTestSync(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := w.open(s.w, s.h)
		connected(t, w, x)
		x.Press("t")
		x.Until("✓ 3 of 3 objects read")
		x.Want("230", "crm.objects.contacts.read", "t repeat the test", "esc back")
		x.WantNot("@example") // sample rows are masked
		x.Press("esc", "T")
		x.Until("All of it")
		x.Want("call", "enter read it all", "It only reads.")
		wantOneBar(t, x)
		x.Press("enter")
		x.Until("✓ 3 of 3 objects read")
		if c, _ := w.connection("hub"); len(c.Tests) != 3 || !c.Tests[2].All {
			t.Errorf("tests %+v", c.Tests)
		}
	}
}

// A scope that is missing at the provider is named, with the key that helps.
func TestTestSyncThatFails(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	connected(t, w, x)
	must(t, w.sim.Inject(sim.Fault{Provider: sim.HubSpot, Kind: "500", Endpoint: "contacts"}))
	x.Press("t")
	x.Until("×")
	x.Until("objects read")
	x.WantNot("✓ 3 of 3")
	x.Want("t repeat the test")
}

// Stopping keeps what was counted.
func TestTestSyncStopped(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	connected(t, w, x)
	must(t, w.sim.Inject(sim.Fault{Provider: sim.HubSpot, Kind: "latency", Endpoint: "companies", Delay: time.Minute}))
	x.Press("t")
	x.Until("230")
	x.Want("reading", "read-only", "esc stop, keep the counts")
	wantOneBar(t, x)
	x.Press("esc")
	w.sim.ClearFaults()
	x.Until("stopped")
	x.Want("the counts so far are kept", "230")
	if c, _ := w.connection("hub"); c.Tests[len(c.Tests)-1].Outcome != "cancelled" {
		t.Errorf("tests %+v", c.Tests)
	}
	x.Press("esc")
	x.Want("  - now") // it did not fail
}

func TestRevokeByAPI(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := w.open(s.w, s.h)
		connected(t, w, x)
		x.Press("x")
		x.Want("╔═ Revoke hub", "What stops working", "HubSpot revokes by API", "This cannot be undone.",
			"enter revoke: 3 letters missing", "esc keep")
		wantOneBar(t, x)
		x.Press("enter")
		x.Type("hup")
		x.Want("2 letters missing")
		x.Press("enter")
		x.Want("╔═")
		x.Press("backspace")
		x.Type("b")
		x.WantNot("missing")
		x.Press("enter")
		x.Want("Nothing is sent for", "u take it back")
		wantOneBar(t, x)
		x.WantNot("╔")
		revokes := w.count(sim.HubSpot, "revoke")
		x.Press("u")
		x.Want("nothing was sent")
		x.Press("x")
		x.Type("hub")
		x.Press("enter")
		x.Want("Nothing is sent for")
		if n := w.count(sim.HubSpot, "revoke"); n != revokes {
			t.Errorf("%d revocations were sent", n-revokes)
		}
		w.real.Advance(11 * time.Second)
		x.Until("dies at")
		x.Want("revoke refresh_token", "200", "confirmed", "enter to the deck")
		x.WantNot("╔")
		wantGlyphs(t, x)
		x.Press("enter")
		x.Until("queued")
		if _, g := w.connection("hub"); g.Revocation == nil || g.Revocation.Verdict != store.VerdictDiesAt {
			t.Errorf("revocation %+v", g.Revocation)
		}
	}
}

// count is how often an endpoint was asked.
func (w *world) count(provider, endpoint string) int {
	w.t.Helper()
	c, err := w.sim.Counters(provider)
	must(w.t, err)
	n := 0
	for k, v := range c {
		if strings.Contains(k, endpoint) {
			n += v
		}
	}
	return n
}

func TestRevokeAtTheConsole(t *testing.T) {
	for _, s := range sizes {
		w := newWorld(t)
		x := w.open(s.w, s.h)
		key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
		must(t, err)
		keyed(t, w, x, key, "nightly")
		keyed(t, w, x, key, "reports")
		x.Press("/")
		x.Type("nightly")
		x.Press("enter", "x")
		x.Want("╔═ Revoke nightly", "reports", "has the same key", "you delete", key[len(key)-4:])
		x.Type("nightly")
		x.Press("enter")
		url := w.url()
		x.Until("still works, asked")
		x.Want(url[:30], "o console page", "esc leave it queued")
		x.WantNot("╔")
		x.Press("o")
		if again := w.url(); again != url {
			t.Errorf("opened %s", again)
		}
		must(t, w.sim.DeleteKey(sim.Close, key))
		x.Until("nightly is dead")
		x.Want("Close refuses the key since", "401", "refused", "wiped", "reports", "had the same key", "c reconnect the other")
		_, g := w.connection("nightly")
		if g.Revocation == nil || g.Revocation.Verdict != store.VerdictDead || !g.Key.Sealed.IsZero() {
			t.Errorf("grant %+v", g)
		}
		x.Press("c")
		x.Until("The key from Close")
	}
}

// In the demo the simulated person deletes the key where no browser can be opened.
func TestRevokeAtTheConsoleInTheDemo(t *testing.T) {
	w := newWorld(t)
	key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
	must(t, err)
	w.deps.Demo = person{w: w, key: key}
	x := w.open(120, 36)
	keyed(t, w, x, key, "nightly")
	x.Press("x")
	x.Type("nightly")
	x.Press("enter")
	x.Until("still works, asked")
	x.Want("i simulate the deletion   o console page   esc leave it queued")
	x.Press("i")
	x.Until("nightly is dead")
}

// Leaving the console leaves the revocation queued; x takes it up again.
func TestRevokeLeftQueued(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
	must(t, err)
	keyed(t, w, x, key, "nightly")
	x.Press("x")
	x.Type("nightly")
	x.Press("enter")
	x.Until("still works, asked")
	x.Press("esc")
	x.Until("» queued")
	x.WantNot("─ Revoke")
	must(t, w.sim.DeleteKey(sim.Close, key))
	x.Press("x")
	x.Type("nightly")
	x.Press("enter")
	x.Until("nightly is dead")
}

// Several at once: the number of them is typed, and each gets its own verdict.
func TestRevokeSeveral(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	connected(t, w, x)
	key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
	must(t, err)
	keyed(t, w, x, key, "nightly")
	x.Press("*", "x")
	x.Want("╔═ Revoke 2 connections", "by API", "in the console", "Type the number of them, 2, to go on")
	x.Type("2")
	x.Press("enter")
	x.Want("Nothing is sent for")
	w.real.Advance(11 * time.Second)
	x.Until("enter to the deck")
	x.Want("dies at", "queued", "0 of 2 are dead")
}

// What the provider does not confirm is queued, said to be, and can be tried again.
func TestRevokeQueued(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	connected(t, w, x)
	must(t, w.sim.Inject(sim.Fault{Provider: sim.HubSpot, Endpoint: "revoke", Kind: "503"}))
	x.Press("x")
	x.Type("hub")
	x.Press("enter")
	w.real.Advance(11 * time.Second)
	x.Until("hub is queued")
	x.Want("No answer from HubSpot", "r probe again")
	w.sim.ClearFaults()
	x.Press("r")
	x.Until("dies at")
}

// Leaving while the provider is being asked changes nothing: it goes on, and the
// end is told.
func TestRevokeGoesOn(t *testing.T) {
	w := newWorld(t)
	x := w.open(120, 36)
	connected(t, w, x)
	must(t, w.sim.Inject(sim.Fault{Provider: sim.HubSpot, Endpoint: "revoke", Kind: "latency", Delay: time.Minute}))
	x.Press("x")
	x.Type("hub")
	x.Press("enter")
	w.real.Advance(11 * time.Second)
	x.Until("esc leave, it goes on")
	x.Press("esc")
	x.WantNot("─ Revoke")
	w.sim.ClearFaults()
	x.Until("hub is revoked")
}

// Nothing is cut off from the smallest screen that is drawn.
func TestSmallScreen(t *testing.T) {
	w := newWorld(t)
	x := w.open(40, 12)
	x.Press("n")
	x.Want("step 1 of 8", "Which CRM?", "HubSpot")
	x.Type("hub")
	x.Press("enter", "enter", "enter")
	x.Want("step 4 of 8", "client id")
	wantOneBar(t, x)
	x.Press("esc")
	x.Until("draft")
	x.Resize(120, 36)
	key, err := w.sim.NewKey(sim.Close, sim.KeyOptions{Account: w.accounts(sim.Close)[0].Name})
	must(t, err)
	x.Press("n", "enter")
	x.Type("clo")
	x.Press("enter", "enter", "enter")
	x.Paste(key)
	x.Press("enter")
	x.Until("Is this the right account?")
	x.Press("enter")
	x.Until("objects read in")
	x.Press("enter")
	x.Resize(40, 12)
	x.Press("x")
	x.Want("╔═ Revoke close", "cannot be undone", "Type close", "▌", " missing", "esc keep", "╚═")
	wantOneBar(t, x)
}
