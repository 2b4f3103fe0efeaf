// Package words is the one table of sentences for people.
//
// Screens and commands take their texts from here and nowhere else, so that one
// condition is told in one way. Explain turns any error into what happened, why,
// and what helps: a key for those who have a screen, a command for those who have
// none. It promises plain words: no blame, no exclamation marks, nothing that a
// provider sent without being cleaned, and no command that does not exist.
package words

import (
	"strings"

	"crmdeck/store/text"
)

// Program is the name of the program in sentences and commands.
const Program = "crmdeck"

// maxForeign is how many characters of a provider's own words a sentence takes over.
const maxForeign = 600

// fill puts values into the {places} of a sentence. Values may come from outside:
// each is cleaned, so that it can neither steer a terminal nor forge a line.
func fill(sentence string, values map[string]string) string {
	if !strings.Contains(sentence, "{") {
		return sentence
	}
	pairs := make([]string, 0, 2*len(values))
	for k, v := range values {
		pairs = append(pairs, "{"+k+"}", text.Cut(text.Clean(v), maxForeign))
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// Fill puts a value into the only {place} of a sentence of this table.
func Fill(sentence, place, value string) string {
	return fill(sentence, map[string]string{place: value})
}
