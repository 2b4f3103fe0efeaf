package oauth_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crmdeck/connectors/oauth"
	"crmdeck/store"
)

// ticks is a clock that jumps over each sleep and keeps its length.
type ticks struct {
	now    time.Time
	slept  []time.Duration
	cancel func()
}

func (c *ticks) Now() time.Time { return c.now }
func (c *ticks) Sleep(ctx context.Context, d time.Duration) error {
	if c.cancel != nil {
		c.cancel()
	}
	c.slept, c.now = append(c.slept, d), c.now.Add(d)
	return ctx.Err()
}

// device starts an authorization whose polls get these answers in turn.
func device(t *testing.T, start string, polls ...http.HandlerFunc) (*oauth.Device, *fake, *ticks, error) {
	t.Helper()
	as, clk := newFake(t), &ticks{now: time.Unix(1_800_000_000, 0)}
	n := 0
	as.answers(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/device" {
			says(200, start)(w, r)
			return
		}
		polls[min(n, len(polls)-1)](w, r)
		n++
	})
	d, err := newClient(t, func(c *oauth.Config) { c.Clock = clk }).Device(t.Context(), as.profile(), as.URL+"/device")
	return d, as, clk, err
}

const deviceStart = `{"device_code":"dev-code-canary","user_code":"ABCD-EFGH","verification_uri":"https://as.example/device","verification_uri_complete":"https://as.example/device?c=1"`

// DF-1, DF-2, DF-3, DF-4, DF-6: when it asks, how often, and what it goes on after.
func TestDF1_Polling(t *testing.T) {
	pending, slow := says(400, `{"error":"authorization_pending"}`), says(400, `{"error":"slow_down"}`)
	d, as, clk, err := device(t, deviceStart+`,"interval":31,"expires_in":1800}`, pending, slow, slow, says(502, ""), typed(503, "text/html", "<html>"), typed(200, "text/html", "<html>"), withToken(``))
	if err != nil || d.UserCode != "ABCD-EFGH" || d.Complete == "" || strings.Contains(fmt.Sprintf("%v %s", d, d), "canary") {
		t.Fatalf("%v, %v", d, err)
	}
	if a, err := d.Wait(t.Context()); err != nil || a.Access.Reveal() != "at" {
		t.Fatalf("%+v, %v", a, err)
	}
	want := []time.Duration{31, 31, 36, 41, 41, 41, 41}
	for i := range want {
		want[i] *= time.Second
	}
	if fmt.Sprint(clk.slept) != fmt.Sprint(want) || len(as.requests()) != 8 {
		t.Errorf("slept %v, %d requests", clk.slept, len(as.requests()))
	}
}

// DF-5: a refusal ends it at once. DF-8: odd numbers are clamped; the code runs out.
func TestDF5_Ends(t *testing.T) {
	for _, code := range []string{"access_denied", "expired_token", "invalid_grant", "odd"} {
		d, as, _, err := device(t, deviceStart+`}`, says(400, `{"error":"`+code+`"}`))
		if err != nil {
			t.Fatal(err)
		}
		if _, err = d.Wait(t.Context()); asError(err) == nil || asError(err).Code != code || len(as.requests()) != 2 {
			t.Errorf("%s: %v", code, err)
		}
	}
	for numbers, first := range map[string]time.Duration{
		``: 5 * time.Second, `,"interval":0,"expires_in":0`: 5 * time.Second, `,"interval":-3,"expires_in":-1`: 5 * time.Second,
		`,"interval":9223372036854775808,"expires_in":9223372036854775808`: 5 * time.Minute,
	} {
		d, _, clk, err := device(t, deviceStart+numbers+`}`, says(400, `{"error":"authorization_pending"}`))
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.Wait(t.Context())
		fails(t, err, store.Dead, "expired_token")
		if clk.slept[0] != first || clk.now.Sub(time.Unix(1_800_000_000, 0)) > time.Hour+5*time.Minute {
			t.Errorf("%s: %v", numbers, clk.slept[0])
		}
	}
}

// DF-7: addresses that nobody may be sent to. DF-9: cancelled, no poll is sent.
func TestDF7_Addresses(t *testing.T) {
	for _, u := range []string{"http://as.example/", "javascript:alert(1)", "", `https://as.example/\u001b[31m`} {
		_, _, _, err := device(t, `{"device_code":"d","user_code":"A","verification_uri":"`+u+`"}`, withToken(``))
		fails(t, err, store.Config, "verification_uri")
	}
	d, as, clk, err := device(t, `{"device_code":"d","user_code":"A\u001b[31mB","verification_uri":"https://as.example/","verification_uri_complete":"https://evil.example/?A"}`, withToken(``))
	if err != nil || d.Complete != "" || strings.Contains(d.UserCode, "\x1b") {
		t.Fatalf("%+v, %v", d, err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	clk.cancel = cancel
	_, err = d.Wait(ctx)
	fails(t, err, store.Transient, "cancelled")
	if len(as.requests()) != 1 {
		t.Error("polled after the cancellation")
	}
}
