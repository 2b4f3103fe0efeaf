//go:build !unix

package cli_test

import "testing"

func pipes(*testing.T) []string { return nil }
