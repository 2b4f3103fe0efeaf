package lifecycle

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"crmdeck/store"
	"crmdeck/store/text"
)

// ErrName: a name that no connection can have.
var ErrName = errors.New("a name has 1 to 64 letters, digits, dots, dashes and underscores, and begins with a letter or digit")

const maxName = 64

// CheckName returns ErrName for a name that no connection can have: names are typed in
// commands and confirm a revocation, so they are plain.
func CheckName(name string) error {
	if name == "" || len(name) > maxName {
		return ErrName
	}
	for i := range len(name) {
		c := name[i]
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && (i == 0 || c != '.' && c != '-' && c != '_') {
			return ErrName
		}
	}
	return nil
}

// change runs one audited change of a connection.
func (e *Engine) change(ctx context.Context, id store.ID, act store.Act, fn func(store.Writer, *record) (evidence string, err error)) error {
	err := e.cfg.Store.Write(ctx, func(w store.Writer) error {
		rec, err := read(w, id)
		if err != nil {
			return err
		}
		evidence, err := fn(w, &rec)
		if err != nil || evidence == "" {
			w.Bookkeeping() // nothing changed
			return err
		}
		_, err = w.Append(event(rec, act, "done", evidence, ""))
		return err
	})
	if err != nil {
		return fmt.Errorf("changing connection: %w", err)
	}
	return nil
}

// SetPaused implements Lifecycle.
func (e *Engine) SetPaused(ctx context.Context, id store.ID, paused bool) error {
	act, line := store.ActPause, "no refresh by itself from now on"
	if !paused {
		act, line = store.ActResume, "refreshed ahead again"
	}
	return e.change(ctx, id, act, func(w store.Writer, rec *record) (string, error) {
		if rec.conn.Paused == paused {
			return "", nil
		}
		rec.conn.Paused, rec.conn.Updated = paused, e.now()
		return line, w.PutConnection(&rec.conn)
	})
}

// Rename implements Lifecycle. store.ErrNameTaken if another connection has the name.
func (e *Engine) Rename(ctx context.Context, id store.ID, name string) error {
	if err := CheckName(name); err != nil {
		return err
	}
	return e.change(ctx, id, store.ActRename, func(w store.Writer, rec *record) (string, error) {
		if rec.conn.Name == name {
			return "", nil
		}
		line := "was " + rec.conn.Name
		rec.conn.Name, rec.conn.Updated = name, e.now()
		return line, w.PutConnection(&rec.conn)
	})
}

// ErrEnvironment: an environment that no connection can be of.
var ErrEnvironment = errors.New("the environment is one of prod, sbx, test and dev")

// KnownEnvironment reports prod, sbx, test, dev, or none: the words that every screen and
// filter knows.
func KnownEnvironment(env string) bool {
	switch env {
	case "", "prod", "sbx", "test", "dev":
		return true
	}
	return false
}

// Bounds of what a person writes about a connection.
const (
	maxShort   = 100
	maxPurpose = 500
	maxTags    = 20
)

// Edit implements Lifecycle.
func (e *Engine) Edit(ctx context.Context, id store.ID, x Edit) error {
	if x.Environment != nil && !KnownEnvironment(*x.Environment) {
		return ErrEnvironment
	}
	return e.change(ctx, id, store.ActEdit, func(w store.Writer, rec *record) (string, error) {
		var changed []string
		c := &rec.conn
		set := func(name string, to *string, v *string, limit int) {
			if v == nil {
				return
			}
			if s := text.Cut(text.Clean(*v), limit); s != *to {
				*to = s
				changed = append(changed, name)
			}
		}
		set("owner", &c.Owner, x.Owner, maxShort)
		set("environment", &c.Environment, x.Environment, maxShort)
		set("purpose", &c.Purpose, x.Purpose, maxPurpose)
		if x.Tags != nil {
			if tags := cleanTags(*x.Tags); !slices.Equal(tags, c.Tags) {
				c.Tags = tags
				changed = append(changed, "tags")
			}
		}
		if x.Sensitive != nil && *x.Sensitive != c.Sensitive {
			c.Sensitive = *x.Sensitive
			changed = append(changed, "sensitive")
		}
		if x.KeyDays != nil && *x.KeyDays >= 0 && *x.KeyDays != c.KeyDays {
			c.KeyDays = *x.KeyDays
			changed = append(changed, "key policy")
		}
		if x.KeyMade != nil {
			made, err := e.keyMade(w, rec, x)
			if err != nil {
				return "", err
			}
			changed = append(changed, made...)
		}
		if len(changed) == 0 {
			return "", nil
		}
		c.Updated = e.now()
		return "changed " + strings.Join(changed, ", "), w.PutConnection(c)
	})
}

// keyMade notes when the key, or else the client's secret, was made.
func (e *Engine) keyMade(w store.Writer, rec *record, x Edit) ([]string, error) {
	made, known := x.KeyMade.UTC(), !x.KeyMade.IsZero()
	switch {
	case rec.grant.Key != nil:
		if !known {
			made = rec.grant.Created
		}
		rec.grant.Key.Made, rec.grant.Key.MadeKnown = made, known
		if err := dateTwins(w, rec.grant); err != nil {
			return nil, err
		}
		return []string{"key date"}, w.PutGrant(&rec.grant)
	case rec.grant.Client != "":
		if !known {
			made = rec.client.Created
		}
		rec.client.SecretMade, rec.client.MadeKnown = made, known
		return []string{"secret date"}, w.PutClient(&rec.client)
	}
	return nil, nil
}

func cleanTags(tags []string) []string {
	var out []string
	for _, t := range tags {
		t = strings.TrimSpace(text.Clean(t))
		if t != "" && utf8.RuneCountInString(t) <= maxShort && !slices.Contains(out, t) && len(out) < maxTags {
			out = append(out, t)
		}
	}
	return out
}

// Remove implements Lifecycle. The grant goes with the last connection that points to it; the
// client registration stays, for the next connection.
func (e *Engine) Remove(ctx context.Context, id store.ID, forget bool) error {
	return e.change(ctx, id, store.ActRemove, func(w store.Writer, rec *record) (string, error) {
		line := "was dead"
		if !e.over(rec.grant) {
			if !forget {
				return "", rec.failure(FailNotAlive, nil)
			}
			line = "forgotten without being revoked"
		}
		others, err := w.ConnectionsOf(rec.grant.ID)
		if err != nil {
			return "", err
		}
		if err := w.DeleteConnection(id); err != nil {
			return "", err
		}
		if len(others) > 1 {
			return line + "; the grant stays with the connections that share it", nil
		}
		return line, w.DeleteGrant(rec.grant.ID)
	})
}

// over reports a grant whose credentials are proven dead, or that was refused for good and has
// no access token left that could live.
func (e *Engine) over(g store.Grant) bool {
	if r := g.Revocation; r != nil && r.State == store.RevocationDone && r.Verdict == store.VerdictDead {
		return true
	}
	return g.Trouble != nil && g.Trouble.Class == store.Dead && !lives(g, e.now())
}
