//go:build campaign

package bolt_test

import (
	"flag"
	"testing"
	"time"
)

var (
	harmFlips  = flag.Int("harm-flips", 400, "bits of a small store that are flipped, spread over the pages in use; those that are then written to are a quarter of it")
	harmPages  = flag.Int("harm-pages", 300, "pages that are zeroed, swapped and doubled, and lengths, 0 for all")
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
	h.run(sampled(h.pages(), *harmPages))
	t.Logf("%s; %s", h, time.Since(begun).Round(time.Second))
}

// sampled takes n of the harms, spread over all of them; 0: all.
func sampled(all []harm, n int) (some []harm) {
	if n == 0 || n >= len(all) {
		return all
	}
	for i := range n {
		some = append(some, all[i*len(all)/n])
	}
	return some
}
