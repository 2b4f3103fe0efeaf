// Package config reads the settings of crmdeck and knows where they came from.
//
// A setting is taken from a flag, else from a CRMDECK_* variable, else from
// config.toml in the home directory, else from its default. The file holds no
// secret and no field for one: an unknown field, and above all one that looks like
// a secret, is refused with its line. Every mistake names file, line and field.
package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/pelletier/go-toml/v2"
)

// FileName is the name of the settings file in the home directory.
const FileName = "config.toml"

// DefaultRedirectPort is where the browser comes back to, unless a client
// registration says otherwise.
const DefaultRedirectPort = 7317

// DefaultAutoLock is after how long without a key the deck locks, where a person unlocked it.
const DefaultAutoLock = 15 * time.Minute

// DefaultAuditMonths is how long audit events stay in the store at least: this year's and last
// year's can be looked at.
const DefaultAuditMonths = 24

// maxFile is the largest settings file that is read, in bytes.
const maxFile = 1 << 20

// Settings are the values that hold.
type Settings struct {
	Theme          string // name of a theme; empty: by the terminal's background
	ASCII          bool   // ASCII glyphs
	ReducedMotion  bool
	AutoRefresh    bool          // refresh ahead while the deck is open and unlocked
	AutoLock       time.Duration // how long nobody may press a key until the deck locks; 0: it never does
	AutoLockSet    bool          // a person chose AutoLock
	Remote         bool          // the terminal is at the other end of an SSH connection
	Identity       string        // path of an age identity that opens the store
	PassphraseFile string        // path of a file with the passphrase
	Keyring        bool          // the entry in the system's keyring opens the store
	Owner          string        // proposed owner of new connections
	RedirectPort   int           // proposed port of new client registrations
	AuditMonths    int           // audit events stay in the store for so long
}

// Source is where a value came from.
type Source string

// The sources, strongest first.
const (
	FromFlag    Source = "flag"
	FromEnv     Source = "environment"
	FromFile    Source = "config.toml"
	FromDefault Source = "default"
)

// Value is one setting as `config show` lists it.
type Value struct {
	Key, Env, Text, Help string
	From                 Source
}

// Config is the settings of one run.
type Config struct {
	Settings
	Path    string // of the file, present or not
	Present bool
	values  []Value
}

// Values lists every setting with its value and source, in the documented order.
func (c *Config) Values() []Value { return c.values }

// Error is a mistake in a setting. Line and Column are 0 where they are not known,
// e.g. for a variable.
type Error struct {
	File         string // path, or the name of a variable
	Line, Column int
	Field        string
	Problem      string
}

func (e *Error) Error() string {
	at := e.File
	if e.Line > 0 {
		at += ":" + strconv.Itoa(e.Line)
	}
	if e.Field != "" {
		at += ": " + e.Field
	}
	return at + ": " + e.Problem
}

// setting describes one field: how it is called, and how a text becomes its value.
type setting struct {
	key, env, help string
	get            func(*Settings) string
	set            func(*Settings, any) error
}

// settings lists what can be set, in the order in which it is shown.
func settings() []setting {
	return []setting{
		text("theme", "CRMDECK_THEME", "name of a theme; empty chooses by the terminal's background",
			func(s *Settings) *string { return &s.Theme }),
		boolean("ascii", "CRMDECK_ASCII", "glyphs from ASCII only",
			func(s *Settings) *bool { return &s.ASCII }),
		boolean("reduced_motion", "CRMDECK_REDUCED_MOTION", "no glow after a change; on over SSH",
			func(s *Settings) *bool { return &s.ReducedMotion }),
		boolean("auto_refresh", "CRMDECK_AUTO_REFRESH", "refresh ahead while the deck is open and unlocked",
			func(s *Settings) *bool { return &s.AutoRefresh }),
		period("auto_lock", "CRMDECK_AUTO_LOCK", "lock the deck after this long without a key, like 15m; 0 never",
			func(s *Settings, d time.Duration) { s.AutoLock, s.AutoLockSet = d, true },
			func(s *Settings) time.Duration { return s.AutoLock }),
		text("identity", "CRMDECK_IDENTITY", "path of an age identity that opens the store",
			func(s *Settings) *string { return &s.Identity }),
		text("passphrase_file", "CRMDECK_PASSPHRASE_FILE", "path of a file that holds the passphrase",
			func(s *Settings) *string { return &s.PassphraseFile }),
		boolean("keyring", "CRMDECK_KEYRING", "open the store with the entry in the system's keyring",
			func(s *Settings) *bool { return &s.Keyring }),
		text("owner", "CRMDECK_OWNER", "owner that new connections get",
			func(s *Settings) *string { return &s.Owner }),
		port("redirect_port", "CRMDECK_REDIRECT_PORT", "port of the redirect URI of new client registrations",
			func(s *Settings) *int { return &s.RedirectPort }),
		number("audit_retention_months", "CRMDECK_AUDIT_RETENTION_MONTHS", "months for which audit events stay in the store; 12 to 1200",
			12, 1200, "12 or more months are needed", func(s *Settings) *int { return &s.AuditMonths }),
	}
}

// defaults are the values without flag, variable and file. Motion is reduced over
// SSH, where every frame is paid for.
func defaults(env func(string) string) Settings {
	remote := env("SSH_CONNECTION") != "" || env("SSH_TTY") != ""
	return Settings{
		AutoRefresh: true, AutoLock: DefaultAutoLock, AuditMonths: DefaultAuditMonths, RedirectPort: DefaultRedirectPort,
		ReducedMotion: remote, Remote: remote,
	}
}

// Load reads the settings of the home directory. A file that is not there is no
// error. All mistakes are returned joined, each an *Error.
func Load(home string, env func(string) string) (*Config, error) {
	c := &Config{Settings: defaults(env), Path: filepath.Join(home, FileName)}
	file, err := readFile(c.Path)
	c.Present = file.present
	errs := []error{err}
	for _, s := range settings() {
		from := FromDefault
		if v, ok := file.fields[s.key]; ok {
			from = FromFile
			if err := s.set(&c.Settings, v); err != nil {
				errs = append(errs, file.mistake(s.key, err.Error()))
			}
		}
		if v := env(s.env); v != "" {
			from = FromEnv
			if err := s.set(&c.Settings, v); err != nil {
				errs = append(errs, &Error{File: s.env, Field: s.key, Problem: err.Error()})
			}
		}
		c.values = append(c.values, Value{Key: s.key, Env: s.env, Help: s.help, Text: s.get(&c.Settings), From: from})
	}
	return c, errors.Join(errs...)
}

// Flag notes that a flag set a value, for Values.
func (c *Config) Flag(key, shown string) {
	for i := range c.values {
		if c.values[i].Key == key {
			c.values[i].Text, c.values[i].From = shown, FromFlag
		}
	}
}

// Named is how a setting was given, as a person would look for it: the flag, the
// variable, or the field of the file.
func (c *Config) Named(key string) string {
	for _, v := range c.values {
		if v.Key != key {
			continue
		}
		switch v.From {
		case FromFlag:
			return "--" + strings.ReplaceAll(key, "_", "-")
		case FromEnv:
			return v.Env
		}
	}
	return key + " in " + c.Path
}

// Mistake is a problem with the value of a setting, told where it was given.
func (c *Config) Mistake(key, problem string) *Error {
	for _, v := range c.values {
		if v.Key == key && v.From == FromFile {
			file, _ := readFile(c.Path)
			return file.mistake(key, problem)
		}
	}
	return &Error{File: c.Named(key), Field: key, Problem: problem}
}

// parsed is the content of a settings file.
type parsed struct {
	path    string
	present bool
	fields  map[string]any
	lines   []string
}

func (p parsed) mistake(key, problem string) *Error {
	return &Error{File: p.path, Line: lineOf(p.lines, key), Field: key, Problem: problem}
}

func readFile(path string) (parsed, error) {
	p := parsed{path: path}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil
	case err != nil:
		return p, &Error{File: path, Problem: "it cannot be read"}
	case !info.Mode().IsRegular() || info.Size() > maxFile:
		return p, &Error{File: path, Problem: "it is no file of settings"}
	}
	p.present = true
	data, err := os.ReadFile(path)
	if err != nil {
		return p, &Error{File: path, Problem: "it cannot be read"}
	}
	p.lines = strings.Split(string(data), "\n")
	if err := toml.Unmarshal(data, &p.fields); err != nil {
		return p, p.syntax(err)
	}
	return p, p.unknown()
}

// syntax tells where a file stops being TOML. The line itself is not quoted: it may
// hold what should not be there.
func (p parsed) syntax(err error) error {
	var d *toml.DecodeError
	if !errors.As(err, &d) {
		return &Error{File: p.path, Problem: "it is not TOML"}
	}
	line, column := d.Position()
	return &Error{File: p.path, Line: line, Column: column, Field: strings.Join(d.Key(), "."), Problem: "this is not TOML"}
}

func (p parsed) unknown() error {
	known := map[string]bool{}
	for _, s := range settings() {
		known[s.key] = true
	}
	var errs []error
	for key := range p.fields {
		switch {
		case known[key]:
		case looksSecret(key):
			errs = append(errs, p.mistake(key, "a secret does not belong into this file; give its path with identity or passphrase_file"))
		default:
			errs = append(errs, p.mistake(key, "there is no such setting"))
		}
	}
	return errors.Join(errs...)
}

// looksSecret reports a field that somebody may have meant to hold a secret (LK-15).
func looksSecret(key string) bool {
	for _, word := range []string{"pass", "secret", "token", "key", "credential"} {
		if strings.Contains(strings.ToLower(key), word) {
			return true
		}
	}
	return false
}

// lineOf finds the line of a top-level field.
func lineOf(lines []string, key string) int {
	for i, l := range lines {
		l = strings.TrimLeft(strings.TrimSpace(l), "[\"'")
		if rest, ok := strings.CutPrefix(l, key); ok && (rest == "" || strings.ContainsAny(rest[:1], " \t=.]\"'")) {
			return i + 1
		}
	}
	return 0
}

func text(key, env, help string, at func(*Settings) *string) setting {
	return setting{key, env, help, func(s *Settings) string { return *at(s) },
		func(s *Settings, v any) error {
			t, ok := v.(string)
			if !ok {
				return errors.New("a text in quotes is needed")
			}
			*at(s) = t
			return nil
		}}
}

func boolean(key, env, help string, at func(*Settings) *bool) setting {
	return setting{key, env, help, func(s *Settings) string { return strconv.FormatBool(*at(s)) },
		func(s *Settings, v any) error {
			switch t := v.(type) {
			case bool:
				*at(s) = t
				return nil
			case string: // from a variable
				b, err := strconv.ParseBool(t)
				*at(s) = b
				if err == nil {
					return nil
				}
			}
			return errors.New("true or false is needed")
		}}
}

func port(key, env, help string, at func(*Settings) *int) setting {
	return number(key, env, help, 1024, 65535, "a port from 1024 to 65535 is needed", at)
}

func number(key, env, help string, least, most int, problem string, at func(*Settings) *int) setting {
	return setting{key, env, help, func(s *Settings) string { return strconv.Itoa(*at(s)) },
		func(s *Settings, v any) error {
			n, err := strconv.Atoi(fmt.Sprint(v))
			if err != nil || n < least || n > most {
				return errors.New(problem)
			}
			*at(s) = n
			return nil
		}}
}
