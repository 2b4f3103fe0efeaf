package ownfile

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"crmdeck/store"
)

// maxPath is PATH_MAX of Linux, with its final NUL; other systems have less and say so.
const maxPath = 4096

// CheckPath refuses a path that the system could misunderstand, or that can't be shown and
// pasted as it is: one with control or direction characters, that is no UTF-8, or is too long.
// The path is quoted in the *store.UnsafeError, and shortened.
func CheckPath(path string) error {
	problem := ""
	switch {
	case len(path) >= maxPath:
		problem = "is a path of " + strconv.Itoa(len(path)) + " bytes, 4,095 are the most"
	case !utf8.ValidString(path):
		problem = "is a path that is no UTF-8"
	case strings.ContainsFunc(path, acts):
		problem = "is a path with characters that act on a terminal"
	default:
		return nil
	}
	const shown = 60
	short := strconv.QuoteToASCII(path[:min(len(path), shown)])
	if len(path) > shown {
		short += "…"
	}
	return &store.UnsafeError{Path: short, Problem: problem}
}

// acts reports control characters, line breaks and what turns the direction of text.
func acts(r rune) bool {
	return unicode.In(r, unicode.Cc, unicode.Zl, unicode.Zp, unicode.Bidi_Control)
}

// Existing is path, or the nearest directory above it that exists.
func Existing(path string) string {
	for {
		if _, err := os.Stat(path); err == nil {
			return path
		}
		up := filepath.Dir(path)
		if up == path {
			return path
		}
		path = up
	}
}
