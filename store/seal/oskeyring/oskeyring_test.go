package oskeyring

import (
	"errors"
	"strings"
	"testing"

	keyring "github.com/zalando/go-keyring"

	"crmdeck/store/seal"
	"crmdeck/store/secret"
)

// SE-9: what is kept comes back, what is not there is said so, and what the system says in
// an error is cleaned and short.
func TestKeyring(t *testing.T) {
	keyring.MockInit()
	var k Keyring
	if _, err := k.Get("store/slot"); !errors.Is(err, seal.ErrNoEntry) {
		t.Errorf("absent: %v", err)
	}
	if err := k.Set("store/slot", secret.FromString("a key")); err != nil {
		t.Fatal(err)
	}
	if v, err := k.Get("store/slot"); err != nil || v.Reveal() != "a key" {
		t.Errorf("%v", err)
	}
	if err := k.Delete("store/slot"); err != nil {
		t.Error(err)
	}
	if _, err := k.Get("store/slot"); !errors.Is(err, seal.ErrNoEntry) {
		t.Errorf("deleted: %v", err)
	}
	keyring.MockInitWithError(errors.New("locked\x1b[31m\n" + strings.Repeat("x", 5000)))
	if err := k.Set("store/slot", secret.FromString("a key")); err == nil || strings.ContainsAny(err.Error(), "\x1b\n") || len(err.Error()) > 4*maxSaid {
		t.Errorf("%v", err)
	}
}
