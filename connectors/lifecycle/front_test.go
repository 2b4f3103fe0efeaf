package lifecycle_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"time"

	"crmdeck/connectors/lifecycle"
	"crmdeck/store/clock"
)

// front puts a server of ours before a provider of the simulation: it sees each request
// and may answer itself. Connections that are made later go through it.
func (w *world) front(provider string, handle func(http.ResponseWriter, *http.Request, http.Handler)) {
	w.Helper()
	e, err := w.sim.Endpoint(provider)
	if err != nil {
		w.Fatal(err)
	}
	target, err := url.Parse(e.BaseURL)
	if err != nil {
		w.Fatal(err)
	}
	var srv *httptest.Server
	next := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) },
		ModifyResponse: func(r *http.Response) error { // the instance is here as well
			if !strings.Contains(r.Request.URL.Path, "oauth2/token") {
				return nil
			}
			var b bytes.Buffer
			_, err := b.ReadFrom(r.Body)
			text := strings.ReplaceAll(b.String(), `"instance_url":"`+e.BaseURL, `"instance_url":"`+srv.URL)
			r.Body = readCloser{strings.NewReader(text)}
			r.ContentLength = int64(len(text))
			r.Header.Del("Content-Length")
			return err
		},
	}
	srv = httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) { handle(rw, r, next) }))
	w.Cleanup(srv.Close)
	p := w.cat[provider]
	p.API.BaseURL = strings.ReplaceAll(p.API.BaseURL, e.BaseURL, srv.URL)
	for _, u := range []*string{&p.Endpoints.Token, &p.Endpoints.Revoke, &p.Endpoints.Introspect} {
		*u = strings.ReplaceAll(*u, e.BaseURL, srv.URL)
	}
	if len(p.Tenancy.HostSuffixes) > 0 {
		p.Tenancy.HostSuffixes = []string{strings.TrimPrefix(srv.URL, "http://")}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// revokeAccess ends an access token at the provider, behind the engine's back.
func (w *world) revokeAccess(provider string, tok lifecycle.Token) error {
	resp, err := http.PostForm(w.cat[provider].Endpoints.Revoke, url.Values{"token": {tok.Secret.Reveal()}})
	if err != nil {
		return err
	}
	return resp.Body.Close()
}

// jumper is a clock on which waiting takes no time: it moves on by what is slept.
type jumper struct {
	*clock.Scaled
	mu    sync.Mutex
	slept []time.Duration
}

// Sleep implements clock.Clock.
func (j *jumper) Sleep(ctx context.Context, d time.Duration) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	j.slept = append(j.slept, d)
	j.Advance(d)
	return nil
}

// jumping is an engine for which waiting takes no time, and which may show pages.
func (w *world) jumping(open func(string) error) (*lifecycle.Engine, *jumper) {
	j := &jumper{Scaled: w.clock}
	return lifecycle.New(lifecycle.Config{
		Store: w.store, Catalog: w.cat, HTTP: w.http, Clock: j, Rand: rand.Reader, People: j, Opener: open,
	}), j
}
