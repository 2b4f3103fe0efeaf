//go:build unix

package ownfile

import (
	"io"
	"os"
	"path/filepath"
	"sync"
	"testing"
)

// FP-5: while a name changes between a file of ours and a link to another's, nothing outside is
// ever read or written, and what is replaced is replaced in place.
func TestSwappedWhileOpening(t *testing.T) {
	const rounds = 2000
	dir := t.TempDir()
	outside, name := filepath.Join(dir, "outside"), filepath.Join(dir, "name")
	if err := os.WriteFile(outside, []byte("outside"), 0o600); err != nil {
		t.Fatal(err)
	}
	stop := make(chan struct{})
	var swapper sync.WaitGroup
	swapper.Go(func() {
		temp := filepath.Join(dir, "temp")
		for i := 0; ; i++ {
			select {
			case <-stop:
				return
			default:
			}
			_ = os.Remove(temp)
			if i%2 == 0 {
				_ = os.Symlink(outside, temp)
			} else {
				_ = os.WriteFile(temp, []byte("ours"), 0o600)
			}
			_ = os.Rename(temp, name)
		}
	})
	opened, refused := 0, 0
	for i := range rounds {
		if i%8 == 7 { // a replacement puts a file where the link may be
			_ = Replace(name, 0o600, func(w io.Writer) error { _, err := io.WriteString(w, "ours"); return err })
			continue
		}
		f, err := Open(name, os.O_RDWR, 0)
		if err != nil {
			refused++
			continue
		}
		opened++
		b, err := io.ReadAll(f)
		if err == nil && string(b) != "ours" && len(b) > 0 { // it can be seen before it is filled
			t.Errorf("read %q", b)
		}
		_, _ = f.WriteAt([]byte("ours"), 0)
		_ = f.Close()
	}
	close(stop)
	swapper.Wait()
	if b, err := os.ReadFile(outside); err != nil || string(b) != "outside" {
		t.Errorf("what lies outside was written: %q %v", b, err)
	}
	if opened == 0 || refused == 0 {
		t.Errorf("%d opened, %d refused: the two did not meet", opened, refused)
	}
}
