package page

import (
	"context"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/snapshot"
	"crmdeck/themes"
)

// Deps is all that the screens stand on; main fills it. Screens reach the disk,
// the network and the time through it and through nothing else.
type Deps struct {
	Store     store.Store
	Lifecycle lifecycle.Lifecycle
	Catalog   lifecycle.Catalog
	Setups    Setups
	// Clock is the program's clock, which a demo turns; Real is the computer's,
	// for how long a toast stays. Nil is clock.System.
	Clock, Real clock.Clock
	// Zone is where times of the day are told; nil is UTC.
	Zone *time.Location

	Themes   themes.Set
	Settings Settings
	// SaveTheme keeps a theme that was picked; nil where nothing is kept.
	SaveTheme func(name string) error

	// OpenBrowser shows a page to the person; an error means that it can't.
	OpenBrowser func(url string) error
	// Demo is the demo's controls; nil outside it.
	Demo Demo

	// Backend and Home create and open the store at the first start.
	Backend store.Backend
	Home    string
	// Key opens the store by itself once the first frame stands; the zero Key leaves it to the person.
	Key store.Key
	// Attach makes what acts on a store that was created or opened here.
	Attach func(st store.Store) (lifecycle.Lifecycle, Setups)

	// Snapshot is the snapshot that Store is; nil for a living store.
	Snapshot Snapshot

	// Role and Label stand in the header: who looks, and at which store.
	Role, Label string
	Version     string
}

// Snapshot tells about the snapshot that is shown. Its methods touch no file.
type Snapshot interface {
	// Name is what the store was called, Taken when it was looked at.
	Name() string
	Taken() time.Time
	// Finding is what a connection was found to be then.
	Finding(connection string) (snapshot.Finding, bool)
}

// Settings are the flags and configuration that screens follow.
type Settings struct {
	Theme         string // a theme's name, or themes.Auto
	ASCII         bool
	ReducedMotion bool
	ReadOnly      bool
	NoAuto        bool // don't refresh ahead
	NoMouse       bool
	// AutoLock is after how long without a key an unlocked store is locked; 0: never.
	AutoLock time.Duration
	// AutoLockSet: a person set it, so it holds for a store that an identity file opened too.
	AutoLockSet bool
	// Remote: the terminal is at the other end of an SSH connection, and so is its clipboard.
	Remote bool
}

// Demo is what only the demo has.
type Demo interface {
	// Speed is how many seconds of the demo pass in a real one.
	Speed() float64
	SetSpeed(float64)
	// Consent lets the simulated person consent to an authorization URL, where no browser can be
	// opened; as is the account and the user, a zero one is what the page has ticked.
	Consent(ctx context.Context, url string, as store.Account) error
	// Retire lets the simulated person delete the connection's key at the provider's console.
	Retire(ctx context.Context, connection store.ID) error
}

// Setups makes the step machines of the wizard.
type Setups struct {
	New       func(ctx context.Context) (setup.Machine, error)
	Resume    func(ctx context.Context, draft store.ID) (setup.Machine, error)
	Reconnect func(ctx context.Context, connection store.ID) (setup.Machine, error)
}

// speed is how fast the program's clock runs.
func (d *Deps) speed() float64 {
	if d.Demo == nil {
		return 1
	}
	return d.Demo.Speed()
}
