package cli

import (
	"bytes"
	"context"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"crmdeck/connectors/guard"
	"crmdeck/connectors/sim"
	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/ui/words"
)

// person is somebody at a terminal, who types line after line.
type person struct {
	t      *testing.T
	home   string
	opened []string // addresses that a browser was opened with
	open   func(url string) error
}

func (p *person) run(typed string, args ...string) (code int, out, errs string) {
	p.t.Helper()
	var o, e bytes.Buffer
	code = Main(p.t.Context(), append(args, "--home", p.home), Deps{
		Clock: clock.System{}, Rand: rand.Reader,
		Backend: func(readOnly bool, actor string) store.Backend {
			return bolt.New(bolt.Options{Clock: clock.System{}, Rand: rand.Reader, Actor: actor, ReadOnly: readOnly})
		},
		HTTP:  func() *guard.Client { return guard.New(guard.Options{}) },
		Stdin: strings.NewReader(typed), Stdout: &o, Stderr: &e,
		Env: func(string) string { return "" }, IsTerminal: func() bool { return true },
		OpenBrowser: func(url string) error {
			p.opened = append(p.opened, url)
			return p.open(url)
		},
		Version: "test",
	})
	return code, o.String(), e.String()
}

const typedPhrase = "four words make one\n"

func newPerson(t *testing.T) (*person, *sim.Sim) {
	t.Helper()
	s, err := sim.Start(context.Background(), sim.Config{Contacts: 30})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	p := &person{t: t, home: filepath.Join(t.TempDir(), "home")}
	p.open = func(url string) error {
		go func() { _ = s.Consent(context.Background(), url, sim.ConsentOptions{}) }()
		return nil
	}
	if err := s.WriteProviders(filepath.Join(p.home, "providers")); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(p.home, 0o700); err != nil {
		t.Fatal(err)
	}
	if code, _, errs := p.run(typedPhrase+typedPhrase, "init"); code != 0 {
		t.Fatalf("init: %d %s", code, errs)
	}
	return p, s
}

func key(t *testing.T, s *sim.Sim) string {
	t.Helper()
	k, err := s.NewKey(sim.Close, sim.KeyOptions{})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestPassphrasesThatDifferMakeNoStore(t *testing.T) {
	p := &person{t: t, home: filepath.Join(t.TempDir(), "home")}
	code, _, _ := p.run(typedPhrase+"four words make two\n", "init")
	if code != words.ExitUsage {
		t.Errorf("code %d", code)
	}
	if _, err := os.Stat(p.home); !os.IsNotExist(err) {
		t.Error("something was made")
	}
}

// A person without any flag is asked for everything, sees whose key it is, and says yes.
func TestAddByAsking(t *testing.T) {
	p, s := newPerson(t)
	k := key(t, s)
	code, out, errs := p.run(typedPhrase+"close\n"+k+"\nyes\n", "add", "nightly", "--method", "api_key")
	if code != 0 || !strings.Contains(out, "nightly is set up") {
		t.Fatalf("%d %s\n%s", code, out, errs)
	}
	if !strings.Contains(errs, "account") || strings.Contains(out+errs, k) {
		t.Errorf("asked:\n%s", errs)
	}
}

func TestAnswerThatDoesNotFitIsAskedAgain(t *testing.T) {
	p, s := newPerson(t)
	code, out, errs := p.run(typedPhrase+"nonsense\nclose\n"+key(t, s)+"\nyes\n", "add", "nightly", "--method", "api_key")
	if code != 0 {
		t.Fatalf("%d %s\n%s", code, out, errs)
	}
}

func TestNoAtTheIdentityStoresNothing(t *testing.T) {
	p, s := newPerson(t)
	path := filepath.Join(t.TempDir(), "key")
	if err := os.WriteFile(path, []byte(key(t, s)), 0o600); err != nil {
		t.Fatal(err)
	}
	code, _, errs := p.run(typedPhrase+"no\n", "add", "nightly", "--provider", "close", "--key-file", path)
	if code != words.ExitCancelled {
		t.Fatalf("%d %s", code, errs)
	}
	if _, out, _ := p.run("", "list", "--json"); out != "[]\n" {
		t.Errorf("list: %s", out)
	}
}

// LB-13: at a terminal the browser is opened and the address shown; --no-browser only shows it.
func TestConsentAtATerminal(t *testing.T) {
	p, s := newPerson(t)
	port := freePort(t)
	id, sec, err := s.NewClient(sim.Salesforce, sim.ClientOptions{RedirectURIs: []string{"http://localhost:" + port + "/callback/salesforce"}})
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := p.run(typedPhrase+"\n"+sec+"\nyes\n", "add", "sf", "--provider", "salesforce", "--client-id", id, "--redirect-port", port)
	if code != 0 || len(p.opened) != 1 || !strings.Contains(errs, p.opened[0]) {
		t.Fatalf("%d %s\n%s", code, out, errs)
	}
	if strings.Contains(out+errs, sec) {
		t.Error("the secret was shown")
	}
}

// A revocation has to be typed out; anything else revokes nothing.
func TestRevokeAsksForTheName(t *testing.T) {
	p, s := newPerson(t)
	if code, _, errs := p.run(typedPhrase+"close\n"+key(t, s)+"\nyes\n", "add", "nightly", "--method", "api_key", "--no-test"); code != 0 {
		t.Fatal(errs)
	}
	p.open = func(string) error { return nil }
	code, _, errs := p.run(typedPhrase+"y\n", "revoke", "nightly")
	if code != words.ExitCancelled || !strings.Contains(errs, "Type nightly") {
		t.Errorf("%d %s", code, errs)
	}
	if _, out, _ := p.run("", "audit", "--json", "--act", "revoke"); out != "" {
		t.Errorf("audit: %s", out)
	}
	if code, _, errs := p.run(typedPhrase+"nightly\n", "revoke", "nightly"); code != words.ExitPending {
		t.Errorf("%d %s", code, errs)
	}
}
