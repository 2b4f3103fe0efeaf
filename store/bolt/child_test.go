package bolt_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// childEnv makes the test binary one of the programs below instead.
const childEnv = "CRMDECK_STORE_TEST_CHILD"

func TestMain(m *testing.M) {
	if what := os.Getenv(childEnv); what != "" {
		if err := child(what, os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// child runs one program on the store in args[0].
func child(what string, args []string) error {
	programs := map[string]func(context.Context, store.Store, []string) error{
		"write": childWrite, "stuck": childStuck, "lease": childLease, "count": childCount, "read": childRead, "full": childFull,
	}
	ctx := context.Background()
	engine := bolt.New(bolt.Options{Actor: "child", Host: "test-host"})
	if what == "create" {
		fmt.Println("creating")
		_, err := engine.Create(ctx, args[0], store.Key{IdentityFile: storetest.Identity(args[0])})
		return err
	}
	switch what {
	case "harm":
		return childHarm(ctx, args)
	case "crash":
		return childCrash(args)
	}
	if what == "old format full" {
		return childOldFull(ctx, engine, args)
	}
	s, err := engine.Open(ctx, args[0])
	if err != nil {
		return err
	}
	if err := s.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(args[0])}); err != nil {
		return err
	}
	return programs[what](ctx, s, args[1:])
}

// step raises the generation of a grant by one and appends one event.
func step(ctx context.Context, s store.Store, id store.ID) (gen uint64, err error) {
	err = s.Write(ctx, func(w store.Writer) error {
		g, err := w.Grant(id)
		if errors.Is(err, store.ErrNotFound) {
			g, err = store.Grant{ID: id}, nil
		}
		if err != nil {
			return err
		}
		g.Generation++
		gen = g.Generation
		if err := w.PutGrant(&g); err != nil {
			return err
		}
		_, err = w.Append(store.Event{Act: store.ActRefresh, Evidence: string(id), Outcome: "done"})
		return err
	})
	return gen, err
}

// childWrite steps the grant named in args, as often as args say (0: for ever), and
// prints each generation once it is acknowledged.
func childWrite(ctx context.Context, s store.Store, args []string) error {
	var n int
	if _, err := fmt.Sscan(args[1], &n); err != nil {
		return err
	}
	for i := 0; n == 0 || i < n; i++ {
		gen, err := step(ctx, s, store.ID(args[0]))
		if err != nil {
			return err
		}
		fmt.Println(gen)
	}
	return nil
}

// childStuck stops within a transaction, everything put and nothing committed.
func childStuck(ctx context.Context, s store.Store, _ []string) error {
	return s.Write(ctx, func(w store.Writer) error {
		if err := w.PutConnection(&store.Connection{ID: "stuck", Name: "stuck"}); err != nil {
			return err
		}
		if _, err := w.Append(store.Event{Act: store.ActAdd}); err != nil {
			return err
		}
		fmt.Println("within")
		return untilEOF()
	})
}

func untilEOF() error {
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}

// childLease takes the lease of a grant and keeps it.
func childLease(ctx context.Context, s store.Store, args []string) error {
	l, err := s.Lease(ctx, store.ID(args[0]), "refreshing")
	if err != nil {
		return err
	}
	defer l.Release()
	fmt.Println("held")
	return untilEOF()
}

// childCount adds one to the number in a file, which nothing but the lease guards.
func childCount(ctx context.Context, s store.Store, args []string) error {
	for range 5 {
		l, err := s.Lease(ctx, "counter", "counting")
		if err != nil {
			return err
		}
		b, err := os.ReadFile(args[0])
		if err != nil {
			return err
		}
		if err := os.WriteFile(args[0], append(b, 'x'), 0o600); err != nil {
			return err
		}
		l.Release()
	}
	return nil
}

// childRead reads without a pause until its standard input ends.
func childRead(ctx context.Context, s store.Store, _ []string) error {
	done := make(chan error, 1)
	go func() { done <- untilEOF() }()
	fmt.Println("reading")
	for {
		if _, err := s.Changes(ctx, 0); err != nil {
			return err
		}
		select {
		case err := <-done:
			return err
		default:
		}
	}
}

// proc is a child that runs.
type proc struct {
	t   testing.TB
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Scanner
	err *strings.Builder
}

func start(t testing.TB, what string, args ...string) *proc {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &proc{t: t, cmd: exec.Command(exe, args...), err: new(strings.Builder)}
	p.cmd.Env = append(os.Environ(), childEnv+"="+what)
	p.cmd.Stderr = p.err
	in, e1 := p.cmd.StdinPipe()
	out, e2 := p.cmd.StdoutPipe()
	if err := errors.Join(e1, e2, p.cmd.Start()); err != nil {
		t.Fatal(err)
	}
	p.in, p.out = in, bufio.NewScanner(out)
	t.Cleanup(func() { _ = p.cmd.Process.Kill() })
	return p
}

// line is the next thing that the child says.
func (p *proc) line() string {
	p.t.Helper()
	if !p.out.Scan() {
		_ = p.cmd.Wait()
		p.t.Fatalf("the child ended: %s", p.err)
	}
	return p.out.Text()
}

// kill ends the child at once (SIGKILL), and returns the last thing it said.
func (p *proc) kill() (last string) {
	_ = p.cmd.Process.Kill()
	for p.out.Scan() {
		last = p.out.Text()
	}
	_ = p.cmd.Wait() // says that it was killed
	return last
}

// end closes the child's input and waits for a good end.
func (p *proc) end() {
	p.t.Helper()
	_ = p.in.Close()
	for p.out.Scan() {
	}
	if err := p.cmd.Wait(); err != nil {
		p.t.Errorf("child: %v: %s", err, p.err)
	}
}
