package cli

import (
	"context"
	"path/filepath"
	"time"

	"crmdeck/store"
	"crmdeck/store/snapshot"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/page"
)

// TUIOptions is what the deck starts with.
type TUIOptions struct {
	Home     string // directory of the store; it may not exist yet
	Settings config.Settings
	ReadOnly bool
	NoAuto   bool // do not refresh ahead
	Actor    string
	// Key opens the store without asking, if it is not zero: an identity file or a
	// passphrase that was given by flag, variable or setting.
	Key store.Key
	// View is the snapshot to show instead of the store; nil: none.
	View *snapshot.View
}

// Source opens what the deck shows, and says what it is called.
func (o TUIOptions) Source(ctx context.Context, b store.Backend) (store.Store, string, error) {
	if o.View != nil {
		return o.View, o.View.Name(), nil
	}
	st, err := b.Open(ctx, o.Home)
	return st, filepath.Base(o.Home), err
}

// Snapshot is the snapshot that the deck shows, or nil.
func (o TUIOptions) Snapshot() page.Snapshot {
	if o.View == nil {
		return nil
	}
	return o.View
}

// DemoOptions is what the demo starts with.
type DemoOptions struct {
	Speed    float64 // of the clock, 1 to 3,600
	Keep     string  // directory to keep the store in; empty: nothing is left
	Settings config.Settings
}

// SimOptions is how the simulated CRMs run alone.
type SimOptions struct {
	Addr           string // HOST:PORT; empty: free ports of loopback
	Contacts       int    // 0: the default
	AccessTTL      time.Duration
	Latency        time.Duration
	Faults         []string
	Quota          string // real, off, or a factor
	WriteProviders string // directory; empty: none
}
