//go:build unix

package lifecycle_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"sync"
	"syscall"
	"testing"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/connectors/lifecycle"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

// order is what a child process is to do; it comes on its standard input.
type order struct {
	Dir       string
	Identity  string
	Endpoints []sim.Endpoint
	Now       time.Time
	Name      string
	Act       string // token, refresh, revoke
	KillAt    string // failpoint at which it kills itself
}

// report is what a child says on its standard output.
type report struct {
	Token      string
	Generation uint64
	Refreshed  bool
	Kind       lifecycle.FailureKind
	Error      string
	Took       time.Duration
}

// runOrder makes the process a child.
func runOrder() error {
	var o order
	if err := json.NewDecoder(os.Stdin).Decode(&o); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(o.run())
}

// run does the order as a process of its own.
func (o order) run() report {
	ctx := context.Background()
	c := clock.NewScaled(o.Now, 0)
	s, err := bolt.New(bolt.Options{Clock: c}).Open(ctx, o.Dir)
	if err != nil {
		return report{Error: err.Error()}
	}
	if err := s.Unlock(ctx, store.Key{IdentityFile: o.Identity}); err != nil {
		return report{Error: err.Error()}
	}
	cat, err := simulated(o.Endpoints)
	if err != nil {
		return report{Error: err.Error()}
	}
	e := lifecycle.New(lifecycle.Config{
		Store: s, Catalog: cat, HTTP: guard.New(guard.Options{}), Clock: c, Rand: rand.Reader,
		Failpoint: func(step string) {
			if step == o.KillAt {
				_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
				select {}
			}
		},
	})
	began := time.Now()
	out := o.act(ctx, e, s)
	out.Took = time.Since(began)
	return out
}

func (o order) act(ctx context.Context, e *lifecycle.Engine, s store.Store) report {
	var out report
	var err error
	switch o.Act {
	case "token":
		var tok lifecycle.Token
		tok, err = e.Token(ctx, lifecycle.TokenRequest{Name: o.Name, Job: "child"})
		out.Token, out.Generation = tok.Secret.Reveal(), tok.Generation
	default:
		var conn store.Connection
		if err = s.Read(ctx, func(r store.Reader) (err error) { conn, err = r.ConnectionByName(o.Name); return err }); err != nil {
			break
		}
		if o.Act == "revoke" {
			_, err = e.Revoke(ctx, conn.ID, lifecycle.RevokeOptions{}, nil)
			break
		}
		var res lifecycle.RefreshResult
		res, err = e.Refresh(ctx, conn.ID, false)
		out.Generation, out.Refreshed = res.Generation, res.Refreshed
	}
	if f := lifecycle.AsFailure(err); f != nil {
		out.Kind = f.Kind
	}
	if err != nil {
		out.Error = err.Error()
	}
	return out
}

// child starts a process for the order; wait returns its report.
func (w *world) child(act, name, killAt string) (wait func() (report, error)) {
	wait, _ = w.start(act, name, killAt)
	return wait
}

// killable is a child that somebody else kills.
func (w *world) killable(act, name string) (wait func() (report, error), kill func()) {
	return w.start(act, name, "")
}

func (w *world) start(act, name, killAt string) (wait func() (report, error), kill func()) {
	w.Helper()
	in, err := json.Marshal(order{
		Dir: w.dir, Identity: storetest.Identity(w.dir), Endpoints: w.sim.Endpoints(), Now: w.clock.Now(), Name: name, Act: act, KillAt: killAt,
	})
	if err != nil {
		w.Fatal(err)
	}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), childVar+"=1", "GOMAXPROCS=1")
	cmd.Stdin = bytes.NewReader(in)
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	if err := cmd.Start(); err != nil {
		w.Fatal(err)
	}
	return func() (report, error) {
		if err := cmd.Wait(); err != nil {
			return report{}, fmt.Errorf("%w %s", err, errs.Bytes())
		}
		var r report
		err := json.Unmarshal(out.Bytes(), &r)
		return r, err
	}, func() { _ = cmd.Process.Kill() }
}

// killed runs a child to its death at a failpoint.
func (w *world) killed(act, name, at string) {
	w.Helper()
	_, err := w.child(act, name, at)()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.Sys().(syscall.WaitStatus).Signal() != syscall.SIGKILL {
		w.Fatalf("the child was not killed at %s: %v", at, err)
	}
}

// RF-1: 64 processes, and goroutines that stand for an open deck, want the same expired token.
// Exactly one refresh reaches the provider, and everybody gets a token that works.
func TestRefreshOnceForManyProcesses(t *testing.T) {
	n := 64
	if testing.Short() {
		n = 16
	}
	w := newWorld(t, sim.Config{})
	for _, g := range grants {
		t.Run(g.name, func(t *testing.T) {
			c := w.oauth(g.provider, g.name, g.rotate)
			w.clock.Advance(3 * time.Hour)
			sent := w.count(g.provider, "token.refresh")
			waits := make([]func() (report, error), n)
			for i := range waits {
				waits[i] = w.child("token", c.Name, "")
			}
			var deck sync.WaitGroup
			for range 8 {
				deck.Go(func() {
					if tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: c.Name}); err != nil || tok.Generation != 2 {
						t.Errorf("the deck got generation %d, %v", tok.Generation, err)
					}
				})
			}
			deck.Wait()
			good := w.token(c)
			w.works(c, good)
			for _, wait := range waits {
				r, err := wait()
				if err != nil || r.Error != "" || r.Token != good.Secret.Reveal() {
					t.Fatalf("a process got generation %d, %s, %v", r.Generation, r.Error, err)
				}
			}
			if got := w.count(g.provider, "token.refresh") - sent; got != 1 {
				t.Errorf("%d refreshes reached the provider, want 1", got)
			}
		})
	}
}

// RF-8, RF-4, RF-5: killed with SIGKILL at each step of a refresh. The next process has the
// new token, or finds the grant uncertain and behaves as step 7 says.
func TestKilledAtEachStep(t *testing.T) {
	for _, g := range grants {
		for _, step := range []string{"lease", "reread", "intent", "send", "answer", "store", "done"} {
			t.Run(g.name+" "+step, func(t *testing.T) {
				t.Parallel()
				w := newWorld(t, sim.Config{})
				c := w.oauth(g.provider, "a", g.rotate)
				sent := w.count(g.provider, "token.refresh")
				w.killed("refresh", "a", step)
				arrived := w.count(g.provider, "token.refresh") - sent
				rec := w.grant(c)
				switch step {
				case "lease", "reread":
					if arrived != 0 || rec.Intent != nil || rec.Generation != 1 {
						t.Fatalf("%d requests, intent %+v, generation %d", arrived, rec.Intent, rec.Generation)
					}
				case "intent", "send", "answer":
					if rec.Intent == nil || rec.Generation != 1 || (arrived == 1) != (step == "answer") {
						t.Fatalf("%d requests, intent %+v, generation %d", arrived, rec.Intent, rec.Generation)
					}
				case "store", "done":
					if arrived != 1 || rec.Intent != nil || rec.Generation != 2 {
						t.Fatalf("%d requests, intent %+v, generation %d", arrived, rec.Intent, rec.Generation)
					}
				}
				w.afterKill(c, g.rotate, step)
			})
		}
	}
}

// afterKill is what the next process sees.
func (w *world) afterKill(c store.Connection, rotate bool, step string) {
	w.Helper()
	uncertain := step == "intent" || step == "send" || step == "answer"
	_, err := w.Refresh(context.Background(), c.ID, false)
	if !uncertain {
		if err != nil {
			w.Fatal(err)
		}
		w.works(c, w.token(c))
		return
	}
	failure(w.TB, err, lifecycle.FailUncertain)
	if in := w.grant(c).Intent; in == nil || !in.Lost {
		w.Fatalf("intent is %+v", in)
	}
	if tok := w.token(c); tok.Generation != 1 {
		w.Fatalf("generation %d", tok.Generation)
	}
	sent := w.count(c.Provider, "token.refresh")
	w.clock.Advance(3 * time.Hour)
	tok, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	if n := w.count(c.Provider, "token.refresh") - sent; n != 1 {
		w.Fatalf("%d tries, want 1", n)
	}
	if rotate && step == "answer" {
		failure(w.TB, err, lifecycle.FailReconnect)
		return
	}
	if err != nil {
		w.Fatal(err)
	}
	w.works(c, tok)
}

// RF-8: killed within the second try as well: the try counts as spent, never a loop.
func TestKilledInTheSecondTry(t *testing.T) {
	w := newWorld(t, sim.Config{})
	c := w.oauth(sim.Salesforce, "a", true)
	w.killed("refresh", "a", "intent")
	w.clock.Advance(3 * time.Hour)
	w.killed("refresh", "a", "send")
	if in := w.grant(c).Intent; in == nil || !in.Retried {
		t.Fatalf("intent is %+v", in)
	}
	sent := w.count(sim.Salesforce, "token.refresh")
	_, err := w.Token(context.Background(), lifecycle.TokenRequest{Name: "a"})
	if f := failure(t, err, lifecycle.FailReconnect); f.Reason != lifecycle.ReasonAnswerLost {
		t.Errorf("reason is %s", f.Reason)
	}
	if n := w.count(sim.Salesforce, "token.refresh") - sent; n != 0 {
		t.Errorf("%d more requests", n)
	}
}

// RV-6: killed at each step of a revocation. It is called revoked only after a 2xx; nothing
// is lost, and the queue brings it to its end.
func TestRevocationKilledAtEachStep(t *testing.T) {
	for _, step := range []string{"lease", "begun", "revoked_refresh", "sent", "proved"} {
		t.Run(step, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, sim.Config{})
			c := w.oauth(sim.Salesforce, "a", true)
			w.killed("revoke", "a", step)
			g := w.grant(c)
			if step == "lease" {
				if g.Revocation != nil {
					t.Fatalf("got %+v", g.Revocation)
				}
				w.works(c, w.token(c))
				return
			}
			if g.Revocation == nil || g.Revocation.State != store.RevocationQueued || g.Refresh.Sealed.IsZero() {
				t.Fatalf("got %+v", g.Revocation)
			}
			if sent := !g.Revocation.Sent.IsZero(); sent != (step == "sent" || step == "proved") {
				t.Fatalf("sent %v at %s", sent, step)
			}
			if done, left, err := w.WorkOff(context.Background(), nil); done != 1 || left != 0 || err != nil {
				t.Fatalf("%d done, %d left, %v", done, left, err)
			}
			w.wiped(c)
		})
	}
}

// RF-8: killed after the provider has got the request and before its answer is there.
func TestKilledWhileTheAnswerIsAwaited(t *testing.T) {
	w := newWorld(t, sim.Config{})
	var mu sync.Mutex
	var victim func() // kills the child
	w.front(sim.Salesforce, func(rw http.ResponseWriter, r *http.Request, next http.Handler) {
		mu.Lock()
		defer mu.Unlock()
		if victim == nil {
			next.ServeHTTP(rw, r)
			return
		}
		next.ServeHTTP(httptest.NewRecorder(), r) // rotated
		victim()
		victim = nil
		<-r.Context().Done()
	})
	c := w.oauth(sim.Salesforce, "a", true)
	mu.Lock()
	wait, kill := w.killable("refresh", "a")
	victim = kill
	mu.Unlock()
	if _, err := wait(); err == nil {
		t.Fatal("the child lived on")
	}
	_, err := w.Refresh(context.Background(), c.ID, false)
	failure(t, err, lifecycle.FailUncertain)
}
