package ui_test

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/charmbracelet/x/ansi"

	"crmdeck/connectors"
	"crmdeck/connectors/guard"
	"crmdeck/store"
	"crmdeck/ui/uitest"
)

// odd are texts that are hard to measure and to cut.
var odd = []string{
	"e" + strings.Repeat("\u0301", 1000), "\U0001F468\u200d\U0001F469\u200d\U0001F467", "\ufdfa\ufdfa", "\u3164\u3164", "\u2764\ufe0f", "a\u2028b",
	"\xff\xfe\xc0\xaf", "\xed\xa0\x80", "\u6771\u4eac\u90fd", "\u202eabc\u202c", "\U000E0041\U000E007F", "\u1100\u1161\u11a8",
}

// TM-6, TM-7: hard texts in every field leave the columns where they are at every size, and no size
// panics; what is no UTF-8 is shown as such.
func TestOddTextAtEverySize(t *testing.T) {
	w := uitest.New(t)
	w.Put(t, func(tx store.Writer) error {
		for i, text := range odd {
			id := store.ID(fmt.Sprint("odd", i))
			g := store.Grant{ID: id, Provider: "hubspot", Method: store.APIKey, Created: uitest.Noon,
				Key: &store.APIKeyRecord{Kind: "service_key", Fingerprint: "AAAA-BBBB-CC", Made: uitest.Noon, Sealed: store.Sealed{Box: []byte{1}}}}
			c := store.Connection{ID: id, Name: fmt.Sprint(i, text), Provider: "hubspot", Method: store.APIKey, Grant: id, Owner: text, Purpose: text,
				Tags: []string{text}, Account: store.Account{ID: text, Name: text, User: text}, Created: uitest.Noon}
			if err := errors.Join(tx.PutGrant(&g), tx.PutConnection(&c)); err != nil {
				return err
			}
		}
		_, err := tx.Append(store.Event{Act: store.ActAdd, Outcome: "done", Evidence: strings.Join(odd, " ")})
		return err
	})
	x := uitest.Start(t, w.Deps, 120, 36)
	for _, keys := range []string{"", "enter", "esc", "g", "a"} {
		if keys != "" {
			x.Press(keys)
		}
		for _, size := range [][2]int{{1, 1}, {2, 300}, {39, 12}, {40, 12}, {80, 24}, {81, 25}, {120, 36}, {300, 100}, {300, 1}} {
			x.Resize(size[0], size[1])
			x.Settle()
			for n, line := range strings.Split(x.Text(), "\n") {
				if got := ansi.StringWidthWc(strings.TrimRight(line, " ")); got > size[0] {
					t.Errorf("%v: line %d has %d cells: %q", size, n, got, line)
				}
				if strings.ContainsAny(line, "\u202e\u2028") || strings.Count(line, "\u0301") > 4*strings.Count(line, "e") {
					t.Errorf("%v: line %d: %q", size, n, line)
				}
			}
		}
		x.Resize(120, 36)
		x.Settle()
	}
}

// TM-14: a storm of sizes ends in a whole screen.
func TestResizeStorm(t *testing.T) {
	w := uitest.New(t).Deck(t)
	x := uitest.Start(t, w.Deps, 120, 36)
	for i := range 120 {
		x.Resize(1+i*7%300, 1+i*13%100)
	}
	x.Resize(100, 30)
	x.Settle()
	if got := x.Text(); !strings.Contains(got, "crmdeck") || !strings.Contains(got, "hubspot") {
		t.Errorf("after the storm:\n%s", got)
	}
}

// TM-10, TM-12, TM-16: hostile names make no link and no title, in the deck, on a
// connection's pages and in the audit log, where they are shown a second time.
func TestNoLinkAndAFixedTitle(t *testing.T) {
	for _, keys := range []string{"", "e", "e5", "ga", "gae"} {
		b := stream(t, keys)
		for _, bad := range []string{"\x1b]8;", "\x1b]52;", "\x1b]0;", "\x1b]1;"} {
			if bytes.Contains(b, []byte(bad)) {
				t.Errorf("keys %q: %q reached the terminal", keys, bad)
			}
		}
		for rest := b; ; {
			at := bytes.Index(rest, []byte("\x1b]2;"))
			if at < 0 {
				break
			}
			rest = rest[at+4:]
			end := bytes.IndexAny(rest, "\a\x1b")
			if title := string(rest[:max(end, 0)]); title != "" && title != "crmdeck" {
				t.Errorf("keys %q: the title is %q", keys, title)
			}
		}
	}
}

// TM-9: a host that looks like another can't be written in its own letters anywhere that a
// person is asked to trust it: only its punycode is an address, and that is what is shown.
func TestLookAlikeHosts(t *testing.T) {
	for _, host := range []string{"s\u0430lesforce.com", "hubsp\u03bft.com", "\u0445n.example", "close\u2024com.example"} {
		if err := connectors.CheckURL("https://" + host + "/oauth"); err == nil {
			t.Errorf("%s is taken for an address", host)
		}
		if got, err := guard.Host("https://" + host + "/"); err == nil {
			t.Errorf("%s is a host to send to: %s", host, got)
		}
	}
	if got, err := guard.Host("https://xn--slesforce-66a.com/"); err != nil || got != "xn--slesforce-66a.com" {
		t.Errorf("punycode is shown as %q, %v", got, err)
	}
}
