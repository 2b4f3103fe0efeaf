package words

import (
	"errors"
	"strings"

	"crmdeck/store/transfer"
)

// movedWhys say why a connection that came in was treated as it was.
var movedWhys = map[transfer.Why]string{
	transfer.WhyNew:      "",
	transfer.WhyHere:     "it is here, and stays as it is",
	transfer.WhySame:     "its very credential is here; both share it now",
	transfer.WhyRenamed:  "its name {name} was taken",
	transfer.WhyReturned: "it was handed over from here, and is back",
}

// MovedWhy says why.
func MovedWhy(o transfer.Outcome) string { return Fill(movedWhys[o.Why], "name", o.Name) }

// transferSays tells what stood in the way of connections that came in or went out.
func (c Context) transferSays(err error) (Explanation, bool) {
	var taken *transfer.TakenError
	var here *transfer.HereError
	switch {
	case errors.As(err, &taken):
		return c.tell(entry{"name_taken", ExitConflict, "Names are taken here: {said}.", "They belong to other connections. Nothing was changed.",
			"Give another with {flag}, or rename what is here:", Program + " rename NAME NEW", ""}, "",
			map[string]string{"said": strings.Join(taken.Names, ", "), "flag": c.renameFlag()}), true
	case errors.As(err, &here):
		return c.tell(entry{"exists", ExitConflict, "Connections are here already: {said}.", "Nothing was changed.",
			"What is here stays in use. See it:", Program + " show {said}", ""}, "",
			map[string]string{"said": strings.Join(here.Names, ", ")}), true
	}
	return Explanation{}, false
}

// renameFlag is how the command that was run gives another name.
func (c Context) renameFlag() string {
	if c.Command == "import" {
		return "--as NAME"
	}
	return "--rename-suffix SUFFIX"
}
