//go:build !linux && !darwin

package bolt

import (
	"path/filepath"
	"strings"
)

// kindOf knows a share by its name, \\server\share, and takes all else for local.
func kindOf(dir string) string {
	if strings.HasPrefix(filepath.VolumeName(dir), `\\`) {
		return "smb"
	}
	return ""
}
