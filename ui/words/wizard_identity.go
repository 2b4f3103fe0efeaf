package words

import (
	"strings"
	"time"

	"crmdeck/connectors/setup"
	"crmdeck/store"
	"crmdeck/store/text"
	"crmdeck/ui/widget"
)

// Identity.
const (
	IdentityTitle = "Is this the right account?"
	IdAccount     = "account"
	IdKind        = "kind"
	IdPerson      = "person"
	IdGranted     = "granted"
	IdAccess      = "access"
	StoreOther    = "store it although the account is another"
	SpaceChecks   = "space checks it"
	WhyConfirm    = "it is another account than before: confirm that first, with space"
	oddKey        = "The key begins otherwise than keys of its kind do. It works."
)

// NamingLabels are those of name, owner and environment.
func NamingLabels() [3]string { return [3]string{"name", FieldOwner, FieldEnv} }

// Named is a name with its number: Acme Marketing, 48213377.
func Named(name, id string) string {
	switch {
	case name == "":
		return id
	case id == "" || id == name:
		return name
	}
	return name + "  " + id
}

// GrantedOf tells how much of what was asked for was granted.
func GrantedOf(id *setup.Identity) string {
	switch {
	case len(id.Asked) == 0:
		return ""
	case !id.Known:
		return "the provider does not say which scopes"
	}
	n := 0
	missing := []string{}
	for _, s := range id.Asked {
		if contains(id.Granted, s) {
			n++
		} else {
			missing = append(missing, s)
		}
	}
	out := widget.Figures{}.Of(int64(n), int64(len(id.Asked))) + " scopes"
	if len(missing) > 0 {
		out += "; not " + strings.Join(missing, ", ")
	}
	return out
}

// AccessOf tells how long access lasts.
func AccessOf(id *setup.Identity, f widget.Figures, now time.Time) string {
	switch {
	case id.Expires.IsZero():
		return ""
	case id.Assumed && id.Refresh:
		return f.Assumed(id.Expires.Sub(now)) + ", and can be refreshed"
	case id.Assumed:
		return f.Assumed(id.Expires.Sub(now)) + ", and cannot be refreshed"
	case id.Refresh:
		return f.Left(id.Expires.Sub(now)) + ", and can be refreshed"
	}
	return f.Left(id.Expires.Sub(now)) + ", and cannot be refreshed"
}

// IdentityNotes are the notes of the step in words.
func IdentityNotes(list []string) []string {
	out := make([]string, 0, len(list))
	for _, n := range list {
		if n == setup.NoteOddKey {
			n = oddKey
		}
		out = append(out, n)
	}
	return out
}

// Twin warns of a connection to the same account, SameGrant of one with this very
// credential.
func Twin(name string) string { return text.Clean(name) + " is connected to this account already." }

// SameGrant warns that two connections live and die together.
func SameGrant(name string) string {
	return text.Clean(name) + " has this very credential: they share it, and die together."
}

// OtherAccount warns that the account is another than before.
func OtherAccount(name string, was, is *store.Account) string {
	return text.Clean(name) + " was connected to " + Named(was.Name, was.ID) + ". This is " + Named(is.Name, is.ID) +
		": jobs would read somebody else's data."
}

// The end.

// FirstTest heads the first test sync.
func FirstTest(name string) string { return text.Clean(name) + " is stored; the first test sync runs" }

// Works is the first line of the end.
func Works(name string, again, works bool) string {
	switch {
	case works && again:
		return text.Clean(name) + " works again"
	case works:
		return text.Clean(name) + " works"
	}
	return text.Clean(name) + " is stored; its first test sync did not read everything"
}

// FirstTestWas sums the first test up.
func FirstTestWas(run *store.TestRun, f widget.Figures) string {
	proved := map[string]bool{}
	for _, o := range run.Objects {
		for _, s := range o.Proved {
			proved[s] = true
		}
	}
	out := TestVerdict(run) + " in " + f.Took(run.Took)
	if n := len(proved); n > 0 {
		out += Between + Counted(n, "scope", "scopes") + " proven"
	}
	return out
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if x == s {
			return true
		}
	}
	return false
}
