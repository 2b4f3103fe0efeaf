package cli

import (
	"errors"

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
}

// report tells a failure and returns the exit code. The object goes to standard
// output, the sentences to standard error.
func (a *app) report(err error) int {
	a.told.Now = a.deps.Clock.Now()
	a.nameProvider(err)
	e := words.Explain(err, a.told)
	if a.global.json && e.Word != "output" {
		a.out.err = nil
		if err := a.json(failureJSON{e.Word, e.Reason, e.Message(), e.Command, e.Connection}); err == nil {
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
	a.told.Provider = id
	if p, err := a.cat.Provider(id); err == nil {
		a.told.Provider = p.Name
	}
}
