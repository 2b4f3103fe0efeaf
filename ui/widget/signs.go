package widget

import "crmdeck/themes"

// Group is how urgent a state is: the summary, the order and the colour.
type Group uint8

// The groups, most urgent first.
const (
	NeedYou Group = iota // a person has to act
	Soon                 // will need one
	InHand               // being worked on
	Fine                 // nothing to do
	Done                 // over

	GroupCount = int(iota)
)

// groupStyles is the role and weight of each group.
var groupStyles = [GroupCount]Style{
	{Fg: themes.Bad, Attr: Bold}, {Fg: themes.Warn, Attr: Bold}, {Fg: themes.Info}, {Fg: themes.Good}, {Fg: themes.Off},
}

// Style is how the group's counts and signs are drawn.
func (g Group) Style() Style {
	if int(g) < GroupCount {
		return groupStyles[g]
	}
	return Style{}
}

// Sign is a glyph that means something: never alone, always with its word.
type Sign struct {
	Glyph string
	Word  string // at most nine letters
	Style Style
}

// Draw draws glyph, blank, word.
func (s Sign) Draw(w Inker) {
	w.Glyph(s.Style, s.Glyph)
	w.Glyph(s.Style, " ")
	w.Glyph(s.Style, s.Word)
}

// stateSign is one state of a connection with its group.
type stateSign struct {
	word, glyph string
	group       Group
}

// stateSigns is every state, in the order in which the first that holds is
// shown.
var stateSigns = [...]stateSign{
	{"reconnect", GlyphCross, NeedYou}, {"blocked", GlyphBlock, NeedYou}, {"uncertain", GlyphQuestion, NeedYou},
	{"overdue", GlyphOverdue, NeedYou}, {"expired", GlyphRing, Soon}, {"expiring", GlyphHalfRing, Soon},
	{"reduced", GlyphReduced, Soon}, {"due", GlyphDue, Soon}, {"throttled", GlyphEllipsis, InHand},
	{"retrying", GlyphTilde, InHand}, {"rotating", GlyphDiamond, InHand}, {"queued", GlyphQueued, InHand},
	{"healthy", GlyphDot, Fine}, {"revoked", GlyphDash, Done},
}

// StateSign is the sign and the group of a connection's state, by its word; ok
// is false for a word that is no state.
func StateSign(word string) (sign Sign, group Group, ok bool) {
	if word == "revoked_by_provider" { // a case of reconnect, in nine letters
		sign, group, ok = StateSign("reconnect")
		sign.Word = "stolen?"
		return sign, group, ok
	}
	for i := range stateSigns {
		s := &stateSigns[i]
		if s.word == word {
			return Sign{Glyph: s.glyph, Word: s.word, Style: s.group.Style()}, s.group, true
		}
	}
	return Sign{}, 0, false
}

// Step is how far a step of a wizard, a rotation or a revocation is.
type Step uint8

// The steps; the zero Step is to come.
const (
	StepToCome Step = iota
	StepRuns
	StepDone
	StepFailed
	StepSkipped
)

// stepSigns is the glyph and style of each Step.
var stepSigns = [...]Sign{
	{Glyph: GlyphMid, Style: Fg(themes.Faint)}, {Glyph: GlyphDiamond, Style: Fg(themes.Info)},
	{Glyph: GlyphCheck, Style: Fg(themes.Good)}, {Glyph: GlyphCross, Style: Strong(themes.Bad)},
	{Glyph: GlyphDash, Style: Fg(themes.Off)},
}

// Sign is the step's glyph; its word is the step's own name.
func (s Step) Sign() Sign {
	if int(s) < len(stepSigns) {
		return stepSigns[s]
	}
	return Sign{}
}

// TestSign is the step that the outcome of a test sync stands for: one that was stopped
// did not fail.
func TestSign(outcome string) Sign {
	switch outcome {
	case "ok":
		return StepDone.Sign()
	case "cancelled":
		return StepSkipped.Sign()
	}
	return StepFailed.Sign()
}

// verdictSigns is what a revocation can have proved. "dies at" is followed by
// the time, so its word is cut to what stands before it.
var verdictSigns = [...]Sign{
	{GlyphCheck, "dead", Fg(themes.Good)}, {GlyphEllipsis, "dies at", Fg(themes.Info)},
	{GlyphCross, "alive", Strong(themes.Bad)}, {GlyphQuestion, "unknown", Strong(themes.Bad)},
}

// VerdictSign is the sign of a verdict, by its word: "dead", "dies at",
// "alive", "unknown".
func VerdictSign(word string) (Sign, bool) { return signOf(verdictSigns[:], word) }

// riskSigns is the four risks of a scope; the glyph stands behind the word.
var riskSigns = [...]Sign{
	{"", "low", Fg(themes.Muted)}, {"", "medium", Fg(themes.Text)},
	{" " + GlyphBang, "high", Strong(themes.Warn)}, {GlyphBang, "critical", Strong(themes.Bad)},
}

// RiskSign is the sign of a scope's risk, by its word; DrawRisk draws it.
func RiskSign(word string) (Sign, bool) { return signOf(riskSigns[:], word) }

// DrawRisk draws a risk, word first: "low", "medium", "high !", "critical!".
func DrawRisk(w Inker, s Sign) {
	w.Glyph(s.Style, s.Word)
	w.Glyph(s.Style, s.Glyph)
}

// signOf finds a sign by its word.
func signOf(signs []Sign, word string) (Sign, bool) {
	for _, s := range signs {
		if s.Word == word {
			return s, true
		}
	}
	return Sign{}, false
}
