package sim

import "net/http"

// restError is the array form of REST errors.
func (f *salesforce) restError(c *call, status int, word, message string) {
	c.json(status, []obj{{"message": message, "errorCode": word}})
}

func (f *salesforce) missing(c *call) {
	f.restError(c, http.StatusNotFound, "NOT_FOUND", "The requested resource does not exist")
}

func (f *salesforce) failed(c *call, status int) {
	word := "UNKNOWN_EXCEPTION"
	if status == http.StatusServiceUnavailable {
		word = "SERVER_UNAVAILABLE"
	}
	f.restError(c, status, word, "An unexpected error occurred. Please try again.")
}

// tooMany is a 403 without Retry-After. At the token endpoint, where no answer
// is documented, it is a bare 429.
func (f *salesforce) tooMany(c *call, _ string, retry int) {
	if retry > 0 {
		retryAfter(c.w, retry)
	}
	if c.cred == nil {
		c.json(http.StatusTooManyRequests, obj{"error": "rate_limited", "error_description": "too many requests"})
		return
	}
	f.limitInfo(c)
	f.restError(c, http.StatusForbidden, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
}

func (f *salesforce) identify(c *call) *credential { return f.lookup(c.bearer()) }

// authorized: an expired, a revoked and an unknown session look the same.
func (f *salesforce) authorized(c *call) bool {
	if c.cred != nil && c.cred.alive(f.sim.now()) {
		return true
	}
	f.restError(c, http.StatusUnauthorized, "INVALID_SESSION_ID", "Session expired or invalid")
	return false
}

// allowed answers 403 unless the session has one of the scopes. There is no
// word of its own for a missing scope.
func (f *salesforce) allowed(c *call, scopes ...string) bool {
	for _, sc := range scopes {
		if c.cred.has(sc) {
			return true
		}
	}
	f.restError(c, http.StatusForbidden, "INSUFFICIENT_ACCESS", "insufficient access rights")
	return false
}
