//go:build campaign && linux

package bolt_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"testing"
	"time"

	"go.uber.org/goleak"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

var opsCount = flag.Int("ops", 4000, "operations after which file descriptors and goroutines are counted")

// RL-2: after many operations of every kind, cancelled ones too, no file descriptor and no
// goroutine is left.
func TestCampaignOperationsLeakNothing(t *testing.T) {
	goroutines := goleak.IgnoreCurrent()
	dir := copyStore(t, fillSmall(t))
	s := storetest.Open(t, dir, bolt.Options{})
	v, err := s.Vault()
	if err != nil {
		t.Fatal(err)
	}
	before, begun := descriptors(t), time.Now()
	for i := range *opsCount {
		id := store.ID(fmt.Sprint("g", i%smallGrants))
		ctx, cancel := context.WithCancel(t.Context())
		switch i % 10 {
		case 0:
			err = putTokens(ctx, s, v, id, uint64(10+i))
		case 1:
			var l store.Lease
			if l, err = s.Lease(ctx, id, "refreshing"); err == nil {
				l.Release()
			}
		case 2:
			_, err = s.Watch(ctx)
		case 3:
			err = s.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(dir)})
		case 4:
			_, err = s.Info(ctx)
		case 5:
			cancel()
			if _, e := s.Changes(ctx, 0); e == nil {
				t.Fatal("a cancelled reading went on")
			}
		case 6:
			_ = s.Write(ctx, func(store.Writer) error { return store.ErrNotFound })
		case 7:
			_ = s.Unlock(ctx, store.Key{IdentityFile: storetest.Identity(dir) + ".none"})
		default:
			err = s.Read(ctx, func(r store.Reader) error { _, err := r.Grant(id); return err })
		}
		cancel()
		if err != nil {
			t.Fatalf("operation %d: %v", i, err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	goleak.VerifyNone(t, goroutines)
	after := descriptors(t)
	if after > before {
		t.Errorf("%d file descriptors, %d before", after, before)
	}
	t.Logf("%d operations, %d file descriptors before, %d after, %s", *opsCount, before, after, time.Since(begun).Round(time.Second))
}

func descriptors(t *testing.T) int {
	t.Helper()
	list, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	return len(list)
}
