//go:build !unix

package cli

import "io"

// closedOut is known on Unix only; elsewhere writing to a closed output fails by itself.
func closedOut(io.Writer) bool { return false }
