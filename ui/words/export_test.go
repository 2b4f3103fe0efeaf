package words

// Sentences hands every entry to the tests: headline, why, next and command.
func Sentences() map[string][4]string {
	out := map[string][4]string{}
	for name, e := range entries {
		out[name] = [4]string{e.headline, e.why, e.next, e.command}
	}
	return out
}

// Exits hands the exit code of every entry to the tests.
func Exits() map[string]int {
	out := map[string]int{}
	for name, e := range entries {
		out[name] = e.exit
	}
	return out
}
