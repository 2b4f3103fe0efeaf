//go:build campaign

package bolt_test

import (
	"flag"
	"testing"
)

var compactRounds = flag.Int("compact-rounds", 10, "rounds of killing a process that compacts beside two writers")

// DB-13: many rounds of TestCompactBesideWriters.
func TestCampaignCompactKilled(t *testing.T) { compactBesideWriters(t, *compactRounds) }
