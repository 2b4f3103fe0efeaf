package words

import (
	"strings"
	"time"
)

// Context is what is known where an error is told.
type Context struct {
	Connection string    // name of the connection, if there is one
	Provider   string    // its display name, e.g. HubSpot
	ProviderID string    // its id, as commands take it
	Home       string    // directory of the store
	Command    string    // the command that was run, e.g. "test"; empty on a screen
	Now        time.Time // for "since" and "in"; zero leaves them out
	// Zone is where clock times are shown in; nil is UTC.
	Zone *time.Location
}

// Explanation tells one error: three sentences and what a machine needs.
type Explanation struct {
	Word       string // stable word, the same in JSON and on screens
	Reason     string // the provider's own code where there is one, e.g. invalid_grant
	Headline   string // what happened, a full sentence with a name
	Why        string // why, as far as it is known; may be empty
	Next       string // what to do now, a sentence; may be empty
	Command    string // the command that does it; may be empty
	Key        string // the key that does it on a screen; may be empty
	Exit       int
	Connection string
}

// Message is the headline and the reason as one line of text, for JSON and logs.
func (e Explanation) Message() string {
	return strings.TrimSpace(e.Headline + " " + e.Why)
}

// Lines are the sentences for a reader without a screen: what happened, why, and
// what to do with the command that does it.
func (e Explanation) Lines() []string {
	lines := []string{e.Headline}
	if e.Why != "" {
		lines = append(lines, e.Why)
	}
	switch {
	case e.Next != "" && !strings.HasSuffix(e.Next, ":"): // nothing is to be done but wait
		lines = append(lines, e.Next)
	case e.Next != "" && e.Command != "":
		lines = append(lines, e.Next+" "+e.Command)
	case e.Next != "" || e.Command != "":
		lines = append(lines, e.Next+e.Command)
	}
	return lines
}
