package storetest

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"net/url"
	"strings"
	"testing"
)

// SE-1, LK-1: what looks for secrets finds them in each form, in the middle of other bytes.
func TestCanariesAreFound(t *testing.T) {
	const s = "zq9-canary/secret+value~42"
	c := NewCanaries("another secret of some length", s)
	for name, data := range map[string]string{
		"raw": s, "piece": s[5:17], "hex": hex.EncodeToString([]byte(s)), "upper": strings.ToUpper(hex.EncodeToString([]byte(s))),
		"base64 0": base64.StdEncoding.EncodeToString([]byte(s)), "base64 1": base64.StdEncoding.EncodeToString([]byte("x" + s)),
		"base64 2": base64.RawURLEncoding.EncodeToString([]byte("xy" + s)), "basic": base64.StdEncoding.EncodeToString([]byte("id:" + s)),
		"query": "a=" + url.QueryEscape(s), "percent": each(s, "%%%02X"), "json": each(s, `\u%04x`), "utf16": "\xff\xfe" + wideLittle(s),
	} {
		if n, how, ok := c.Find([]byte("some " + data + " more text after it, long enough for every window")); !ok || n != 1 {
			t.Errorf("%s: %d %s %v", name, n, how, ok)
		}
	}
	var clean strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&clean, "line %d of an output that holds no secret, %x\n", i, i*2654435761)
	}
	if n, how, ok := c.Find([]byte(clean.String())); ok {
		t.Errorf("found secret %d, %s, where there is none", n, how)
	}
}

func wideLittle(s string) string {
	var b strings.Builder
	for i := range len(s) {
		b.WriteByte(s[i])
		b.WriteByte(0)
	}
	return b.String()
}
