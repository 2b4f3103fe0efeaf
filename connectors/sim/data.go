package sim

import (
	"fmt"
	"strconv"

	"time"

	"crmdeck/connectors/sim/records"
)

// records are what an account holds.
func (s *site) records(a *Account) records.Set {
	return records.Set{Seed: uint64(a.ordinal + 1), Contacts: s.contactsOf(a)}
}

// buffer lends a page buffer, release takes it back.
func (s *Sim) buffer() *[]byte {
	if b, ok := s.buffers.Get().(*[]byte); ok {
		return b
	}
	b := make([]byte, 0, 64<<10)
	return &b
}

func (s *Sim) release(b *[]byte) { s.buffers.Put(b) }

// between reads a number in a range; empty text is the default.
func between(text string, def, low, high int) (int, bool) {
	if text == "" {
		return def, true
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= low && n <= high
}

// zone loads a time zone; UTC where the machine does not know it.
func zone(name string) *time.Location {
	loc, err := time.LoadLocation(name)
	if err != nil {
		return time.UTC
	}
	return loc
}

// offsetText writes an offset in seconds as +02:00.
func offsetText(seconds int) string {
	sign := "+"
	if seconds < 0 {
		sign, seconds = "-", -seconds
	}
	return fmt.Sprintf("%s%02d:%02d", sign, seconds/3600, seconds/60%60)
}
