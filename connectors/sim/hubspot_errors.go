package sim

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// correlation is the id that HubSpot puts into every error.
func (h *hubspot) correlation() string {
	id, err := h.sim.uuid()
	if err != nil {
		return "00000000-0000-4000-8000-000000000000"
	}
	return id
}

// plainError is the error form of the CRM endpoints.
func (h *hubspot) plainError(c *call, status int, message string) {
	c.json(status, obj{"status": "error", "message": message, "correlationId": h.correlation()})
}

func (h *hubspot) categoryError(c *call, status int, category, message string, more obj) {
	o := obj{"status": "error", "message": message, "correlationId": h.correlation(), "category": category}
	for k, v := range more {
		o[k] = v
	}
	c.json(status, o)
}

func (h *hubspot) missing(c *call) { h.plainError(c, http.StatusNotFound, "resource not found") }

func (h *hubspot) failed(c *call, status int) { h.plainError(c, status, "internal error") }

// tooMany is HubSpot's 429. Retry-After was seen at the token endpoint only.
func (h *hubspot) tooMany(c *call, policy string, retry int) {
	if policy == "" {
		policy = "TEN_SECONDLY_ROLLING"
	}
	if retry == 0 && strings.HasPrefix(c.endpoint, "token") {
		retry = 10
	}
	if retry > 0 {
		retryAfter(c.w, retry)
	}
	group := "oauth:token"
	if c.cred != nil {
		h.rateHeaders(c)
		group = "publicapi:" + strings.ToLower(c.cred.kind) + ":crm:" + c.cred.account.ID
	}
	c.json(http.StatusTooManyRequests, obj{
		"status": "error", "message": "You have reached your " + strings.ToLower(policy) + " limit.",
		"errorType": "RATE_LIMIT", "correlationId": h.correlation(), "policyName": policy, "groupName": group,
	})
}

func (h *hubspot) oauthError(c *call, word string) {
	switch word {
	case "invalid_client":
		h.tokenError(c, http.StatusBadRequest, "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")
	case "invalid_grant":
		h.tokenError(c, http.StatusBadRequest, "BAD_REFRESH_TOKEN", "missing or unknown refresh token", "invalid_grant")
	case "ip_blocked":
		h.categoryError(c, http.StatusForbidden, "IP_RESTRICTED", "requests from this address are not allowed", nil)
	default: // HubSpot documents no busy answer; a conflict is what its API says elsewhere
		h.plainError(c, http.StatusConflict, "another request is being processed")
	}
}

// identify takes tokens and keys alike as bearer.
func (h *hubspot) identify(c *call) *credential { return h.lookup(c.bearer()) }

// authorized answers the two kinds of 401, and says whether the call may go on.
func (h *hubspot) authorized(c *call) bool {
	tok, now := c.bearer(), h.sim.now()
	switch {
	case c.cred != nil && c.cred.alive(now):
		return true
	case c.cred != nil && !c.cred.revoked:
		h.expired(c, c.cred.expires, now)
	case c.cred == nil && tok != "" && len(tok) < 40:
		// A wrong kind of token, decoded as one, "expired" decades ago: an
		// absurd age is HubSpot's sign of a malformed token.
		h.expired(c, time.Unix(0, 0).UTC(), now)
	default:
		h.categoryError(c, http.StatusUnauthorized, "INVALID_AUTHENTICATION",
			"Authentication credentials not found or not valid.", nil)
	}
	return false
}

func (h *hubspot) expired(c *call, since, now time.Time) {
	age := strconv.Itoa(int(now.Sub(since).Seconds()))
	h.categoryError(c, http.StatusUnauthorized, "EXPIRED_AUTHENTICATION",
		"The OAuth token used to make this call expired "+age+" second(s) ago.",
		obj{"context": obj{"expire time": []string{since.Format("2006-01-02T15:04:05.000Z")}}})
}

// scoped answers 401 or 403 unless the token is good and has the scope.
func (h *hubspot) scoped(c *call, scope string) bool {
	if !h.authorized(c) {
		return false
	}
	if c.cred.has(scope) {
		return true
	}
	h.categoryError(c, http.StatusForbidden, "MISSING_SCOPES",
		"This app hasn't been granted all required scopes to make this call.", obj{
			"errors": []obj{{
				"message": "One or more of the following scopes are required.",
				"context": obj{"requiredGranularScopes": []string{scope}},
			}},
			"links": obj{"scopes": h.url("/docs/scopes", nil)},
		})
	return false
}

// quotas: an OAuth app has 110 calls in 10 s for each account; a key 190, and
// 650,000 a day until midnight of the account (professional tier). Search has 5
// a second for the whole account.
func (h *hubspot) quotas(c *call) []limit {
	if c.cred == nil {
		return nil
	}
	acct := c.cred.account
	if c.endpoint == "search" {
		return []limit{{key: "search " + acct.ID, policy: "SECONDLY", max: 5, period: time.Second}}
	}
	if g := c.cred.grant; g != nil {
		return []limit{{key: g.app.id + acct.ID, policy: "TEN_SECONDLY_ROLLING", max: 110, period: 10 * time.Second}}
	}
	return []limit{
		{key: "key " + c.cred.id, policy: "TEN_SECONDLY_ROLLING", max: 190, period: 10 * time.Second},
		{key: "day " + acct.ID, policy: "DAILY", max: 650_000, until: midnight(h.sim.now(), acct.Zone)},
	}
}

// rateHeaders reports what is left, in HubSpot's spelling.
func (h *hubspot) rateHeaders(c *call) {
	hd := c.w.Header()
	for _, l := range h.quotas(c) {
		left, _ := h.meter.remaining(h.sim, l)
		switch l.policy {
		case "DAILY":
			hd["X-HubSpot-RateLimit-Daily"] = []string{strconv.Itoa(l.scaled(h.sim))}
			hd["X-HubSpot-RateLimit-Daily-Remaining"] = []string{strconv.Itoa(left)}
		default:
			hd["X-HubSpot-RateLimit-Max"] = []string{strconv.Itoa(l.scaled(h.sim))}
			hd["X-HubSpot-RateLimit-Remaining"] = []string{strconv.Itoa(left)}
			hd["X-HubSpot-RateLimit-Interval-Milliseconds"] = []string{strconv.Itoa(int(l.period.Milliseconds()))}
		}
	}
}

// midnight is the next one in the zone; in UTC where the zone is not on this machine.
func midnight(now time.Time, name string) time.Time {
	loc := zone(name)
	y, m, d := now.In(loc).Date()
	return time.Date(y, m, d+1, 0, 0, 0, 0, loc)
}
