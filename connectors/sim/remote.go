package sim

import (
	"encoding/json"
	"io"
	"net/http"
)

// maxRemote bounds a remote order, in bytes.
const maxRemote = 64 << 10

// serveFaults takes POST BASE/_sim/faults with a fault as JSON, or with
// {"name": "hubspot.token.500*3"}; DELETE clears the faults of this provider.
func (s *site) serveFaults(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodDelete {
		s.faults.clear()
		w.WriteHeader(http.StatusNoContent)
		return
	}
	var in struct {
		Fault
		Name string `json:"name"`
	}
	if !readOrder(w, r, &in) {
		return
	}
	f := in.Fault
	if in.Name != "" {
		parsed, err := ParseFault(in.Name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		f = parsed
	}
	if f.Provider == "" {
		f.Provider = s.id
	}
	if err := s.sim.Inject(f); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// serveClients takes POST BASE/_sim/clients with ClientOptions and answers with
// client_id, client_secret and redirect_uris.
func (s *site) serveClients(w http.ResponseWriter, r *http.Request) {
	var o ClientOptions
	if !readOrder(w, r, &o) {
		return
	}
	a, err := s.register(o)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	writeBytes(w, http.StatusCreated, "application/json", marshal(obj{
		"client_id": a.id, "client_secret": a.secret, "redirect_uris": a.RedirectURIs,
	}))
}

// serveConsent takes POST BASE/_sim/consent with url, and account, login, deny
// and drop_scopes as ConsentOptions has them: the simulated person consents, for
// scripts that have no browser. It answers when the landing page has come.
func (s *site) serveConsent(w http.ResponseWriter, r *http.Request) {
	var in struct {
		URL        string   `json:"url"`
		Account    string   `json:"account"`
		Login      string   `json:"login"`
		Deny       bool     `json:"deny"`
		DropScopes []string `json:"drop_scopes"`
	}
	if !readOrder(w, r, &in) {
		return
	}
	o := ConsentOptions{Account: in.Account, Login: in.Login, Deny: in.Deny, DropScopes: in.DropScopes}
	if err := s.sim.Consent(r.Context(), in.URL, o); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// readOrder decodes a JSON body. The content type is required, so that no page
// in a browser can send one without asking first (CORS), which is never allowed.
func readOrder(w http.ResponseWriter, r *http.Request, v any) bool {
	if r.Header.Get("Content-Type") != "application/json" {
		http.Error(w, "send application/json", http.StatusUnsupportedMediaType)
		return false
	}
	b, err := io.ReadAll(io.LimitReader(r.Body, maxRemote))
	if err == nil {
		err = json.Unmarshal(b, v)
	}
	if err != nil {
		http.Error(w, "body is not the JSON that is wanted here", http.StatusBadRequest)
		return false
	}
	return true
}
