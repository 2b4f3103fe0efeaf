package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"crmdeck/connectors/setup"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// driver answers a set-up from flags, and asks a person for the rest if one is there.
type driver struct {
	app   *app
	flags *addFlags
	given *setup.Given
	read  map[string]secret.Value
	asked bool // a person is being asked, so that an answer that does not fit is asked again
}

var _ setup.Answerer = (*driver)(nil)

// Again implements setup.Answerer.
func (d *driver) Again(s setup.Step, e *setup.InputError) bool {
	if !d.asked {
		return false
	}
	d.app.note(words.Input(e))
	return true
}

// Show implements setup.Answerer.
func (d *driver) Show(s setup.Step, p setup.Progress) { d.given.Show(s, p) }

// Answer implements setup.Answerer.
func (d *driver) Answer(ctx context.Context, s setup.Step) (setup.Answer, error) {
	d.asked = false
	if !d.app.deps.IsTerminal() {
		return d.given.Answer(ctx, s)
	}
	a, err := d.given.Answer(ctx, s)
	if err != nil && s.Kind != setup.Verify {
		return a, err
	}
	if s.Kind == setup.Verify && !d.flags.yes {
		return d.confirm(ctx, s)
	}
	return d.complete(ctx, s, a, err)
}

// complete asks for what the flags left open.
func (d *driver) complete(ctx context.Context, s setup.Step, a setup.Answer, err error) (setup.Answer, error) {
	switch s.Kind {
	case setup.Choose:
		if a.Value == "" {
			a.Value, err = d.choose(ctx, s)
		}
	case setup.Ask:
		if s.ID == "app" && s.RedirectURI != "" && d.flags.clientID == "" {
			d.app.note(words.Fill(words.SayRegister, "uri", s.RedirectURI))
		}
		return d.fields(ctx, s, a)
	}
	return a, err
}

// choose lists the options and asks for one by number or value.
func (d *driver) choose(ctx context.Context, s setup.Step) (string, error) {
	d.asked = true
	for i, o := range s.Options {
		d.app.note(fmt.Sprintf("%2d  %s  %s", i+1, o.Label, strings.Join(o.Lines, "  ")))
	}
	line, err := d.app.askLine(ctx, words.Question(s.ID, "")+": ")
	if err != nil {
		return "", err
	}
	if n, err := strconv.Atoi(line); err == nil && n >= 1 && n <= len(s.Options) {
		return s.Options[n-1].Value, nil
	}
	return line, nil
}

// fields asks for required fields without an answer.
func (d *driver) fields(ctx context.Context, s setup.Step, a setup.Answer) (setup.Answer, error) {
	if a.Values == nil {
		a.Values = map[string]string{}
	}
	if a.Secrets == nil {
		a.Secrets = map[string]setup.Secret{}
	}
	for _, f := range s.Fields {
		switch {
		case f.Secret && a.Secrets[f.ID].IsZero():
			d.asked = true
			label := f.Label
			if !f.Required {
				label += words.AskEmpty
			}
			v, err := d.app.askSecret(ctx, label+": ")
			if err != nil {
				return a, err
			}
			a.Secrets[f.ID] = v
		case !f.Secret && a.Values[f.ID] == "" && f.Required:
			d.asked = true
			v, err := d.app.askLine(ctx, prompt(f))
			if err != nil {
				return a, err
			}
			a.Values[f.ID] = v
		}
	}
	return a, nil
}

func prompt(f setup.Field) string {
	if f.Default != "" {
		return f.Label + " (" + f.Default + "): "
	}
	return f.Label + ": "
}

// confirm shows whose credential it is and asks whether that is right.
func (d *driver) confirm(ctx context.Context, s setup.Step) (setup.Answer, error) {
	id := s.Identity
	d.app.note(fmt.Sprintf("account  %s  %s  %s", id.Account.ID, id.Account.Name, id.Account.Kind))
	if id.Account.User != "" {
		d.app.note("person   " + id.Account.User)
	}
	if id.Known {
		d.app.note(fmt.Sprintf("granted  %d of %d scopes", len(id.Granted), len(id.Asked)))
	}
	for _, w := range words.IdentityWarnings(id, s.Notes) {
		d.app.note(w)
	}
	line, err := d.app.askLine(ctx, words.AskYes)
	if err != nil {
		return setup.Answer{}, err
	}
	if strings.EqualFold(line, "yes") || strings.EqualFold(line, "y") {
		return setup.Answer{Value: setup.Yes, Confirm: d.flags.other}, nil
	}
	return setup.Answer{Value: setup.No}, nil
}

// open shows the address of the consent, and opens it in a browser if a person is
// there to see it (LB-13). Where nobody is, it waits only if it was told to by
// --no-browser: a job that needs a consent ends and says so (PR-6).
func (d *driver) open(s setup.Step) error {
	a, person := d.app, d.app.deps.IsTerminal()
	if !person && !d.flags.noBrowser {
		return &words.Told{Name: "needs_terminal", Values: map[string]string{"said": words.UseBrowser}}
	}
	line := words.SayOpen
	if a.global.json {
		if err := a.json(map[string]any{"event": "open_url", "url": s.URL, "redirect_uri": s.RedirectURI, "gives_up": moment(s.GivesUp)}); err != nil {
			return err
		}
	}
	if person && !d.flags.noBrowser && a.deps.OpenBrowser != nil && a.deps.OpenBrowser(s.URL) == nil {
		line = words.SayOpened
	}
	if a.global.json {
		return nil
	}
	a.note(line)
	_, _ = fmt.Fprintln(a.deps.Stderr, s.URL)
	a.note(words.Fill(words.SayWaiting, "time", s.GivesUp.Local().Format("15:04")))
	return nil
}

func (d *driver) progress(s setup.Step, p setup.Progress) {
	if d.app.deps.IsTerminal() && !d.app.global.json && p.Code == "probing" {
		d.app.note(words.SayProbing)
	}
}
