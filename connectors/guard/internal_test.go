package guard

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/netip"
	"testing"
)

// SF-3: the ranges that no public name may lead to.
func TestSF3_PrivateAddresses(t *testing.T) {
	for _, a := range []string{
		"127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255",
		"198.18.0.1", "::1", "::", "fe80::1", "fd00::1", "ff02::1", "::ffff:10.0.0.1", "64:ff9b::a00:1", "2002:a00:1::", "fec0::1",
	} {
		if public(netip.MustParseAddr(a)) {
			t.Errorf("%s counts as public", a)
		}
	}
	for _, a := range []string{"93.184.216.34", "2606:4700::1111", "172.32.0.1", "100.128.0.1"} {
		if !public(netip.MustParseAddr(a)) {
			t.Errorf("%s does not count as public", a)
		}
	}
}

// SF-3: the address is checked where it is dialled, after resolving.
func TestSF3_CheckedAtDial(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	nd := &net.Dialer{ControlContext: refusePrivate}
	if c, err := nd.DialContext(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, errPrivate) {
		if err == nil {
			_ = c.Close()
		}
		t.Errorf("dialling a private address: %v", err)
	}
	d := newDialer([]string{"crm.internal.example"})
	if d.mayBePrivate("crm.example", "crm.example:443") || !d.mayBePrivate("crm.internal.example", "crm.internal.example:443") {
		t.Error("the list of private names is not what decides")
	}
}

// TL-5: plain http and this machine never go through a proxy.
func TestProxyIsForOthersOnly(t *testing.T) {
	d := newDialer(nil)
	for _, u := range []string{"http://127.0.0.1:1/", "https://127.0.0.1:1/", "https://localhost/"} {
		r, err := http.NewRequestWithContext(context.Background(), "GET", u, nil)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := d.proxy(r); p != nil || err != nil {
			t.Errorf("%s goes through %v, %v", u, p, err)
		}
	}
}

// TL-6: keys of sessions cannot be logged.
func TestTL6_NoKeyLog(t *testing.T) {
	t.Setenv("SSLKEYLOGFILE", t.TempDir()+"/keys")
	c := New(Options{})
	for _, tr := range []*http.Transport{c.data, c.forms} {
		if tr.TLSClientConfig.KeyLogWriter != nil || tr.TLSClientConfig.InsecureSkipVerify {
			t.Error("TLS is loosened")
		}
	}
}

// A body is overwritten when it is let go.
func TestFormBodyIsWiped(t *testing.T) {
	b := []byte("refresh_token=s3cret")
	c := &content{buf: b}
	_ = c.Close()
	for _, x := range b {
		if x != 0 {
			t.Fatal("the body is still there")
		}
	}
}
