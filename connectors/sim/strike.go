package sim

import (
	"bytes"
	"maps"
	"net/http"
	"strconv"
	"time"
)

// strike is what faults do to one request.
type strike struct {
	kind  string
	retry int
	delay time.Duration
	free  chan struct{} // ends the delay early; nil without one
}

// before answers faults that keep the request from being processed.
func (s strike) before(c *call) bool {
	d := c.site.dialect
	switch s.kind {
	case "429":
		d.tooMany(c, "", s.retry)
	case "500":
		d.failed(c, http.StatusInternalServerError)
	case "502":
		d.failed(c, http.StatusBadGateway)
	case "503":
		if s.retry > 0 {
			retryAfter(c.w, s.retry)
		}
		d.failed(c, http.StatusServiceUnavailable)
	case "html200":
		c.bytes(http.StatusOK, "text/html; charset=utf-8", []byte("<!doctype html><title>Maintenance</title><h1>We will be right back</h1>"))
	case "busy", "invalid_client", "invalid_grant", "ip_blocked":
		d.oauthError(c, s.kind)
	default:
		return false
	}
	return true
}

// around processes the request and breaks the answer if the fault says so; cut
// asks for the end of the connection instead of an answer.
func (s strike) around(c *call, h func(*call)) (cut bool) {
	c.reduced = s.kind == "reduced_scopes"
	c.extended = s.kind == "extended_scopes"
	if s.kind != "drop_after_rotate" && s.kind != "truncated" {
		h(c)
		return false
	}
	w, rec := c.w, &recorder{header: http.Header{}, status: http.StatusOK}
	c.w = rec
	h(c)
	if s.kind == "drop_after_rotate" {
		return true
	}
	// The length of the whole and half of it: net/http then closes the
	// connection, and the reader meets an unexpected end.
	maps.Copy(w.Header(), rec.header)
	w.Header().Set("Content-Length", strconv.Itoa(rec.body.Len()))
	w.WriteHeader(rec.status)
	_, _ = w.Write(rec.body.Bytes()[:rec.body.Len()/2])
	return false
}

func retryAfter(w http.ResponseWriter, seconds int) {
	w.Header().Set("Retry-After", strconv.Itoa(seconds))
}

// drop closes the connection without an answer.
func drop(w http.ResponseWriter) {
	conn, _, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	_ = conn.Close()
}

// recorder keeps an answer that will not be sent as it is.
type recorder struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header is part of http.ResponseWriter.
func (r *recorder) Header() http.Header { return r.header }

// WriteHeader is part of http.ResponseWriter.
func (r *recorder) WriteHeader(status int) { r.status = status }

// Write is part of http.ResponseWriter.
func (r *recorder) Write(b []byte) (int, error) { return r.body.Write(b) }
