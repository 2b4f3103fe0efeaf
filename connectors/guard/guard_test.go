package guard_test

import (
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmdeck/connectors/guard"
	"crmdeck/store/secret"
	"crmdeck/store/storetest"
)

// serve starts a server on 127.0.0.1 and returns its address and host.
func serve(t *testing.T, h http.HandlerFunc) (url, host string) {
	t.Helper()
	s := httptest.NewServer(h)
	t.Cleanup(s.Close)
	return s.URL, strings.TrimPrefix(s.URL, "http://")
}

func client(t *testing.T) *guard.Client {
	t.Helper()
	c := guard.New(guard.Options{})
	t.Cleanup(c.Close)
	return c
}

// kind asserts the kind of failure and returns it.
func kind(t *testing.T, err error, want guard.Kind) *guard.Error {
	t.Helper()
	var e *guard.Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %T %v, want kind %s", err, err, want)
	}
	if e.Kind != want {
		t.Fatalf("kind is %s (%s), want %s", e.Kind, e.Note, want)
	}
	return e
}

// raw serves one connection after another with fn, below HTTP.
func raw(t *testing.T, fn func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	wg.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			wg.Go(func() { defer func() { _ = c.Close() }(); fn(c) })
		}
	})
	t.Cleanup(func() { _ = l.Close(); wg.Wait() })
	return "http://" + l.Addr().String()
}

// head reads a request up to the end of its body.
func readRequest(c net.Conn) {
	buf, all := make([]byte, 4096), ""
	for {
		n, err := c.Read(buf)
		all += string(buf[:n])
		h, body, ok := strings.Cut(all, "\r\n\r\n")
		if err != nil {
			return
		}
		if !ok {
			continue
		}
		_, length, has := strings.Cut(h, "Content-Length: ")
		if !has {
			return
		}
		length, _, _ = strings.Cut(length, "\r")
		if want, _ := strconv.Atoi(length); len(body) >= want {
			return
		}
	}
}

func TestRequestAndResponseArriveWhole(t *testing.T) {
	url, host := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("X-Echo", r.Method+" "+r.Header.Get("Content-Type")+" "+r.Header.Get("User-Agent"))
		_, _ = w.Write(body)
	})
	form := &guard.Form{Hosts: []string{host}, Fields: []guard.Field{
		{Name: "grant type", Value: "a b&c=d"}, {Name: "token", Secret: secret.FromString("s+/ü %~")},
	}}
	r, err := client(t).Do(t.Context(), guard.Request{Method: "POST", URL: url, Form: form})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := string(r.Body), "grant+type=a+b%26c%3Dd&token=s%2B%2F%C3%BC+%25~"; got != want {
		t.Errorf("form is %q, want %q", got, want)
	}
	if got := r.Header.Get("X-Echo"); got != "POST application/x-www-form-urlencoded crmdeck" {
		t.Errorf("request was %q", got)
	}
	if r.Date.IsZero() || r.Status != 200 {
		t.Errorf("date %v, status %d", r.Date, r.Status)
	}
	r, err = client(t).Do(t.Context(), guard.Request{Method: "POST", URL: url, JSON: []byte(`{"a":1}`)})
	if err != nil || string(r.Body) != `{"a":1}` {
		t.Errorf("JSON body came as %q, %v", r.Body, err)
	}
}

// TL-3, IS-10, SF-2: which addresses are spoken to at all.
func TestTL3_OnlyHTTPSOrThisMachine(t *testing.T) {
	for _, u := range []string{
		"http://crm.example/x", "ftp://127.0.0.1/", "file:///etc/passwd", "javascript:alert(1)", "https://user@crm.example/",
		"https://user:pw@crm.example/", "https://crm.example/#frag", "https://crm.example/#", "", "crm.example", "https:///x",
		"https://crm.example./", "https://crm_ü.example/", "https://cr%00m.example/", "https://-crm.example/", "http://127.0.0.1.crm.example/",
		"http://[::ffff:127.0.0.1]/", "https://crm..example/", "https://crm.example:/", "https://[fe80::1%25eth0]/", "http://10.0.0.1/",
	} {
		if h, err := guard.Host(u); err == nil {
			t.Errorf("%q is accepted as %q", u, h)
		}
		_, err := client(t).Do(t.Context(), guard.Request{URL: u})
		if e := kind(t, err, guard.KindRefused); e.Sent {
			t.Errorf("%q: something was sent", u)
		}
	}
	for u, want := range map[string]string{
		"https://CRM.Example/a?b": "crm.example", "https://crm.example:443/": "crm.example", "https://crm.example:8443/": "crm.example:8443",
		"http://127.0.0.1:80/": "127.0.0.1", "http://127.9.9.9:8080/": "127.9.9.9:8080", "http://[::1]:99/": "[::1]:99", "http://LOCALHOST:7/": "localhost:7",
	} {
		if h, err := guard.Host(u); err != nil || h != want {
			t.Errorf("%q is %q, %v; want %q", u, h, err, want)
		}
	}
}

// TE-8, RS-2, TL-4: no redirect is followed, so no other host sees anything.
func TestTE8_RedirectsAreNotFollowed(t *testing.T) {
	var hits atomic.Int32
	other, _ := serve(t, func(http.ResponseWriter, *http.Request) { hits.Add(1) })
	for _, status := range []int{301, 302, 303, 307, 308, 300, 304} {
		url, host := serve(t, func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Location", other+"/?stolen=1")
			w.WriteHeader(status)
		})
		for _, r := range []guard.Request{
			{URL: url, Credential: &guard.Credential{Header: "Authorization", Format: "Bearer {token}", Secret: secret.FromString("t"), Hosts: []string{host}}},
			{Method: "POST", URL: url, Form: &guard.Form{Fields: []guard.Field{{Name: "a", Value: "b"}}}},
		} {
			_, err := client(t).Do(t.Context(), r)
			if e := kind(t, err, guard.KindRedirect); strings.Contains(e.Error(), "stolen") {
				t.Errorf("the error repeats the address: %v", e)
			}
		}
	}
	if n := hits.Load(); n != 0 {
		t.Errorf("the other host saw %d requests", n)
	}
}

// RS-1, SF-6: a secret goes to the hosts of its own list, exactly.
func TestRS1_SecretsGoToListedHostsOnly(t *testing.T) {
	var hits atomic.Int32
	url, host := serve(t, func(_ http.ResponseWriter, r *http.Request) { hits.Add(1) })
	name, _, _ := strings.Cut(host, ":")
	for _, hosts := range [][]string{nil, {}, {name}, {"localhost"}, {"*"}, {"." + host}, {host + "."}, {"x" + host}, {strings.ToUpper("api.example")}} {
		_, err := client(t).Do(t.Context(), guard.Request{URL: url, Credential: &guard.Credential{
			Header: "Authorization", Format: "Bearer {token}", Secret: secret.FromString("canary"), Hosts: hosts,
		}})
		if e := kind(t, err, guard.KindRefused); e.Sent || strings.Contains(e.Error(), "canary") {
			t.Errorf("%q: %+v", hosts, e)
		}
		_, err = client(t).Do(t.Context(), guard.Request{Method: "POST", URL: url, Form: &guard.Form{
			Hosts: hosts, Fields: []guard.Field{{Name: "refresh_token", Secret: secret.FromString("canary")}},
		}})
		kind(t, err, guard.KindRefused)
	}
	if hits.Load() != 0 {
		t.Error("a request went out")
	}
}

// The four ways in which a key goes into a header.
func TestCredentialFormats(t *testing.T) {
	url, host := serve(t, func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.Header.Get("Authorization")+"|"+r.Header.Get("X-Api-Key"))
	})
	for _, c := range []struct{ header, format, user, want string }{
		{"Authorization", "Bearer {token}", "", "Bearer k3y|"},
		{"X-Api-Key", "{key}", "", "|k3y"},
		{"Authorization", "Basic", "", "Basic azN5Og==|"},
		{"Authorization", "Basic", "id", "Basic aWQ6azN5|"},
		{"Authorization", "Token token={key}, v=1", "", "Token token=k3y, v=1|"},
	} {
		r, err := client(t).Do(t.Context(), guard.Request{URL: url, Credential: &guard.Credential{
			Header: c.header, Format: c.format, BasicUser: c.user, Secret: secret.FromString("k3y"), Hosts: []string{host},
		}})
		if err != nil || string(r.Body) != c.want {
			t.Errorf("%s %q: %q, %v; want %q", c.header, c.format, r.Body, err, c.want)
		}
	}
}

// TE-13, GR-4: nothing that could end a header line or smuggle a second one goes out.
func TestTE13_ControlCharactersAreRefused(t *testing.T) {
	url, host := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went out") })
	cred := func(header, format, user, key string) guard.Request {
		return guard.Request{URL: url, Credential: &guard.Credential{
			Header: header, Format: format, BasicUser: user, Secret: secret.FromString(key), Hosts: []string{host},
		}}
	}
	for name, r := range map[string]guard.Request{
		"CR LF in key":        cred("Authorization", "Bearer {token}", "", "a\r\nX-Evil: 1"),
		"NUL in key":          cred("Authorization", "Bearer {token}", "", "a\x00b"),
		"non-ASCII key":       cred("Authorization", "Bearer {token}", "", "aü"),
		"empty key":           cred("Authorization", "Bearer {token}", "", ""),
		"no place for it":     cred("Authorization", "Bearer", "", "k"),
		"CR LF in format":     cred("Authorization", "Bearer\r\n{token}", "", "k"),
		"colon in Basic user": cred("Authorization", "Basic", "a:b", "k"),
		"odd header":          cred("X Evil", "{key}", "", "k"),
		"header value":        {URL: url, Header: http.Header{"X-A": {"a\r\nb"}}},
		"header name":         {URL: url, Header: http.Header{"X\nA": {"a"}}},
		"own authorization":   {URL: url, Header: http.Header{"Authorization": {"Bearer x"}}},
		"own cookie":          {URL: url, Header: http.Header{"cookie": {"x"}}},
		"idempotency key":     {URL: url, Header: http.Header{"Idempotency-Key": {"x"}}}, // TE-18
		"two bodies":          {URL: url, Method: "POST", JSON: []byte("{}"), Form: &guard.Form{}},
		"method":              {URL: url, Method: "GET /\r\n"},
	} {
		_, err := client(t).Do(t.Context(), r)
		t.Run(name, func(t *testing.T) { kind(t, err, guard.KindRefused) })
	}
}

// TE-7, RL-3: the limit counts what was decompressed.
func TestTE7_LargeBodiesAndBombs(t *testing.T) {
	block := make([]byte, 1<<20)
	for name, h := range map[string]http.HandlerFunc{
		"bomb": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			for range 1024 { // 1 GiB, of which the client takes what it wants
				if _, err := z.Write(block); err != nil {
					return
				}
			}
		},
		"endless": func(w http.ResponseWriter, r *http.Request) {
			for r.Context().Err() == nil {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		},
		"declared": func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", strconv.Itoa(1<<30))
			_, _ = w.Write(block)
			_, _ = w.Write(block)
		},
	} {
		t.Run(name, func(t *testing.T) {
			url, _ := serve(t, h)
			r, err := client(t).Do(t.Context(), guard.Request{URL: url})
			kind(t, err, guard.KindTooLarge)
			if r.Body != nil {
				t.Error("a part of the body was handed out")
			}
		})
	}
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write(block) })
	if r, err := client(t).Do(t.Context(), guard.Request{URL: url}); err != nil || len(r.Body) != 1<<20 {
		t.Errorf("a body of exactly the limit: %d bytes, %v", len(r.Body), err)
	}
	_, err := client(t).Do(t.Context(), guard.Request{URL: url, Limit: 1<<20 - 1})
	kind(t, err, guard.KindTooLarge)
}

// TE-5: a body that ends early is an error, and says that the request was sent.
func TestTE5_TruncatedAndBroken(t *testing.T) {
	for name, c := range map[string]struct {
		answer string
		kind   guard.Kind
	}{
		"short of its length": {"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"access_token\":", guard.KindTruncated},
		"within a chunk":      {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n10\r\nabc", guard.KindTruncated},
		"no answer":           {"", guard.KindReset},
		"no HTTP":             {"SSH-2.0-x\r\n\r\n", guard.KindReset},
		"half a header":       {"HTTP/1.1 200 OK\r\nContent-", guard.KindReset},
	} {
		t.Run(name, func(t *testing.T) {
			url := raw(t, func(c2 net.Conn) { readRequest(c2); _, _ = io.WriteString(c2, c.answer) })
			r, err := client(t).Do(t.Context(), guard.Request{Method: "POST", URL: url, Form: &guard.Form{Fields: []guard.Field{{Name: "a", Value: "b"}}}})
			if e := kind(t, err, c.kind); !e.Sent || r.Body != nil {
				t.Errorf("sent %v, body %q", e.Sent, r.Body)
			}
		})
	}
}

// RF-6 rests on this: Sent is false exactly where nothing can have reached the server.
func TestSentIsToldRightly(t *testing.T) {
	gone, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = gone.Close()
	_, err = client(t).Do(t.Context(), guard.Request{URL: "http://" + gone.Addr().String()})
	if e := kind(t, err, guard.KindDial); e.Sent || e.Note != "connection refused" {
		t.Errorf("%+v", e)
	}

	stopped, stop := context.WithCancel(t.Context())
	stop()
	url, _ := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a cancelled request went out") })
	_, err = client(t).Do(stopped, guard.Request{URL: url})
	if e := kind(t, err, guard.KindCancelled); e.Sent || !errors.Is(err, context.Canceled) {
		t.Errorf("%+v", e)
	}

	arrived := make(chan struct{})
	url, _ = serve(t, func(_ http.ResponseWriter, r *http.Request) { close(arrived); <-r.Context().Done() })
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-arrived; cancel() }()
	_, err = client(t).Do(ctx, guard.Request{URL: url})
	if e := kind(t, err, guard.KindCancelled); !e.Sent {
		t.Errorf("%+v", e)
	}
}

// TE-6, RL-3: whoever dribbles, before or after the header, is left when time is up.
func TestTE6_SlowServersAreLeft(t *testing.T) {
	quiet, _ := serve(t, func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() })
	dribble, _ := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "1000")
		_, _ = w.Write([]byte("{"))
		_ = http.NewResponseController(w).Flush()
		<-r.Context().Done()
	})
	for _, u := range []string{quiet, dribble} {
		_, err := client(t).Do(t.Context(), guard.Request{URL: u, Timeout: 50 * time.Millisecond})
		if e := kind(t, err, guard.KindTimeout); !e.Sent || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%+v", e)
		}
	}
}

// TE-18: a form goes over a connection of its own and is never sent twice, even where
// the peer closes at once.
func TestTE18_FormsAreNotReplayed(t *testing.T) {
	var conns, requests atomic.Int32
	url := raw(t, func(c net.Conn) {
		conns.Add(1)
		readRequest(c)
		requests.Add(1)
	})
	for range 20 {
		_, err := client(t).Do(t.Context(), guard.Request{Method: "POST", URL: url, Form: &guard.Form{Fields: []guard.Field{{Name: "a", Value: "b"}}}})
		kind(t, err, guard.KindReset)
	}
	if conns.Load() != 20 || requests.Load() != 20 {
		t.Errorf("20 forms made %d connections and %d requests", conns.Load(), requests.Load())
	}
}

// TE-18: no form goes over a kept connection, which the peer may be about to close.
func TestTE18_FormsHaveTheirOwnConnection(t *testing.T) {
	var conns atomic.Int32
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		if st == http.StateNew {
			conns.Add(1)
		}
	}
	s.Start()
	defer s.Close()
	c := client(t)
	for want := range int32(5) {
		if _, err := c.Do(t.Context(), guard.Request{Method: "POST", URL: s.URL, Form: &guard.Form{}}); err != nil || conns.Load() != want+1 {
			t.Errorf("form %d: %d connections, %v", want+1, conns.Load(), err)
		}
	}
	for range 5 {
		if _, err := c.Do(t.Context(), guard.Request{URL: s.URL}); err != nil {
			t.Error(err)
		}
	}
	if conns.Load() != 6 {
		t.Errorf("five reads made %d connections", conns.Load()-5)
	}
}

// RL-3: no more than four connections to one host at a time.
func TestRL3_FourConnectionsAHost(t *testing.T) {
	var now, most atomic.Int32
	gate := make(chan struct{})
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { <-gate }))
	full := make(chan struct{}, 64)
	s.Config.ConnState = func(_ net.Conn, st http.ConnState) {
		switch st {
		case http.StateNew:
			most.Store(max(most.Load(), now.Add(1)))
		case http.StateActive:
			full <- struct{}{}
		case http.StateClosed:
			now.Add(-1)
		}
	}
	s.Start()
	defer s.Close()
	c := client(t)
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if _, err := c.Do(t.Context(), guard.Request{URL: s.URL}); err != nil {
				t.Error(err)
			}
		})
	}
	for range 4 {
		<-full
	}
	close(gate)
	wg.Wait()
	if most.Load() > 4 {
		t.Errorf("%d connections at once", most.Load())
	}
}

func TestStreamHandsOverTheBodyAsItComes(t *testing.T) {
	url, _ := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, strings.Repeat("x", 5000)) })
	n := 0
	err := client(t).Stream(t.Context(), guard.Request{URL: url, Limit: 5000}, func(status int, _ http.Header, body io.Reader) error {
		b, err := io.Copy(io.Discard, body)
		n = int(b)
		return err
	})
	if err != nil || n != 5000 {
		t.Errorf("%d bytes, %v", n, err)
	}
	// A reader that stops believing still gets the body's own failure.
	err = client(t).Stream(t.Context(), guard.Request{URL: url, Limit: 100}, func(_ int, _ http.Header, body io.Reader) error {
		_, _ = io.Copy(io.Discard, body)
		return errors.New("odd JSON")
	})
	kind(t, err, guard.KindTooLarge)
	mine := errors.New("mine")
	if err := client(t).Stream(t.Context(), guard.Request{URL: url}, func(int, http.Header, io.Reader) error { return mine }); err != mine {
		t.Errorf("the reader's error came back as %v", err)
	}
}

// LK-4: errors never hold the query, whatever fails.
func TestLK4_ErrorsHoldNoQuery(t *testing.T) {
	const canary = "CANARY-7f3a"
	closed := raw(t, func(c net.Conn) { readRequest(c) })
	for _, u := range []string{closed, "http://127.0.0.1:1", "https://127.0.0.1:1", "http://crm.example", "http://127.0.0.1:99999", "http://127.0.0.1:x"} {
		_, err := client(t).Do(t.Context(), guard.Request{URL: u + "/p/" + canary + "?code=" + canary, Header: http.Header{"X-A": {canary}}, Timeout: 5 * time.Second})
		if err == nil || strings.Contains(err.Error(), canary) {
			t.Errorf("%s: %v", u, err)
		}
	}
}

// TL-1, TL-2: old TLS and unproven certificates are refused, before anything is sent.
func TestTL_CertificatesAndVersions(t *testing.T) {
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, "{}") }))
	s.Config.ErrorLog = nil
	s.Config.ErrorLog = quietLog()
	s.StartTLS()
	defer s.Close()
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())

	good := guard.New(guard.Options{Roots: roots})
	defer good.Close()
	if _, err := good.Do(t.Context(), guard.Request{URL: s.URL}); err != nil {
		t.Errorf("known authority: %v", err)
	}
	_, err := client(t).Do(t.Context(), guard.Request{URL: s.URL})
	if e := kind(t, err, guard.KindTLS); e.Sent || e.Note != "certificate of an unknown authority" {
		t.Errorf("%+v", e)
	}
	_, err = good.Do(t.Context(), guard.Request{URL: strings.Replace(s.URL, "127.0.0.1", "localhost", 1)})
	if e := kind(t, err, guard.KindTLS); e.Note != "certificate for another name" {
		t.Errorf("%+v", e)
	}

	old := httptest.NewUnstartedServer(s.Config.Handler)
	old.TLS = &tls.Config{MinVersion: tls.VersionTLS10, MaxVersion: tls.VersionTLS11}
	old.Config.ErrorLog = quietLog()
	old.StartTLS()
	defer old.Close()
	_, err = good.Do(t.Context(), guard.Request{URL: old.URL})
	kind(t, err, guard.KindTLS)

	plain, _ := serve(t, func(http.ResponseWriter, *http.Request) {})
	_, err = client(t).Do(t.Context(), guard.Request{URL: strings.Replace(plain, "http:", "https:", 1)})
	kind(t, err, guard.KindTLS)
}

// RS-3, FZ-12: what a server may ask us to wait.
func TestRS3_RetryAfter(t *testing.T) {
	sent := time.Date(2026, 11, 1, 12, 0, 0, 0, time.UTC)
	for v, want := range map[string]time.Duration{
		"": 0, "7": 7 * time.Second, "0": 0, "-5": 0, " 3 ": 3 * time.Second, "1.5": 1500 * time.Millisecond, "soon": 0, "NaN": 0,
		"315360000": guard.MaxRetryAfter, "99999999999999999999999": guard.MaxRetryAfter, "+Inf": guard.MaxRetryAfter,
		sent.Add(time.Minute).Format(http.TimeFormat):  time.Minute,
		sent.Add(-time.Minute).Format(http.TimeFormat): 0,
		sent.AddDate(10, 0, 0).Format(http.TimeFormat): guard.MaxRetryAfter,
		"Mon, 99 Nov 2026 12:00:00 GMT":                0,
		sent.Add(2 * time.Minute).Format(time.RFC850):  2 * time.Minute,
		strings.Repeat("9", 400):                       guard.MaxRetryAfter,
		"1e400":                                        guard.MaxRetryAfter,
	} {
		if got := guard.RetryAfter(http.Header{"Retry-After": {v}}, sent); got != want {
			t.Errorf("%q: %v, want %v", v, got, want)
		}
	}
}

// FZ-11: an address that is accepted has one reading, and its host is in canonical form.
func FuzzHost(f *testing.F) {
	for _, u := range []string{"https://crm.example/", "http://127.0.0.1:8080", "https://a@b/", "https://CRM.example:443/?q#f", "http://[::1]/", "https://%41/", "https://xn--e1afmkfd/"} {
		f.Add(u)
	}
	f.Fuzz(func(t *testing.T, u string) {
		h, err := guard.Host(u)
		if err != nil {
			return
		}
		if h != strings.ToLower(h) || strings.ContainsAny(h, "@/?#\\ \t\r\n%") {
			t.Errorf("%q has the host %q", u, h)
		}
		again, err := guard.Host("https://" + h)
		if err == nil && again != h && !strings.HasSuffix(h, ":443") && !strings.HasSuffix(h, ":80") {
			t.Errorf("%q reads as %q, then as %q", u, h, again)
		}
	})
}

// LK-12: what a provider repeats of our secrets in an error does not come in, in no
// spelling; the answer of a token endpoint stays whole.
func TestEchoedSecretsAreTakenOut(t *testing.T) {
	url, host := serve(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, pass, _ := r.BasicAuth()
		status, _ := strconv.Atoi(r.URL.Query().Get("status"))
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))
		w.WriteHeader(status)
		_, _ = io.WriteString(w, "before "+string(body)+" "+r.Header.Get("Authorization")+" "+pass+" after")
	})
	const canary = "c4n4ry/s3cr3t+value"
	c, v := client(t), secret.FromString(canary)
	requests := map[string]guard.Request{
		"bearer": {Credential: &guard.Credential{Header: "Authorization", Format: "Bearer {token}", Secret: v, Hosts: []string{host}}},
		"basic":  {Credential: &guard.Credential{Header: "Authorization", Format: "Basic", Secret: v, Hosts: []string{host}}},
		"client": {Credential: &guard.Credential{Header: "Authorization", Format: "Basic", BasicUser: "an-app", Secret: v, Hosts: []string{host}}},
		"form":   {Method: "POST", Form: &guard.Form{Hosts: []string{host}, Fields: []guard.Field{{Name: "token", Secret: v}}}},
	}
	find := storetest.NewCanaries(canary)
	for name, r := range requests {
		r.URL = url + "/?status=400"
		got, err := c.Do(t.Context(), r)
		if err != nil {
			t.Fatal(err)
		}
		streamed := ""
		err = c.Stream(t.Context(), r, func(_ int, h http.Header, b io.Reader) error {
			all, err := io.ReadAll(b)
			streamed = string(all) + h.Get("X-Echo")
			return err
		})
		for _, text := range []string{string(got.Body) + got.Header.Get("X-Echo"), streamed} {
			_, how, leaked := find.Find([]byte(text))
			if err != nil || leaked || !strings.HasPrefix(text, "before ") || !strings.Contains(text, " after") {
				t.Errorf("%s: %v %s: %s", name, err, how, text)
			}
		}
		r.URL = url + "/?status=200"
		if got, err = c.Do(t.Context(), r); err != nil || name == "bearer" && !strings.Contains(string(got.Body), canary) {
			t.Errorf("%s: a good answer was changed: %v %s", name, err, got.Body)
		}
	}
}
