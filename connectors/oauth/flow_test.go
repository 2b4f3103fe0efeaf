package oauth_test

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"crmdeck/connectors"
	"crmdeck/connectors/oauth"
	"crmdeck/store"
	"crmdeck/store/secret"
)

// PK-1, PK-2, PK-4, ST-2, LB-4, LB-8, LB-10, AR-4, AR-8, CA-1: the whole way of a consent.
func TestFlowFromConsentToTokens(t *testing.T) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	if param(t, f, "code_challenge_method") != "S256" || param(t, f, "response_type") != "code" || param(t, f, "scope") != "contacts.read deals.read" {
		t.Errorf("the authorization request is not what it should be: %v", f)
	}
	got := wait(t.Context(), f)
	status, h, body := deliver(t, f, "code=c0de&session_state=unknown&foo=bar") // AR-8
	if status != http.StatusSeeOther || h.Get("Location") != "/done" || body != "" {
		t.Errorf("the callback answered %d to %q with %q", status, h.Get("Location"), body)
	}
	r := <-got
	if r.err != nil {
		t.Fatal(r.err)
	}
	if r.answer.Access.Reveal() != "at" || r.answer.Refresh.Reveal() != "rt" || r.answer.TokenType != "Bearer" || r.answer.Assumed {
		t.Errorf("answer: %+v", r.answer)
	}
	status, h, body = land(t, f, h)
	if status != 200 || !strings.Contains(body, "It worked") || !strings.Contains(body, "close this tab") {
		t.Errorf("landing page %d: %s", status, body)
	}
	checkPage(t, h, body)
	<-f.Closed()
	asked := as.requests()
	if len(asked) != 1 {
		t.Fatalf("%d requests for one code", len(asked))
	}
	form := asked[0].form
	verifier := form.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	if !regexp.MustCompile(`^[A-Za-z0-9\-._~]{43}$`).MatchString(verifier) || base64.RawURLEncoding.EncodeToString(sum[:]) != param(t, f, "code_challenge") {
		t.Errorf("verifier %q does not fit its challenge", verifier)
	}
	if form.Get("redirect_uri") != param(t, f, "redirect_uri") || form.Get("redirect_uri") != f.RedirectURI() {
		t.Error("the redirect URI differs between the two requests")
	}
	if form.Get("client_secret") != "client-secret-1" || form.Get("grant_type") != "authorization_code" || form.Get("code") != "c0de" || asked[0].query != "" || asked[0].auth != "" {
		t.Errorf("token request: %+v", asked[0])
	}
	if _, err := f.Wait(t.Context()); err == nil {
		t.Error("a second Wait got something")
	}
}

// checkPage: LB-7.
func checkPage(t *testing.T, h http.Header, body string) {
	t.Helper()
	csp := h.Get("Content-Security-Policy")
	if !strings.HasPrefix(csp, "default-src 'none'; style-src 'sha256-") || strings.Contains(csp, "unsafe") {
		t.Errorf("CSP is %q", csp)
	}
	_, rest, _ := strings.Cut(body, "<style>")
	style, _, ok := strings.Cut(rest, "</style>")
	sum := sha256.Sum256([]byte(style))
	if !ok || !strings.Contains(csp, base64.StdEncoding.EncodeToString(sum[:])) {
		t.Error("the browser would refuse the page's style")
	}
	for k, v := range map[string]string{"X-Content-Type-Options": "nosniff", "Cache-Control": "no-store", "Referrer-Policy": "no-referrer"} {
		if h.Get(k) != v {
			t.Errorf("%s is %q", k, h.Get(k))
		}
	}
	for _, k := range []string{"Access-Control-Allow-Origin", "Access-Control-Allow-Private-Network", "Set-Cookie"} { // LB-6
		if h.Get(k) != "" {
			t.Errorf("%s is sent", k)
		}
	}
	if strings.Contains(body, "<script") {
		t.Error("the page has a script")
	}
}

// ST-1: state is 256 bits, unique, and holds nothing.
func TestST1_StateIsUnique(t *testing.T) { uniqueStates(t, 200) }

func uniqueStates(t *testing.T, flows int) {
	as := newFake(t)
	c := newClient(t)
	seen := map[string]bool{}
	for range flows {
		f, err := c.Begin(t.Context(), as.profile())
		if err != nil {
			t.Fatal(err)
		}
		for _, v := range []string{param(t, f, "state"), param(t, f, "code_challenge")} {
			if raw, err := base64.RawURLEncoding.DecodeString(v); err != nil || len(raw) != 32 || seen[v] {
				t.Fatalf("%q is no fresh 256-bit value", v)
			}
			seen[v] = true
		}
		if s := fmt.Sprintf("%v %+v %s", f, f, f); strings.Contains(s, param(t, f, "state")) {
			t.Fatal("the state is printed")
		}
		f.Cancel()
		<-f.Closed()
	}
}

// A source of randomness that fails begins no flow.
func TestST1_NoRandomnessNoFlow(t *testing.T) {
	as := newFake(t)
	c := newClient(t, func(cfg *oauth.Config) { cfg.Rand = strings.NewReader("too short") })
	if _, err := c.Begin(t.Context(), as.profile()); !errors.Is(err, io.ErrUnexpectedEOF) {
		t.Errorf("begun without randomness: %v", err)
	}
}

// ST-2, ST-3, LB-14, AR-2: whatever comes without the right state changes nothing.
func TestST2_WrongStateGoesOnWaiting(t *testing.T) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	got := wait(t.Context(), f)
	state := url.QueryEscape(param(t, f, "state"))
	bad := []string{
		"", "code=x", "code=x&state=", "code=x&state=wrong", "code=x&state=" + state + "&state=" + state, "code=x&state=" + state + "&state=wrong",
		"error=access_denied", "error=access_denied&state=wrong", "code=x&State=" + state, "code=x&state=" + state + "x", "code=x;state=" + state,
		"code=x&state=" + state[:42], "%zz&state=" + state, "access_token=evil&state=wrong",
	}
	for _, q := range bad {
		status, h, body := browse(t, "GET", f.RedirectURI()+"?"+q)
		if status != http.StatusBadRequest {
			t.Errorf("%q got %d", q, status)
		}
		checkPage(t, h, body)
	}
	for range 300 {
		_, _, _ = browse(t, "GET", f.RedirectURI()+"?code=x&state=guess")
	}
	if n := len(as.requests()); n != 0 {
		t.Fatalf("%d token requests", n)
	}
	if n := f.Noticed()[oauth.NoticedForeign]; n != len(bad)+300 {
		t.Errorf("noticed %d foreign answers", n)
	}
	deliver(t, f, "code=right&access_token=evil&id_token=evil") // AR-2
	if r := <-got; r.err != nil || r.answer.Access.Reveal() != "at" {
		t.Errorf("the honest answer gave %v", r.err)
	}
	if f.Noticed()[oauth.NoticedLeak] != 1 {
		t.Error("a token in the address was not noticed")
	}
}

// ST-4: the right answer twice, also at once, is exchanged once.
func TestST4_DeliveredTwice(t *testing.T) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	release := make(chan struct{})
	as.answers(func(w http.ResponseWriter, r *http.Request) {
		<-release
		says(200, `{"access_token":"at","token_type":"bearer"}`)(w, r)
	})
	var mu sync.Mutex
	count := map[int]int{}
	var wg sync.WaitGroup
	var again sync.WaitGroup
	again.Add(7)
	for range 8 {
		wg.Go(func() {
			status, _, _ := deliver(t, f, "code=x")
			mu.Lock()
			count[status]++
			mu.Unlock()
			if status == http.StatusConflict {
				again.Done()
			}
		})
	}
	got := wait(t.Context(), f)
	again.Wait()
	close(release)
	if r := <-got; r.err != nil {
		t.Fatal(r.err)
	}
	wg.Wait()
	if count[http.StatusSeeOther] != 1 || count[http.StatusConflict] != 7 || len(as.requests()) != 1 {
		t.Errorf("statuses %v, %d token requests", count, len(as.requests()))
	}
}

// ST-5: answers that are swapped between two flows fit neither.
func TestST5_SwappedAnswers(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	a, b := begin(t, c, as.profile()), begin(t, c, as.profile())
	for f, other := range map[*oauth.Flow]*oauth.Flow{a: b, b: a} {
		if status, _, _ := browse(t, "GET", f.RedirectURI()+"?code=x&state="+param(t, other, "state")); status != http.StatusBadRequest {
			t.Errorf("swapped answer got %d", status)
		}
	}
	if len(as.requests()) != 0 {
		t.Error("a code was sent")
	}
}

// ST-6: the state of a cancelled flow is refused by the next one on the same port.
func TestST6_StateOfAnEarlierFlow(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	p := as.profile()
	p.LoopbackAnyPort, p.RedirectURI = false, oauth.RedirectURI("fake", "", freePort(t))
	first := begin(t, c, p)
	state := param(t, first, "state")
	first.Cancel()
	second := begin(t, c, p)
	if status, _, _ := browse(t, "GET", second.RedirectURI()+"?code=x&state="+state); status != http.StatusBadRequest || len(as.requests()) != 0 {
		t.Errorf("an old state got %d", status)
	}
}

// PK-3, PK-5: where the profile says "no PKCE", nothing of it is sent, and state still rules.
func TestPK5_NoChallengeNoVerifier(t *testing.T) {
	as := newFake(t)
	p := as.profile()
	p.PKCE = false
	f := begin(t, newClient(t), p)
	got := wait(t.Context(), f)
	if strings.Contains(f.URL(), "code_challenge") || param(t, f, "state") == "" {
		t.Error("the request holds a challenge, or no state")
	}
	deliver(t, f, "code=x")
	if r := <-got; r.err != nil {
		t.Fatal(r.err)
	}
	if as.requests()[0].form.Has("code_verifier") {
		t.Error("a verifier was sent without a challenge")
	}
}

// PK-2: a server that objects to S256 ends the flow; plain is never tried.
func TestPK2_NoDowngrade(t *testing.T) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	got := wait(t.Context(), f)
	deliver(t, f, "error=invalid_request&error_description=transform+algorithm+not+supported")
	fails(t, (<-got).err, store.Config, "invalid_request")
	if len(as.requests()) != 0 {
		t.Error("something was tried after that")
	}
}

// PK-1, AR-3: after a refused code the next attempt has a new verifier and state.
func TestAR3_RefusedCodeIsNotRetried(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	as.answers(says(400, `{"error":"invalid_grant","error_description":"no such code"}`))
	seen := map[string]bool{}
	for range 2 {
		f := begin(t, c, as.profile())
		got := wait(t.Context(), f)
		_, h, _ := deliver(t, f, "code=injected")
		fails(t, (<-got).err, store.Dead, "invalid_grant")
		if _, _, body := land(t, f, h); !strings.Contains(body, "It did not work") {
			t.Errorf("landing page: %s", body)
		}
		seen[param(t, f, "state")], seen[param(t, f, "code_challenge")] = true, true
	}
	asked := as.requests()
	if len(asked) != 2 || len(seen) != 4 || asked[0].form.Get("code_verifier") == asked[1].form.Get("code_verifier") {
		t.Errorf("%d requests, %d values", len(asked), len(seen))
	}
}

// PK-7: nothing of a flow is written to disk.
func TestPK7_NothingOnDisk(t *testing.T) {
	dir := t.TempDir()
	t.Setenv("TMPDIR", dir)
	t.Setenv("HOME", dir)
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	got := wait(t.Context(), f)
	deliver(t, f, "code=x")
	<-got
	if files, err := filepath.Glob(filepath.Join(dir, "*")); err != nil || len(files) > 0 {
		t.Errorf("written: %v, %v", files, err)
	}
	if _, err := os.ReadDir(dir); err != nil {
		t.Error(err)
	}
}

// AR-1, AR-7: an answer with the right state that cannot be meant ends the flow, unsent.
func TestAR1_AnswersThatCannotBeMeant(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	for _, q := range []string{
		"code=x&error=access_denied", "code=x&code=y", "error=a&error=b", "code=", "nothing=1", "code=a%00b", "code=a%0d%0ab", "code=%c3%bc",
		"code=" + strings.Repeat("x", 16<<10+1),
	} {
		f := begin(t, c, as.profile())
		got := wait(t.Context(), f)
		_, h, _ := deliver(t, f, q)
		fails(t, (<-got).err, store.Config, "bad_answer")
		_, _, _ = land(t, f, h)
	}
	if n := len(as.requests()); n != 0 {
		t.Errorf("%d codes were sent", n)
	}
	f := begin(t, c, as.profile())
	got := wait(t.Context(), f)
	deliver(t, f, "code="+strings.Repeat("x", 16<<10))
	if r := <-got; r.err != nil {
		t.Errorf("a code of 16 KiB: %v", r.err)
	}
}

// AR-5, AR-6, LB-7: the provider's refusals keep their own word, and their text is harmless.
func TestAR5_RefusalsOfTheProvider(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	for code, class := range map[string]store.Class{
		"access_denied": store.Dead, "invalid_request": store.Config, "unauthorized_client": store.Config, "unsupported_response_type": store.Config,
		"invalid_scope": store.Config, "server_error": store.Transient, "temporarily_unavailable": store.Transient, "made_up_error": store.Config,
	} {
		f := begin(t, c, as.profile())
		got := wait(t.Context(), f)
		evil := url.QueryEscape("<script>alert(1)</script>\x1b]0;x\a\"\\ü\u202e\r\nnext")
		_, h, _ := deliver(t, f, "error="+code+"&error_description="+evil)
		e := fails(t, (<-got).err, class, code)
		if want := "<script>alert(1)</script> ]0;x '/? next"; e.Description != want {
			t.Errorf("description is %q, want %q", e.Description, want)
		}
		if _, _, body := land(t, f, h); strings.Contains(body, "alert") || !strings.Contains(body, "It did not work") {
			t.Error("the page repeats what came in")
		}
	}
	if len(as.requests()) != 0 {
		t.Error("a token request was sent")
	}
}

// IS-1 to IS-5: the issuer in the answer.
func TestIS_IssuerOfTheAnswer(t *testing.T) {
	as := newFake(t)
	const issuer = "https://login.crm.example"
	for _, c := range []struct {
		name, profile string
		required      bool
		query         string
		ok            bool
	}{
		{"right", issuer, true, "code=x&iss=" + url.QueryEscape(issuer), true},
		{"not promised, absent", "", false, "code=x", true},
		{"right, not promised but known", issuer, false, "code=x&iss=" + url.QueryEscape(issuer), true},
		{"IS-1 wrong", issuer, true, "code=x&iss=https%3A%2F%2Fevil.example", false},
		{"IS-2 missing", issuer, true, "code=x", false},
		{"IS-3 not promised, unknown", "", false, "code=x&iss=https%3A%2F%2Flogin.crm.example", false},
		{"IS-4 slash", issuer, true, "code=x&iss=" + url.QueryEscape(issuer+"/"), false},
		{"IS-4 case", issuer, true, "code=x&iss=" + url.QueryEscape("https://LOGIN.crm.example"), false},
		{"IS-4 port", issuer, true, "code=x&iss=" + url.QueryEscape(issuer+":443"), false},
		{"IS-4 escape", issuer, true, "code=x&iss=" + url.QueryEscape("https://login%2Ecrm.example"), false},
		{"doubled", issuer, true, "code=x&iss=" + url.QueryEscape(issuer) + "&iss=" + url.QueryEscape(issuer), false},
		{"IS-5 error of another", issuer, true, "error=access_denied&iss=https%3A%2F%2Fevil.example", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			before := len(as.requests())
			p := as.profile()
			p.Issuer, p.IssRequired = c.profile, c.required
			f := begin(t, newClient(t), p)
			got := wait(t.Context(), f)
			deliver(t, f, c.query)
			r := <-got
			if c.ok {
				if r.err != nil {
					t.Error(r.err)
				}
				return
			}
			fails(t, r.err, store.Config, "mix_up")
			if len(as.requests()) != before {
				t.Error("an endpoint was called")
			}
		})
	}
}

// LB-1, LB-2, LB-12: which addresses are listened on.
func TestLB1_LoopbackOnly(t *testing.T) {
	as := newFake(t)
	t.Setenv("HOST", "0.0.0.0")
	t.Setenv("CRMDECK_LISTEN", "0.0.0.0:0")
	p := as.profile()
	p.LoopbackAnyPort, p.RedirectURI = false, oauth.RedirectURI("fake", "", freePort(t))
	f := begin(t, newClient(t), p)
	if f.RedirectURI() != p.RedirectURI || param(t, f, "redirect_uri") != p.RedirectURI {
		t.Error("the redirect URI is not sent as it is registered")
	}
	u, err := url.Parse(p.RedirectURI)
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range otherAddresses(t) {
		c, err := net.DialTimeout("tcp", net.JoinHostPort(a, u.Port()), time.Second)
		if err == nil {
			_ = c.Close()
			t.Errorf("somebody listens on %s", a)
		}
	}
	for _, uri := range []string{
		"http://0.0.0.0:8080/callback/x", "http://192.168.1.5:8080/callback/x", "https://localhost:8080/callback/x", "http://crm.example/callback/x",
		"http://localhost:8080", "http://localhost:8080/", "http://localhost:8080/done", "http://localhost:8080/cb?x=1", "http://u@localhost:8080/cb",
		"http://127.0.0.2:80/cb", "localhost:80/cb", "http://localhost:99999/cb", "urn:ietf:wg:oauth:2.0:oob",
	} {
		p.RedirectURI = uri
		_, err := newClient(t).Begin(t.Context(), p)
		t.Run(uri, func(t *testing.T) { fails(t, err, store.Config, "redirect") })
	}
}

// otherAddresses are this machine's addresses that are not loopback.
func otherAddresses(t *testing.T) []string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, a := range all {
		if n, ok := a.(*net.IPNet); ok && !n.IP.IsLoopback() && n.IP.To4() != nil {
			out = append(out, n.IP.String())
		}
	}
	return out
}

// LB-3: a port that is held, on either address, begins no flow.
func TestLB3_PortHeldByAnother(t *testing.T) {
	as := newFake(t)
	for _, a := range []string{"127.0.0.1:0", "[::1]:0", "0.0.0.0:0"} {
		l, err := net.Listen("tcp", a)
		if err != nil && strings.Contains(a, "::1") {
			continue // no IPv6 here
		} else if err != nil {
			t.Fatal(err)
		}
		port := l.Addr().(*net.TCPAddr).Port
		p := as.profile()
		p.LoopbackAnyPort, p.RedirectURI = false, oauth.RedirectURI("fake", "", port)
		_, err = newClient(t).Begin(t.Context(), p)
		var busy *oauth.PortBusyError
		if !errors.As(err, &busy) || busy.Port != port || busy.Own || !strings.Contains(err.Error(), strconv.Itoa(port)) {
			t.Errorf("%s: %v", a, err)
		}
		_ = l.Close()
	}
}

// LB-3: the same port again and again, right after each flow, and not twice at once.
func TestLB3_SamePortAgain(t *testing.T) {
	as := newFake(t)
	c := newClient(t)
	p := as.profile()
	p.LoopbackAnyPort, p.RedirectURI = false, oauth.RedirectURI("fake", "", freePort(t))
	for range 10 {
		f := begin(t, c, p)
		var busy *oauth.PortBusyError
		if _, err := c.Begin(t.Context(), p); !errors.As(err, &busy) || !busy.Own {
			t.Fatalf("a second flow on the port: %v", err)
		}
		got := wait(t.Context(), f)
		deliver(t, f, "code=x")
		if r := <-got; r.err != nil {
			t.Fatal(r.err)
		}
	}
}

// LB-4: cancel, timeout and a cancelled context close the listener; goleak sees the rest.
func TestLB4_ClosesWhateverEndsIt(t *testing.T) {
	as := newFake(t)
	ends := map[string]func(t *testing.T) *oauth.Flow{
		"cancel": func(t *testing.T) *oauth.Flow {
			f := begin(t, newClient(t), as.profile())
			got := wait(t.Context(), f)
			f.Cancel()
			e := fails(t, (<-got).err, store.Transient, "cancelled")
			if e.Unknown || !errors.Is(e, context.Canceled) {
				t.Errorf("%+v", e)
			}
			return f
		},
		"timeout": func(t *testing.T) *oauth.Flow {
			f := begin(t, newClient(t, func(c *oauth.Config) { c.Patience = 20 * time.Millisecond }), as.profile())
			fails(t, (<-wait(t.Context(), f)).err, store.Transient, "timeout")
			return f
		},
		"timeout without a wait": func(t *testing.T) *oauth.Flow {
			return begin(t, newClient(t, func(c *oauth.Config) { c.Patience = time.Millisecond }), as.profile())
		},
		"context": func(t *testing.T) *oauth.Flow {
			f := begin(t, newClient(t), as.profile())
			ctx, cancel := context.WithCancel(t.Context())
			got := wait(ctx, f)
			cancel()
			fails(t, (<-got).err, store.Transient, "cancelled")
			return f
		},
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			f := end(t)
			<-f.Closed()
			u, _ := url.Parse(f.RedirectURI())
			if c, err := net.Dial("tcp", "127.0.0.1:"+u.Port()); err == nil {
				_ = c.Close()
				t.Error("it still listens")
			}
		})
	}
}

// LB-4: many flows leave nothing; goleak and the count of open files say so.
func TestLB4_ManyFlowsLeakNothing(t *testing.T) { manyFlows(t, 100) }

func manyFlows(t *testing.T, flows int) {
	as := newFake(t)
	c := newClient(t)
	run := func(n int) {
		for range n {
			f := begin(t, c, as.profile())
			got := wait(t.Context(), f)
			_, h, _ := deliver(t, f, "code=x")
			<-got
			_, _, _ = land(t, f, h)
			<-f.Closed()
		}
	}
	run(5)
	before := openFiles()
	run(flows)
	if after := openFiles(); after > before+3 {
		t.Errorf("open files grew from %d to %d", before, after)
	}
}

// openFiles counts this process's open files where the system tells; else 0.
func openFiles() int {
	d, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return 0
	}
	return len(d)
}

// LB-5, LB-6: other methods, paths, hosts and origins get nothing and change nothing.
func TestLB5_OnlyOneGet(t *testing.T) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	got := wait(t.Context(), f)
	u, _ := url.Parse(f.RedirectURI())
	root, q := "http://"+u.Host, "?code=x&state="+param(t, f, "state")
	for _, c := range []struct {
		method, url string
		header      []string
		want        int
	}{
		{"POST", f.RedirectURI() + q, nil, 405}, {"HEAD", f.RedirectURI() + q, nil, 405}, {"OPTIONS", f.RedirectURI() + q, nil, 405}, {"PUT", f.RedirectURI() + q, nil, 405},
		{"GET", root + "/" + q, nil, 404}, {"GET", root + "/callback/other" + q, nil, 404}, {"GET", f.RedirectURI() + "/" + q, nil, 404},
		{"GET", root + "/callback/%66ake" + q, nil, 404}, {"GET", root + "//callback/fake" + q, nil, 404}, {"GET", root + "/favicon.ico", nil, 404},
		{"GET", root + "/done", nil, 404},
		{"GET", f.RedirectURI() + q, []string{"Host", "evil.example"}, 403}, {"GET", f.RedirectURI() + q, []string{"Host", "localhost"}, 403},
		{"GET", f.RedirectURI() + q, []string{"Host", "127.0.0.1:" + u.Port()}, 403},
		{"GET", f.RedirectURI() + q, []string{"Origin", "https://evil.example"}, 403}, {"GET", f.RedirectURI() + q, []string{"Origin", "null"}, 403},
	} {
		status, h, body := browse(t, c.method, c.url, c.header...)
		if status != c.want {
			t.Errorf("%s %s %v got %d, want %d", c.method, strings.TrimSuffix(c.url, q), c.header, status, c.want)
		}
		if c.method != "HEAD" {
			checkPage(t, h, body)
		}
	}
	if len(as.requests()) != 0 {
		t.Fatal("one of them was taken for the answer")
	}
	deliver(t, f, "code=x")
	if r := <-got; r.err != nil {
		t.Error(r.err)
	}
}

// LB-9: thousands of idle connections and endless headers keep no browser out.
func TestLB9_CrowdsAndLargeHeaders(t *testing.T) { crowd(t, 400) }

func crowd(t *testing.T, connections int) {
	as := newFake(t)
	f := begin(t, newClient(t), as.profile())
	got := wait(t.Context(), f)
	u, _ := url.Parse(f.RedirectURI())
	var idle []net.Conn
	defer func() {
		for _, c := range idle {
			_ = c.Close()
		}
	}()
	for range connections {
		c, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
		if err != nil {
			continue // refused in the crush: no harm
		}
		idle = append(idle, c)
		_, _ = io.WriteString(c, "GET /callback/fake HTTP/1.1\r\nHost: x")
	}
	big, err := net.Dial("tcp", "127.0.0.1:"+u.Port())
	if err != nil {
		t.Fatal(err)
	}
	idle = append(idle, big)
	go func() {
		_, _ = io.WriteString(big, "GET / HTTP/1.1\r\nHost: x\r\nX-Big: "+strings.Repeat("x", 64<<10)+"\r\n\r\n")
	}()
	line, err := bufio.NewReader(big).ReadString('\n')
	if !strings.HasPrefix(line, "HTTP/1.1 431") {
		t.Errorf("64 KiB of header got %q, %v", line, err)
	}
	deliver(t, f, "code=x")
	if r := <-got; r.err != nil {
		t.Errorf("the honest answer did not get through: %v", r.err)
	}
}

// LB-11: where one of the two addresses is not there, the other serves.
func TestLB11_EitherAddressServes(t *testing.T) {
	as := newFake(t)
	for _, host := range []string{"127.0.0.1", "[::1]"} {
		l, err := net.Listen("tcp", host+":0")
		if err != nil {
			continue // this machine has only one of them, which the other round shows
		}
		_ = l.Close()
		p := as.profile()
		p.RedirectURI = "http://" + host + ":0/callback/fake"
		f := begin(t, newClient(t), p)
		got := wait(t.Context(), f)
		if !strings.HasPrefix(f.RedirectURI(), "http://"+host+":") {
			t.Errorf("redirect URI became %s", f.RedirectURI())
		}
		deliver(t, f, "code=x")
		if r := <-got; r.err != nil {
			t.Error(r.err)
		}
	}
}

// LB-8, AR-4: a lost answer to a code is not asked for again, and the page says so.
func TestAR4_OneRequestPerCode(t *testing.T) {
	as := newFake(t)
	for name, h := range map[string]http.HandlerFunc{
		"5xx":       says(502, `{}`),
		"throttled": says(429, `{}`),
		"html":      typed(200, "text/html", "<h1>hello</h1>"),
		"cut off": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "99")
			_, _ = w.Write([]byte("{"))
		},
		"dropped": func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = c.Close()
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			as.answers(h)
			before := len(as.requests())
			f := begin(t, newClient(t), as.profile())
			got := wait(t.Context(), f)
			_, header, _ := deliver(t, f, "code=x")
			if r := <-got; r.err == nil {
				t.Error("it worked")
			}
			if n := len(as.requests()) - before; n != 1 {
				t.Errorf("%d token requests", n)
			}
			if _, _, body := land(t, f, header); !strings.Contains(body, "It did not work") {
				t.Error("the page does not say so")
			}
		})
	}
}

// A flow that is cancelled in the middle of its exchange gives control back at once; the
// grant that the exchange still makes is revoked.
func TestCancelWithinTheExchangeRevokes(t *testing.T) {
	as := newFake(t)
	arrived, release := make(chan struct{}), make(chan struct{})
	as.answers(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			close(arrived)
			<-release
			says(200, `{"access_token":"at","refresh_token":"late","token_type":"bearer"}`)(w, r)
		}
	})
	f := begin(t, newClient(t), as.profile())
	ctx, cancel := context.WithCancel(t.Context())
	got := wait(ctx, f)
	go func() { _, _, _ = deliverQuietly(f, param(t, f, "state")) }()
	<-arrived
	cancel()
	if e := fails(t, (<-got).err, store.Transient, "cancelled"); !e.Unknown {
		t.Error("the outcome counts as known")
	}
	close(release)
	<-f.Closed()
	asked := as.requests()
	if len(asked) != 2 || asked[1].path != "/revoke" || asked[1].form.Get("token") != "late" {
		t.Errorf("requests: %+v", asked)
	}
}

// deliverQuietly delivers to a listener that may close meanwhile.
func deliverQuietly(f *oauth.Flow, state string) (*http.Response, string, error) {
	r, err := http.NewRequest("GET", f.RedirectURI()+"?code=x&state="+state, nil)
	if err != nil {
		return nil, "", err
	}
	resp, err := (&http.Transport{DisableKeepAlives: true}).RoundTrip(r)
	if err == nil {
		_ = resp.Body.Close()
	}
	return resp, "", err
}

// IS-9: the profile is pinned when the flow begins.
func TestIS9_ProfileIsPinned(t *testing.T) {
	as, other := newFake(t), newFake(t)
	p := as.profile()
	f := begin(t, newClient(t), p)
	got := wait(t.Context(), f)
	p.TokenURL = other.URL + "/token"
	p.SecretHosts[0] = other.host
	deliver(t, f, "code=x")
	if r := <-got; r.err != nil {
		t.Error(r.err)
	}
	if len(other.requests()) != 0 || len(as.requests()) != 1 {
		t.Error("the code went elsewhere")
	}
}

// What an authorization request cannot be made of begins no flow.
func TestBeginRefusesUnusableProfiles(t *testing.T) {
	as := newFake(t)
	for name, c := range map[string]struct {
		change func(*oauth.Profile)
		code   string
	}{
		"no client":      {func(p *oauth.Profile) { p.ClientID = "" }, "no_client"},
		"guessed style":  {func(p *oauth.Profile) { p.Style = "" }, "client_auth"}, // CA-1
		"http elsewhere": {func(p *oauth.Profile) { p.TokenURL = "http://crm.example/token" }, "refused"},
		"odd authorize":  {func(p *oauth.Profile) { p.AuthorizeURL = "file:///x" }, "refused"}, // SF-7
		"own parameter":  {func(p *oauth.Profile) { p.AuthorizeParams = map[string]string{"state": "1"} }, "authorize_params"},
	} {
		t.Run(name, func(t *testing.T) {
			p := as.profile()
			c.change(&p)
			_, err := newClient(t).Begin(t.Context(), p)
			fails(t, err, store.Config, c.code)
		})
	}
}

// Optional scopes, other separators and fixed parameters are part of the request.
func TestAuthorizationRequestOfAProfile(t *testing.T) {
	as := newFake(t)
	p := as.profile()
	p.Optional, p.OptionalScopeKey, p.ScopeSeparator = []string{"a", "b"}, "optional_scope", ","
	p.AuthorizeParams = map[string]string{"prompt": "consent"}
	p.Secret, p.Style = secret.Value{}, connectors.NoSecret
	f := begin(t, newClient(t), p)
	if param(t, f, "optional_scope") != "a,b" || param(t, f, "scope") != "contacts.read,deals.read" || param(t, f, "prompt") != "consent" {
		t.Errorf("request: %s", param(t, f, "optional_scope"))
	}
}
