package ui_test

import (
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/uitest"
)

func TestDeckShowsEveryStateByUrgency(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Want("crmdeck › deck", "4 need you   5 soon   3 in hand   4 fine   1 over", "first  salesforce-emea",
		"Salesforce refused the refresh token at 12:28 (invalid_grant). Nothing was erased.", ": palette  ? keys")
	order := []string{"× reconnect", "■ blocked", "? uncertain", "▲ overdue", "○ expired", "◐ expiring", "▽ reduced", "△ due",
		"… throttled", "~ retrying", "» queued", "● healthy", "- revoked"}
	last := -1
	for _, state := range order {
		_, row, ok := x.Find("  " + state)
		if !ok && state == order[0] {
			_, row, ok = x.Find("▌ " + state)
		}
		if !ok || row <= last {
			t.Fatalf("%q is on row %d after %d\n%s", state, row, last, x.Text())
		}
		last = row
	}
}

func TestDeckFitsEveryWidth(t *testing.T) {
	for _, size := range [][2]int{{40, 12}, {48, 16}, {59, 20}, {80, 24}, {100, 30}, {120, 36}, {160, 40}, {200, 50}} {
		x := uitest.Start(t, uitest.New(t).Deck(t).Deps, size[0], size[1])
		lines := x.Lines()
		if !strings.Contains(lines[len(lines)-1], "? keys") || !strings.HasPrefix(lines[0], " crmdeck › deck") {
			t.Errorf("%v:\n%s", size, x.Text())
		}
		x.Want("salesforce-emea", "over 2h")
		if size[0] >= 160 {
			x.Want("│", "clock")
		}
	}
}

func TestDeckAsksForRoom(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 39, 12)
	x.Want("crmdeck needs 40 columns")
	x.Resize(80, 24)
	x.Want("salesforce-emea")
	x.Resize(80, 11)
	x.Want("crmdeck needs 40 columns")
}

func TestFilterAsOneTypes(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("/")
	x.Type("crm:close")
	x.Want("/ crm:close", "2 of 17", "close-nightly", "close-reports")
	x.WantNot("hubspot-etl")
	x.Type(" !lena")
	x.Want("1 of 17", "close-nightly")
	x.Press("enter", "esc")
	x.WantNot("of 17")
	x.Want("hubspot-etl")
	for filter, want := range map[string]string{
		"state:revoked": "hubspot-old", "access<10m state:expiring": "hubspot-prod", "env:sbx": "salesforce-sbx",
		"owner:mira scopes": "Nothing matches", "key>200d": "hubspot-etl", "expires<5m !state:queued hubspot-p": "hubspot-prod",
	} {
		x.Press("/")
		x.Type(filter)
		x.Want(want)
		x.WantNot("hubspot-webshop")
		x.Press("enter", "esc")
	}
}

func TestFilterIsTakenBackByEsc(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 80, 24)
	x.Press("/")
	x.Type("zzz")
	x.Want(`Nothing matches "zzz".`)
	x.Press("esc")
	x.Want("17", "salesforce-emea")
	x.WantNot("Nothing matches")
}

func TestSortByAnyColumn(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("s", "j", "enter")
	x.Want("name ↓")
	_, first, _ := x.Find("close-nightly")
	_, second, _ := x.Find("close-reports")
	_, last, _ := x.Find("salesforce-sbx")
	if first != 4 || second != 5 || last != 20 {
		t.Fatalf("rows %d, %d, %d\n%s", first, second, last, x.Text())
	}
	x.Press("s", "enter")
	x.Want("name ↑")
	if _, row, _ := x.Find("salesforce-sbx"); row != 4 {
		t.Fatalf("turned around, it is on row %d\n%s", row, x.Text())
	}
	col, row, _ := x.Find("owner")
	x.Click(col, row)
	x.Want("owne↓") // the arrow takes the last cell of a full title
}

func TestFocusStaysOnItsRow(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("j", "j", "j")
	x.Want("▌ ▲ overdue    hubspot-etl")
	w.Put(t, func(tx store.Writer) error { // another process mends the first
		g, _ := tx.Grant("grant-salesforce-emea")
		g.Trouble = nil
		g.Access.Expires = uitest.Noon.Add(2 * time.Hour)
		return tx.PutGrant(&g)
	})
	x.Until("● healthy    salesforce-emea")
	x.Want("▌ ▲ overdue    hubspot-etl", "3 need you")
	if _, row, _ := x.Find("salesforce-emea"); row != 4 {
		t.Fatalf("rows moved under the cursor: %d\n%s", row, x.Text())
	}
	w.Real.Advance(3 * time.Second) // no key for 2 s: now they may
	x.Until("▌ ▲ overdue    hubspot-etl")
	x.Until("first  hubspot-partner")
	if _, row, _ := x.Find("salesforce-emea"); row < 12 {
		t.Fatalf("rows did not move in peace: %d\n%s", row, x.Text())
	}
}

func TestAnotherProcessAddsAndRemoves(t *testing.T) {
	w := uitest.New(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want("No connections yet.")
	w.Deck(t)
	x.Until("salesforce-emea")
	w.Put(t, func(tx store.Writer) error { return tx.DeleteConnection(uitest.IDOf("salesforce-emea")) })
	x.UntilNot("salesforce-emea")
	x.Want("3 need you")
}

func TestStatesChangeByThemselves(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want("4m 12s")
	w.Clock.Advance(30 * time.Second)
	x.Until("3m 42s")
	w.Clock.Advance(5 * time.Minute)
	x.Until("○ expired    hubspot-prod")
	w.Clock.Advance(23 * time.Hour) // the tombstone leaves after 24 h
	x.UntilNot("hubspot-old")
	x.Press("/")
	x.Type("state:revoked")
	x.Want("hubspot-old")
}

func TestMarksActTogether(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("/")
	x.Type("state:expir")
	x.Press("enter", "*")
	x.Want("2 marked")
	x.Press("r")
	want := []string{"refresh id-hubspot-events false", "refresh id-hubspot-prod false"}
	got := w.Engine.Calls()
	if len(got) != 2 || got[0] == got[1] || !strings.Contains(strings.Join(want, " "), got[0]) {
		t.Fatalf("calls %q", got)
	}
	x.Press("esc", "esc")
	x.WantNot("marked")
}

func TestMouse(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	col, row, _ := x.Find("hubspot-finance")
	x.Click(col, row)
	x.Want("▌ ● healthy    hubspot-finance")
	x.Click(col, row)
	x.Want("› hubspot-finance")
	col, row, _ = x.Find("credential")
	x.Click(col, row)
	x.Want("fingerprint")
	col, row, _ = x.Find("esc back")
	x.Click(col, row)
	x.WantNot("› hubspot-finance")
	x.Resize(120, 20)
	x.Wheel(10, 8, true)
	x.Wheel(10, 8, true)
	x.WantNot("salesforce-emea       Salesforce")
}

func TestWhatChangedByItselfGlowsOnce(t *testing.T) {
	for _, still := range []bool{false, true} {
		w := uitest.New(t).Deck(t)
		w.Deps.Settings.ReducedMotion = still
		x := uitest.Start(t, w.Deps, 120, 36)
		col, row, _ := x.Find("◐ expiring")
		x.Press("G") // the focus has a ground of its own
		ground := x.Cell(col, row).Style.Bg
		w.Clock.Advance(5 * time.Minute)
		x.Until("○ expired    hubspot-prod")
		if lit := x.Cell(col, row).Style.Bg != ground; lit == still {
			t.Fatalf("reduced motion %v, lit %v", still, lit)
		}
		w.Real.Advance(time.Second)
		x.Wait("the glow does not end", func() bool { return x.Cell(col, row).Style.Bg == ground })
	}
}

// What a provider says is cut before what crmdeck says of it.
func TestEdgeKeepsItsOwnWords(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Put(t, func(tx store.Writer) error {
		g, _ := tx.Grant("grant-salesforce-emea")
		g.Trouble.Message = "expired access/refresh token, and a good many more words than any line has room for"
		return tx.PutGrant(&g)
	})
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want("(invalid_grant): Expired access/refr", "… Nothing was erased.")
	x.Resize(80, 24)
	x.Want("Salesforce refused the refresh token at 12:28 (invalid_grant). Nothing was")
	x.Resize(220, 40)
	x.Press("enter")
	x.Want("than any line has room for", "Nothing was erased.")
}

// Beside the list every sentence is whole, and no column touches the line.
func TestPaneBesideTheDeckWraps(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 160, 48)
	x.Press("G", "k")
	x.Want("owner │", "authorization_code")
	x.Press("/")
	x.Type("close-nightly")
	x.Press("enter")
	x.Want("it is overdue by policy, and works", "until somebody ends it")
	for _, l := range x.Lines() {
		if strings.HasSuffix(strings.TrimSpace(l), "…") {
			t.Errorf("cut: %q", l)
		}
	}
}

// A toast ends with a sentence, and its key is never cut away.
func TestToastShowsWholeSentences(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Engine.Err["refresh"] = &lifecycle.Failure{Kind: lifecycle.FailReconnect, Connection: "hubspot-prod", Provider: "HubSpot",
		Class: store.Dead, Reason: "invalid_grant", Message: "missing or unknown refresh token, or one that belongs to another app"}
	x := uitest.Start(t, w.Deps, 100, 30)
	x.Press("/")
	x.Type("hubspot-prod")
	x.Press("enter", "r")
	x.Want("× hubspot-prod must be reconnected. HubSpot refused its credential (invalid_grant).  c helps")
}

// A revoked row hints at what is left to do with it.
func TestRevokedRowHints(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("G")
	x.Want("▌ - revoked", "enter open  c reconnect  D remove  n new")
	x.WantNot("r refresh")
	x.Press("enter")
	x.Want("1-5 tab  c reconnect  D remove  esc back")
}

// What an act can't do to one of the marked rows keeps it from none of the others.
func TestMarkedRowsThatCannotAreLeftOut(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-e") // a key and a grant
	x.Want("state:due  crm:close", "expires<7d", "enter keeps what is left")
	x.WantNot("r refresh")
	x.Press("enter", "*", "r")
	x.Want("hubspot-events refreshed")
	if calls := w.Engine.Calls(); len(calls) != 1 {
		t.Errorf("calls %v", calls)
	}
}
