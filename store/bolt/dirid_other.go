//go:build !linux && !darwin && !windows

package bolt

// dirIdentity: directories can't be told from their copies here.
func dirIdentity(string) string { return "" }

// machineIdentity: computers can't be told apart here.
func machineIdentity() string { return "" }
