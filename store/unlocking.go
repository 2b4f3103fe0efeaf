package store

import (
	"context"
	"errors"
	"fmt"

	"crmdeck/store/secret"
)

// Question is what a key needs from a person before it opens: the passphrase of an SSH
// key, the PIN or the touch of a security key. Its text comes from a plugin and is cleaned.
type Question struct {
	Kind QuestionKind
	From string // the file, or the plugin's name
	Text string // what the plugin says; empty for a passphrase
	Yes  string // of a confirmation: the answers to choose from
	No   string // empty: there is only Yes
}

// QuestionKind sorts questions.
type QuestionKind int

// The kinds of questions.
const (
	AskPassphrase QuestionKind = iota // of the SSH key in the file From
	AskSecret                         // e.g. a PIN; it must not be shown
	AskValue                          // it may be shown
	AskConfirm                        // the answer is Yes or No, as they are given
	AskNothing                        // a message; the answer is not looked at
)

// Ask puts a question to the person at the terminal. An error ends the unlocking.
type Ask func(ctx context.Context, q Question) (secret.Value, error)

// ErrNobody: a key needs an answer, and there is nobody to ask.
var ErrNobody = errors.New("nobody can be asked")

// ErrWeakPassphrase: a new passphrase is one that would be tried first.
var ErrWeakPassphrase = errors.New("passphrase is easy to guess")

// ErrPluginIdentity: a slot can't be made from a plugin's identity, which may hold a secret of
// the plugin: its recipient is what the slot is made for.
var ErrPluginIdentity = errors.New("an identity of an age plugin makes no slot")

// KeyFileError: a file with a private key that can't be used as it is.
type KeyFileError struct {
	Path string
	Err  error // ErrNobody: it has a passphrase; ErrWrongKey: that was a wrong one
}

func (e *KeyFileError) Error() string { return fmt.Sprintf("private key %s: %v", e.Path, e.Err) }

// Unwrap returns the cause.
func (e *KeyFileError) Unwrap() error { return e.Err }

// PluginError: the program of an age plugin is missing or did not do it.
type PluginError struct {
	Name    string // of the plugin; its program is age-plugin-NAME
	Missing bool   // there is no such program in PATH
	Said    string // what it said, cleaned; may be empty
	Err     error
}

func (e *PluginError) Error() string {
	switch {
	case e.Missing:
		return fmt.Sprintf("age plugin %s: program age-plugin-%s is not installed", e.Name, e.Name)
	case e.Said != "":
		return fmt.Sprintf("age plugin %s: %s", e.Name, e.Said)
	}
	return fmt.Sprintf("age plugin %s: %v", e.Name, e.Err)
}

// Unwrap returns the cause.
func (e *PluginError) Unwrap() error { return e.Err }

// KeyringError: the system's keyring is not there, is locked, or lost its entry. Nothing is
// kept anywhere else instead.
type KeyringError struct {
	Doing string // "reading", "writing"
	Gone  bool   // the keyring answers, and has no entry for this slot
	Err   error
}

func (e *KeyringError) Error() string {
	if e.Gone {
		return e.Doing + " the system's keyring: it has no entry for this store"
	}
	return fmt.Sprintf("%s the system's keyring: %v", e.Doing, e.Err)
}

// Unwrap returns the cause.
func (e *KeyringError) Unwrap() error { return e.Err }
