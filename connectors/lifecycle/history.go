package lifecycle

import (
	"fmt"
	"os"

	"crmdeck/store/text"
)

// Origin names this process in the history of a grant: the host, the process, and the
// job that it works for, if one is named. It is what they say of themselves, no proof.
func Origin(job string) string {
	host, err := os.Hostname()
	if err != nil {
		host = "this host"
	}
	who := fmt.Sprintf("%s, process %d", text.From(host).Clean(jobRunes), os.Getpid())
	if job != "" {
		who += ", for " + text.From(job).Clean(jobRunes)
	}
	return who
}
