package bolt_test

import (
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

// DB-18: as every store of the tests, these check the whole file after each commit (StrictMode).
func TestConformance(t *testing.T) {
	storetest.Conformance(t, storetest.Engine{Backend: func(c clock.Clock) store.Backend {
		return bolt.New(bolt.Options{Clock: c, Actor: "tester", Host: "test-host", Strict: true})
	}})
}
