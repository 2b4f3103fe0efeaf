package process

// harden: Windows writes no core files by itself.
func harden() State { return State{Unsupported: true} }
