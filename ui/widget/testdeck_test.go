package widget

import "crmdeck/themes"

// deckRow is a row of the example deck: glyph, word, name, CRM, environment,
// method, scopes, access, next clock, bar, key age, test, owner.
type deckRow [13]string

// exampleDeck is the deck of the design, as strings.
var exampleDeck = deckRows{
	{"×", "reconnect", "salesforce-emea", "Salesforce", "prod", "OAuth", "3 2!", "over 2h", "-", "━━━──", "112d", "× 2h", "jan"},
	{"■", "blocked", "hubspot-partner", "HubSpot", "prod", "OAuth", "7 1!", "over 8m", "-", "━━━━─", "161d", "✓ 1d", "mira"},
	{"?", "uncertain", "close-sales", "Close", "prod", "OAuth", "2 2!", "over 3m", "-", "━╸───", "64d", "✓ 5h", "ops"},
	{"▲", "overdue", "hubspot-etl", "HubSpot", "prod", "key", "9 3!", "-", "-", "━━━━▲", "143d", "✓ 2h", "ops"},
	{"○", "expired", "hubspot-events", "HubSpot", "prod", "OAuth", "5", "over 3m", "secret 41d", "━━━╸─", "139d", "✓ 3h", "mira"},
	{"◐", "expiring", "hubspot-prod", "HubSpot", "prod", "OAuth", "7 1!", "4m 12s", "secret 97d", "━━───", "83d", "✓ 12m", "jan"},
	{"▽", "reduced", "hubspot-marketing", "HubSpot", "prod", "OAuth", "5/7 1!", "27m", "secret 119d", "━╸───", "61d", "× 3d", "mira"},
	{"△", "due", "close-nightly", "Close", "prod", "key", "1 1!", "-", "key 12d", "━━━━─", "78d", "✓ 9h", "ops"},
	{"△", "due", "close-reports", "Close", "prod", "key", "1 1!", "-", "key 12d", "━━━━─", "78d", "never", "lena"},
	{"…", "throttled", "hubspot-webshop", "HubSpot", "prod", "OAuth", "6", "22m", "wait 1m 20s", "╸────", "30d", "✓ 40m", "lena"},
	{"~", "retrying", "salesforce-apac", "Salesforce", "prod", "JWT", "3 2!", "~38m", "retry 38s", "━────", "88d", "✓ 1d", "jan"},
	{"◆", "rotating", "close-support", "Close", "prod", "key", "1 1!", "-", "overlap 31h", "─────", "0d", "✓ 5h", "ops"},
	{"»", "queued", "hubspot-agency", "HubSpot", "prod", "key", "4", "-", "retry 2m", "━━───", "41d", "✓ 6d", "mira"},
	{"●", "healthy", "salesforce-prod", "Salesforce", "prod", "OAuth", "3 2!", "~1h 52m", "slots 1 left", "╸────", "23d", "✓ 12m", "jan"},
	{"●", "healthy", "salesforce-sbx", "Salesforce", "sbx", "JWT", "3 2!", "~1h 07m", "cert 301d", "╸────", "64d", "✓ 1d", "jan"},
	{"●", "healthy", "hubspot-finance", "HubSpot", "prod", "OAuth", "4", "18m", "secret 149d", "╸────", "31d", "✓ 25m", "lena"},
	{"-", "revoked", "hubspot-old", "HubSpot", "prod", "key", "-", "-", "-", "", "-", "-", "ops"},
}

// deckRows shows deckRow slices in the deck's columns.
type deckRows []deckRow

func (d deckRows) Len() int         { return len(d) }
func (d deckRows) Key(i int) string { return d[i][2] }
func (d deckRows) Cell(i, col int, c *Cell) {
	r := &d[i]
	switch col {
	case colState:
		c.Glyph(Strong(themes.Warn), r[0])
		c.Pad(1)
		c.Text(Strong(themes.Warn), r[1])
	case colGlyph:
		c.Glyph(Strong(themes.Warn), r[0])
	case colKeyBar:
		c.Glyph(Fg(themes.Fill), r[9])
		c.Right(Fg(themes.Muted), r[10], 10-c.Width())
	case colKey:
		c.Text(Fg(themes.Muted), r[10])
	case colTest:
		c.Text(Fg(themes.Muted), r[11])
	case colFirst:
		s := r[7]
		if s == "-" {
			s = r[8]
		}
		if s == "-" || r[1] == "overdue" {
			s = r[10]
		}
		c.Text(Fg(themes.Muted), s)
	default:
		c.Text(Fg(themes.Text), r[col])
	}
}

// The columns of the example deck; those up to colNext index deckRow.
const (
	colGlyph = iota
	_
	colName
	colCRM
	colEnv
	colMethod
	colScopes
	colAccess
	colNext
	colKeyBar
	colKey
	colTest
	colOwner
	colState
	colFirst
)

// deckColumns is the table of columns of the deck.
func deckColumns() []Column {
	return []Column{
		{ID: colState, Title: "state", Width: 11, From: 59, Sort: "state"},
		{ID: colGlyph, Width: 1, Gap: 1, Below: 59},
		{ID: colName, Title: "name", Width: 20, Max: 32, Middle: true, Sort: "name"},
		{ID: colCRM, Title: "CRM", Width: 10, From: 78, Sort: "crm"},
		{ID: colEnv, Title: "env", Width: 4, From: 97, Sort: "env"},
		{ID: colMethod, Title: "method", Width: 6, Gap: 1, From: 105},
		{ID: colScopes, Title: "scopes", Width: 7, From: 85, Align: AlignRight},
		{ID: colAccess, Title: "access", Width: 7, From: 49, Align: AlignRight, Sort: "access"},
		{ID: colFirst, Title: "first", Width: 11, Below: 49, Align: AlignRight},
		{ID: colNext, Title: "next clock", Width: 13, From: 49},
		{ID: colKeyBar, Title: "key age", Width: 10, From: 91, Sort: "key"},
		{ID: colKey, Title: "key", Width: 5, From: 66, Below: 91, Align: AlignRight, Sort: "key"},
		{ID: colTest, Title: "test", Width: 6, From: 113},
		{ID: colOwner, Title: "owner", Width: 5, From: 120},
	}
}
