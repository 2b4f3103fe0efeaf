//go:build campaign

package bolt_test

import (
	"flag"
	"testing"
	"time"
)

var (
	harmFlips  = flag.Int("harm-flips", 1500, "bits of a small store that are flipped, spread over the pages in use; those that are then written to are a quarter of it")
	harmWrites = flag.Bool("harm-writes", true, "also write to each damaged store")
)

// DB-7, DB-8: a store is damaged by flipped bits, truncation at every 512 bytes, and pages that
// are zeroed, swapped and doubled. What it tells is right or refused; no process dies.
func TestCampaignHarm(t *testing.T) {
	begun := time.Now()
	h := newHarming(t, false)
	h.run(h.flips(*harmFlips))
	if *harmWrites {
		h.write = true
		h.run(h.flips(*harmFlips / 4))
	}
	h.run(h.pages())
	t.Logf("%s; %s", h, time.Since(begun).Round(time.Second))
}
