//go:build unix

package bolt_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// childFull writes more than its limit on the size of files allows, as on a full disk.
func childFull(ctx context.Context, s store.Store, _ []string) error {
	signal.Ignore(syscall.SIGXFSZ)
	in, err := s.Info(ctx)
	if err != nil {
		return err
	}
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	small := was
	small.Cur = uint64(in.Size)
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	big := func(w store.Writer) error {
		w.Bookkeeping()
		return w.PutDraft(&store.Draft{ID: "big", Data: make([]byte, 1<<20)})
	}
	if err := s.(*bolt.Store).Reserve(ctx, 1<<20); !errors.Is(err, store.ErrUnwritable) { // RF-9
		return fmt.Errorf("making room on a full disk: %w", err)
	}
	if err := s.Write(ctx, big); !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("on a full disk: %w", err)
	}
	if _, err := s.Changes(ctx, 0); err != nil {
		return fmt.Errorf("reading on a full disk: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if err := s.Write(ctx, big); err != nil {
		return fmt.Errorf("with room again: %w", err)
	}
	return nil
}

// childOldFull unlocks a store of an older format where nothing can be written.
func childOldFull(ctx context.Context, e *bolt.Backend, args []string) error {
	signal.Ignore(syscall.SIGXFSZ)
	var was syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	small := was
	small.Cur = 0
	s, err := e.Open(ctx, args[0])
	if err != nil {
		return err
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &small); err != nil {
		return err
	}
	if err := s.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(args[0])}); err != nil {
		return err
	}
	v, err := s.Vault()
	if err != nil {
		return err
	}
	err = s.Read(ctx, func(r store.Reader) error {
		g, err := r.Grant("grant1")
		if err == nil {
			_, err = v.Open(store.Binding{Owner: g.ID, Field: store.FieldRefresh}, g.Refresh.Sealed)
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("opening a secret: %w", err)
	}
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &was); err != nil {
		return err
	}
	if _, err := step(ctx, s, "grant1"); !errors.Is(err, store.ErrUnwritable) {
		return fmt.Errorf("writing in an older format: %w", err)
	}
	return nil
}

// DB-15, FP-9: a store of an older format that can't be raised now gives its secrets all the same.
func TestOldFormatOnFullDisk(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "deck")
	err := os.Mkdir(dir, 0o700)
	for from, to := range map[string]string{"store.db": filepath.Join(dir, "store.db"), "identity.txt": storetest.Identity(dir)} {
		b, e := os.ReadFile(filepath.Join("testdata", "format1", from))
		err = errors.Join(err, e, os.WriteFile(to, b, 0o600))
	}
	if err != nil {
		t.Fatal(err)
	}
	start(t, "old format full", dir).end()
}

func TestFullDisk(t *testing.T) { // DB-5
	s, dir := storetest.NewIn(t, bolt.Options{})
	start(t, "full", dir).end()
	chainHolds(t, s)
}

// FP-1 to FP-4, DB-9: what is not a store of ours is refused and left as it is.
func TestWhatIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		do   func(db string) error
		want error // nil: a *store.UnsafeError
	}{
		"empty":     {func(db string) error { return os.Truncate(db, 0) }, store.ErrDamaged},
		"short":     {func(db string) error { return os.Truncate(db, 5000) }, store.ErrDamaged},
		"cut":       {func(db string) error { return os.Truncate(db, 4*4096) }, store.ErrDamaged},
		"foreign":   {func(db string) error { return os.WriteFile(db, make([]byte, 1<<16), 0o600) }, store.ErrDamaged},
		"gone":      {func(db string) error { return os.Remove(db) }, store.ErrNoStore},
		"open":      {func(db string) error { return os.Chmod(db, 0o644) }, nil},
		"dir open":  {func(db string) error { return os.Chmod(filepath.Dir(db), 0o755) }, nil},
		"link":      {func(db string) error { return errors.Join(os.Rename(db, db+".x"), os.Symlink(db+".x", db)) }, nil},
		"hard link": {func(db string) error { return os.Link(db, db+".x") }, nil},
		"pipe":      {func(db string) error { return errors.Join(os.Remove(db), syscall.Mkfifo(db, 0o600)) }, nil},
		"dir":       {func(db string) error { return errors.Join(os.Remove(db), os.Mkdir(db, 0o700)) }, nil},
		"gate link": {func(db string) error {
			g := filepath.Join(filepath.Dir(db), "store.gate")
			return errors.Join(os.Remove(g), os.Symlink("/dev/null", g))
		}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			_, dir := storetest.NewIn(t, bolt.Options{})
			db := filepath.Join(dir, "store.db")
			if err := c.do(db); err != nil {
				t.Fatal(err)
			}
			before, _ := os.Lstat(db)
			_, err := bolt.New(bolt.Options{}).Open(t.Context(), dir)
			var u *store.UnsafeError
			if c.want == nil && !errors.As(err, &u) || c.want != nil && !errors.Is(err, c.want) {
				t.Errorf("got %v", err)
			}
			after, _ := os.Lstat(db)
			if before != nil && (after.Size() != before.Size() || after.ModTime() != before.ModTime()) {
				t.Error("the file was changed")
			}
		})
	}
}
