package bolt

import (
	"flag"
	"path/filepath"
	"testing"

	"crmdeck/store"
)

var rekeySecrets = flag.Int("rekeysecrets", 10_000, "how many secrets BenchmarkRekey seals anew")

// BenchmarkRekey seals every secret of a store anew.
func BenchmarkRekey(b *testing.B) {
	dir := filepath.Join(b.TempDir(), "deck")
	st, err := New(Options{}).Create(b.Context(), dir, store.Key{IdentityFile: filepath.Join(filepath.Dir(dir), "id")})
	if err != nil {
		b.Fatal(err)
	}
	defer st.Close()
	s := st.(*Store)
	fillGrants(b, s, *rekeySecrets)
	for b.Loop() {
		rep, err := s.Rekey(b.Context(), store.RekeyOptions{})
		if err != nil || rep.Secrets != *rekeySecrets {
			b.Fatalf("%+v %v", rep, err)
		}
	}
	b.ReportMetric(float64(*rekeySecrets)*float64(b.N)/b.Elapsed().Seconds(), "secrets/s")
}
