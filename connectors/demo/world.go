// Package demo fills a store with 24 connections to simulated CRMs, in every state
// that a connection can be in.
//
// It writes no record itself. It plays the past month on a clock that it turns:
// people consent, jobs ask for tokens, tests run, providers fail, keys grow old. All
// of it goes through connectors/setup and connectors/lifecycle and over HTTP, so that
// what the screen shows is what crmdeck would have made of the same events.
package demo

import (
	"context"
	"time"

	"crmdeck/store/secret"
)

// World is the simulated CRMs, as the demo needs them. main adapts connectors/sim to
// it: this package must not know the simulation.
type World interface {
	// App registers an app and returns its client id and secret.
	App(provider string, a App) (clientID string, s secret.Value, err error)
	// Key makes an API key in the provider's console.
	Key(provider, kind, account string, made time.Time) (secret.Value, error)
	// DeleteKey deletes it there.
	DeleteKey(provider string, key secret.Value) error
	// Uninstall withdraws an app's access, as an admin of the account does. The app can be
	// connected again: a person who reconnects is not refused.
	Uninstall(provider, clientID, account string) error
	// Consent plays the person at an authorization URL.
	Consent(ctx context.Context, url string, c Consent) error
	// Fault makes a client's requests fail until the end.
	Fault(f Fault) error
}

// App is an app to register.
type App struct {
	Name        string
	RedirectURI string
	Rotate      bool // single-use refresh tokens
}

// Consent is what the simulated person does.
type Consent struct {
	Account string
	Login   string   // address, e.g. "sales-ops@amber-kettle.example"
	Drop    []string // scopes not granted
}

// Fault is something that goes wrong for one client.
type Fault struct {
	Provider, Endpoint, Kind, ClientID string
	Count                              int // 0: every time
	RetryAfter                         int // seconds
	Delay                              time.Duration
}
