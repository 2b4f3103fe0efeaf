//go:build campaign

package ui_test

import (
	"flag"
	"fmt"
	"strings"
	"testing"
	"unicode"

	"github.com/charmbracelet/x/ansi"

	"crmdeck/ui"
	"crmdeck/ui/uitest"
)

// payloads is how many of the corpus are tried; all are 1,000 and more.
var payloads = flag.Int("payloads", 120, "hostile texts for the terminal, spread over the whole corpus")

// corpus is what acts on terminals: each command with each way to begin and to end it.
func corpus() []string {
	var all []string
	osc := []string{"0;pwned", "1;pwned", "2;pwned", "4;1;?", "7;file://evil", "8;;https://evil.example", "9;note", "10;?", "11;?", "50;font", "52;c;cHduZWQ=", "52;c;?",
		"104", "133;A", "633;E;id", "777;notify;a;b", "1337;File=inline=1:AAAA", "1337;SetMark", "1337;CopyToClipboard=", "7501;x"}
	for _, begin := range []string{"\x1b]", "\u009d", "\x9d", "\x1b\x1b]", "\x00\x1b]"} {
		for _, c := range osc {
			for _, end := range []string{"\a", "\x1b\\", "\u009c", "\x9c", ""} {
				all = append(all, begin+c+end)
			}
		}
	}
	csi := []string{"5n", "6n", "c", ">c", "=c", "21t", "20t", "18t", "14t", "8;1;1t", "3J", "2J", "H", "999C", "?1049h", "?1000h", "?2004l", "?1004h", "?25l", "201~", "200~",
		"20l", "4h", "!p", "5i", "4i", "0;1;31m", "38:2::1:2:3m", ">4;2m", "?1u", "$p", "\"p", "1;1r", "?69h", "99999999999999999999A", "1 q"}
	for _, begin := range []string{"\x1b[", "\u009b", "\x9b", "\x1b\x1b["} {
		for _, c := range csi {
			all = append(all, begin+c)
		}
	}
	for _, begin := range []string{"\x1bP", "\u0090", "\x90", "\x1b_", "\u009f", "\x9f", "\x1b^", "\u009e", "\x9e", "\x1bX", "\u0098", "\x98"} {
		for _, c := range []string{"$qm", "+q544e", "1$r", "Gq;a=T", "tmux;\x1b\x1b]52;c;cHdu\a", "pwned", "0;1|17/ab"} {
			all = append(all, begin+c+"\x1b\\", begin+c+"\u009c", begin+c)
		}
	}
	for _, c := range []string{"c", "7", "8", "=", ">", "D", "E", "M", "H", "N", "O", "Z", "(0", ")0", "#8", "%G", "%@", " F", "n", "|"} {
		all = append(all, "\x1b"+c)
	}
	for r := rune(0); r < 0x20; r++ {
		all = append(all, "a"+string(r)+"b")
	}
	for r := rune(0x7f); r < 0xa0; r++ {
		all = append(all, "a"+string(r)+"b", "a"+string([]byte{byte(r)})+"b")
	}
	for _, r := range []rune{0x202a, 0x202b, 0x202c, 0x202d, 0x202e, 0x2066, 0x2067, 0x2068, 0x2069, 0x200e, 0x200f, 0x061c, 0x2028, 0x2029, 0x200b, 0x200c, 0x200d, 0xfeff,
		0x00ad, 0x3164, 0x115f, 0xfe0f, 0xe0001, 0xe0041, 0xe0100, 0xfff9, 0xfffb, 0xd7ff, 0xfdfa} {
		all = append(all, "a"+string(r)+"b"+string(r))
	}
	return append(all, "a"+strings.Repeat("\u0301", 1000), "\xc0\x9b31m", "\xe0\x82\x9b6n", "\xed\xa0\x9b", "\xf4\x90\x80\x80", "\xff\xfe\x1b[c", "a\r\nroot# ", "a\x1b", "\x1b", "a\xc2")
}

// pressed are the keys whose pages show foreign text.
var pressed = [][]string{{}, {"enter"}, {"enter", "2"}, {"enter", "3"}, {"enter", "4"}, {"enter", "5"}, {":"}, {"x"}, {"t"}, {"c"}, {"e"}, {"N"}, {"g", "a"}, {"g", "a", "enter"}}

// TM-1: with each text of the corpus in every field of every record, a frame holds styles of
// our own and nothing else that acts.
func TestCampaignTerminalCorpus(t *testing.T) {
	all := corpus()
	if len(all) < 500 {
		t.Fatalf("%d payloads", len(all))
	}
	n := min(*payloads, len(all))
	frames := 0
	for i := range n {
		text := all[i*len(all)/n]
		w := uitest.New(t)
		poison(t, w, "X"+text+"pwned")
		for _, keys := range pressed {
			r := newRun(t, w.Deps, 120, 36)
			for _, k := range keys {
				r.update(ui.KeyNamed(k))
			}
			frames++
			if bad := acts(r.app.View().Content); bad != "" {
				t.Errorf("%q after %q: %s reached the frame", text, keys, bad)
			}
		}
	}
	t.Logf("%d of %d payloads, %d frames", n, len(all), frames)
}

// marks reports at most four marks (TM-6): they stand on the letter before them.
func marks(s string) bool {
	n := 0
	for _, r := range s {
		if n++; !unicode.Is(unicode.Mn, r) {
			return false
		}
	}
	return n > 0 && n <= 4
}

// acts is the first thing in a frame that acts and is no style of ours.
func acts(frame string) string {
	var state byte
	b := []byte(frame)
	parser := ansi.NewParser()
	for len(b) > 0 {
		seq, width, n, next := ansi.DecodeSequence(b, state, parser)
		state, b = next, b[n:]
		if marks(string(seq)) {
			continue
		}
		if width > 0 || string(seq) == "\n" || (strings.HasPrefix(string(seq), "\x1b[") && strings.HasSuffix(string(seq), "m") && strings.Trim(string(seq[2:len(seq)-1]), "0123456789;:") == "") {
			if strings.ContainsAny(string(seq), "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2028\u2029\u200b\u200e\u200f\ufeff\u061c") {
				return fmt.Sprintf("%q", seq)
			}
			continue
		}
		return fmt.Sprintf("%q", seq)
	}
	return ""
}
