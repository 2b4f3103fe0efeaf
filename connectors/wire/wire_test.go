package wire_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"crmdeck/connectors/guard"
	"crmdeck/connectors/wire"
	"crmdeck/store"
	"crmdeck/store/secret"
)

const canary = "c4n4ry-s3cr3t-0f-th3-t3st"

// server answers with the canary in every place that an answer has.
func server(t *testing.T) (url, host string) {
	t.Helper()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, value := range map[string]string{
			"Set-Cookie": canary, "Location": "/" + canary, "X-Canary": canary, "WWW-Authenticate": canary, "Retry-After": "7",
			"X-HubSpot-RateLimit-Remaining": "99", "RateLimit-Reset": "1", "Content-Type": "application/json",
		} {
			w.Header().Set(name, value)
		}
		w.WriteHeader(http.StatusTooManyRequests)
		_, _ = w.Write([]byte(`{"access_token":"` + canary + `"}`))
	}))
	t.Cleanup(s.Close)
	return s.URL, strings.TrimPrefix(s.URL, "http://")
}

// LK-9: the log is an allow-list of headers and fields.
func TestLogHoldsNoSecret(t *testing.T) {
	path := filepath.Join(t.TempDir(), "wire.jsonl")
	log, err := wire.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	c := guard.New(guard.Options{Wire: log.Add})
	defer c.Close()
	url, host := server(t)
	key := secret.FromString(canary)
	requests := []guard.Request{
		{URL: url + "/oauth/v1/access-tokens/" + canary + "?hapikey=" + canary + "&" + canary + "=1",
			Credential: &guard.Credential{Header: "Authorization", Format: "Bearer {token}", Secret: key, Hosts: []string{host}}},
		{Method: "POST", URL: url + "/oauth/v3/token", Form: &guard.Form{Hosts: []string{host}, Fields: []guard.Field{
			{Name: "refresh_token", Secret: key}, {Name: "client_id", Value: canary}, {Name: canary, Value: "x"}}}},
		{Method: "POST", URL: url + "/graphql", JSON: []byte(`{"query":"` + canary + `"}`), Header: http.Header{"X-Own": {canary}}},
		{URL: "http://127.0.0.1:1/" + canary},
	}
	for _, r := range requests {
		_, _ = c.Do(t.Context(), r)
	}
	got, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(got, []byte(canary)) {
		t.Errorf("the log holds what it must not:\n%s", got)
	}
	lines := bytes.Split(bytes.TrimSpace(got), []byte("\n"))
	if len(lines) != len(requests) {
		t.Fatalf("%d lines", len(lines))
	}
	var first, second, last map[string]any
	if err := errors.Join(json.Unmarshal(lines[0], &first), json.Unmarshal(lines[1], &second), json.Unmarshal(lines[3], &last)); err != nil {
		t.Fatal(err)
	}
	header, _ := first["header"].(map[string]any)
	if first["path"] != "/oauth/v1/access-tokens/…" || first["status"] != 429.0 || first["credential_in"] != "Authorization" ||
		header["Retry-After"] != "7" || header["X-Hubspot-Ratelimit-Remaining"] != "99" || len(header) < 5 {
		t.Errorf("%s", lines[0])
	}
	if second["path"] != "/oauth/v3/token" || len(second["fields"].([]any)) != 3 || second["bytes"] == 0.0 {
		t.Errorf("%s", lines[1])
	}
	if last["fault"] != "dial" {
		t.Errorf("%s", lines[3])
	}
}

// LK-9: paths tell which call it was, and no id, key or token.
func TestPaths(t *testing.T) {
	var seen []string
	c := guard.New(guard.Options{Wire: func(x guard.Exchange) { seen = append(seen, x.Path) }})
	defer c.Close()
	url, _ := server(t)
	for path, want := range map[string]string{
		"/crm/v3/objects/contacts": "/crm/v3/objects/contacts", "/services/data/v61.0/query": "/services/data/v61.0/query",
		"/account-info/2026-03/details": "/account-info/2026-03/details", "/crm/v8/Contacts": "/crm/v8/Contacts",
		"/objects/1234567": "/objects/…", "/api/v1/lead/lead_x7Ab91": "/api/v1/lead/…", "/pat-na1-11": "/…",
		"/DEADBEEFDEADBEEF": "/…", "/abcdefghijklmnopqrstuvwxyz": "/…", "/": "/", "": "",
	} {
		seen = nil
		_, _ = c.Do(t.Context(), guard.Request{URL: url + path})
		if len(seen) != 1 || seen[0] != want {
			t.Errorf("%s is told as %v, want %s", path, seen, want)
		}
	}
}

// FP-1, FP-2: the file is ours alone.
func TestFile(t *testing.T) {
	if runtime.GOOS == "windows" {
		return // modes are access lists there
	}
	path := filepath.Join(t.TempDir(), "wire.jsonl")
	log, err := wire.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	log.Close()
	if fi, err := os.Stat(path); err != nil || fi.Mode().Perm() != 0o600 {
		t.Errorf("%v %v", fi.Mode(), err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	var unsafe *store.UnsafeError
	if _, err := wire.Open(path); !errors.As(err, &unsafe) {
		t.Errorf("a file that others read: %v", err)
	}
}
