package ui_test

import (
	"bytes"
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"time"

	tea "charm.land/bubbletea/v2"
	"github.com/charmbracelet/colorprofile"
	"github.com/charmbracelet/x/ansi"

	"crmdeck/store"
	"crmdeck/ui"
	"crmdeck/ui/uitest"
)

// hostile holds what acts on a terminal: titles, links, the clipboard, reports, device
// control strings, resets, both forms of C1, line breaks, and overrides of direction.
const hostile = "\x1b]0;pwned\a\x1b]8;;https://evil.example\aX\x1b]52;c;cHduZWQ=\a\x1b[6n\x1bP+q544e\x1b\\\x1bc\x1b[201~\x1b_x\x1b\\\x9b6n\u009b5n\u202e\r\nroot# \x7f\b"

// TestStreamHoldsOurSequencesOnly is TM-3: with hostile text in every field of every
// record, the bytes that reach the terminal hold only what the renderer may make.
func TestStreamHoldsOurSequencesOnly(t *testing.T) {
	for _, keys := range []string{"", "e1", "e2", "e3", "e4", "e5", ":", "x", "t", "c", "ga", "gae"} {
		t.Run("keys "+keys, func(t *testing.T) { checkStream(t, stream(t, keys)) })
	}
}

// stream is what the program writes: the deck, and what the keys open ("e" is enter).
func stream(t *testing.T, keys string) []byte {
	t.Helper()
	w := uitest.New(t)
	poison(t, w, hostile)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	app := ui.New(ctx, w.Deps)
	var out locked
	in, hold := io.Pipe()
	defer hold.Close()
	p := tea.NewProgram(app, tea.WithContext(ctx), tea.WithInput(in), tea.WithOutput(&out), tea.WithWindowSize(120, 36),
		tea.WithoutSignals(), tea.WithColorProfile(colorprofile.TrueColor), tea.WithEnvironment([]string{"TERM=xterm-256color"}))
	ended := make(chan error, 1)
	go func() {
		_, err := p.Run()
		ended <- err
	}()
	p.Send(tea.WindowSizeMsg{Width: 120, Height: 36})
	<-app.Busy().Rest()
	for _, k := range keys {
		if k == 'e' {
			p.Send(tea.KeyPressMsg{Code: tea.KeyEnter})
		} else {
			p.Send(tea.KeyPressMsg{Code: k, Text: string(k)})
		}
		p.Send(nil) // the key has been handled when this is
		<-app.Busy().Rest()
	}
	p.Quit()
	if err := <-ended; err != nil {
		t.Fatal(err)
	}
	return out.bytes()
}

// poison puts records whose every text is hostile, as if no edge had cleaned them.
func poison(t *testing.T, w *uitest.World, hostile string) {
	now := uitest.Noon
	w.Put(t, func(tx store.Writer) error {
		g := store.Grant{ID: "g", Provider: "hubspot", Issuer: hostile, Method: store.AuthorizationCode, BaseURL: hostile, Generation: 2,
			Granted: []string{hostile, "oauth"}, GrantedKnown: true, AccountID: hostile, Created: now, Refreshed: now,
			Access: &store.Token{Type: hostile, Fingerprint: hostile, Issued: now, Expires: now.Add(time.Hour),
				Sealed: store.Sealed{Box: []byte{1}, Hosts: []string{hostile}}, Claims: []store.Claim{{Name: hostile, Value: hostile}}},
			Refresh: &store.Token{Fingerprint: hostile, Issued: now, Sealed: store.Sealed{Box: []byte{1}, Hosts: []string{hostile}}},
			Trouble: &store.Trouble{Class: store.Config, Reason: hostile, Message: hostile, Since: now}}
		if err := tx.PutGrant(&g); err != nil {
			return err
		}
		c := store.Connection{ID: "c", Name: hostile, Provider: "hubspot", Environment: hostile, Method: store.AuthorizationCode, Grant: "g",
			Owner: hostile, Purpose: hostile, Tags: []string{hostile}, Account: store.Account{ID: hostile, Name: hostile, User: hostile, Kind: hostile},
			Asked: []string{hostile, "oauth"}, Uses: []store.Use{{Job: hostile, Last: now}}, Created: now,
			Decision: &store.Decision{Method: store.AuthorizationCode, Reasons: []string{hostile}, By: hostile, At: now},
			Tests: []store.TestRun{{At: now, Outcome: "failed", Reason: hostile, Message: hostile,
				Objects: []store.TestObject{{Name: hostile, Outcome: "failed", Sample: []string{hostile}, Reason: hostile, Message: hostile}}}}}
		if err := tx.PutConnection(&c); err != nil {
			return err
		}
		_, err := tx.Append(store.Event{Act: store.ActEdit, Actor: hostile, Host: hostile, Connection: hostile, ConnectionID: "c", Outcome: hostile, Evidence: hostile})
		return err
	})
}

// finals are the CSI sequences that the renderer may make, by their last byte: cursor
// movement, erasing, scrolling, inserting, styles, modes, and its own questions.
const finals = "ABCDEFGHIJKLMPSTXZ@`abdefghlmqrstu" + "pcn"

// titles are the OSC commands that the renderer may use: the title, colours, and the program's status.
var titles = []string{"2;crmdeck", "2;\a", "10", "11", "12", "110", "111", "112", "7501"}

// checkStream parses the bytes as a terminal does.
func checkStream(t *testing.T, b []byte) {
	t.Helper()
	if !bytes.Contains(b, []byte("pwned")) {
		t.Fatalf("the hostile records are not on the screen, in %d bytes", len(b))
	}
	var state byte
	parser := ansi.NewParser()
	for len(b) > 0 {
		seq, width, n, next := ansi.DecodeSequence(b, state, parser)
		state, b = next, b[n:]
		if width > 0 {
			if strings.ContainsAny(string(seq), "\u202e\u009b") {
				t.Errorf("%q was printed", seq)
			}
			continue
		}
		if !allowed(string(seq), parser) {
			t.Errorf("%q reached the terminal", seq)
		}
	}
}

// allowed reports a sequence that is the renderer's own.
func allowed(seq string, p *ansi.Parser) bool {
	switch {
	case seq == "\r" || seq == "\n" || seq == "\b" || seq == "\t" || seq == "\x1b7" || seq == "\x1b8" || seq == "\x1b(B" || seq == "\x1b=" || seq == "\x1b>":
		return true
	case strings.HasPrefix(seq, "\x1b["):
		return strings.ContainsRune(finals, rune(ansi.Cmd(p.Command()).Final()))
	case strings.HasPrefix(seq, "\x1b]"):
		for _, ok := range titles {
			if strings.HasPrefix(seq[2:], ok) {
				return true
			}
		}
		return false
	case strings.HasPrefix(seq, "\x1bP"):
		return strings.HasPrefix(seq, "\x1bP+q") && !strings.Contains(seq, "544e") || strings.HasPrefix(seq, "\x1bP$q")
	}
	return false
}

// locked is a buffer that the renderer and the test share.
type locked struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (l *locked) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *locked) bytes() []byte {
	l.mu.Lock()
	defer l.mu.Unlock()
	return bytes.Clone(l.b.Bytes())
}
