package themes

import "fmt"

// Role is what a colour is for. A theme gives each of the twenty-four a
// colour; Plain stands for the terminal's own and is in no theme.
type Role uint8

// The roles, in the order in which a theme file lists them.
const (
	Plain    Role = iota // the terminal's own colour
	Bg                   // the ground that contrast is checked on
	Raised               // behind dialogs
	Focus                // behind what has focus
	Glow                 // behind a cell that just changed
	Line                 // rules, dialog borders
	Text                 // what is read
	Muted                // labels, units, healthy detail
	Faint                // keys that cannot work, steps to come
	Accent               // focus bar, keys, links, product name
	OnAccent             // text on accent
	Good                 // fine, done, dead as wanted
	Info                 // in hand
	Warn                 // soon, high risk
	Bad                  // needs a person, failed
	Off                  // over
	Danger               // the double border, the sentence in it
	OnDanger             // text on danger
	Badge                // DEMO, LOCKED, READ-ONLY
	OnBadge              // text on badge
	Fill                 // bars, sparklines
	Track                // rest of a bar
	Mark                 // marked rows
	Match                // letters that match a search
	Code                 // fingerprints, URLs, commands

	// RoleCount is the length of a table indexed by Role, Plain included.
	RoleCount = int(iota)
)

// roleNames are the field names of a theme file, by Role.
var roleNames = [RoleCount]string{
	"plain", "bg", "raised", "focus", "glow", "line", "text", "muted", "faint", "accent", "on_accent", "good", "info",
	"warn", "bad", "off", "danger", "on_danger", "badge", "on_badge", "fill", "track", "mark", "match", "code",
}

// String is the role's name in a theme file.
func (r Role) String() string {
	if int(r) < RoleCount {
		return roleNames[r]
	}
	return fmt.Sprintf("role(%d)", uint8(r))
}

// Roles lists the twenty-four roles in file order, without Plain.
func Roles() []Role {
	all := make([]Role, 0, RoleCount-1)
	for r := Bg; int(r) < RoleCount; r++ {
		all = append(all, r)
	}
	return all
}

// roleNamed finds a role by its field name; Plain is none.
func roleNamed(name string) (Role, bool) {
	for _, r := range Roles() {
		if roleNames[r] == name {
			return r, true
		}
	}
	return Plain, false
}
