package wizard

import (
	"slices"
	"strings"

	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// identity shows whose credential it is. Nothing is stored before the person
// says yes; another account than before has to be said yes to by itself.
type identity struct {
	p       *Page
	fields  [3]widget.Field // name, owner, environment
	editing bool
	at      int
	confirm bool // another account: store it all the same
}

// identityFields are the machine's names of the fields.
var identityFields = [3]string{setup.FieldName, setup.FieldOwner, setup.FieldEnvironment}

func newIdentity(p *Page) *identity {
	i := &identity{p: p}
	for n, v := range []string{p.step.Name, p.step.Owner, p.step.Environment} {
		i.fields[n].Set(v)
	}
	i.fields[1].Placeholder, i.fields[2].Placeholder = words.HoldOwner, words.HoldEnv
	return i
}

func (i *identity) close()    {}
func (i *identity) bar() bool { return i.editing || i.other() != nil }

// fresh reports a new connection, which can be named.
func (i *identity) fresh() bool { return i.p.args.ID == "" }

// other is the account that the connection had before, if it is another.
func (i *identity) other() *store.Account { return i.p.step.Identity.OtherAccount }

func (i *identity) field() *widget.Field {
	if !i.editing {
		return nil
	}
	return &i.fields[i.at]
}

func (i *identity) hints() []action.ID {
	ids := []action.ID{next}
	switch {
	case i.editing:
		ids = append(ids, action.WizardNextField)
	case i.other() != nil:
		ids = append(ids, action.WizardToggle)
	case i.fresh():
		ids = append(ids, action.WizardEdit)
	}
	return ids
}

func (i *identity) label(id action.ID) string {
	switch {
	case id == next:
		return words.HintStore
	case id == action.Back && i.editing:
		return words.HintDone
	case id == action.Back:
		return words.HintDecline
	case id == action.WizardToggle:
		return words.HintConfirm
	}
	return ""
}

func (i *identity) why(_ *page.Env, id action.ID) string {
	if id == next && i.other() != nil && !i.confirm {
		return words.WhyConfirm
	}
	return ""
}

func (i *identity) act(e *page.Env, id action.ID) {
	switch id {
	case action.WizardEdit:
		i.editing = i.fresh()
	case action.WizardNextField, action.Down:
		if i.editing {
			i.at = (i.at + 1) % len(i.fields)
		}
	case action.Up:
		i.fieldBack()
	case action.WizardToggle:
		i.confirm = i.other() != nil && !i.confirm
	case next:
		i.store(e)
	}
}

// fieldBack moves to the field before.
func (i *identity) fieldBack() bool {
	if i.editing {
		i.at = (i.at + len(i.fields) - 1) % len(i.fields)
	}
	return true // behind a grant nobody goes back: it is answered with yes or no
}

// environments are those that a connection can have.
var environments = [...]string{"", "prod", "sbx", "test", "dev"}

// store says yes.
func (i *identity) store(e *page.Env) {
	a := setup.Answer{Value: setup.Yes, Confirm: i.confirm}
	if i.fresh() {
		a.Values = map[string]string{}
		for n := range i.fields {
			a.Values[identityFields[n]] = strings.TrimSpace(i.fields[n].Value())
		}
		if env := a.Values[setup.FieldEnvironment]; !slices.Contains(environments[:], env) {
			i.p.wrong = &setup.InputError{Step: i.p.step.ID, Field: setup.FieldEnvironment, Code: "environment"}
			i.fault(i.p.wrong)
			return
		}
	}
	i.p.answer(e, a)
}

// esc leaves the fields; out of them it means no.
func (i *identity) esc(e *page.Env) bool {
	if i.editing {
		i.editing = false
		return true
	}
	i.p.decline(e)
	return true
}

// fault opens the fields at the one that does not fit.
func (i *identity) fault(err *setup.InputError) {
	for n, id := range identityFields {
		if id == err.Field {
			i.editing, i.at = true, n
		}
	}
}

// identityLabels is the cells of the labels.
const identityLabels = 13

func (i *identity) content(e *page.Env, w int) content {
	id := i.p.step.Identity
	c := content{focus: -1, head: []line{said(span{bold, words.IdentityTitle}), empty}}
	f := e.Figures()
	for _, x := range [][2]string{
		{words.IdAccount, words.Named(id.Account.Name, id.Account.ID)}, {words.IdKind, id.Account.Kind},
		{words.IdPerson, id.Account.User}, {words.IdGranted, words.GrantedOf(id)}, {words.IdAccess, words.AccessOf(id, f, e.Now())},
	} {
		if x[1] != "" {
			c.head = append(c.head, labelled(span{muted, x[0]}, plain, x[1], 3, identityLabels, w)...)
		}
	}
	c.body = append(c.body, empty)
	c.body = append(c.body, i.warnings(w)...)
	if i.fresh() {
		c.body = append(c.body, i.naming(w)...)
	}
	if len(i.p.step.Notes) > 0 {
		c.spare = notes(words.IdentityNotes(i.p.step.Notes), w)
	}
	if i.p.wrong != nil && !i.mine(i.p.wrong.Field) {
		c.foot = append(c.foot, fault(i.p.wrong, 0, w)...)
	}
	return c
}

// mine reports a field that shows its own fault.
func (i *identity) mine(field string) bool {
	for _, id := range identityFields {
		if id == field {
			return true
		}
	}
	return false
}

// warnings are what is odd about it.
func (i *identity) warnings(w int) []line {
	id := i.p.step.Identity
	var out []line
	say := func(st widget.Style, text string) {
		out = append(out, labelled(span{st, widget.GlyphBang}, plain, text, 3, 2, w)...)
	}
	if was := i.other(); was != nil {
		say(bad, words.OtherAccount(i.p.name, was, &id.Account))
		on := i.confirm
		out = append(out, empty, focused(true, func(b *widget.Buf) {
			b.Space(2)
			if on {
				b.Glyph(good, widget.GlyphCheck)
			} else {
				b.Glyph(faint, widget.GlyphMid)
			}
			b.Space(1)
			b.Text(bold, words.StoreOther)
			b.Text(muted, widget.Cut("   "+words.SpaceChecks, b.Room()-1))
		}))
	}
	for _, name := range id.SameGrant {
		say(warn, words.SameGrant(name))
	}
	for _, name := range id.Twins {
		say(warn, words.Twin(name))
	}
	if len(out) > 0 {
		out = append(out, empty)
	}
	return out
}

// naming is name, owner and environment.
func (i *identity) naming(w int) []line {
	var out []line
	for n := range i.fields {
		on := i.editing && n == i.at
		out = append(out, focused(on, func(b *widget.Buf) {
			b.Space(3)
			b.Fit(muted, words.NamingLabels()[n], identityLabels)
			i.fields[n].Draw(b, max(4, b.Room()-1), on)
		}))
		if wrong := i.p.wrong; wrong != nil && wrong.Field == identityFields[n] {
			out = append(out, fault(wrong, 3+identityLabels, w)...)
		}
	}
	return out
}
