package bolt_test

import (
	"testing"

	"crmdeck/store"
	"crmdeck/store/bolt"
	"crmdeck/store/clock"
	"crmdeck/store/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Conformance(t, storetest.Engine{Backend: func(c clock.Clock) store.Backend {
		return bolt.New(bolt.Options{Clock: c, Actor: "tester", Host: "test-host", Strict: true})
	}})
}
