package sim

import (
	"maps"
	"net/http"
	"sync"
)

// counters counts requests by endpoint name.
type counters struct {
	mu sync.Mutex
	n  map[string]int
}

func (c *counters) add(endpoint string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.n == nil {
		c.n = map[string]int{}
	}
	c.n[endpoint]++
}

// snapshot holds every name that tests ask for, zero when nothing came.
func (c *counters) snapshot() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := map[string]int{
		"authorize": 0, "token": 0, "token.authorization_code": 0, "token.refresh": 0, "revoke": 0,
		"introspect": 0, "whoami": 0, "contacts": 0, "companies": 0, "deals": 0, "search": 0,
	}
	maps.Copy(out, c.n)
	return out
}

// Counters returns the requests that a provider has received, by endpoint. Token
// requests are counted by grant type, under "token" only when it was neither a
// code nor a refresh. Requests that a fault answered count too.
func (s *Sim) Counters(provider string) (map[string]int, error) {
	st, err := s.site(provider)
	if err != nil {
		return nil, err
	}
	return st.counters.snapshot(), nil
}

// serveCounters answers GET BASE/_sim/counters.
func (s *site) serveCounters(w http.ResponseWriter, _ *http.Request) {
	writeBytes(w, http.StatusOK, "application/json", marshal(s.counters.snapshot()))
}
