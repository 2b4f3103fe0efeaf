package lifecycle

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"crmdeck/connectors/lifecycle/jsonscan"
	"crmdeck/store/text"
)

const (
	sampleRows  = 3
	maskedRunes = 24 // of one word; more would tell the length of odd values
	fieldRunes  = 80
)

// maskRow shows the wanted fields of one record: of every word the first letter and the
// length, of an address the domain's last label too. Personal data is masked always.
func maskRow(record []byte, paths []string) string {
	var out []string
	for _, p := range paths {
		v := jsonscan.Lookup(record, p)
		if v == "" {
			continue
		}
		out = append(out, mask(text.From(v).Clean(fieldRunes)))
	}
	return strings.Join(out, "   ")
}

func mask(s string) string {
	if local, domain, ok := strings.Cut(s, "@"); ok && local != "" && !strings.Contains(s, " ") {
		return maskWord(local) + "@" + maskHost(domain)
	}
	words := strings.Fields(s)
	for i, w := range words {
		words[i] = maskWord(w)
	}
	return strings.Join(words, " ")
}

// maskHost masks every label but the last, which says nothing about a person.
func maskHost(host string) string {
	labels := strings.Split(host, ".")
	for i := range labels {
		if i < len(labels)-1 || len(labels) == 1 {
			labels[i] = maskWord(labels[i])
		}
	}
	return strings.Join(labels, ".")
}

// maskWord keeps the first letter or digit; the rest becomes dots.
func maskWord(w string) string {
	first, _ := utf8.DecodeRuneInString(w)
	n := min(utf8.RuneCountInString(w), maskedRunes)
	if n == 0 {
		return ""
	}
	if !unicode.IsLetter(first) && !unicode.IsDigit(first) {
		first = '·'
	}
	return string(first) + strings.Repeat("·", n-1)
}
