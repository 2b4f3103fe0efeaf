package lifecycle_test

import "errors"

// runOrder: the tests with child processes need signals.
func runOrder() error { return errors.New("not on this system") }
