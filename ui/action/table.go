package action

// The actions that code refers to.
const (
	Down, Up, Top, Bottom         ID = "down", "up", "top", "bottom"
	HalfDown, HalfUp, Left, Right ID = "half-down", "half-up", "left", "right"
	PageDown, PageUp, NextBlock   ID = "page-down", "page-up", "next-block"
	PrevBlock                     ID = "previous-block"
	Enter, Back, Quit             ID = "open", "back", "quit"
	Palette, ShowKeys, GoSettings ID = "palette", "keys", "settings"
	GoDeck, Unlock, Lock          ID = "deck", "unlock", "lock"
	Faster, Slower                ID = "faster", "slower"
	Test, TestAll, Refresh        ID = "test", "test-all", "refresh"
	Reconnect, RevokeIt, New      ID = "reconnect", "revoke", "new"
	Edit, Rename, Remove          ID = "edit", "rename", "remove"
	Pause, OpenConsole, Copy      ID = "pause", "console", "copy"
	CopyToken                     ID = "copy-token"
	Filter, FilterOff, Sort       ID = "filter", "filter-off", "sort"
	Mark, MarkRange, MarkAll      ID = "mark", "mark-range", "mark-all"
	Tab1, Tab2, Tab3, Tab4, Tab5  ID = "tab-1", "tab-2", "tab-3", "tab-4", "tab-5"
	Search                        ID = "search"
)

// Names of pages that actions open; ui/pages.go has their makers.
const (
	PageDetail   = "detail"
	PageWizard   = "wizard"
	PageTest     = "test"
	PageRevoke   = "revoke"
	PageSettings = "settings"
	PageKeys     = "keys"
	PageAudit    = "audit"
)

// lists are the scopes with a list to move in.
var lists = []Scope{Deck, Detail, Settings, Keys, Wizard, Audit}

// rowed are the scopes with one connection in focus.
var rowed = []Scope{Deck, Detail}

// All is the table: every action of the program.
func All() []Action {
	table := append([]Action(nil), moving...)
	table = append(table, connection...)
	table = append(table, deck...)
	table = append(table, tabs...)
	table = append(table, wizard...)
	table = append(table, testing...)
	table = append(table, auditing...)
	return append(table, anywhere...)
}

// moving is getting about in lists.
var moving = []Action{
	{ID: Down, Keys: []string{"j", "down"}, Title: "next row", Group: Move, Scopes: lists, Quiet: true},
	{ID: Up, Keys: []string{"k", "up"}, Title: "previous row", Group: Move, Scopes: lists, Quiet: true},
	{ID: Top, Keys: []string{"g g", "home"}, Title: "top", Group: Move, Scopes: lists, Quiet: true},
	{ID: Bottom, Keys: []string{"G", "end"}, Title: "bottom", Group: Move, Scopes: lists, Quiet: true},
	{ID: HalfDown, Keys: []string{"ctrl+d"}, Title: "half a page down", Group: Move, Scopes: lists, Quiet: true},
	{ID: HalfUp, Keys: []string{"ctrl+u"}, Title: "half a page up", Group: Move, Scopes: lists, Quiet: true},
	{ID: PageDown, Keys: []string{"pgdown"}, Title: "a page down", Group: Move, Scopes: lists, Quiet: true},
	{ID: PageUp, Keys: []string{"pgup"}, Title: "a page up", Group: Move, Scopes: lists, Quiet: true},
	{ID: Right, Keys: []string{"l", "right", "tab"}, Title: "next tab", Group: Move, Scopes: []Scope{Detail}, Quiet: true},
	{ID: Left, Keys: []string{"h", "left", "shift+tab"}, Title: "previous tab", Group: Move, Scopes: []Scope{Detail},
		Quiet: true},
	{ID: Enter, Keys: []string{"enter"}, Label: "open", Title: "open", Group: Move,
		Scopes: []Scope{Deck, Settings, Keys, Audit}, Quiet: true},
	{ID: Search, Keys: []string{"/"}, Label: "search", Title: "search", Group: Here, Scopes: []Scope{Keys}, Quiet: true},
	{ID: Back, Keys: []string{"esc"}, Label: "back", Title: "out, back", Group: Move, Scopes: []Scope{Everywhere}, Quiet: true},
}

// connection is what can be done to the one in focus.
var connection = []Action{
	{ID: Test, Keys: []string{"t"}, Label: "test", Title: "test sync", Group: This, Scopes: rowed, Row: true, Secret: true,
		Changes: true},
	{ID: TestAll, Keys: []string{"T"}, Label: "test all of it", Title: "test sync, everything", Group: This, Scopes: rowed,
		Row: true, Secret: true, Changes: true},
	{ID: Refresh, Keys: []string{"r"}, Label: "refresh", Title: "refresh now", Group: This, Scopes: rowed, Row: true,
		Secret: true, Changes: true},
	{ID: Reconnect, Keys: []string{"c"}, Label: "reconnect", Title: "reconnect: consent again", Group: This, Scopes: rowed,
		Row: true, Secret: true, Changes: true},
	{ID: RevokeIt, Keys: []string{"x"}, Label: "revoke", Title: "revoke…", Group: This, Scopes: rowed, Row: true, Secret: true,
		Changes: true, Heavy: true},
	{ID: Edit, Keys: []string{"e"}, Label: "edit", Title: "edit owner, tags, policy", Group: This, Scopes: rowed,
		Row: true, Changes: true, Secret: true},
	{ID: Rename, Keys: []string{"N"}, Label: "rename", Title: "rename", Group: This, Scopes: rowed, Row: true, Changes: true,
		Secret: true},
	{ID: Pause, Keys: []string{"p"}, Label: "pause", Title: "pause, or go on", Group: This, Scopes: rowed, Row: true,
		Changes: true, Secret: true},
	{ID: Remove, Keys: []string{"D"}, Label: "remove", Title: "remove from the deck…", Group: This, Scopes: rowed, Row: true,
		Changes: true, Secret: true, Heavy: true},
	{ID: OpenConsole, Keys: []string{"o"}, Label: "CRM page", Title: "open its page at the CRM", Group: This, Scopes: rowed,
		Row: true},
	{ID: Copy, Keys: []string{"y"}, Label: "copy", Title: "copy its fingerprint", Group: This, Scopes: rowed, Row: true},
	{ID: CopyToken, Keys: []string{"Y"}, Label: "copy token", Title: "copy its token, for 30 s…", Group: This, Scopes: []Scope{Detail},
		Row: true, Secret: true, Changes: true},
}

// deck is what concerns the whole list.
var deck = []Action{
	{ID: Mark, Keys: []string{"space"}, Label: "mark", Title: "mark", Group: Many, Scopes: []Scope{Deck}, Quiet: true},
	{ID: MarkRange, Keys: []string{"v"}, Title: "mark a range", Group: Many, Scopes: []Scope{Deck}, Quiet: true},
	{ID: MarkAll, Keys: []string{"*"}, Title: "mark all that match", Group: Many, Scopes: []Scope{Deck}},
	{ID: New, Keys: []string{"n"}, Label: "new", Title: "new connection", Group: Whole, Scopes: []Scope{Deck}, Changes: true,
		Secret: true, Opens: PageWizard},
	{ID: Filter, Keys: []string{"/"}, Label: "filter", Title: "filter", Group: Whole, Scopes: []Scope{Deck}},
	{ID: FilterOff, Keys: []string{"0"}, Label: "all", Title: "show all", Group: Whole, Scopes: []Scope{Deck}},
	{ID: Sort, Keys: []string{"s"}, Label: "sort", Title: "sort by a column", Group: Whole, Scopes: []Scope{Deck}},
}

// tabs are the nth of the strip on top.
var tabs = []Action{
	{ID: Tab1, Keys: []string{"1"}, Shown: "1-5", Label: "tab", Title: "overview", Group: Here, Scopes: []Scope{Detail}},
	{ID: Tab2, Keys: []string{"2"}, Title: "credential", Group: Here, Scopes: []Scope{Detail}},
	{ID: Tab3, Keys: []string{"3"}, Title: "scopes", Group: Here, Scopes: []Scope{Detail}},
	{ID: Tab4, Keys: []string{"4"}, Title: "tests", Group: Here, Scopes: []Scope{Detail}},
	{ID: Tab5, Keys: []string{"5"}, Title: "audit", Group: Here, Scopes: []Scope{Detail}},
}

// anywhere is alive on every page.
var anywhere = []Action{
	{ID: Unlock, Keys: []string{"U"}, Label: "unlock", Title: "unlock the store", Group: Any, Scopes: []Scope{Everywhere}},
	{ID: Lock, Keys: []string{"L"}, Label: "lock", Title: "lock the store now", Group: Any, Scopes: []Scope{Everywhere}},
	{ID: GoDeck, Keys: []string{"g d"}, Title: "go to the deck", Group: Any, Scopes: []Scope{Everywhere}},
	{ID: GoSettings, Keys: []string{"g s"}, Title: "settings, themes", Group: Any, Scopes: []Scope{Everywhere},
		Opens: PageSettings},
	{ID: Faster, Keys: []string{"+"}, Label: "faster", Title: "demo clock faster", Group: Any, Scopes: []Scope{Everywhere}, Demo: true},
	{ID: Slower, Keys: []string{"-"}, Label: "slower", Title: "demo clock slower", Group: Any, Scopes: []Scope{Everywhere}, Demo: true},
	{ID: Palette, Keys: []string{":"}, Label: "palette", Title: "palette", Group: Any, Scopes: []Scope{Everywhere}, Quiet: true},
	{ID: ShowKeys, Keys: []string{"?", "f1"}, Label: "keys", Title: "these keys", Group: Any, Scopes: []Scope{Everywhere},
		Opens: PageKeys},
	{ID: Quit, Keys: []string{"q"}, Label: "quit", Title: "close page; on deck quit", Group: Any,
		Scopes: []Scope{Everywhere}},
}
