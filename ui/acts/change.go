package acts

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/live"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// What every form says in its lower edge.
const (
	nextField = words.HintNext
	keepIt    = words.HintKeepIt
)

// missingWords counts missing letters.
func missingWords(n int) string { return words.Missing(n) }

// dialog opens the dialog of an act on one connection.
func (a *Acts) dialog(e *page.Env, id action.ID, on []store.ID) {
	row, ok := e.Row(on[0])
	if !ok {
		return
	}
	switch id {
	case action.Edit:
		a.edit(e, row)
	case action.Rename:
		a.rename(e, row)
	case action.Remove:
		a.remove(e, row)
	}
}

// The fields of the edit form.
const (
	editOwner = iota
	editEnv
	editPurpose
	editTags
	editDays
	editMade
)

// edit reads the connection and opens the form.
func (a *Acts) edit(e *page.Env, row *live.Row) {
	s, id := e.Deps.Store, row.S.ID
	page.Go(e, a.slot(id), func(ctx context.Context) (c store.Connection, err error) {
		err = s.Read(ctx, func(r store.Reader) (err error) {
			c, err = r.Connection(id)
			return err
		})
		return c, err
	}, func(e *page.Env, c store.Connection, err error) {
		if err != nil {
			e.Fail(err, row)
			return
		}
		e.Show(a.editForm(e, row, &c))
	})
}

// editForm is the form with what the connection has now.
func (a *Acts) editForm(e *page.Env, row *live.Row, c *store.Connection) *form {
	f := &form{title: words.EditTitle + c.Name, hint: words.HintSave, fields: []formField{
		{label: words.FieldOwner, field: widget.Field{Placeholder: words.HoldOwner}},
		{label: words.FieldEnv, field: widget.Field{Placeholder: words.HoldEnv}},
		{label: words.FieldPurpose, field: widget.Field{Placeholder: words.HoldPurpose}},
		{label: words.FieldTags, field: widget.Field{Placeholder: words.HoldTags}},
		{label: words.FieldKeyDays, field: widget.Field{Placeholder: words.HoldKeyDays}},
	}}
	was := []string{c.Owner, c.Environment, c.Purpose, strings.Join(c.Tags, " "), ""}
	if c.KeyDays > 0 {
		was[editDays] = strconv.Itoa(c.KeyDays)
	}
	if !row.S.KeyMade.IsZero() {
		label := words.FieldMade
		if row.S.HasKey {
			label = words.FieldKeyMade
		}
		f.fields = append(f.fields, formField{label: label, field: widget.Field{Placeholder: words.HoldKeyMade}})
		was = append(was, row.S.KeyMade.Format(time.DateOnly))
	}
	for i := range was {
		f.fields[i].field.Set(was[i])
	}
	now := e.Now()
	f.check = func(f *form) string { return checkEdit(f, now) }
	f.then = func(e *page.Env, f *form) { a.save(e, row, changes(f, was)) }
	return f
}

// environments are those that a connection can have.
var environments = []string{"", "prod", "sbx", "test", "dev"}

// maxDays is ten years.
const maxDays = 3650

// checkEdit says what is wrong in the form.
func checkEdit(f *form, now time.Time) string {
	if !slices.Contains(environments, f.value(editEnv)) {
		f.at = editEnv
		return words.EditEnv
	}
	if s := f.value(editDays); s != "" {
		if n, err := strconv.Atoi(s); err != nil || n < 1 || n > maxDays {
			f.at = editDays
			return words.EditDays
		}
	}
	if len(f.fields) > editMade {
		switch at, err := time.Parse(time.DateOnly, f.value(editMade)); {
		case err != nil:
			f.at = editMade
			return words.EditDate
		case at.After(now):
			f.at = editMade
			return words.EditFuture
		}
	}
	return ""
}

// changes is what differs from before; nil if nothing does.
func changes(f *form, was []string) *lifecycle.Edit {
	var x lifecycle.Edit
	changed := false
	for i := range f.fields {
		v := f.value(i)
		if v == was[i] {
			continue
		}
		changed = true
		switch i {
		case editOwner:
			x.Owner = &v
		case editEnv:
			x.Environment = &v
		case editPurpose:
			x.Purpose = &v
		case editTags:
			tags := strings.Fields(v)
			x.Tags = &tags
		case editDays:
			n, _ := strconv.Atoi(v) // checked before; empty is 0, the provider's
			x.KeyDays = &n
		case editMade:
			at, _ := time.Parse(time.DateOnly, v)
			x.KeyMade = &at
		}
	}
	if !changed {
		return nil
	}
	return &x
}

// save writes what was changed.
func (a *Acts) save(e *page.Env, row *live.Row, x *lifecycle.Edit) {
	if x == nil {
		e.Note(words.EditNothing)
		return
	}
	l, id := e.Deps.Lifecycle, row.S.ID
	a.run(e, row, words.Saved(row.S.Name), func(ctx context.Context) error { return l.Edit(ctx, id, *x) })
}

// rename asks for another name.
func (a *Acts) rename(e *page.Env, row *live.Row) {
	l, id, old := e.Deps.Lifecycle, row.S.ID, row.S.Name
	f := &form{title: words.RenameTitle + old, hint: words.HintRename, about: []string{words.RenameAsk},
		fields: []formField{{label: words.FieldName}}}
	f.fields[0].field.Set(old)
	f.check = func(f *form) string { return wrongName(e, id, strings.TrimSpace(f.value(0))) }
	f.then = func(e *page.Env, f *form) {
		name := strings.TrimSpace(f.value(0))
		if name == old {
			e.Note(words.EditNothing)
			return
		}
		a.run(e, row, words.Renamed(old, name), func(ctx context.Context) error { return l.Rename(ctx, id, name) })
	}
	e.Show(f)
}

// wrongName says why a connection can't have a name; "" if it can.
func wrongName(e *page.Env, id store.ID, name string) (why string) {
	switch {
	case name == "":
		return words.RenameEmpty
	case lifecycle.CheckName(name) != nil:
		return words.RenameBad
	}
	e.Live.Each(func(row *live.Row) {
		if row.S.Name == name && row.S.ID != id {
			why = words.RenameTaken(name)
		}
	})
	return why
}

// remove asks for the name and takes the connection off the deck. It can't be
// undone, so it has the double border.
func (a *Acts) remove(e *page.Env, row *live.Row) {
	l, id, name := e.Deps.Lifecycle, row.S.ID, row.S.Name
	dead := row.Look.Group == widget.Done
	e.Show(&form{title: words.RemoveTitle + name, hint: words.HintRemove, danger: true, needs: name,
		about:  append(words.RemoveSays(dead, row.CRM), "", words.TypeName(name)),
		fields: []formField{{}},
		then: func(e *page.Env, _ *form) {
			a.run(e, row, words.Removed(name), func(ctx context.Context) error { return l.Remove(ctx, id, !dead) })
		}})
}

// run calls the engine and tells how it went.
func (a *Acts) run(e *page.Env, row *live.Row, good string, do func(context.Context) error) {
	page.Go(e, a.slot(row.S.ID), func(ctx context.Context) (struct{}, error) {
		return struct{}{}, do(ctx)
	}, func(e *page.Env, _ struct{}, err error) {
		if err != nil {
			e.Fail(err, row)
			return
		}
		e.Good(good)
	})
}
