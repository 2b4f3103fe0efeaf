package bolt_test

import (
	"context"

	"crmdeck/store"
	"crmdeck/store/bolt"
)

// childFull: there is no limit on the size of files to test with.
func childFull(context.Context, store.Store, []string) error { return nil }

func childOldFull(context.Context, *bolt.Backend, []string) error { return nil }
