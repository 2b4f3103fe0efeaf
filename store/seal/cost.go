package seal

// Low reports that a passphrase costs less to guess than with a slot that is made now.
func (k KDF) Low() bool {
	now := standard()
	return k.Memory < now.Memory || k.Time < now.Time
}
