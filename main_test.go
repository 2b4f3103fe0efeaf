package main

import (
	"os"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"crmdeck/ui/cli/clitest"
)

func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"crmdeck": func() { os.Exit(run()) }})
}

// TestScripts runs the real program from scripts.
func TestScripts(t *testing.T) { clitest.Run(t, "ui/cli/testdata/script") }
