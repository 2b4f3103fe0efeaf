package oauth

import (
	"context"
	"io"
	"log"
	"net"
	"net/http"
	"time"
)

// Limits of the listener. Anybody on this machine can knock.
const (
	readHeaderTimeout = 5 * time.Second
	readTimeout       = 10 * time.Second
	maxHeader         = 16 << 10
)

// serve answers on the listeners until the flow is over and the landing page is out.
func (f *Flow) serve(port int, ls []net.Listener) {
	f.server = &http.Server{
		Handler: f, ReadHeaderTimeout: readHeaderTimeout, ReadTimeout: readTimeout, MaxHeaderBytes: maxHeader,
		ConnContext: withGuest,
		ErrorLog:    log.New(io.Discard, "", 0), // it would write into the screen
	}
	f.server.SetKeepAlivesEnabled(false)
	if c, ok := ls[0].(*crowd); ok {
		f.crowd = c.mu
	}
	for _, l := range ls {
		f.task(func() { _ = f.server.Serve(l) })
	}
	late := time.AfterFunc(time.Until(f.deadline), f.expire)
	go func() {
		defer close(f.closed)
		defer f.c.drop(port, f)
		f.linger()
		late.Stop()
		f.stop(context.Canceled)
		_ = f.server.Close()
		f.mu.Lock()
		f.closing = true
		f.mu.Unlock()
		f.tasks.Wait()
	}()
}

// linger returns when the listener may close.
func (f *Flow) linger() {
	select {
	case <-f.over.Done():
		return
	case <-f.ended:
	}
	page, cancel := context.WithTimeout(f.over, pagePatience)
	defer cancel()
	select {
	case <-f.shown:
	case <-page.Done():
		return
	}
	out, cancel := context.WithTimeout(f.over, pageDelivery)
	defer cancel()
	_ = f.server.Shutdown(out) // waits until the page's last bytes are out
}

// ServeHTTP answers the browser. Only a GET on the redirect path with the right state
// changes anything.
func (f *Flow) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	seat(r.Context(), f.crowd)
	switch origin := r.Header.Get("Origin"); {
	case r.Host != f.host, origin != "" && origin != "http://"+f.host:
		// A name that was rebound to this machine, or a script of another page.
		f.c.nothingPage(http.StatusForbidden).write(w, f.c.words)
	case r.URL.EscapedPath() != f.path && r.URL.Path != donePath:
		f.c.nothingPage(http.StatusNotFound).write(w, f.c.words)
	case r.Method != http.MethodGet:
		w.Header().Set("Allow", http.MethodGet)
		f.c.nothingPage(http.StatusMethodNotAllowed).write(w, f.c.words)
	case r.URL.Path == donePath:
		f.done(w)
	default:
		f.callback(w, r)
	}
}

// callback takes the answer, once, and holds the browser until the exchange has ended.
func (f *Flow) callback(w http.ResponseWriter, r *http.Request) {
	cb := readCallback(&f.p, f.state, r.URL.RawQuery)
	if cb.leaked {
		f.note(NoticedLeak)
	}
	if cb.verdict == foreign {
		f.note(NoticedForeign)
		f.c.foreignPage().write(w, f.c.words)
		return
	}
	f.mu.Lock()
	again := f.taken
	f.taken = true
	f.mu.Unlock()
	if again {
		f.note(NoticedAgain)
		f.c.againPage().write(w, f.c.words)
		return
	}
	f.answer <- cb
	select {
	case <-f.ended:
	case <-f.over.Done():
		// Cancelled before anybody took the answer.
		f.c.failedPage().write(w, f.c.words)
		return
	}
	closedHeader(w.Header())
	w.Header().Set("Location", donePath)
	w.WriteHeader(http.StatusSeeOther)
}

// done is the landing page. Before the exchange has ended there is none.
func (f *Flow) done(w http.ResponseWriter) {
	select {
	case <-f.ended:
	default:
		f.c.nothingPage(http.StatusNotFound).write(w, f.c.words)
		return
	}
	if f.worked {
		f.c.workedPage().write(w, f.c.words)
	} else {
		f.c.failedPage().write(w, f.c.words)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	select {
	case <-f.shown:
	default:
		close(f.shown)
	}
}
