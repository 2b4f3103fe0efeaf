package words

import (
	"crmdeck/store"
	"crmdeck/store/text"
)

// doings is what became of a request, by the reason in the record.
var doings = map[string]string{
	"dial": "cannot be reached", "network": "cannot be reached", "tls": "shows no valid certificate", "timeout": "does not answer in time",
	"reset": "breaks off", "truncated": "breaks off", "temporarily_unavailable": "is not available", "server_error": "has an error of its own",
}

// Outage tells one cause that several connections fail for: how many, and what the provider does.
func Outage(n int, crm string, class store.Class, reason string) (who, does string) {
	who, reason = Connections(n), text.Clean(reason)
	switch class {
	case store.Busy:
		does = "is busy"
	case store.Throttled:
		does = "asks to wait"
	case store.Config:
		does = "refuses the settings: " + reason
	case store.Dead:
		does = "refused them: " + reason
	default:
		if does = doings[reason]; does == "" {
			does = "answers " + reason
		}
	}
	return who, text.Clean(crm) + " " + does
}
