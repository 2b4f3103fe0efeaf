package ageplugin

import (
	"bytes"
	"context"
	"encoding/base64"

	"crmdeck/store"
)

// put asks the person what the plugin wants to know. Where nobody is, the plugin hears that it
// failed, and says what that means for it.
func put(ctx context.Context, ask store.Ask, name string, s stanza) (stanza, error) {
	q := store.Question{From: name, Text: clean(s.body)}
	switch s.kind {
	case "msg":
		q.Kind = store.AskNothing
	case "request-secret":
		q.Kind = store.AskSecret
	case "request-public":
		q.Kind = store.AskValue
	case "confirm":
		q.Kind = store.AskConfirm
		for i, to := range []*string{&q.Yes, &q.No} {
			if i >= len(s.args) {
				break
			}
			b, err := base64.RawStdEncoding.DecodeString(s.args[i])
			if err != nil {
				return stanza{}, errFormat
			}
			*to = clean(b)
		}
		if len(s.args) == 0 || len(s.args) > 2 {
			return stanza{}, errFormat
		}
	}
	if ask == nil {
		return stanza{kind: "fail"}, nil
	}
	v, err := ask(ctx, q)
	switch {
	case ctx.Err() != nil:
		return stanza{}, context.Cause(ctx)
	case err != nil:
		return stanza{kind: "fail"}, nil
	}
	defer v.Wipe()
	switch q.Kind {
	case store.AskNothing:
		return stanza{kind: "ok"}, nil
	case store.AskConfirm:
		choice := "no"
		if q.No == "" || v.Reveal() == q.Yes {
			choice = "yes"
		}
		return stanza{kind: "ok", args: []string{choice}}, nil
	}
	return stanza{kind: "ok", body: bytes.Clone(v.Bytes())}, nil
}
