package oauth

import (
	"net"
	"testing"
)

// LB-9: the listener is never full, and who has sent a whole request is not pushed out.
func TestLB9_TheOldestIdlerLeaves(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	c := newCrowd([]net.Listener{l})[0].(*crowd)
	var all []*guest
	for range maxGuests {
		g := &guest{Conn: &net.TCPConn{}, leave: c.remove}
		if evicted, ok := c.admit(g); evicted != nil || !ok {
			t.Fatal("full too early")
		}
		all = append(all, g)
	}
	all[0].served = true // it waits for its exchange
	late := &guest{Conn: &net.TCPConn{}, leave: c.remove}
	if evicted, ok := c.admit(late); evicted != all[1] || !ok {
		t.Error("not the oldest idler left")
	}
	if len(*c.guests) != maxGuests {
		t.Errorf("%d guests", len(*c.guests))
	}
	_ = late.Close()
	_ = late.Close()
	if len(*c.guests) != maxGuests-1 {
		t.Errorf("%d guests after one left", len(*c.guests))
	}
	for _, g := range *c.guests {
		g.served = true
	}
	if _, ok := c.admit(&guest{Conn: &net.TCPConn{}, leave: c.remove}); !ok {
		t.Error("a free seat was refused")
	}
	for _, g := range *c.guests {
		g.served = true
	}
	if evicted, ok := c.admit(&guest{Conn: &net.TCPConn{}, leave: c.remove}); evicted != nil || ok {
		t.Error("somebody who waits for an answer was pushed out")
	}
}
