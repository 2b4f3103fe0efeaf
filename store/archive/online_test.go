package archive_test

import (
	"fmt"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// DB-16: backups that are made while four writers run are each one moment of the store, whole;
// the last one is restored.
func TestBackupBesideWriters(t *testing.T) {
	st, dir := storetest.NewIn(t, bolt.Options{})
	var stop atomic.Bool
	var writers sync.WaitGroup
	var wrote [4]atomic.Int64
	for i := range wrote {
		w := storetest.Open(t, dir, bolt.Options{})
		writers.Go(func() {
			for n := 0; !stop.Load() && n < 200; n++ {
				put(t, w, fmt.Sprintf("w%d-%d", i, n))
				wrote[i].Add(1)
			}
		})
	}
	l, k := lock(t)
	var last []byte
	for range 5 {
		last = backup(t, st, l)
	}
	stop.Store(true)
	writers.Wait()
	home := filepath.Join(t.TempDir(), "deck")
	r, err := restore(t, home, last, k, storetest.Identity(dir))
	if err != nil {
		t.Fatal(err)
	}
	// Every put is one connection and one event: a torn copy has other numbers.
	if c := r.Manifest.Counts; c.Connections != c.Grants || c.Connections != c.Sealed || uint64(c.Connections)+1 != r.Manifest.Events {
		t.Errorf("%+v", r.Manifest)
	}
	for i := range wrote {
		if wrote[i].Load() == 0 {
			t.Errorf("writer %d never had its turn", i)
		}
	}
}

// BenchmarkBackup makes archives of stores, and tells how long a writer waits at most meanwhile.
func BenchmarkBackup(b *testing.B) {
	for _, n := range []int{1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			st, dir := storetest.NewIn(b, bolt.Options{})
			fast, err := bolt.New(bolt.Options{}).Open(b.Context(), dir) // without checking each commit
			if err != nil {
				b.Fatal(err)
			}
			b.Cleanup(func() { _ = fast.Close() })
			if err := fast.Unlock(b.Context(), store.Key{IdentityFile: storetest.Identity(dir)}); err != nil {
				b.Fatal(err)
			}
			for i := 0; i < n; i += 1000 {
				var names []string
				for j := range 1000 {
					names = append(names, fmt.Sprintf("n%06d", i+j))
				}
				put(b, fast, names...)
			}
			_ = st.Close()
			l, k := lock(b)
			worst, stop := watch(b, fast)
			var archived []byte
			var took time.Duration
			for b.Loop() {
				start := time.Now()
				archived = backup(b, fast, l)
				took = time.Since(start)
			}
			stop()
			b.ReportMetric(took.Seconds(), "s/backup")
			b.ReportMetric(float64(len(archived))/(1<<20), "MiB")
			b.ReportMetric(float64(worst.Load())/1e6, "ms-longest-write")
			start := time.Now()
			if _, err := restore(b, filepath.Join(b.TempDir(), "deck"), archived, k, storetest.Identity(dir)); err != nil {
				b.Fatal(err)
			}
			b.ReportMetric(time.Since(start).Seconds(), "s/restore")
		})
	}
}

// watch writes again and again, and notes the longest write.
func watch(b *testing.B, st store.Store) (worst *atomic.Int64, stop func()) {
	worst = &atomic.Int64{}
	var ended atomic.Bool
	var wg sync.WaitGroup
	wg.Go(func() {
		for !ended.Load() {
			start := time.Now()
			err := st.Write(b.Context(), func(w store.Writer) error {
				_, err := w.Append(store.Event{Act: store.ActRefresh, Outcome: "done"})
				return err
			})
			if err != nil {
				b.Error(err)
				return
			}
			if d := time.Since(start).Nanoseconds(); d > worst.Load() {
				worst.Store(d)
			}
		}
	})
	return worst, func() { ended.Store(true); wg.Wait() }
}
