package lifecycle_test

import (
	"fmt"
	"os"
	"testing"
)

const childVar = "LIFECYCLE_CHILD"

// TestMain turns the test binary into another process when it is asked to: a child that
// wants a token, or a simulation that serves.
func TestMain(m *testing.M) {
	var err error
	switch contacts := os.Getenv(serveVar); {
	case contacts != "":
		err = serve(contacts)
	case os.Getenv(childVar) != "":
		err = runOrder()
	default:
		os.Exit(m.Run())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
