package words

import (
	"maps"
	"slices"
	"strconv"

	"crmdeck/connectors/doctor"
)

// The command that looks at the whole, and its flags.
const (
	CmdDoctor  = "Look at the store, its directory and this computer, and say what to do"
	LongDoctor = `Looks at everything that crmdeck stands on and says for each thing how it fares, the worst first,
and which command mends it. It mends nothing by itself.

It works without a key, and says which checks need one: those of the sealed values and of the audit log.
Give --identity or --passphrase-file, or their variables or settings; nothing is asked for.
With --network it also opens a connection to each host that a connection uses, and asks nothing of it.

The exit code is 1 if something is bad, and 0 if there are warnings only.`
	FlagNetwork  = "reach out to the hosts of the connections, 5 s each at most"
	FlagAllFound = "show what is fine, too"

	CmdCheckPages = "go through the pages of a store's file, for doctor"

	doctorSum    = "{bad} bad, {warn} to see to, {unknown} not looked at, {ok} fine."
	doctorHidden = "What is fine is shown with --all."
	doctorWell   = "Everything that was looked at is fine."
	doctorAt     = "looking at {check}: {done} of {all}"
)

// DoctorWords is what is said of one finding: what was found, why that matters, and what
// to do, with a command where one helps.
type DoctorWords struct{ Found, Why, Next, Command string }

// Doctor tells a finding.
func Doctor(f doctor.Finding) DoctorWords {
	e, ok := doctorEntries[f.Code]
	if !ok {
		return DoctorWords{Found: f.Code}
	}
	v := map[string]string{
		"said": "", "name": "NAME", "path": "its directory", "fix": "", "next": "", "names": "", "problem": "", "label": "",
	}
	maps.Copy(v, f.Facts)
	for _, k := range []string{"said", "next"} {
		v[k] = sentence(v[k])
	}
	return DoctorWords{tidy(fill(e.Found, v)), tidy(fill(e.Why, v)), tidy(fill(e.Next, v)), tidy(fill(e.Command, v))}
}

// DoctorCodes lists the codes that have words, for tests.
func DoctorCodes() []string { return slices.Sorted(maps.Keys(doctorEntries)) }

// DoctorLevel is the word for a level as people read it.
func DoctorLevel(l doctor.Level) string {
	switch l {
	case doctor.Bad:
		return "BAD"
	case doctor.Warn:
		return "see to"
	case doctor.Unknown:
		return "not seen"
	}
	return "fine"
}

// DoctorSum counts what was found; hidden says that what is fine is not shown.
func DoctorSum(list []doctor.Finding, hidden bool) string {
	n := map[doctor.Level]int{}
	for _, f := range list {
		n[f.Level]++
	}
	if n[doctor.Fine] == len(list) && len(list) > 0 {
		return doctorWell
	}
	out := fill(doctorSum, map[string]string{
		"bad": strconv.Itoa(n[doctor.Bad]), "warn": strconv.Itoa(n[doctor.Warn]),
		"unknown": strconv.Itoa(n[doctor.Unknown]), "ok": strconv.Itoa(n[doctor.Fine]),
	})
	if hidden {
		out += " " + doctorHidden
	}
	return out
}

// DoctorAt says how far a long check is.
func DoctorAt(check string, done, all int) string {
	return fill(doctorAt, map[string]string{"check": check, "done": strconv.Itoa(done), "all": strconv.Itoa(all)})
}
