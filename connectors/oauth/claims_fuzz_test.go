package oauth

import (
	"strings"
	"testing"
	"unicode/utf8"

	"crmdeck/store/secret"
	"crmdeck/store/text"
)

// FZ-5: whatever a token looks like, its claims are clean text within bounds, or it has none.
func FuzzClaims(f *testing.F) {
	f.Add("eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJodHRwczovL2EuZXhhbXBsZSIsImV4cCI6MTcwMDAwMDAwMH0.c2ln")
	f.Add("a.b.c")
	f.Add("eyJhbGciOiJub25lIn0.eyJcdTAwMWJbMmoiOiJcdTIwMmUifQ.")
	f.Add(strings.Repeat(".", 100))
	f.Fuzz(func(t *testing.T, token string) {
		claims := displayClaims(claimsOf(secret.FromString(token)))
		if len(claims) > maxClaims {
			t.Fatalf("%d claims", len(claims))
		}
		for _, c := range claims {
			for _, s := range []string{c.Name, c.Value} {
				if !utf8.ValidString(s) || text.Clean(s) != s || utf8.RuneCountInString(s) > maxClaimRune {
					t.Fatalf("not clean: %q", s)
				}
			}
		}
	})
}
