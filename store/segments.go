package store

import (
	"context"
	"time"
)

// Segment is a closed run of the audit log. Its seal binds it to the run before it, so that
// what is moved out of the store can't be taken for what never was. On disk: CBOR, bucket
// segments, key First big endian.
type Segment struct {
	First  uint64    `cbor:"1,keyasint"`
	Last   uint64    `cbor:"2,keyasint"`
	From   time.Time `cbor:"3,keyasint"` // when its first event was
	To     time.Time `cbor:"4,keyasint"` // when its last event was
	Before []byte    `cbor:"5,keyasint"` // chain value of the event before it; empty for the first
	Chain  []byte    `cbor:"6,keyasint"` // chain value of its last event, which commits to all of them
	Seal   []byte    `cbor:"7,keyasint"` // keyed, over all of this and the seal before; see package audit
	// Out tells where its events are, if they are no more in the store.
	Out *SegmentOut `cbor:"8,keyasint,omitempty"`
}

// Count is how many events it holds.
func (s *Segment) Count() uint64 { return s.Last - s.First + 1 }

// SegmentOut is where the events of a segment were moved to.
type SegmentOut struct {
	At     time.Time `cbor:"1,keyasint"`
	File   string    `cbor:"2,keyasint"` // the file's name then, without its directory
	SHA256 []byte    `cbor:"3,keyasint"` // of the whole file
	Event  uint64    `cbor:"4,keyasint"` // the audit event that tells of it
	MAC    []byte    `cbor:"5,keyasint"` // keyed, over all of this and the segment's seal
}

// SegmentMover is a store from which sealed segments of the audit log can be moved out. It
// is an optional power of a Store, found by type assertion.
type SegmentMover interface {
	// MoveOut removes the events of a segment, keeps its seal, and appends e, in one
	// transaction. Only the oldest segment that is still there can go: another one, or one that
	// is not as the store has it, is ErrConflict. The caller has made sure that the events are
	// in a file that was synced and verified; At, Event and MAC of out are filled in.
	MoveOut(ctx context.Context, seg Segment, out SegmentOut, e Event) error
}
