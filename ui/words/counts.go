package words

import "strconv"

// Unfinished says how many revocations wait, as the beginning of a sentence.
func Unfinished(n int) string { return counted(n, "revocation is", "revocations are") }

// Mistakes says what checking files found.
func Mistakes(n, files int) string {
	return counted(n, "mistake", "mistakes") + " in " + counted(files, "file", "files") + "."
}

// counted is a number with the word that fits it.
func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return strconv.Itoa(n) + " " + many
}
