package bolt

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/seal"
)

// format is the version of the layout below. A newer one is refused; an older one can be
// read, and is raised at the first unlock. 1 had no index of sealed values, 2 no sealed
// segments of the audit log; a program that knows 2 only does not know that a data key can
// change either.
const format = 3

// The buckets. Records are CBOR under their id; an index has empty values unless said.
var buckets = struct {
	meta, connections, grants, clients, drafts, summaries, audit,
	names, grantConns, fingerprints, clientGrants, pending, changes, connEvents, index, segments []byte
}{
	meta:         []byte("meta"),         // format, header (CBOR), revision, head (CBOR)
	connections:  []byte("connections"),  //
	grants:       []byte("grants"),       //
	clients:      []byte("clients"),      //
	drafts:       []byte("drafts"),       //
	summaries:    []byte("summaries"),    // of connections, by connection id
	audit:        []byte("audit"),        // sequence number → event
	names:        []byte("names"),        // connection name → connection id
	grantConns:   []byte("grantconns"),   // grant 0 connection
	fingerprints: []byte("fingerprints"), // fingerprint 0 grant
	clientGrants: []byte("clientgrants"), // client 0 grant
	pending:      []byte("pending"),      // grants whose revocation is not finished
	changes:      []byte("changes"),      // revision, connection id → "" or "x" if it is gone; one entry an id
	connEvents:   []byte("connevents"),   // connection id 0 sequence number
	index:        []byte("index"),        // of sealed values, see type index
	segments:     []byte("segments"),     // of the audit log that are sealed, first sequence number → segment
}

// The keys of bucket meta.
var keys = struct{ format, header, revision, head []byte }{
	format: []byte("format"), header: []byte("header"), revision: []byte("revision"), head: []byte("head"),
}

// header is what the store says about itself without a key.
type header struct {
	Created string      `cbor:"1,keyasint"` // RFC 3339
	Seal    seal.Header `cbor:"2,keyasint"`
}

// gone marks a removed connection in bucket changes.
var gone = []byte("x")

// allBuckets lists the buckets of a format.
func allBuckets(format int) [][]byte {
	b := buckets
	all := [][]byte{b.meta, b.connections, b.grants, b.clients, b.drafts, b.summaries, b.audit,
		b.names, b.grantConns, b.fingerprints, b.clientGrants, b.pending, b.changes, b.connEvents}
	if format >= 2 {
		all = append(all, b.index)
	}
	if format >= 3 {
		all = append(all, b.segments)
	}
	return all
}

// formatOf is the format of a store that checkFormat found good.
func formatOf(tx *bbolt.Tx) int { return int(tx.Bucket(buckets.meta).Get(keys.format)[0]) }

// checkFormat refuses what this program can't read.
func checkFormat(tx *bbolt.Tx) error {
	m := tx.Bucket(buckets.meta)
	if m == nil {
		return fmt.Errorf("%w: it has no meta bucket", store.ErrDamaged)
	}
	v := m.Get(keys.format)
	switch {
	case len(v) != 1 || v[0] == 0:
		return fmt.Errorf("%w: it names no format", store.ErrDamaged)
	case v[0] > format:
		return fmt.Errorf("%w: %d, this program knows %d", store.ErrNewer, v[0], format)
	}
	if err := checkRevision(tx); err != nil {
		return err
	}
	for _, b := range allBuckets(int(v[0])) {
		if tx.Bucket(b) == nil {
			return fmt.Errorf("%w: bucket %s is missing", store.ErrDamaged, b)
		}
	}
	return nil
}

// checkRevision checks the revision: a number and its checksum, which formats before 3 have not.
func checkRevision(tx *bbolt.Tx) error {
	b := tx.Bucket(buckets.meta).Get(keys.revision)
	old := len(b) == 8 && formatOf(tx) < 3
	if !old && (len(b) != 8+crc32.Size || binary.BigEndian.Uint32(b[8:]) != checksum("revision", b[:8])) {
		return fmt.Errorf("%w: its revision is not what was written", store.ErrDamaged)
	}
	return nil
}

func revisionValue(rev store.Revision) []byte {
	b := number(uint64(rev))
	return binary.BigEndian.AppendUint32(b, checksum("revision", b))
}
