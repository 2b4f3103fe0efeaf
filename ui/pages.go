package ui

import (
	"crmdeck/ui/action"
	"crmdeck/ui/auditlog"
	"crmdeck/ui/deck"
	"crmdeck/ui/detail"
	"crmdeck/ui/keys"
	"crmdeck/ui/page"
	"crmdeck/ui/revoke"
	"crmdeck/ui/settings"
	"crmdeck/ui/testsync"
	"crmdeck/ui/wizard"
)

// pageDeck is the page under all others.
const pageDeck = "deck"

// Makers is the one table of pages: the name that actions open one by, and
// what makes it. An action whose page is not here is not offered.
func Makers() map[string]page.Maker {
	return map[string]page.Maker{
		pageDeck:            deck.Make,
		action.PageDetail:   detail.Make,
		action.PageSettings: settings.Make,
		action.PageKeys:     keys.Make,
		action.PageRevoke:   revoke.Make,
		action.PageTest:     testsync.Make,
		action.PageWizard:   wizard.Make,
		action.PageAudit:    auditlog.Make,
	}
}
