package policy

import (
	"crypto/sha256"
	"encoding/binary"
	"time"

	"crmdeck/store"
)

// The bounds of the margin of refreshing ahead.
const (
	minMargin = time.Minute
	maxMargin = 15 * time.Minute
)

// Margin is how long before its end an access token is refreshed at the latest: 20 % of
// its life, at least a minute, at most 15; but never more than half of its life, so that
// a very short one is not refreshed the moment it is got. An override above 0 replaces
// the 20 %.
func Margin(life, override time.Duration) time.Duration {
	m := min(max(life/5, minMargin), maxMargin)
	if override > 0 {
		m = override
	}
	if life > 0 {
		m = min(m, life/2)
	}
	return m
}

// RefreshAt is when a token is refreshed ahead: its margin before the end, and up to a
// quarter of the margin earlier. How much earlier is fixed for one grant and generation,
// so that every process works out the same moment while many grants spread. Zero expires:
// never. An unknown issued counts as the usual hour.
func RefreshAt(grant store.ID, generation uint64, issued, expires time.Time, override time.Duration) time.Time {
	if expires.IsZero() {
		return time.Time{}
	}
	life := time.Hour
	if !issued.IsZero() {
		life = max(0, expires.Sub(issued))
	}
	m := Margin(life, override)
	return expires.Add(-m - time.Duration(jitter(grant, generation)*float64(m/4)))
}

// KeepAliveAt is when a refresh token that dies unused is used: when a third of its idle
// time is left, spread like RefreshAt. That is before any warning. Zero ends: never.
func KeepAliveAt(grant store.ID, generation uint64, used, ends time.Time) time.Time {
	if ends.IsZero() {
		return time.Time{}
	}
	idle := max(0, ends.Sub(used))
	if used.IsZero() {
		idle = 30 * day // unknown: as the one provider of the catalogue that has such a clock
	}
	return ends.Add(-idle/3 - time.Duration(jitter(grant, generation)*float64(idle/12)))
}

// jitter is a share from 0 to 1 that depends on grant and generation alone.
func jitter(grant store.ID, generation uint64) float64 {
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(grant), generation))
	return float64(binary.BigEndian.Uint32(sum[:])) / (1 << 32)
}
