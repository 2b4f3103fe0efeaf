package seal

import (
	"bytes"
	"strings"
	"unicode"
)

// guessable reports a passphrase that whoever guesses would try among the first: one that
// says a short piece over and over, walks along the keyboard or the alphabet, or consists of
// nothing but the words of such lists (NIST SP 800-63B-4, 3.1.1.2: a block-list, and no rule of
// composition). What is long enough and not on it is taken.
func guessable(p []byte) bool {
	var letters []rune // small, without what is between
	for _, r := range strings.ToLower(string(p)) {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			letters = append(letters, r)
		}
	}
	defer clear(letters)
	return repeats([]rune(string(bytes.ToLower(p)))) || repeats(letters) || walks(letters) || listed(string(letters))
}

// longestPiece is the longest piece whose repetition makes no passphrase.
const longestPiece = 9

func repeats(r []rune) bool {
	for n := 1; n <= longestPiece && 2*n <= len(r); n++ {
		same := true
		for i := n; i < len(r) && same; i++ {
			same = r[i] == r[i-n]
		}
		if same {
			return true
		}
	}
	return false
}

// walks reports that almost every step goes to the neighbour in the alphabet or on a keyboard.
func walks(r []rune) bool {
	steps := 0
	for i := 1; i < len(r); i++ {
		if d := r[i] - r[i-1]; d == 1 || d == -1 || d == 0 || beside(r[i-1], r[i]) {
			steps++
		}
	}
	return len(r) > 4 && steps*10 >= (len(r)-1)*8
}

func beside(a, b rune) bool {
	for _, row := range [...]string{"1234567890", "qwertyuiop", "qwertzuiop", "azertyuiop", "asdfghjkl", "zxcvbnm", "yxcvbnm"} {
		i, j := strings.IndexRune(row, a), strings.IndexRune(row, b)
		if i >= 0 && j >= 0 && (i-j == 1 || j-i == 1) {
			return true
		}
	}
	return false
}

// listed reports that nothing is left when the words of the list are taken out, but digits.
func listed(s string) bool {
	if s == "" {
		return true
	}
	for _, w := range [...]string{"correcthorsebatterystaple", "passphrase", "password", "passwort", "motdepasse", "crmdeck",
		"iloveyou", "letmein", "welcome", "qwerty", "qwertz", "azerty", "asdf", "administrator", "admin", "dragon", "monkey",
		"football", "baseball", "sunshine", "princess", "trustno", "master", "secret", "changeme", "default", "test", "login",
		"hello", "root", "abc", "pass", "salesforce", "hubspot", "zoho", "pipedrive", "this", "that", "the", "my", "is", "a", "in", "and"} {
		s = strings.ReplaceAll(s, w, " ")
	}
	return strings.Trim(s, " 0123456789") == ""
}
