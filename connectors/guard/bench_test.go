package guard_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"crmdeck/connectors/guard"
	"crmdeck/store/secret"
)

// What the rules cost on a page of records, against net/http alone.
func BenchmarkPage(b *testing.B) {
	page := []byte(`{"results":[` + strings.Repeat(`{"id":"1","properties":{"email":"a@crm.example"}},`, 500) + `{}]}`)
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(page) }))
	defer s.Close()
	host := strings.TrimPrefix(s.URL, "http://")
	b.Run("guard", func(b *testing.B) {
		c := guard.New(guard.Options{})
		defer c.Close()
		cred := &guard.Credential{Header: "Authorization", Format: "Bearer {token}", Secret: secret.FromString("t"), Hosts: []string{host}}
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			err := c.Stream(b.Context(), guard.Request{URL: s.URL, Credential: cred}, func(_ int, _ http.Header, body io.Reader) error {
				_, err := io.Copy(io.Discard, body)
				return err
			})
			if err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("net/http", func(b *testing.B) {
		tr := &http.Transport{}
		defer tr.CloseIdleConnections()
		b.SetBytes(int64(len(page)))
		for b.Loop() {
			r, err := (&http.Client{Transport: tr}).Get(s.URL)
			if err != nil {
				b.Fatal(err)
			}
			_, _ = io.Copy(io.Discard, r.Body)
			_ = r.Body.Close()
		}
	})
}
