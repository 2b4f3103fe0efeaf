package cli

import (
	"errors"

	"crmdeck/connectors/catalog"
	"crmdeck/connectors/lifecycle"
	"crmdeck/ui/words"
)

// failureJSON is a failure as one object.
type failureJSON struct {
	Error      string `json:"error"`
	Reason     string `json:"reason,omitempty"`
	Message    string `json:"message"`
	Next       string `json:"next,omitempty"`
	Connection string `json:"connection,omitempty"`
	// Problems are the mistakes of provider files, one by one.
	Problems []problemJSON `json:"problems,omitempty"`
}

type problemJSON struct {
	File  string `json:"file"`
	Line  int    `json:"line,omitempty"`
	Field string `json:"field,omitempty"`
	Text  string `json:"text"`
}

func problemsOf(err error) []problemJSON {
	var out []problemJSON
	for _, p := range catalog.Problems(err) {
		out = append(out, problemJSON{p.File, p.Line, p.Field, p.Text})
	}
	return out
}

// report tells a failure and returns the exit code. The object goes to standard
// output, the sentences to standard error.
func (a *app) report(err error) int {
	var said told
	if errors.As(err, &said) {
		return said.exit
	}
	a.told.Now = a.deps.Clock.Now()
	a.nameProvider(err)
	e := words.Explain(err, a.told)
	if a.global.json && e.Word != "output" {
		a.out.err = nil
		if err := a.json(failureJSON{e.Word, e.Reason, e.Message(), e.Command, e.Connection, problemsOf(err)}); err == nil {
			return e.Exit
		}
		return words.ExitFailed
	}
	for _, line := range e.Lines() {
		a.note(line)
	}
	return e.Exit
}

// nameProvider finds the display name of the provider that a failure is about.
func (a *app) nameProvider(err error) {
	id := a.providerID
	var f *lifecycle.Failure
	if errors.As(err, &f) && f.Provider != "" {
		id = f.Provider
	}
	if a.cat == nil || id == "" {
		return
	}
	a.told.Provider, a.told.ProviderID = id, id
	if p, err := a.cat.Provider(id); err == nil {
		a.told.Provider = p.Name
	}
}
