package bolt_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/storetest"
)

// BenchmarkCompact compacts a store that was filled in batches, with n connections, while
// another handle writes all the time; it reports the longest wait of that writer.
func BenchmarkCompact(b *testing.B) {
	for _, n := range []int{1000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, dir := filled(b, n)
			o, err := bolt.New(bolt.Options{}).Open(b.Context(), dir)
			if err == nil {
				err = o.Unlock(b.Context(), store.Key{IdentityFile: storetest.Identity(dir)})
			}
			if err != nil {
				b.Fatal(err)
			}
			defer o.Close()
			size(b, dir, "B-filled")
			quiet := writeTime(b, o)
			stop, worst := make(chan struct{}), make(chan time.Duration)
			go func() {
				var w time.Duration
				for {
					select {
					case <-stop:
						worst <- w
						return
					default:
						at := time.Now()
						touch(b, o)
						w = max(w, time.Since(at))
					}
				}
			}()
			for b.Loop() {
				if _, err := s.(store.Compacter).Compact(b.Context()); err != nil {
					b.Fatal(err)
				}
			}
			close(stop)
			b.ReportMetric(float64(<-worst)/1e6, "ms-worst-wait")
			size(b, dir, "B-compacted")
			b.ReportMetric(quiet, "µs/write-before")
			b.ReportMetric(writeTime(b, o), "µs/write-after")
		})
	}
}

// writeTime is the mean time of a write, in µs.
func writeTime(b *testing.B, s store.Store) float64 {
	const times = 100
	at := time.Now()
	for range times {
		touch(b, s)
	}
	return float64(time.Since(at).Microseconds()) / times
}

func size(b *testing.B, dir, unit string) {
	fi, err := os.Stat(filepath.Join(dir, "store.db"))
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(fi.Size()), unit)
}
