package setup

import (
	"encoding/json"

	"crmdeck/store"
)

// answers is everything that was answered and is no credential: what a draft keeps,
// as JSON.
type answers struct {
	Step        string       `json:"step,omitempty"`
	Reconnect   store.ID     `json:"reconnect,omitempty"`
	Name        string       `json:"name,omitempty"`
	Provider    string       `json:"provider,omitempty"`
	Environment string       `json:"environment,omitempty"`
	Owner       string       `json:"owner,omitempty"`
	Purpose     string       `json:"purpose,omitempty"`
	Tags        []string     `json:"tags,omitempty"`
	Consents    bool         `json:"consents"`
	Personal    bool         `json:"personal"`
	Unattended  bool         `json:"unattended"`
	Method      store.Method `json:"method,omitempty"`
	Params      store.Params `json:"params,omitempty"`
	Client      store.ID     `json:"client,omitempty"`    // a remembered registration
	ClientID    string       `json:"client_id,omitempty"` // of a new one
	Port        int          `json:"redirect_port,omitempty"`
	TakeOver    bool         `json:"take_over,omitempty"`
	NewSecret   bool         `json:"new_secret,omitempty"`
	KeyKind     string       `json:"key_kind,omitempty"`
	KeyMade     string       `json:"key_made,omitempty"` // a day, or empty for unknown
	ScopeSet    string       `json:"scope_set,omitempty"`
	Scopes      []string     `json:"scopes,omitempty"`
}

func (a *answers) encode() ([]byte, error) { return json.Marshal(a) }

func (a *answers) decode(data []byte) error { return json.Unmarshal(data, a) }
