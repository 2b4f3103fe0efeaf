package transfer_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/envelope"
	"crmdeck/store/storetest"
	"crmdeck/store/transfer"
)

// dieAt names the step at which a child process kills itself.
const dieAt = "CRMDECK_TEST_DIE_AT"

func TestMain(m *testing.M) {
	if step := os.Getenv(dieAt); step != "" {
		fmt.Fprintln(os.Stderr, child(step, os.Args[1], os.Args[2], os.Args[3]))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// die is SIGKILL, or the system's nearest.
func die(step, at string) {
	if step == at {
		p, _ := os.FindProcess(os.Getpid())
		_ = p.Kill()
		select {}
	}
}

// child hands the grant over, as the command does, and dies at a step.
func child(step, dir, file, recipient string) error {
	ctx := context.Background()
	st, err := bolt.New(bolt.Options{}).Open(ctx, dir)
	if err != nil {
		return err
	}
	if err := st.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
		return err
	}
	op, err := store.NewID(rand.Reader)
	if err != nil {
		return err
	}
	die(step, "start")
	h, err := transfer.Begin(ctx, st, clock.System{}, op, []store.ID{"g1"}, "the other one")
	if err != nil {
		return err
	}
	die(step, "marked")
	parcels, err := transfer.Pack(ctx, st, []store.ID{"g1"})
	if err != nil {
		return err
	}
	err = envelope.ToFile(file, false, func(w io.Writer) error {
		out, err := envelope.Lock{Recipients: []string{recipient}}.Seal(w)
		if err != nil {
			return err
		}
		parcels[0].Unmarked()
		if err := transfer.Write(out, transfer.Head{HandOver: true}, parcels); err != nil {
			return err
		}
		die(step, "writing")
		return out.Close()
	})
	if err != nil {
		return err
	}
	die(step, "written")
	if err := h.Finish(ctx, ""); err != nil {
		return err
	}
	die(step, "finished")
	return nil
}

// dies runs a child that dies at a step.
func dies(t *testing.T, step, dir, file, recipient string) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	c := exec.Command(exe, dir, file, recipient)
	c.Env = append(os.Environ(), dieAt+"="+step)
	if out, err := c.CombinedOutput(); err == nil || len(out) > 0 {
		t.Fatalf("%s: %v %s", step, err, out)
	}
}

// leftovers are the files that a killed writer left beside a file.
func leftovers(file string) []string {
	list, _ := filepath.Glob(filepath.Join(filepath.Dir(file), ".*.new-*"))
	return list
}
