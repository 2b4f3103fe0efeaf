package words

import (
	"strconv"

	"crmdeck/ui/widget"
)

// What the program's own rows say, on every page.
const (
	TooSmall     = "crmdeck needs 40 columns and 12 rows; make the window larger."
	Product      = Program
	CrumbDeck    = "deck"
	ToastMore    = " more"
	BadgeLocked  = " LOCKED "
	BadgeRead    = " READ-ONLY "
	BadgeOffline = " OFFLINE "
	badgeDemo    = " DEMO "
	DemoCRMs     = "simulated CRMs"
	Faster       = "faster"
	Slower       = "slower"

	ThisDeck = "this deck refreshes"
	Nobody   = "nobody refreshes"

	WhyReadOnly       = "this deck is read-only: it shows everything and changes nothing"
	WhyReadOnlyUnlock = "this deck is read-only: it needs no key, and takes none"
	WhyUnlocked       = "the store is open already"
	WhyNoRow          = "no connection is in focus"

	Reading = "reading the store…"
	None    = widget.GlyphDash
	Between = " · "
)

// BadgeDemo is the demo's badge with its speed: " DEMO 60x ".
func BadgeDemo(speed float64) string {
	return badgeDemo + strconv.FormatFloat(speed, 'f', -1, 64) + "x "
}

// StoreUnreadable tells that the rows could not be brought up to date.
func StoreUnreadable(err error) string { return Explain(err, Context{}).Message() }

// Counted is a figure and its word: "1 job", "3 jobs".
func Counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return widget.Figures{}.Number(int64(n)) + " " + many
}

// Jobs counts jobs, Connections connections.
func Jobs(n int) string { return Counted(n, "job", "jobs") }

// Connections counts connections.
func Connections(n int) string { return Counted(n, "connection", "connections") }

// The unlock dialog.
const (
	UnlockTitle      = "Unlock the store"
	UnlockPassphrase = "Passphrase"
	UnlockIdentity   = "Identity file"
	UnlockAsk        = "Names, clocks and health can be read without it. Secrets cannot."
	UnlockGoesOn     = "Then it goes on with what you pressed."
	UnlockChecking   = "opening it takes a moment…"
	UnlockWrong      = "No slot of this store opens with it."
	UnlockNoFile     = "There is no file of that name."
	UnlockEmpty      = "Type the passphrase, or tab to an identity file."
	HintUnlock       = "unlock"
	HintCancel       = "not now"
	HintOther        = "identity file"
	HintOtherBack    = "passphrase"
	Unlocked         = "the store is open; this deck refreshes ahead from now on"
	UnlockedNoAuto   = "the store is open; nothing is refreshed by itself (--no-auto)"
)

// The palette.
const (
	PaletteTitle  = "Go anywhere, do anything"
	HintRun       = "run"
	HintComplete  = "complete"
	HintClose     = "close"
	HintKeep      = "keep it"
	KindAction    = "action"
	KindSetting   = "setting"
	KindPage      = "page"
	KindGo        = "connection"
	ThemePrefix   = "theme: "
	FilterPrefix  = "filter: "
	SortPrefix    = "sort by "
	NothingFits   = "Nothing is called that."
	paletteMatch  = " match"
	paletteEnding = "es"
)

// Matches counts what the palette found: "9 matches".
func Matches(n int) string {
	s := strconv.Itoa(n) + paletteMatch
	if n != 1 {
		s += paletteEnding
	}
	return s
}

// The page of keys, and that of settings.
const (
	CrumbKeys     = "keys"
	KeysSearch    = "search"
	KeysRuns      = "enter runs it"
	keysForThe    = "for the "
	CrumbSettings = "settings"
	SettingsTheme = "theme"
	SettingsNow   = "in use"
	SettingsOwn   = "your own"
	SettingsAuto  = "by the terminal's background"
	SettingsDark  = "for a dark background"
	SettingsLight = "for a light background"
	SettingsMono  = "no colour at all"
	SettingsKept  = "kept as the theme of this store's deck"
	SettingsHere  = "in use until crmdeck ends; config.toml keeps it: theme = "
	SettingsAbout = "moving shows it at once, enter keeps it, esc takes it back"
)

// themeNotes is what the built-in themes are made for, beside the background.
var themeNotes = map[string]string{
	"cvd": "safe for colour-blind people", "contrast-dark": "high contrast", "contrast-light": "high contrast",
}

// ThemeNote says what a built-in theme is made for.
func ThemeNote(name, ground string) string {
	if s := themeNotes[name]; s != "" {
		return s + Between + ground
	}
	return ground
}

// KeysFor is the summary of the page of keys.
func KeysFor(scope string, n int) string {
	return keysForThe + scope + ", " + strconv.Itoa(n) + " keys"
}
