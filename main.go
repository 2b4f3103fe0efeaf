// Command crmdeck is a terminal connection manager for CRMs.
//
// This file is the composition root: it alone knows the engine of the store and
// the simulated CRMs, and hands both to the screens and commands as interfaces.
package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"github.com/charmbracelet/x/term"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/demo"
	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/oauth"
	"crmdeck/connectors/setup"
	"crmdeck/connectors/sim"
	"crmdeck/connectors/wire"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/secret"
	"crmdeck/themes"
	"crmdeck/ui"
	"crmdeck/ui/browse"
	"crmdeck/ui/cli"
	"crmdeck/ui/cli/config"
	"crmdeck/ui/page"
	"crmdeck/ui/process"
	"crmdeck/ui/words"
)

// version is set by the linker in releases.
var version = "dev"

func main() { os.Exit(run()) }

func run() int {
	if process.Harden().Allowed {
		fmt.Fprintln(os.Stderr, words.SayCoreAllowed)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGQUIT)
	defer stop()
	context.AfterFunc(ctx, stop) // a second interrupt ends the process at once
	r := root{clock: clock.System{}}
	if path := os.Getenv(words.WireLog); path != "" {
		log, err := wire.Open(path)
		if err != nil {
			fmt.Fprintln(os.Stderr, words.Fill(words.SayWireLog, "said", err.Error()))
			return words.ExitConfig
		}
		defer func() { _ = log.Close() }()
		r.wire = log.Add
	}
	self, _ := os.Executable()
	return cli.Main(ctx, os.Args[1:], cli.Deps{
		Clock: r.clock, Rand: rand.Reader, Backend: r.backend, HTTP: r.http,
		Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr, Env: os.Getenv,
		IsTerminal:  func() bool { return term.IsTerminal(os.Stdin.Fd()) },
		OpenBrowser: browse.Opener{}.Open, RunTUI: r.tui, RunDemo: r.demo, RunSim: r.sim, Version: buildVersion(), Self: self,
	})
}

// buildVersion is the linker's version, else what the go command stamped.
func buildVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok && version == "dev" && strings.HasPrefix(info.Main.Version, "v") {
		return info.Main.Version
	}
	return version
}

// root makes the parts for one run. The demo has a clock of its own.
type root struct {
	clock clock.Clock
	wire  func(guard.Exchange) // nil: nobody wants to know
}

func (r root) backend(readOnly bool, actor string) store.Backend {
	return bolt.New(bolt.Options{Clock: r.clock, Rand: rand.Reader, Actor: actor, ReadOnly: readOnly})
}

func (r root) http() *guard.Client {
	return guard.New(guard.Options{UserAgent: "crmdeck/" + buildVersion(), Wire: r.wire})
}

// parts are what acts on one open store.
type parts struct {
	engine *lifecycle.Engine
	maker  *setup.Maker
	port   int // of new redirect URIs
}

func (r root) parts(st store.Store, cat *catalog.Catalog, actor string, port int) parts {
	hc := r.http()
	eng := lifecycle.New(lifecycle.Config{Store: st, Catalog: cat, HTTP: hc, Clock: r.clock, Rand: rand.Reader, Opener: browse.Opener{}.Open})
	oc := oauth.New(oauth.Config{HTTP: hc, Clock: r.clock, Rand: rand.Reader})
	return parts{eng, setup.New(setup.Deps{
		Store: st, Catalog: cat, Lifecycle: eng, OAuth: oc, HTTP: hc,
		Clock: r.clock, Rand: rand.Reader, Actor: actor, Port: port,
	}), port}
}

// setups makes the wizard's machines.
func (p parts) setups() page.Setups {
	return page.Setups{
		New:    func(ctx context.Context) (setup.Machine, error) { return p.maker.Start(ctx, setup.Request{}) },
		Resume: func(ctx context.Context, id store.ID) (setup.Machine, error) { return p.maker.Resume(ctx, id) },
		Reconnect: func(ctx context.Context, id store.ID) (setup.Machine, error) {
			return p.maker.Reconnect(ctx, id, setup.Request{})
		},
	}
}

// screen is what the deck needs whatever store it shows.
func (r root) screen(home string, s config.Settings, cat *catalog.Catalog, actor string) (page.Deps, error) {
	set, err := themes.Load(ownThemes(home))
	if err != nil {
		return page.Deps{}, err
	}
	return page.Deps{
		Catalog: cat, Clock: r.clock, Real: clock.System{}, Zone: time.Local, Themes: set, OpenBrowser: browse.Opener{}.Open,
		Home: home, Role: actor, Version: buildVersion(),
		Settings: page.Settings{Theme: s.Theme, ASCII: s.ASCII, ReducedMotion: s.ReducedMotion, NoAuto: !s.AutoRefresh,
			AutoLock: s.AutoLock, AutoLockSet: s.AutoLockSet, Remote: s.Remote},
	}, nil
}

// ownThemes is a person's themes folder.
func ownThemes(home string) fs.FS { return os.DirFS(filepath.Join(home, "themes")) }

// tui shows the deck on the store in the home directory.
func (r root) tui(ctx context.Context, o cli.TUIOptions) error {
	deps, done, err := r.deck(ctx, o)
	if err != nil {
		return err
	}
	defer done()
	return ui.Run(ctx, deps)
}

// deck opens the store in the home directory. Where there is none yet, the screen asks
// how it shall open and makes it. done closes what was opened.
func (r root) deck(ctx context.Context, o cli.TUIOptions) (deps page.Deps, done func(), err error) {
	cat, err := catalog.Load(o.Home)
	if err != nil {
		return deps, nil, err
	}
	if deps, err = r.screen(o.Home, o.Settings, cat, o.Actor); err != nil {
		return deps, nil, err
	}
	deps.Settings.ReadOnly = o.ReadOnly
	deps.Settings.NoAuto = deps.Settings.NoAuto || o.NoAuto
	deps.Backend, deps.Key = r.backend(o.ReadOnly, o.Actor), o.Key
	end := func() {}
	deps.Attach = func(st store.Store) (lifecycle.Lifecycle, page.Setups) {
		p := r.parts(st, cat, o.Actor, o.Settings.RedirectPort)
		end = func() { finish(p.engine); _ = st.Close() }
		return p.engine, p.setups()
	}
	st, label, err := o.Source(ctx, deps.Backend)
	switch {
	case errors.Is(err, store.ErrNoStore) && !o.ReadOnly:
	case err != nil:
		return deps, nil, err
	default:
		deps.Store, deps.Label, deps.Snapshot = st, label, o.Snapshot()
		deps.Lifecycle, deps.Setups = deps.Attach(st)
	}
	return deps, func() { end() }, nil
}

// finish waits for refreshes whose request is out: a refresh token is spent by being
// sent (RF-11). The terminal is the person's again by then, and a second interrupt ends
// the process; the connection is uncertain then.
func finish(e *lifecycle.Engine) {
	if len(e.Underway()) > 0 {
		fmt.Fprintln(os.Stderr, words.SayFinishing)
	}
	_ = e.Drain(context.Background())
}

// sim runs only the simulated CRMs, until it is interrupted.
func (r root) sim(ctx context.Context, o cli.SimOptions) error {
	s, err := sim.Start(ctx, sim.Config{
		Addr: o.Addr, Now: r.clock.Now, Rand: rand.Reader, Contacts: o.Contacts,
		AccessTTL: o.AccessTTL, Latency: o.Latency, Faults: o.Faults, Quota: o.Quota,
	})
	for _, wrong := range []error{sim.ErrUnknownFault, sim.ErrNotLoopback, sim.ErrBadQuota, sim.ErrBadAddress} {
		if errors.Is(err, wrong) {
			return &words.Usage{Text: err.Error(), Command: "sim"}
		}
	}
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	if o.WriteProviders != "" {
		if err := s.WriteProviders(o.WriteProviders); err != nil {
			return err
		}
	}
	enc := json.NewEncoder(os.Stdout)
	for _, e := range s.Endpoints() {
		if err := enc.Encode(e); err != nil {
			return fmt.Errorf("writing endpoints: %w", err)
		}
	}
	<-ctx.Done()
	return nil
}

// demo plays the past on simulated CRMs and then shows the deck.
func (r root) demo(ctx context.Context, o cli.DemoOptions) error {
	home, clean, err := demoHome(o.Keep)
	if err != nil {
		return err
	}
	defer clean()
	deps, done, err := r.stage(ctx, home, o)
	if err != nil {
		return err
	}
	defer done()
	return ui.Run(ctx, deps)
}

// codeFloor is how long an authorization code of the demo lives at least, in real time:
// at 3,600 times the speed its ten minutes would be a sixth of a second.
const codeFloor = 10 * time.Second

// stage makes a store in home and fills it from simulated CRMs. done ends both.
func (r root) stage(ctx context.Context, home string, o cli.DemoOptions) (deps page.Deps, done func(), err error) {
	present := time.Now().UTC()
	c := clock.NewScaled(present.Add(-demo.Past), 1)
	r.clock = c
	s, err := sim.Start(ctx, sim.Config{Now: c.Now, Rand: rand.Reader, CodeFloor: codeFloor})
	if err != nil {
		return deps, nil, err
	}
	st, p, cat, err := r.demoStore(ctx, home, s)
	if err != nil {
		return deps, nil, errors.Join(err, s.Close())
	}
	done = func() { finish(p.engine); _, _ = st.Close(), s.Close() }
	w := world{s}
	err = demo.Fill(ctx, demo.Stage{
		World: w, Store: st, Lifecycle: p.engine, Setup: p.maker, Clock: c, Curtain: present, Port: p.port,
	})
	if err == nil {
		deps, err = r.screen(home, o.Settings, cat, demoActor)
	}
	if err != nil {
		done()
		return deps, nil, err
	}
	c.SetSpeed(max(1, o.Speed))
	deps.Store, deps.Label, deps.Demo = st, "simulated CRMs", controls{c, w, st}
	deps.Lifecycle, deps.Setups = p.engine, p.setups()
	return deps, done, nil
}

// demoActor is who acts in the demo's audit log.
const demoActor = "demo"

// demoStore makes the demo's store and what acts on it.
func (r root) demoStore(ctx context.Context, home string, s *sim.Sim) (store.Store, parts, *catalog.Catalog, error) {
	if err := s.WriteProviders(filepath.Join(home, "providers")); err != nil {
		return nil, parts{}, nil, err
	}
	cat, err := catalog.Load(home)
	if err != nil {
		return nil, parts{}, nil, err
	}
	port, err := freePort()
	if err != nil {
		return nil, parts{}, nil, err
	}
	st, err := r.backend(false, demoActor).Create(ctx, home, store.Key{IdentityFile: filepath.Join(home, "identity.txt")})
	if err != nil {
		return nil, parts{}, nil, err
	}
	return st, r.parts(st, cat, demoActor, port), cat, nil
}

// demoHome is the directory to keep, which must not hold a store, or a temporary one
// that clean removes.
func demoHome(keep string) (dir string, clean func(), err error) {
	if keep != "" {
		return keep, func() {}, nil
	}
	// Memory, where the system has a place for it: nobody waits for a disk then.
	dir, err = os.MkdirTemp("/dev/shm", "crmdeck-demo-")
	if err != nil {
		dir, err = os.MkdirTemp("", "crmdeck-demo-")
	}
	if err != nil {
		return "", nil, fmt.Errorf("making the demo's directory: %w", err)
	}
	return dir, func() { _ = os.RemoveAll(dir) }, nil
}

// freePort finds a port for the demo's redirect URIs, so that it runs beside anything.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("finding a free port: %w", err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	return port, l.Close()
}

// controls are the demo's keys.
type controls struct {
	*clock.Scaled
	world world
	store store.Store
}

// Consent implements page.Demo: the simulated person allows what the page asks for.
func (c controls) Consent(ctx context.Context, url string, as store.Account) error {
	return c.world.Consent(ctx, url, demo.Consent{Account: as.ID, Login: as.User})
}

// Retire implements page.Demo: the simulated person deletes the connection's key.
func (c controls) Retire(ctx context.Context, connection store.ID) error {
	var g store.Grant
	err := c.store.Read(ctx, func(r store.Reader) error {
		conn, err := r.Connection(connection)
		if err == nil {
			g, err = r.Grant(conn.Grant)
		}
		return err
	})
	if err != nil || g.Key == nil {
		return err
	}
	v, err := c.store.Vault()
	if err != nil {
		return err
	}
	key, err := v.Open(store.Binding{Owner: g.ID, Field: lifecycle.FieldKey}, g.Key.Sealed)
	if err != nil {
		return err
	}
	defer key.Wipe()
	return c.world.DeleteKey(g.Provider, key)
}

// world is the simulated CRMs as the demo's play knows them.
type world struct{ sim *sim.Sim }

var _ demo.World = world{}

func (w world) App(provider string, a demo.App) (string, secret.Value, error) {
	id, s, err := w.sim.NewClient(provider, sim.ClientOptions{Name: a.Name, RedirectURIs: []string{a.RedirectURI}, Rotate: a.Rotate})
	return id, secret.FromString(s), err
}

func (w world) Key(provider, kind, account string, made time.Time) (secret.Value, error) {
	k, err := w.sim.NewKey(provider, sim.KeyOptions{Account: account, Kind: kind, Created: made})
	return secret.FromString(k), err
}

func (w world) DeleteKey(provider string, key secret.Value) error {
	return w.sim.DeleteKey(provider, key.Reveal())
}

func (w world) Uninstall(provider, clientID, account string) error {
	return errors.Join(w.sim.UninstallApp(provider, clientID, account), w.sim.InstallApp(provider, clientID, account))
}

func (w world) Consent(ctx context.Context, url string, c demo.Consent) error {
	return w.sim.Consent(ctx, url, sim.ConsentOptions{Account: c.Account, Login: c.Login, DropScopes: c.Drop})
}

func (w world) Fault(f demo.Fault) error {
	return w.sim.Inject(sim.Fault{
		Provider: f.Provider, Endpoint: f.Endpoint, Kind: f.Kind, ClientID: f.ClientID,
		Count: f.Count, RetryAfter: f.RetryAfter, Delay: f.Delay,
	})
}
