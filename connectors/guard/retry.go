package guard

import (
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// MaxRetryAfter is the longest wait that a server can ask of us.
const MaxRetryAfter = 15 * time.Minute

// RetryAfter reads the Retry-After header (RFC 9110 section 10.2.3), in seconds or as a
// date; sent is the server's own time, from its Date header, or ours. Absent, unreadable or past: 0.
func RetryAfter(h http.Header, sent time.Time) time.Duration {
	v := strings.TrimSpace(h.Get("Retry-After"))
	if v == "" {
		return 0
	}
	if n, err := strconv.ParseInt(v, 10, 64); err == nil {
		return time.Duration(min(max(n, 0), int64(MaxRetryAfter/time.Second))) * time.Second
	}
	// A number too large for a float comes back as infinity beside its error.
	if f, err := strconv.ParseFloat(v, 64); (err == nil || math.IsInf(f, 1)) && f > 0 {
		return min(time.Duration(min(f, MaxRetryAfter.Seconds())*float64(time.Second)), MaxRetryAfter)
	}
	if t, err := http.ParseTime(v); err == nil {
		return min(max(t.Sub(sent), 0), MaxRetryAfter)
	}
	return 0
}
