package cli

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"crmdeck/store"
	"crmdeck/store/secret"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/words"
)

// maxSecret is the most bytes that a file with one secret may have: tokens that are
// JWTs with many claims reach a few KiB, and 64 KiB is where the client stops.
const maxSecret = 64 << 10

// key finds what opens the store: an identity or passphrase file from flag,
// variable or setting. The zero key means that none was given.
func (a *app) key(c *config.Config) (store.Key, error) {
	switch {
	case c.Identity != "":
		return store.Key{IdentityFile: c.Identity}, nil
	case c.PassphraseFile != "":
		p, err := a.readSecret(c.PassphraseFile)
		return store.Key{Passphrase: p}, err
	}
	return store.Key{}, nil
}

// readSecret reads a secret from a file, or from standard input for "-". One line
// break at the end belongs to the file, not to the secret.
func (a *app) readSecret(path string) (secret.Value, error) {
	var in io.Reader
	if path == "-" {
		if a.stdinTaken {
			return secret.Value{}, usage(nil, words.UseTwoSecrets)
		}
		a.stdinTaken = true
		in = a.deps.Stdin
	} else {
		f, err := os.Open(path)
		if err != nil {
			return secret.Value{}, usage(nil, words.Fill(words.UseSecretRead, "path", path))
		}
		defer func() { _ = f.Close() }()
		a.warnOpen(f, path)
		in = f
	}
	b, err := io.ReadAll(io.LimitReader(in, maxSecret+2))
	defer clear(b)
	s := trimBreak(b)
	switch {
	case err != nil:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretRead, "path", path))
	case len(s) > maxSecret:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretLarge, "path", path))
	case len(s) == 0:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretEmpty, "path", path))
	}
	return secret.New(s), nil
}

// warnOpen tells that a file with a secret can be read by others. It is no refusal:
// the file is the caller's, and pipes and descriptors have odd modes.
func (a *app) warnOpen(f *os.File, path string) {
	fi, err := f.Stat()
	if err == nil && fi.Mode().IsRegular() && fi.Mode().Perm()&0o077 != 0 && os.PathSeparator == '/' {
		a.note(words.Fill(words.UseSecretMode, "path", path))
	}
}

func trimBreak(b []byte) []byte {
	return bytes.TrimSuffix(bytes.TrimSuffix(b, []byte("\n")), []byte("\r"))
}

// askSecret asks for a secret at the terminal; it is not shown. It must not be called
// without one. An interrupt gives the terminal back as it was.
func (a *app) askSecret(ctx context.Context, prompt string) (secret.Value, error) {
	_, _ = fmt.Fprint(a.deps.Stderr, prompt)
	f, ok := a.deps.Stdin.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		line, err := a.askLine(ctx, "")
		return secret.FromString(line), err
	}
	before, err := term.GetState(int(f.Fd()))
	if err != nil {
		return secret.Value{}, errNoAnswer
	}
	type typed struct {
		b   []byte
		err error
	}
	got := make(chan typed, 1)
	go func() {
		b, err := term.ReadPassword(int(f.Fd()))
		got <- typed{b, err}
	}()
	select {
	case t := <-got:
		_, _ = fmt.Fprintln(a.deps.Stderr)
		defer clear(t.b)
		if t.err != nil {
			return secret.Value{}, errNoAnswer
		}
		return secret.New(trimBreak(t.b)), nil
	case <-ctx.Done():
		_ = term.Restore(int(f.Fd()), before)
		_, _ = fmt.Fprintln(a.deps.Stderr)
		return secret.Value{}, ctx.Err()
	}
}

// errNoAnswer: the terminal was closed instead of an answer.
var errNoAnswer = &words.Told{Name: "cancelled"}

// askLine asks for one line at the terminal. It reads byte by byte, so that nothing
// which belongs to the next question is swallowed.
func (a *app) askLine(ctx context.Context, prompt string) (string, error) {
	_, _ = fmt.Fprint(a.deps.Stderr, prompt)
	type typed struct {
		line string
		err  error
	}
	got := make(chan typed, 1)
	go func() {
		line, err := readLine(a.deps.Stdin)
		got <- typed{line, err}
	}()
	select {
	case t := <-got:
		return t.line, t.err
	case <-ctx.Done():
		return "", ctx.Err()
	}
}

func readLine(in io.Reader) (string, error) {
	var line []byte
	var c [1]byte
	for len(line) < maxSecret {
		if _, err := io.ReadFull(in, c[:]); err != nil {
			return "", errNoAnswer
		}
		if c[0] == '\n' {
			return strings.TrimRight(string(line), "\r"), nil
		}
		line = append(line, c[0])
	}
	return "", errNoAnswer
}
