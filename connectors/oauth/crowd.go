package oauth

import (
	"context"
	"net"
	"sync"
)

// maxGuests is how many connections the listener keeps at once.
const maxGuests = 32

// crowd is a listener that cannot be filled up: when it is full, the connection that has
// waited longest without sending a whole request has to go. So somebody who opens
// thousands of connections keeps nobody's browser out.
type crowd struct {
	net.Listener
	mu     *sync.Mutex // shared by both listeners of a flow
	guests *[]*guest
}

// guest is one connection.
type guest struct {
	net.Conn
	once   sync.Once
	leave  func(*guest)
	served bool // has sent a whole request header
}

type guestKey struct{}

// newCrowd joins listeners under one limit.
func newCrowd(ls []net.Listener) []net.Listener {
	mu, guests := new(sync.Mutex), new([]*guest)
	out := make([]net.Listener, len(ls))
	for i, l := range ls {
		out[i] = &crowd{Listener: l, mu: mu, guests: guests}
	}
	return out
}

// Accept implements net.Listener.
func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		g := &guest{Conn: conn, leave: c.remove}
		evicted, ok := c.admit(g)
		if evicted != nil {
			_ = evicted.Close()
		}
		if ok {
			return g, nil
		}
		_ = conn.Close()
	}
}

// admit takes g in, and names who has to leave for it.
func (c *crowd) admit(g *guest) (evicted *guest, ok bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(*c.guests) < maxGuests {
		*c.guests = append(*c.guests, g)
		return nil, true
	}
	for i, old := range *c.guests {
		if !old.served {
			*c.guests = append(append((*c.guests)[:i:i], (*c.guests)[i+1:]...), g)
			return old, true
		}
	}
	return nil, false
}

func (c *crowd) remove(g *guest) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for i, x := range *c.guests {
		if x == g {
			*c.guests = append((*c.guests)[:i:i], (*c.guests)[i+1:]...)
			return
		}
	}
}

// Close implements net.Conn.
func (g *guest) Close() error {
	g.once.Do(func() { g.leave(g) })
	return g.Conn.Close()
}

// withGuest lets a handler find its connection.
func withGuest(ctx context.Context, c net.Conn) context.Context {
	return context.WithValue(ctx, guestKey{}, c)
}

// seat marks the connection of a request as one that sent a whole header.
func seat(ctx context.Context, mu *sync.Mutex) {
	if g, ok := ctx.Value(guestKey{}).(*guest); ok {
		mu.Lock()
		g.served = true
		mu.Unlock()
	}
}
