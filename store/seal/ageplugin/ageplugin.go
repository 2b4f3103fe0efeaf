// Package ageplugin lets the programs of age plugins wrap and unwrap keys: security keys,
// TPMs and what else has an age-plugin-NAME.
//
// It speaks the client's side of C2SP's age-plugin protocol, as filippo.io/age/plugin does.
// It is not that package because a plugin must get a named environment and no more (age's
// client hands on all of it, and under AGEDEBUG=plugin writes the wrapped key to the
// terminal), has to end with its context, and may not answer without limit.
// Everything that a plugin says is cleaned before anybody sees it.
package ageplugin

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"time"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"crmdeck/store"
	"crmdeck/store/text"
)

// patience is how long a plugin may take in all: somebody looks for the key, types the
// PIN and touches it.
const patience = 3 * time.Minute

// ending is how long a plugin may take to leave when it is no longer needed.
const ending = 2 * time.Second

// Recipient wraps for a plugin's recipient, age1name1….
type Recipient struct {
	ctx  context.Context // age's interface has no place for it
	ask  store.Ask
	name string
	text string
}

// Identity unwraps with a plugin's identity, AGE-PLUGIN-NAME-1….
type Identity struct {
	ctx  context.Context // age's interface has no place for it
	ask  store.Ask
	name string
	text string
}

var (
	_ age.Recipient = (*Recipient)(nil)
	_ age.Identity  = (*Identity)(nil)
)

// NewRecipient parses a recipient; false if it is none.
func NewRecipient(ctx context.Context, s string, ask store.Ask) (*Recipient, bool) {
	name, _, err := plugin.ParseRecipient(s)
	if err != nil || !fileName(name) {
		return nil, false
	}
	return &Recipient{ctx, ask, name, s}, true
}

// NewIdentity parses an identity; false if it is none.
func NewIdentity(ctx context.Context, s string, ask store.Ask) (*Identity, bool) {
	name, _, err := plugin.ParseIdentity(s)
	if err != nil || !fileName(name) {
		return nil, false
	}
	return &Identity{ctx, ask, name, s}, true
}

// fileName keeps a name from being a path; what a plugin's name consists of has no separators.
func fileName(name string) bool { return name != "." && name != ".." && len(name) <= 64 }

// Name is the plugin's.
func (r *Recipient) Name() string { return r.name }

// Name is the plugin's.
func (i *Identity) Name() string { return i.name }

// Wrap implements age.Recipient. A *store.PluginError if the plugin did not.
func (r *Recipient) Wrap(fileKey []byte) ([]*age.Stanza, error) {
	var out []*age.Stanza
	err := converse(r.ctx, r.ask, r.name, "recipient-v1", []stanza{
		{kind: "add-recipient", args: []string{r.text}}, {kind: "wrap-file-key", body: fileKey}, {kind: "done"},
	}, func(s stanza) (bool, error) {
		if s.kind != "recipient-stanza" {
			return false, nil
		}
		if len(s.args) < 2 || s.args[0] != "0" {
			return true, errFormat
		}
		out = append(out, &age.Stanza{Type: s.args[1], Args: s.args[2:], Body: s.body})
		return true, nil
	})
	if err == nil && len(out) == 0 {
		err = errors.New("it wrapped nothing")
	}
	return out, failed(r.ctx, r.name, err)
}

// Unwrap implements age.Identity. age.ErrIncorrectIdentity if the plugin has no key for
// this, a *store.PluginError if something is wrong.
func (i *Identity) Unwrap(stanzas []*age.Stanza) ([]byte, error) {
	say := []stanza{{kind: "add-identity", args: []string{i.text}}}
	for _, s := range stanzas {
		say = append(say, stanza{kind: "recipient-stanza", args: append([]string{"0", s.Type}, s.Args...), body: s.Body})
	}
	var key []byte
	err := converse(i.ctx, i.ask, i.name, "identity-v1", append(say, stanza{kind: "done"}), func(s stanza) (bool, error) {
		if s.kind != "file-key" {
			return false, nil
		}
		if len(s.args) != 1 || s.args[0] != "0" || key != nil {
			return true, errFormat
		}
		key = s.body
		return true, nil
	})
	if err == nil && key == nil {
		return nil, age.ErrIncorrectIdentity
	}
	return key, failed(i.ctx, i.name, err)
}

// said is an error that the plugin told.
type said struct{ what string }

func (e *said) Error() string { return e.what }

func failed(ctx context.Context, name string, err error) error {
	var s *said
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("age plugin %s: %w", name, context.Cause(ctx))
	case errors.As(err, &s):
		return &store.PluginError{Name: name, Said: s.what, Err: err}
	case errors.Is(err, exec.ErrNotFound), errors.Is(err, exec.ErrDot):
		return &store.PluginError{Name: name, Missing: true, Err: err}
	}
	return &store.PluginError{Name: name, Err: err}
}

// converse runs the plugin: it says all of say, then answers what the plugin sends until
// that is done. take gets what is not a question, and reports whether it knew it.
func converse(ctx context.Context, ask store.Ask, name, machine string, say []stanza, take func(stanza) (bool, error)) error {
	ctx, cancel := context.WithTimeoutCause(ctx, patience, errors.New("it took too long"))
	defer cancel()
	cmd := exec.CommandContext(ctx, "age-plugin-"+name, "--age-plugin="+machine)
	cmd.Env, cmd.Dir, cmd.WaitDelay = environment(), os.TempDir(), ending
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	for _, s := range say {
		if err = s.write(in); err != nil {
			break
		}
	}
	if err == nil {
		err = answer(ctx, ask, name, bufio.NewReaderSize(out, maxLine), in, take)
	}
	// It has nothing more to do: its input ends, and if that does not end it, it is killed.
	_, _ = in.Close(), out.Close()
	leave := time.AfterFunc(ending, cancel)
	defer leave.Stop()
	_ = cmd.Wait()
	return err
}

func answer(ctx context.Context, ask store.Ask, name string, r *bufio.Reader, w io.Writer, take func(stanza) (bool, error)) error {
	for range maxAnswer {
		s, err := read(r)
		if err != nil {
			return err
		}
		reply := stanza{kind: "ok"}
		switch s.kind {
		case "done":
			return nil
		case "error":
			_ = reply.write(w)
			return &said{clean(s.body)}
		case "msg", "request-secret", "request-public", "confirm":
			if reply, err = put(ctx, ask, name, s); err != nil {
				return err
			}
		default:
			known, err := take(s)
			if err != nil {
				return err
			}
			if !known {
				reply.kind = "unsupported"
			}
		}
		err = reply.write(w)
		clear(reply.body)
		if err != nil {
			return err
		}
	}
	return errFormat
}

// maxSaid is the most runes of what a plugin says that anybody is shown.
const maxSaid = 300

func clean(b []byte) string {
	r := []rune(text.Clean(string(b)))
	return string(r[:min(len(r), maxSaid)])
}

// environment is what a plugin gets: where it finds its own files, the card reader's and
// the screen's sockets, its language. Nothing of ours.
func environment() []string {
	names := []string{"HOME", "PATH", "USER", "LOGNAME", "LANG", "LC_ALL", "LC_MESSAGES", "TMPDIR", "TZ",
		"XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DISPLAY", "WAYLAND_DISPLAY", "DBUS_SESSION_BUS_ADDRESS", "PCSCLITE_CSOCK_NAME"}
	if runtime.GOOS == "windows" {
		names = append(names, "SystemRoot", "SystemDrive", "TEMP", "TMP", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PATHEXT", "ProgramData")
	}
	out := make([]string, 0, len(names))
	for _, n := range names {
		if v, ok := os.LookupEnv(n); ok {
			out = append(out, n+"="+v)
		}
	}
	return out
}
