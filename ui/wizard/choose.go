package wizard

import (
	"slices"
	"strings"

	"crmdeck/connectors"
	"crmdeck/connectors/setup"
	"crmdeck/themes"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// choose is a step with one of several options; typing searches where there may
// be many.
type choose struct {
	p      *Page
	search *widget.Field // nil: too few to search
	shown  []int         // the options that match
	at     int           // index into shown
	notes  map[string]string
}

// newChoose shows the options, the one that was chosen before first.
func newChoose(p *Page, e *page.Env) *choose {
	c := &choose{p: p, notes: map[string]string{}}
	if p.step.ID == stepProvider {
		c.search = &widget.Field{}
	}
	if p.step.ID == stepClient {
		newestFirst(p.step.Options)
	}
	for i := range p.step.Options {
		o := &p.step.Options[i]
		c.notes[o.Value] = noteOf(e, p.step.ID, o)
	}
	c.typed()
	for i, o := range c.options() {
		if o.Value == p.step.Provider && p.step.ID == stepProvider {
			c.at = i
		}
	}
	return c
}

// The ids of steps that the screen draws in a way of its own.
const (
	stepProvider = "provider"
	stepPurpose  = "purpose"
	stepTenant   = "tenant"
	stepClient   = "client"
	stepApp      = "app"
	stepSource   = "grant"
	stepKey      = "key"
	stepRefresh  = "refresh"
)

func (c *choose) options() []setup.Option { return c.p.step.Options }

// typed keeps the options that what was typed is part of.
func (c *choose) typed() {
	want := c.query()
	c.shown, c.at = c.shown[:0], 0
	for i, o := range c.options() {
		if strings.Contains(strings.ToLower(o.Label+" "+o.Value), want) {
			c.shown = append(c.shown, i)
		}
	}
}

// query is what is looked for.
func (c *choose) query() string {
	if c.search == nil {
		return ""
	}
	return strings.ToLower(strings.TrimSpace(c.search.Value()))
}

func (c *choose) field() *widget.Field { return c.search }
func (c *choose) close()               {}
func (c *choose) bar() bool            { return len(c.shown) > 0 }

func (c *choose) hints() []action.ID {
	ids := []action.ID{next}
	if c.p.step.ID != stepProvider {
		ids = append(ids, action.WizardBack)
	}
	return ids
}

// focus is the option in focus, or nil.
func (c *choose) focus() *setup.Option {
	if c.at >= len(c.shown) {
		return nil
	}
	return &c.options()[c.shown[c.at]]
}

func (c *choose) act(e *page.Env, id action.ID) {
	switch id {
	case action.Down:
		c.at = min(c.at+1, max(0, len(c.shown)-1))
	case action.Up:
		c.at = max(c.at-1, 0)
	case action.Top:
		c.at = 0
	case action.Bottom:
		c.at = max(0, len(c.shown)-1)
	case next:
		o := c.focus()
		switch {
		case o == nil:
			e.Note(words.NothingFits)
		case !o.Built:
			e.Note(words.NotBuilt(o.Label))
		default:
			c.p.answer(e, setup.Answer{Value: o.Value})
		}
	}
}

func (c *choose) content(e *page.Env, w int) content {
	out := content{focus: c.at}
	out.head = []line{c.title(e), empty}
	labels := 12
	for _, o := range c.options() {
		labels = max(labels, widget.Width(c.labelOf(&o)))
	}
	labels = min(labels, w/2)
	if c.p.step.ID == stepClient && w < wideClients {
		labels = min(labels, 18)
	}
	for i, n := range c.shown {
		o := &c.options()[n]
		out.body = append(out.body, focused(i == c.at, func(b *widget.Buf) { c.option(b, o, i == c.at, labels) }))
	}
	if len(c.shown) == 0 {
		out.body = append(out.body, said(span{muted, words.NoSuchCRM(c.search.Value())}))
	}
	out.foot = fault(c.p.wrong, 0, w)
	if o := c.focus(); o != nil {
		out.spare = c.about(e, o, w)
	}
	return out
}

// wideClients is from how many cells on an app's whole id is shown.
const wideClients = 90

// title asks the question, and shows what was typed to search.
func (c *choose) title(e *page.Env) line {
	head := span{bold, words.ChooseTitle(c.p.step.ID, crm(e, c.p.step.Provider))}
	if c.search == nil {
		return said(head)
	}
	return func(b *widget.Buf) {
		b.Space(1)
		b.Text(head.st, head.text)
		b.Space(3)
		b.Text(muted, words.TypeToSearch)
		b.Space(2)
		if c.search.Len() > 0 {
			b.Text(plain, c.search.Value())
		}
		b.Glyph(keyed, widget.GlyphCaret)
	}
}

// labelOf is what an option is called.
func (c *choose) labelOf(o *setup.Option) string {
	return words.OptionLabel(c.p.step.ID, o.Value, o.Label)
}

// option draws one option: its name with the letters that match, and what it is.
func (c *choose) option(b *widget.Buf, o *setup.Option, on bool, labels int) {
	st := plain
	switch {
	case !o.Built:
		st = faint
	case on:
		st = bold
	}
	label := widget.CutMiddle(c.labelOf(o), labels)
	from := b.Col()
	i := strings.Index(strings.ToLower(label), c.query())
	if n := len(c.query()); i >= 0 && n > 0 && i+n <= len(label) {
		b.Text(st, label[:i])
		b.Text(widget.Fg(themes.Match), label[i:i+n])
		b.Text(st, label[i+n:])
	} else {
		b.Text(st, label)
	}
	b.To(from + labels + 3)
	note := c.notes[o.Value]
	if !o.Built {
		note = words.NotYet
	}
	b.Text(muted, widget.Cut(note, b.Room()-1))
}

// about says more of the option in focus.
func (c *choose) about(e *page.Env, o *setup.Option, w int) []line {
	if c.p.step.ID != stepProvider {
		return notes(c.p.step.Notes, w)
	}
	out := []line{empty}
	for _, s := range o.Lines {
		out = append(out, wrapped(plain, s, 0, w)...)
	}
	p, err := e.Deps.Catalog.Provider(o.Value)
	if err != nil {
		return out
	}
	out = append(out, empty, said(span{muted, words.FactsChecked(p.Checked)}))
	return append(out, notes(notesAt(p, setup.StationCRM), w)...)
}

// notesAt are a provider's notes for a station.
func notesAt(p *connectors.Provider, station string) []string {
	var out []string
	for _, n := range p.Notes {
		if n.At == station {
			out = append(out, n.Text)
		}
	}
	return out
}

// crm is a provider's name.
func crm(e *page.Env, id string) string {
	if p, err := e.Deps.Catalog.Provider(id); err == nil {
		return p.Name
	}
	return id
}

// noteOf says what an option is, beside its name.
func noteOf(e *page.Env, step string, o *setup.Option) string {
	switch step {
	case stepProvider:
		if p, err := e.Deps.Catalog.Provider(o.Value); err == nil {
			return words.ProviderShort(p)
		}
	case stepClient:
		if o.Value == setup.NewClient {
			break
		}
		var names []string
		e.Live.Each(func(r *live.Row) {
			if string(r.S.Client) == o.Value && r.Look.Group != widget.Done {
				names = append(names, r.S.Name)
			}
		})
		return words.ClientUsed(names, madeOn(o))
	}
	return words.OptionNote(step, o.Value, o.Lines)
}

// madeOn is the day on which an app's secret was made, if that is known.
func madeOn(o *setup.Option) string {
	if len(o.Lines) < 2 {
		return ""
	}
	return o.Lines[1]
}

// newestFirst puts the apps with the newest secrets first: an old one is likelier over.
func newestFirst(list []setup.Option) {
	slices.SortStableFunc(list, func(a, b setup.Option) int {
		if x, y := a.Value == setup.NewClient, b.Value == setup.NewClient; x != y {
			return map[bool]int{true: 1, false: -1}[x]
		}
		return strings.Compare(madeOn(&b), madeOn(&a))
	})
}
