package store

import "time"

// Act names what an audit event is about.
type Act string

// The acts. The list is closed: a screen or export can rely on it.
const (
	ActInit       Act = "init"
	ActUnlock     Act = "unlock"
	ActAdd        Act = "add"
	ActConsent    Act = "consent"
	ActReconnect  Act = "reconnect"
	ActEdit       Act = "edit"
	ActRename     Act = "rename"
	ActRemove     Act = "remove"
	ActClient     Act = "client"
	ActRefresh    Act = "refresh"
	ActToken      Act = "token"
	ActTest       Act = "test"
	ActPause      Act = "pause"
	ActResume     Act = "resume"
	ActRevoke     Act = "revoke"
	ActProbe      Act = "probe"
	ActSuspicious Act = "suspicious" // e.g. an access token in a redirect, a possible mix-up
	ActGap        Act = "gap"        // events that could not be written
	ActMigrate    Act = "migrate"    // the store's format was raised
	ActSlotAdd    Act = "slot_add"
	ActSlotRemove Act = "slot_remove"
	ActRekey      Act = "rekey"       // begun, done: another data key
	ActCompact    Act = "compact"     // the file was written anew
	ActUnlockMiss Act = "unlock_miss" // tries to unlock that failed
	ActRebind     Act = "rebind"      // the hosts that secrets may go to were changed
	ActAdopt      Act = "adopt"       // a store that was copied or put back is the one in use
	ActBackup     Act = "backup"      // the whole store was copied out
	ActRestore    Act = "restore"     // what came from a backup: the store, or a connection
	ActExport     Act = "export"      // a connection was written out with its secrets
	ActImport     Act = "import"      // a connection came in with its secrets
	ActHandOver   Act = "hand_over"   // a connection was given to another store, or taken back

	ActAuditHead   Act = "audit_head"   // the end of the audit log was signed
	ActAuditExport Act = "audit_export" // the audit log was written out
	ActAuditMove   Act = "audit_move"   // a sealed segment of the audit log was moved into a file
)

// Acts lists all of them.
func Acts() []Act {
	return []Act{ActInit, ActUnlock, ActAdd, ActConsent, ActReconnect, ActEdit, ActRename, ActRemove, ActClient, ActRefresh, ActToken,
		ActTest, ActPause, ActResume, ActRevoke, ActProbe, ActSuspicious, ActGap, ActMigrate, ActSlotAdd, ActSlotRemove, ActRekey,
		ActCompact, ActUnlockMiss, ActRebind, ActAdopt, ActBackup, ActRestore, ActExport, ActImport, ActHandOver, ActAuditHead,
		ActAuditExport, ActAuditMove}
}

// Event is one audit event. On disk: CBOR, bucket audit, key Seq big endian.
// Chain is an HMAC over the former event's Chain and this event.
type Event struct {
	Seq          uint64    `cbor:"1,keyasint"`
	At           time.Time `cbor:"2,keyasint"`
	Actor        string    `cbor:"3,keyasint"`
	Host         string    `cbor:"4,keyasint"`
	Act          Act       `cbor:"5,keyasint"`
	Connection   string    `cbor:"6,keyasint,omitempty"` // its name then
	ConnectionID ID        `cbor:"7,keyasint,omitempty"`
	Outcome      string    `cbor:"8,keyasint"`            // done, failed, begun, queued, dead, partial …
	Evidence     string    `cbor:"9,keyasint,omitempty"`  // one line, cleaned, no secret
	Op           ID        `cbor:"10,keyasint,omitempty"` // joins the events of one act
	Chain        []byte    `cbor:"11,keyasint"`
}

// EventFilter narrows Events. Zero fields match everything.
type EventFilter struct {
	Connection ID
	Acts       []Act
	Before     uint64 // only sequence numbers under this one; 0: no limit
	After      uint64 // only sequence numbers over this one
	Limit      int    // at most this many; 0: 1,000
}
