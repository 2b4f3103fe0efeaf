//go:build campaign

package seal

import (
	"flag"
	"slices"
	"testing"

	"crmdeck/store"
	"crmdeck/store/secret"
)

var nonces = flag.Int("nonces", 1_000_000, "how many nonces are drawn")

// SE-12: no nonce comes twice. They are drawn and not counted, so that a copy of a process or of a
// store repeats none either.
func TestCampaignNonces(t *testing.T) {
	_, v := create(t, identity(t))
	seen := make([][16]byte, *nonces) // two that agree in 128 bits of 192 would be wonder enough
	val := secret.FromString("x")
	for i := range seen {
		s, err := v.Seal(store.Binding{}, 1, nil, val)
		if err != nil {
			t.Fatal(err)
		}
		copy(seen[i][:], s.Box)
	}
	slices.SortFunc(seen, func(a, b [16]byte) int { return slices.Compare(a[:], b[:]) })
	for i := 1; i < len(seen); i++ {
		if seen[i] == seen[i-1] {
			t.Fatal("a nonce came twice")
		}
	}
}
