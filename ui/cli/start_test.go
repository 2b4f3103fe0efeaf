package cli

import (
	"context"
	"io"
	"net"
	"strconv"
	"strings"
	"testing"

	"crmdeck/store/clock"
)

// BenchmarkTree is what building the tree of commands and running the least of them
// costs; it is part of every start.
func BenchmarkTree(b *testing.B) {
	d := Deps{
		Clock: clock.System{}, Stdin: strings.NewReader(""), Stdout: io.Discard, Stderr: io.Discard,
		Env: func(string) string { return "" }, IsTerminal: func() bool { return false }, Version: "bench",
	}
	b.ReportAllocs()
	for b.Loop() {
		if Main(context.Background(), []string{"version"}, d) != 0 {
			b.Fatal("version failed")
		}
	}
}

func freePort(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}
