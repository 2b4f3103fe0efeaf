package bolt_test

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// BenchmarkWriterBesideReaders is a write while eight processes read everything without a
// pause, in a store of n connections; it reports how long the writer takes at worst.
func BenchmarkWriterBesideReaders(b *testing.B) {
	for _, n := range []int{100, 1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s, dir := filled(b, n)
			for range 8 {
				p := start(b, "read", dir)
				p.line()
				defer p.kill()
			}
			var took []time.Duration
			for b.Loop() {
				at := time.Now()
				touch(b, s)
				took = append(took, time.Since(at))
			}
			slices.Sort(took)
			b.ReportMetric(float64(took[len(took)*99/100])/1e6, "ms-p99")
			b.ReportMetric(float64(took[len(took)-1])/1e6, "ms-worst")
		})
	}
}
