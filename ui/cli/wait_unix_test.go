//go:build unix

package cli_test

import (
	"path/filepath"
	"syscall"
	"testing"
)

// pipes are files that block whoever opens them.
func pipes(t *testing.T) []string {
	path := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(path, 0o600); err != nil {
		t.Fatal(err)
	}
	return []string{path}
}
