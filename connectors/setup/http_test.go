package setup_test

import (
	"net/http"
	"testing"
)

// get opens an address as a browser would and returns the status.
func get(t *testing.T, url string) int {
	t.Helper()
	resp, err := (&http.Client{}).Get(url)
	must(t, err)
	_ = resp.Body.Close()
	return resp.StatusCode
}
