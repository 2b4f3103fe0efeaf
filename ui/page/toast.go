package page

import "crmdeck/ui/widget"

// Toast is one fact in the row above the footer.
type Toast struct {
	Kind ToastKind
	Text string // one line shows as many of its sentences as fit
	Key  string // the key that helps; "" for none
	Does string // what the key does; "" is that it helps
}

// ToastKind decides glyph, colour and how long a toast stays.
type ToastKind uint8

// The kinds.
const (
	ToastGood ToastKind = iota // 3 s
	ToastInfo                  // 3 s
	ToastBad                   // until a key
)

// toastSigns is the glyph of each kind.
var toastSigns = [...]string{widget.GlyphCheck, widget.GlyphDash, widget.GlyphCross}

// Glyph is the kind's sign.
func (k ToastKind) Glyph() string { return toastSigns[k] }

// Good tells that something worked.
func (e *Env) Good(text string) { e.host.Toast(Toast{Kind: ToastGood, Text: text}) }

// Note tells a fact that is neither good nor bad.
func (e *Env) Note(text string) { e.host.Toast(Toast{Kind: ToastInfo, Text: text}) }

// Bad tells that something did not work, in words made for people.
func (e *Env) Bad(text string) { e.host.Toast(Toast{Kind: ToastBad, Text: text}) }
