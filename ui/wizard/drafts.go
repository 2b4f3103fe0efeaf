package wizard

import (
	"context"
	"slices"
	"time"

	"crmdeck/store"
	"crmdeck/ui/action"
	"crmdeck/ui/page"
	"crmdeck/ui/widget"
	"crmdeck/ui/words"
)

// drafts asks whether a set-up that was left is to go on.
type drafts struct {
	p    *Page
	list []store.Draft
	at   int // 0 is a new one
	now  time.Time
	slot page.Slot
}

// newDrafts lists the drafts, the newest first.
func newDrafts(p *Page, e *page.Env, list []store.Draft) *drafts {
	slices.SortStableFunc(list, func(a, b store.Draft) int { return b.Updated.Compare(a.Updated) })
	return &drafts{p: p, list: list, now: e.Now()}
}

func (d *drafts) field() *widget.Field { return nil }
func (d *drafts) close()               {}
func (d *drafts) bar() bool            { return true }

func (d *drafts) hints() []action.ID {
	if d.at > 0 {
		return []action.ID{next, action.WizardForget}
	}
	return []action.ID{next}
}

func (d *drafts) label(id action.ID) string {
	if id == next && d.at > 0 {
		return words.HintGoOn
	}
	return ""
}

func (d *drafts) act(e *page.Env, id action.ID) {
	switch id {
	case action.Down:
		d.at = min(d.at+1, len(d.list))
	case action.Up:
		d.at = max(d.at-1, 0)
	case action.Top:
		d.at = 0
	case action.Bottom:
		d.at = len(d.list)
	case next:
		if d.p.slot.Runs() {
			return
		}
		if d.at == 0 {
			d.p.begin(e, "")
		} else {
			d.p.begin(e, d.list[d.at-1].ID)
		}
	case action.WizardForget:
		d.forget(e)
	}
}

// forget deletes a draft. It holds nothing that could not be answered again.
func (d *drafts) forget(e *page.Env) {
	if d.at == 0 || d.slot.Runs() {
		return
	}
	id, st := d.list[d.at-1].ID, e.Deps.Store
	page.Go(e, &d.slot, func(ctx context.Context) (struct{}, error) {
		return struct{}{}, st.Write(ctx, func(w store.Writer) error {
			w.Bookkeeping()
			return w.DeleteDraft(id)
		})
	}, func(e *page.Env, _ struct{}, err error) {
		if err != nil {
			e.Fail(err, nil)
			return
		}
		d.list = slices.DeleteFunc(d.list, func(x store.Draft) bool { return x.ID == id })
		d.at = min(d.at, len(d.list))
	})
}

func (d *drafts) content(_ *page.Env, w int) content {
	c := content{focus: d.at, head: []line{said(span{bold, words.DraftsTitle}), empty}}
	c.body = append(c.body, focused(d.at == 0, func(b *widget.Buf) { b.Text(strong(d.at == 0), words.DraftsNew) }))
	for i := range d.list {
		x := &d.list[i]
		on := d.at == i+1
		c.body = append(c.body, focused(on, func(b *widget.Buf) {
			b.Fit(strong(on), x.Label, min(34, w-16))
			b.Space(2)
			b.Text(muted, words.DraftLeft(widget.Ago(d.now.Sub(x.Updated))))
		}))
	}
	c.foot = append([]line{empty}, wrapped(muted, words.DraftsAbout, 0, w)...)
	return c
}

// strong is text that is bold in focus.
func strong(on bool) widget.Style {
	if on {
		return bold
	}
	return plain
}
