package ui_test

import (
	"errors"
	"image/color"
	"strings"
	"testing"
	"time"

	"github.com/charmbracelet/colorprofile"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/uitest"
)

func TestDetailHasFiveTabs(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("j", "j", "j", "j", "j", "j", "enter")
	x.Want("crmdeck › deck › hubspot-marketing", "▽ reduced", "granted 5 of the 7 scopes", "what happens then", "used by",
		"▌overview", "scopes 5/7")
	x.Press("2")
	x.Want("▌credential", "9W1D-44XK-QG", "access and refresh token", "XChaCha20-Poly1305, bound to api.hubspot.test",
		"never shown; crmdeck token gives it to jobs")
	x.Press("l")
	x.Want("▌scopes", "not granted", "not asked for", "critical!", "crm.objects.contacts.read")
	x.Press("4")
	x.Want("▌tests", "2 of 3", "deals: 403: MISSING_SCOPES", "█")
	x.Press("tab")
	x.Want("▌audit", "add", "account 4821330")
	x.Press("h")
	x.Want("▌tests")
	x.Press("esc")
	x.Want("▌ ▽ reduced")
}

func TestDetailWithoutTestsSaysWhatToPress(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 80, 24)
	x.Press("/")
	x.Type("close-reports")
	x.Press("enter", "enter", "4")
	x.Want("Never tested.")
}

func TestRefreshTellsItsEnd(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-prod")
	x.Press("enter", "r")
	x.Want("✓ hubspot-prod refreshed · access 30m", "● healthy    hubspot-prod")
	w.Real.Advance(4 * time.Second)
	x.UntilNot("refreshed")
	w.Engine.Err["refresh"] = &lifecycle.Failure{Kind: lifecycle.FailReconnect, Connection: "hubspot-prod", Provider: "HubSpot",
		Class: store.Dead, Reason: "invalid_grant"}
	x.Press("r")
	x.Want("× hubspot-prod must be reconnected", "invalid_grant", "c helps")
	w.Real.Advance(time.Minute)
	x.Want("must be reconnected") // bad news stays until a key
	x.Press("j")
	x.WantNot("must be reconnected")
}

func TestWhatCannotWorkSaysWhy(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-etl")
	x.Press("enter", "r")
	x.Want("hubspot-etl has a key: there is nothing to refresh")
}

func TestPauseAndGoOn(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-finance")
	x.Press("enter", "p")
	x.Want("hubspot-finance is paused", "  paused   ")
	x.Press("p")
	x.Want("hubspot-finance goes on")
}

func TestEditRenameRemove(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-finance")
	x.Press("enter", "e")
	x.Want("Edit hubspot-finance", "owner", "lena")
	x.Press("ctrl+u")
	x.Type("mira")
	x.Press("tab", "ctrl+u")
	x.Type("nowhere")
	x.Press("enter")
	x.Want("The environment is prod, sbx, test or dev.")
	x.Press("ctrl+u")
	x.Type("dev")
	x.Press("enter")
	x.Want("hubspot-finance is changed", "dev", "mira")
	x.Press("N")
	x.Want("Rename hubspot-finance")
	x.Press("ctrl+u")
	x.Type("hubspot-prod")
	x.Press("enter")
	x.Want("× hubspot-prod is another connection's name.")
	x.Press("esc", "D")
	x.Want("╔═ Remove hubspot-finance", "This cannot be undone.", "15 letters missing")
	x.Press("enter")
	x.Type("hubspot-finanxe")
	x.Press("enter")
	x.Want("letters missing")
	x.Press("backspace", "backspace")
	x.Type("ce")
	x.Press("enter")
	x.Want("hubspot-finance is removed")
	for _, call := range w.Engine.Calls() {
		if call == "remove id-hubspot-finance true" {
			return
		}
	}
	t.Fatalf("calls %q", w.Engine.Calls())
}

func TestLockedDeckReadsAndUnlocksInPlace(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Store.LockWith("correct horse battery staple")
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want(" LOCKED ", "nobody refreshes", "salesforce-emea", "U unlock")
	x.Press("/")
	x.Type("hubspot-prod")
	x.Press("enter", "r")
	x.Want("Unlock the store", "Passphrase")
	x.Type("wrong")
	x.Press("enter")
	x.Want("No slot of this store opens with it.")
	x.WantNot("wrong")
	x.Paste("correct horse battery staple")
	x.Want("28 characters, hidden")
	x.Press("enter")
	x.UntilNot("LOCKED")
	x.Until("● healthy    hubspot-prod") // it goes on with what was pressed
	x.Want("this deck refreshes")
}

func TestReadOnlyChangesNothing(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Deps.Settings.ReadOnly = true
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want(" READ-ONLY ", "salesforce-emea")
	x.WantNot("r refresh", "x revoke", "c reconnect in the browser", "refreshes")
	for _, key := range []string{"r", "t", "T", "x", "c", "n", "e", "p", "N", "D"} {
		x.Press(key)
		x.Want("this deck is read-only")
		w.Real.Advance(4 * time.Second)
		x.UntilNot("this deck is read-only: it")
	}
	x.Press(":")
	x.WantNot("refresh now", "revoke…", "unlock")
	x.Press("esc")
	if n, calls := w.Store.Writes(), w.Engine.Calls(); n != 1 || len(calls) != 0 {
		t.Fatalf("%d writes, calls %q", n, calls)
	}
}

func TestThemeSwitchesLive(t *testing.T) {
	w := uitest.New(t).Deck(t)
	var kept string
	w.Deps.SaveTheme = func(name string) error { kept = name; return nil }
	x := uitest.Start(t, w.Deps, 120, 36, uitest.Background(color.Black))
	col, row, _ := x.Find("crmdeck")
	dark := x.Cell(col, row).Style.Fg
	x.Press("g s")
	x.Want("crmdeck › settings", "contrast-light", "high contrast · for a light background", "safe for colour-blind people")
	x.Press("j", "j")
	if x.Cell(col, row).Style.Fg == dark {
		t.Fatal("moving does not show the theme")
	}
	x.Press("esc")
	if x.Cell(col, row).Style.Fg != dark {
		t.Fatal("esc does not take it back")
	}
	x.Press(":")
	x.Type("theme: contrast-d")
	if x.Cell(col, row).Style.Fg == dark {
		t.Fatal("the palette does not show the theme")
	}
	x.Press("enter")
	if kept != "contrast-dark" || x.Cell(col, row).Style.Fg == dark {
		t.Fatalf("kept %q", kept)
	}
	w.Deps.SaveTheme = func(string) error { return errors.New("disk full") }
}

func TestThemeFollowsTheBackground(t *testing.T) {
	dark := uitest.Start(t, uitest.New(t).Deck(t).Deps, 80, 24, uitest.Background(color.Black))
	light := uitest.Start(t, uitest.New(t).Deck(t).Deps, 80, 24, uitest.Background(color.White))
	light.Wait("dark and light look alike", func() bool { return dark.Cell(1, 0).Style.Fg != light.Cell(1, 0).Style.Fg })
}

// Every state can be told apart without colour and without glyphs beyond ASCII.
func TestStatesWithoutColour(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Deps.Settings.ASCII, w.Deps.Settings.Theme = true, "mono"
	x := uitest.Start(t, w.Deps, 120, 36, uitest.Profile(colorprofile.NoTTY))
	for _, r := range x.Text() {
		if r > 0x7e {
			t.Fatalf("%q is no ASCII\n%s", r, x.Text())
		}
	}
	x.Want("x reconnect", "# blocked", "? uncertain", "^ overdue", "o expired", "( expiring", "v reduced", "' due", ". throttled",
		"~ retrying", "> queued", "@ healthy", "- revoked")
	narrow := uitest.Start(t, w.Deps, 40, 12, uitest.Profile(colorprofile.NoTTY))
	narrow.Want("x reconnect")
}

func TestPaletteFindsAndRuns(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("j", "j", "j", "j", "j", ":")
	x.Want("Go anywhere, do anything")
	x.Type("refresh")
	x.Want("refresh now: hubspot-prod", "1 match")
	x.Press("enter")
	x.Want("hubspot-prod refreshed")
	x.Press(":")
	x.Type("hubspot-etl")
	x.Press("enter")
	x.Want("› hubspot-etl")
	x.Press("q")
	x.WantNot("› hubspot-etl")
}

func TestKeysPageListsSearchesAndRuns(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Press("?")
	x.Want("for the deck", "this connection", "refresh now", "many at once")
	x.Press("/")
	x.Type("filter")
	x.WantNot("refresh now")
	x.Press("enter")
	x.Type("close")
	x.Want("/ close", "2 of 17")
}

func TestQuit(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 80, 24)
	x.Press("enter", "esc", "esc", "esc")
	if x.Ended() {
		t.Fatal("esc quits")
	}
	x.Press("q")
	if err := x.Done(); err != nil {
		t.Fatal(err)
	}
}

// TE-1: what a provider sent can't act on the terminal.
func TestForeignTextIsOnlyText(t *testing.T) {
	w := uitest.New(t).Deck(t)
	w.Put(t, func(tx store.Writer) error {
		g, _ := tx.Grant("grant-salesforce-emea")
		g.Trouble.Message = "\x1b[31mr\x1b]52;c;ZQ==\a\u202eevil\r\nforged row"
		c, _ := tx.Connection(uitest.IDOf("salesforce-emea"))
		c.Account.Name = "Acme\x1b[2J\u2028X"
		return errors.Join(tx.PutGrant(&g), tx.PutConnection(&c))
	})
	x := uitest.Start(t, w.Deps, 120, 36)
	x.Want("forged row", "Acme")
	text := x.Text()
	if strings.ContainsAny(text, "\u202e\u2028\x1b\a") || strings.Contains(x.Lines()[0], "forged") {
		t.Fatalf("%q", text)
	}
}

// A name that can't be is refused where it is typed, and nothing that was typed is lost.
func TestRenameRefusesWhereItIsTyped(t *testing.T) {
	x := uitest.Start(t, uitest.New(t).Deck(t).Deps, 120, 36)
	x.Press("/")
	x.Type("hubspot-prod")
	x.Press("enter", "N", "ctrl+u")
	x.Type("close-nightly")
	x.Press("enter")
	x.Want("close-nightly▏", "× close-nightly is another connection's name.")
	x.Press("ctrl+u")
	x.Type("a b")
	x.Press("enter")
	x.Want("× 1 to 64 letters, digits, . - and _, a letter or digit first.")
	x.Press("ctrl+u")
	x.Type("hubspot-prod-2")
	x.Press("enter")
	x.Want("hubspot-prod-2")
	x.WantNot("Rename")
}
