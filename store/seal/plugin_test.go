//go:build unix

package seal

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"
	"filippo.io/age/plugin"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// shelved puts the plugin into PATH and returns its recipient, a key with its identity,
// and what sets its mood.
func shelved(t *testing.T) (recipient string, k store.Key, mood func(string)) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	bin, home := t.TempDir(), t.TempDir()
	if err := os.Symlink(self, filepath.Join(bin, "age-plugin-"+pluginName)); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	t.Setenv("HOME", home)
	t.Setenv("SEAL_CANARY", "canary-of-the-environment")
	t.Setenv("AGEDEBUG", "plugin")
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "id")
	if err := os.WriteFile(file, []byte("# a card\n"+plugin.EncodeIdentity(pluginName, []byte(id.String()))+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	mood = func(m string) {
		if err := os.WriteFile(filepath.Join(home, "shelf"), []byte(m), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return plugin.EncodeRecipient(pluginName, []byte(id.Recipient().String())), store.Key{IdentityFile: file}, mood
}

// SE-2, SE-8: a slot for an age plugin opens with its identity, and its program gets a named
// environment and nothing of ours.
func TestPlugin(t *testing.T) {
	recipient, k, mood := shelved(t)
	h, v := create(t, identity(t))
	mood("environment")
	err := addKey(t, &h, v, store.NewSlot{Recipient: recipient})
	if err == nil || !strings.Contains(err.Error(), `canary ""`) {
		t.Errorf("the plugin's environment: %v", err)
	}
	mood("")
	if err := addKey(t, &h, v, store.NewSlot{Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	w, err := h.Unlock(t.Context(), tools, k)
	if err != nil || !same(v, w) {
		t.Fatalf("%v", err)
	}
	if err := addKey(t, &h, v, store.NewSlot{Key: k}); !errors.Is(err, store.ErrPluginIdentity) {
		t.Errorf("a slot from the identity: %v", err)
	}
	other, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(k.IdentityFile, []byte(plugin.EncodeIdentity(pluginName, []byte(other.String()))), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := h.Unlock(t.Context(), tools, k); !errors.Is(err, store.ErrWrongKey) {
		t.Errorf("another card: %v", err)
	}
}

// What a plugin asks and says: cleaned, only of a person, and bounded.
func TestPluginAsks(t *testing.T) {
	recipient, k, mood := shelved(t)
	h, v := create(t, identity(t))
	if err := addKey(t, &h, v, store.NewSlot{Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	var asked []store.Question
	answers := map[store.QuestionKind]string{store.AskSecret: "1234", store.AskConfirm: "go"}
	person := func(_ context.Context, q store.Question) (secret.Value, error) {
		asked = append(asked, q)
		return secret.FromString(answers[q.Kind]), nil
	}
	open := func(ask store.Ask) error {
		_, err := h.Unlock(t.Context(), tools, store.Key{IdentityFile: k.IdentityFile, Ask: ask})
		return err
	}
	var p *store.PluginError
	mood("pin")
	if err := open(person); err != nil || len(asked) != 1 || asked[0].Kind != store.AskSecret || strings.ContainsAny(asked[0].Text, "\x1b\x07") {
		t.Errorf("a PIN: %v %+v", err, asked)
	}
	if err := open(nil); !errors.As(err, &p) || !strings.Contains(p.Said, "wrong PIN") {
		t.Errorf("nobody to ask: %v", err)
	}
	mood("touch")
	if err := open(person); err != nil || len(asked) != 3 || asked[1].Kind != store.AskNothing || asked[2].Yes != "go" || asked[2].No != "stop" {
		t.Errorf("a touch: %v %+v", err, asked)
	}
	answers[store.AskConfirm] = "stop"
	if err := open(person); !errors.As(err, &p) || !strings.Contains(p.Said, "not confirmed") {
		t.Errorf("said no: %v", err)
	}
	mood("fail")
	if err := open(person); !errors.As(err, &p) || strings.ContainsAny(p.Error(), "\x1b\n") || !strings.Contains(p.Said, "reader") {
		t.Errorf("failed: %q", err)
	}
	for _, m := range []string{"nonsense", "flood"} {
		mood(m)
		if err := open(person); !errors.As(err, &p) {
			t.Errorf("%s: %v", m, err)
		}
	}
}

func TestPluginIsLeft(t *testing.T) {
	recipient, k, mood := shelved(t)
	h, v := create(t, identity(t))
	if err := addKey(t, &h, v, store.NewSlot{Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	mood("hang")
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() {
		_, err := h.Unlock(ctx, tools, k)
		ended <- err
	}()
	cancel()
	if err := <-ended; !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func TestPluginMissing(t *testing.T) {
	recipient, k, _ := shelved(t)
	h, v := create(t, identity(t))
	if err := addKey(t, &h, v, store.NewSlot{Recipient: recipient}); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", t.TempDir())
	var p *store.PluginError
	if _, err := h.Unlock(t.Context(), tools, k); !errors.As(err, &p) || !p.Missing || p.Name != pluginName {
		t.Errorf("%v", err)
	}
	if err := addKey(t, &h, v, store.NewSlot{Recipient: plugin.EncodeRecipient("nowhere", []byte("x"))}); !errors.As(err, &p) || !p.Missing {
		t.Errorf("%v", err)
	}
}
