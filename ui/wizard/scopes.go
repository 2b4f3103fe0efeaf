package wizard

import (
	"slices"

	"crmdeck/connectors"
	"crmdeck/connectors/setup"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// scopes is what the connection may do: a preset, or single scopes.
type scopes struct {
	p   *Page
	set int // index into Sets; len(Sets): own choice
	own []bool
	at  int
}

// newScopes begins with what was chosen before, or the least preset.
func newScopes(p *Page) *scopes {
	s := &scopes{p: p, own: make([]bool, len(p.step.Rows))}
	var chosen []string
	for i, r := range p.step.Rows {
		s.own[i] = r.Chosen
		if r.Chosen {
			chosen = append(chosen, r.Name)
		}
	}
	s.set = len(p.step.Sets)
	for i, x := range p.step.Sets {
		if sameNames(x.Scopes, chosen) {
			s.set = i
			break
		}
	}
	return s
}

// sameNames compares two lists whatever their order.
func sameNames(a, b []string) bool {
	x, y := slices.Clone(a), slices.Clone(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}

func (s *scopes) field() *widget.Field { return nil }
func (s *scopes) close()               {}
func (s *scopes) bar() bool            { return len(s.p.step.Rows) > 0 }

func (s *scopes) hints() []action.ID {
	return []action.ID{next, action.WizardMore, action.WizardToggle, action.WizardBack}
}

func (s *scopes) label(id action.ID) string {
	switch id {
	case action.WizardMore:
		return words.HintPreset
	case action.WizardToggle:
		return words.HintCheck
	}
	return ""
}

// has reports whether a scope is asked for.
func (s *scopes) has(i int) bool {
	r := &s.p.step.Rows[i]
	if s.set < len(s.p.step.Sets) {
		return slices.Contains(s.p.step.Sets[s.set].Scopes, r.Name)
	}
	return s.own[i] || r.Fixed
}

func (s *scopes) act(e *page.Env, id action.ID) {
	last := max(0, len(s.p.step.Rows)-1)
	switch id {
	case action.Down:
		s.at = min(s.at+1, last)
	case action.Up:
		s.at = max(s.at-1, 0)
	case action.Top:
		s.at = 0
	case action.Bottom:
		s.at = last
	case action.PageDown, action.HalfDown:
		s.at = min(s.at+8, last)
	case action.PageUp, action.HalfUp:
		s.at = max(s.at-8, 0)
	case action.WizardMore, action.WizardNextField:
		s.turn(1)
	case action.WizardLess:
		s.turn(-1)
	case action.WizardToggle:
		s.toggle(e)
	case next:
		s.p.answer(e, s.answer())
	}
}

// turn takes another preset. Own choice begins with what the preset had.
func (s *scopes) turn(by int) {
	n := len(s.p.step.Sets) + 1
	to := (s.set + by + n) % n
	if to == n-1 {
		s.makeOwn()
	}
	s.set = to
}

// makeOwn takes what is asked for now as the own choice.
func (s *scopes) makeOwn() {
	for i := range s.own {
		s.own[i] = s.has(i)
	}
	s.set = len(s.p.step.Sets)
}

// toggle asks for a scope, or no longer.
func (s *scopes) toggle(e *page.Env) {
	if s.at >= len(s.own) {
		return
	}
	if s.p.step.Rows[s.at].Fixed {
		e.Note(words.AlwaysThere)
		return
	}
	s.makeOwn()
	s.own[s.at] = !s.own[s.at]
}

// answer is the preset, or the list.
func (s *scopes) answer() setup.Answer {
	if s.set < len(s.p.step.Sets) {
		return setup.Answer{Value: s.p.step.Sets[s.set].ID}
	}
	var list []string
	for i := range s.own {
		if s.has(i) {
			list = append(list, s.p.step.Rows[i].Name)
		}
	}
	return setup.Answer{Scopes: list}
}

// risky counts what is asked for of high or critical risk.
func (s *scopes) risky() (n, asked int) {
	for i, r := range s.p.step.Rows {
		if !s.has(i) {
			continue
		}
		asked++
		if r.Risk == connectors.High || r.Risk == connectors.Critical {
			n++
		}
	}
	return n, asked
}

func (s *scopes) content(_ *page.Env, w int) content {
	c := content{focus: s.at, head: s.presets(w)}
	names := 0
	for i := range s.p.step.Rows {
		names = max(names, widget.Width(s.p.step.Rows[i].Name))
	}
	names = min(names, max(12, w-22))
	for i := range s.p.step.Rows {
		c.body = append(c.body, s.row(i, names, w))
	}
	c.foot = fault(s.p.wrong, 0, w)
	if s.set < len(s.p.step.Sets) && s.p.step.Sets[s.set].Note != "" {
		c.spare = append([]line{empty}, wrapped(muted, s.p.step.Sets[s.set].Note, 0, w)...)
	} else {
		c.spare = notes(s.p.step.Notes, w)
	}
	if s.at < len(s.p.step.Rows) {
		r := &s.p.step.Rows[s.at]
		about := []string{r.Meaning}
		if tag := tagOf(r); tag != "" {
			about = append(about, tag)
		}
		c.foot = append(append([]line{empty}, wrapped(plain, words.List(about), 0, w)...), c.foot...)
	}
	return c
}

// presets is the question, the presets, and how much risk there is: one line, or
// two where that is too much.
func (s *scopes) presets(w int) []line {
	n, asked := s.risky()
	risk := muted
	if n > 0 {
		risk = warn
	}
	choices := func(b *widget.Buf) {
		for i := range len(s.p.step.Sets) + 1 {
			label := words.OwnChoice
			if i < len(s.p.step.Sets) {
				label = s.p.step.Sets[i].Label
			}
			if i > 0 {
				b.Space(3)
			}
			if i == s.set {
				b.Glyph(good, widget.GlyphCheck)
				b.Text(bold, " "+label)
			} else {
				b.Text(faint, "  "+label)
			}
		}
	}
	narrow := w < wideScopes
	out := []line{func(b *widget.Buf) {
		b.Space(1)
		b.Text(bold, words.ScopesTitle)
		if !narrow {
			b.Space(3)
			choices(b)
		}
		b.AtRight(risk, words.ScopesRisk(asked, n), 1)
	}}
	if narrow {
		out = append(out, func(b *widget.Buf) {
			b.Space(1)
			choices(b)
		})
	}
	return append(out, empty)
}

// wideScopes is from how many cells on presets stand beside the question and
// each scope says what it means.
const wideScopes = 90

// row is one scope: asked for or not, its risk, and what it allows.
func (s *scopes) row(i, names, w int) line {
	r := &s.p.step.Rows[i]
	on := i == s.at
	return focused(on, func(b *widget.Buf) {
		b.Space(1)
		switch {
		case s.has(i) && r.Fixed:
			b.Glyph(muted, widget.GlyphCheck)
		case s.has(i):
			b.Glyph(good, widget.GlyphCheck)
		default:
			b.Glyph(faint, widget.GlyphMid)
		}
		b.Space(1)
		b.Name(strong(on), r.Name, names)
		b.Space(2)
		from := b.Col()
		if sign, ok := widget.RiskSign(string(r.Risk)); ok {
			widget.DrawRisk(b, sign)
		}
		b.To(from + 10)
		if w < wideScopes {
			return
		}
		b.Text(muted, widget.Cut(r.Meaning, b.Room()-1))
		if tag := tagOf(r); tag != "" {
			b.AtRight(faint, "  "+tag, 1)
		}
	})
}

// tagOf is what crmdeck has to say of a scope.
func tagOf(r *setup.ScopeChoice) string {
	switch {
	case slices.Contains(r.Use, "avoid"):
		return words.NeverNeeded
	case r.Fixed:
		return words.AlwaysNeeded
	}
	return ""
}
