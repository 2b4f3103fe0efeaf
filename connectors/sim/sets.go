package sim

import (
	"encoding/json"
	"slices"
	"strings"
)

func contains(set []string, x string) bool { return slices.Contains(set, x) }

// subset reports whether all words of a are in b.
func subset(a, b []string) bool {
	for _, x := range a {
		if !contains(b, x) {
			return false
		}
	}
	return true
}

// number writes a decimal identifier as a JSON number.
func number(id string) json.Number { return json.Number(id) }

// domain is the part of an address after the at sign.
func domain(email string) string {
	_, d, _ := strings.Cut(email, "@")
	return d
}
