package cli

import (
	"context"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/words"
)

// asker puts what a key wants to know to the person at the terminal; nil where nobody is (PR-6).
func (a *app) asker() store.Ask {
	if !a.deps.IsTerminal() {
		return nil
	}
	return func(ctx context.Context, q store.Question) (secret.Value, error) {
		from := words.Program
		if q.From != "" {
			from = q.From
		}
		prompt := words.Fill(words.Fill(words.AskPlugin, "from", from), "text", q.Text)
		switch q.Kind {
		case store.AskPassphrase:
			return a.askSecret(ctx, words.Fill(words.AskKeyPhrase, "path", q.From))
		case store.AskSecret:
			return a.askSecret(ctx, prompt+" ")
		case store.AskValue:
			line, err := a.askLine(ctx, prompt+" ")
			return secret.FromString(line), err
		case store.AskConfirm:
			return a.confirmPlugin(ctx, prompt, q)
		}
		a.note(prompt)
		return secret.Value{}, nil
	}
}

// confirmPlugin lets a person choose between what a plugin offers; anything but the first is the second.
func (a *app) confirmPlugin(ctx context.Context, prompt string, q store.Question) (secret.Value, error) {
	no := q.No
	if no == "" {
		no = words.AskNo
	}
	line, err := a.askLine(ctx, prompt+" "+words.Fill(words.Fill(words.AskChoice, "yes", q.Yes), "no", no)+" ")
	if err != nil {
		return secret.Value{}, err
	}
	line = strings.TrimSpace(line)
	switch {
	case strings.EqualFold(line, "y"), strings.EqualFold(line, "yes"), strings.EqualFold(line, q.Yes):
		return secret.FromString(q.Yes), nil
	case q.No == "": // there is nothing to say no with but to stop
		return secret.Value{}, errNoAnswer
	}
	return secret.FromString(q.No), nil
}

// saySlow tells that a passphrase waits because others were wrong.
func (a *app) saySlow(d time.Duration) {
	a.note(words.Fill(words.SaySlow, "time", words.Wait(d)))
}
