package cli

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
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
func (a *app) key(ctx context.Context, c *config.Config) (store.Key, error) {
	switch {
	case c.Identity != "":
		return store.Key{IdentityFile: c.Identity}, nil
	case c.PassphraseFile != "":
		if err := keyThere(c); err != nil {
			return store.Key{}, err
		}
		p, err := a.readSecret(ctx, c.PassphraseFile)
		return store.Key{Passphrase: p, Unattended: !a.deps.IsTerminal()}, err
	case c.Keyring:
		return store.Key{Keyring: true}, nil
	}
	return store.Key{}, nil
}

// keyThere tells a file that should open the store and is not there, with the setting
// that names it.
func keyThere(c *config.Config) error {
	field, path := "identity", c.Identity
	if path == "" {
		field, path = "passphrase_file", c.PassphraseFile
	}
	if path == "" || path == "-" {
		return nil
	}
	_, err := os.Stat(path)
	if err == nil {
		return nil
	}
	return keyFile(c, field, path, err)
}

func keyFile(c *config.Config, field, path string, err error) error {
	problem := words.KeyUnreadable
	if errors.Is(err, fs.ErrNotExist) {
		problem = words.KeyMissing
	}
	return &words.Told{Name: "key_file", Err: err, Values: map[string]string{
		"path": path, "problem": problem, "setting": c.Named(field),
	}}
}

// readSecret reads a secret from a file, or from standard input for "-". One line
// break at the end belongs to the file, not to the secret.
// A pipe or terminal that nobody writes to is left when the context ends.
func (a *app) readSecret(ctx context.Context, path string) (secret.Value, error) {
	if path == "-" {
		if a.stdinTaken {
			return secret.Value{}, usage(nil, words.UseTwoSecrets)
		}
		a.stdinTaken = true
	}
	b, err := patiently(ctx, func() ([]byte, error) { return a.readAll(path, maxSecret+2) })
	defer clear(b)
	s := trimBreak(b)
	switch {
	case ctx.Err() != nil:
		return secret.Value{}, context.Cause(ctx)
	case err != nil:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretRead, "path", path))
	case len(s) > maxSecret:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretLarge, "path", path))
	case len(s) == 0:
		return secret.Value{}, usage(nil, words.Fill(words.UseSecretEmpty, "path", path))
	}
	return secret.New(s), nil
}

// patiently waits for what only a file, a pipe or a person can end. What comes after the
// context has ended is wiped: nobody takes it.
func patiently(ctx context.Context, read func() ([]byte, error)) ([]byte, error) {
	type content struct {
		b   []byte
		err error
	}
	got := make(chan content) // whoever is late finds nobody
	go func() {
		b, err := read()
		select {
		case got <- content{b, err}:
		case <-ctx.Done():
			clear(b)
		}
	}()
	select {
	case c := <-got:
		return c.b, c.err
	case <-ctx.Done():
		return nil, context.Cause(ctx)
	}
}

// readAll reads a file, or standard input for "-", up to a limit.
func (a *app) readAll(path string, limit int64) ([]byte, error) {
	if path == "-" {
		return io.ReadAll(io.LimitReader(a.deps.Stdin, limit))
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	a.warnOpen(f, path)
	return io.ReadAll(io.LimitReader(f, limit))
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
