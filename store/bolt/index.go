package bolt

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"hash"
	"slices"
	"sort"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/canon"
)

// index tells within one transaction which sealed values are the newest ones, so that an
// old version of a record that was put back is refused although it is authentic.
//
// On disk, bucket index: an entry is 24 bytes: 10 of a keyed hash of owner and field, the
// generation (6), the first 8 of the value's nonce. They lie in order in 16 blocks of each
// of 256 shards (key: shard, block), so that a block of a store with 100,000 grants is one
// page and not five. A shard (key: one byte) is the MACs of its blocks, "macs" those of the
// shards, 16 bytes each; "head" is a MAC over these, the header and the revision. Everything
// is keyed with a key derived from the head key. A block is read and checked when a value of it
// is wanted, and not before: a refresh costs one shard and the head, whatever the number of records.
type index struct {
	b       *bbolt.Bucket
	key     []byte
	hash    hash.Hash // keyed
	storeID string
	format  int // of the store, as the transaction found it
	rev     store.Revision
	header  []byte

	table   []byte             // the MACs of the shards, as this transaction has them
	broken  error              // what is wrong with the head
	checked bool               // the head was looked at
	shards  map[byte][]byte    // MACs of the blocks that were checked, or changed
	blocks  map[blockID][]byte // entries that were checked, or changed
	bad     map[byte]error
	dirty   map[blockID]bool
}

// blockID names a block: its shard, and which of the shard's it is.
type blockID [2]byte

const (
	shardCount = 256
	blockCount = 16 // of a shard
	macSize    = 16
	entryTag   = 10
	entryGen   = 6
	entryNonce = 8
	entrySize  = entryTag + entryGen + entryNonce
	// maxGen is the greatest generation that an entry can hold; one a millisecond fills it in 8,900 years.
	maxGen = 1<<48 - 1
)

// The keys of bucket index besides the shards.
var indexKeys = struct{ macs, head []byte }{macs: []byte("macs"), head: []byte("head")}

// newIndex starts an index on a transaction; it keeps key. It reads nothing yet.
func newIndex(tx *bbolt.Tx, storeID string, key []byte) *index {
	r := reader{tx: tx}
	return &index{
		b: tx.Bucket(buckets.index), key: key, hash: hmac.New(sha256.New, key), storeID: storeID, format: formatOf(tx), rev: r.Revision(),
		header: bytes.Clone(tx.Bucket(buckets.meta).Get(keys.header)),
		shards: make(map[byte][]byte), blocks: make(map[blockID][]byte), bad: make(map[byte]error), dirty: make(map[blockID]bool),
	}
}

// mac authenticates parts and then, with its length before it, raw. Raw is not copied: it
// can be some 20 KiB.
func (x *index) mac(parts *canon.Encoding, raw []byte) []byte {
	x.hash.Reset()
	x.hash.Write(parts.Number(uint64(len(raw))).Bytes())
	x.hash.Write(raw)
	return x.hash.Sum(nil)
}

// blockOf tells where the values of an owner are. All are in one block, so that a refresh
// that replaces two of them touches one.
func (x *index) blockOf(owner store.ID) blockID {
	m := x.mac(canon.New("crmdeck/index owner/1").Text(string(owner)), nil)
	return blockID{m[0], m[1] % blockCount}
}

func (x *index) tag(owner store.ID, field string) []byte {
	return x.mac(canon.New("crmdeck/index entry/1").Text(string(owner)).Text(field), nil)[:entryTag]
}

// blockMAC is that of a block's entries; an empty block needs no key to be so.
func (x *index) blockMAC(id blockID, entries []byte) []byte {
	if len(entries) == 0 {
		return make([]byte, macSize)
	}
	return x.mac(canon.New("crmdeck/index block/1").Text(x.storeID).Raw(id[:]), entries)[:macSize]
}

// shardMAC is that of the MACs of a shard's blocks; zero if the shard never had an entry.
func (x *index) shardMAC(n byte, macs []byte) []byte {
	if len(macs) == 0 {
		return make([]byte, macSize)
	}
	return x.mac(canon.New("crmdeck/index shard/1").Text(x.storeID).Number(uint64(n)), macs)[:macSize]
}

func (x *index) headMAC(form int, rev store.Revision, header []byte) []byte {
	return x.mac(canon.New("crmdeck/index head/1").Text(x.storeID).Number(uint64(form)).Number(uint64(rev)).Raw(header), x.table)
}

// head checks the head once.
func (x *index) head() error {
	if x.checked {
		return x.broken
	}
	x.checked = true
	x.table = x.b.Get(indexKeys.macs)
	if len(x.table) != shardCount*macSize || !hmac.Equal(x.b.Get(indexKeys.head), x.headMAC(x.format, x.rev, x.header)) {
		x.broken = &store.DamageError{What: "the index of all sealed values", Wide: true,
			Problem: "does not belong to this state of the store: records or slots were put back or changed from outside",
			Next:    "no secret is opened any more, names and clocks can still be read; put a copy of the store from before it back"}
	}
	return x.broken
}

// shard returns the checked MACs of a shard's blocks, valid within the transaction.
func (x *index) shard(n byte) ([]byte, error) {
	if err := x.head(); err != nil {
		return nil, err
	}
	if macs, ok := x.shards[n]; ok {
		return macs, nil
	}
	if err := x.bad[n]; err != nil {
		return nil, err
	}
	macs := x.b.Get([]byte{n})
	if !hmac.Equal(x.shardMAC(n, macs), x.table[int(n)*macSize:][:macSize]) {
		return nil, x.damage(n)
	}
	if len(macs) == 0 {
		macs = make([]byte, blockCount*macSize)
	}
	x.shards[n] = macs
	return macs, nil
}

func (x *index) damage(n byte) error {
	x.bad[n] = &store.DamageError{What: fmt.Sprintf("part %d of 256 of the index of sealed values", n), Wide: true,
		Problem: "is damaged or was put back",
		Next:    "its secrets are not opened, the others are; reconnect what is refused, or put a copy of the store from before it back"}
	return x.bad[n]
}

// block returns the checked entries of a block, valid within the transaction.
func (x *index) block(id blockID) ([]byte, error) {
	macs, err := x.shard(id[0])
	if err != nil {
		return nil, err
	}
	if e, ok := x.blocks[id]; ok {
		return e, nil
	}
	e := x.b.Get(id[:])
	if len(e)%entrySize != 0 || !hmac.Equal(x.blockMAC(id, e), macs[int(id[1])*macSize:][:macSize]) {
		return nil, x.damage(id[0])
	}
	x.blocks[id] = e
	return e, nil
}

// find returns where tag is in entries, or would be.
func find(entries, tag []byte) (at int, ok bool) {
	n := len(entries) / entrySize
	i := sort.Search(n, func(i int) bool { return bytes.Compare(entries[i*entrySize:i*entrySize+entryTag], tag) >= 0 })
	at = i * entrySize
	return at, i < n && bytes.Equal(entries[at:at+entryTag], tag)
}

// entry encodes what is known of a value.
func entry(tag []byte, s store.Sealed) []byte {
	e := make([]byte, entrySize)
	copy(e, tag)
	var gen [8]byte
	binary.BigEndian.PutUint64(gen[:], s.Gen)
	copy(e[entryTag:], gen[8-entryGen:])
	copy(e[entryTag+entryGen:], s.Box)
	return e
}

func entryGeneration(e []byte) uint64 {
	return binary.BigEndian.Uint64(append([]byte{0, 0}, e[entryTag:entryTag+entryGen]...))
}

// check tells whether s is the newest value of the field.
func (x *index) check(owner store.ID, field string, s store.Sealed) error {
	entries, err := x.block(x.blockOf(owner))
	if err != nil {
		return err
	}
	tag := x.tag(owner, field)
	at, ok := find(entries, tag)
	if !ok {
		return refuse(owner, field, "is not one that this store has: it was added from outside, or removed meanwhile")
	}
	e := entries[at : at+entrySize]
	if !bytes.Equal(e, entry(tag, s)) {
		return refuse(owner, field, fmt.Sprintf("is generation %d and not the one stored last, generation %d: an older copy was put back", s.Gen, entryGeneration(e)))
	}
	return nil
}

// set changes or, if s is zero, removes an entry.
func (x *index) set(owner store.ID, field string, s store.Sealed) error {
	if s.Gen > maxGen {
		return fmt.Errorf("sealed value %s of %s: generation %d is too great", field, owner, s.Gen)
	}
	id := x.blockOf(owner)
	entries, err := x.block(id)
	if err != nil {
		return err
	}
	tag := x.tag(owner, field)
	at, ok := find(entries, tag)
	end := at
	if ok {
		end = at + entrySize
	}
	var e []byte
	if !s.IsZero() {
		e = entry(tag, s)
	}
	// Concat copies: the entries that were read belong to the file.
	x.blocks[id], x.dirty[id] = slices.Concat(entries[:at], e, entries[end:]), true
	return nil
}

// older reports that the index holds a value of the field that s does not come after.
func (x *index) older(owner store.ID, field string, s store.Sealed) bool {
	entries, err := x.block(x.blockOf(owner))
	if err != nil {
		return false
	}
	at, ok := find(entries, x.tag(owner, field))
	return ok && s.Gen <= entryGeneration(entries[at:at+entrySize])
}

// refuse says that one value is not opened.
func refuse(owner store.ID, field, problem string) error {
	next := "it is not opened; reconnect the connection, or put a copy of the store from before it back"
	if field == store.FieldClientSecret {
		next = "it is not opened; give the client secret again, or put a copy of the store from before it back"
	}
	return &store.DamageError{What: fmt.Sprintf("sealed value %q of %s", field, owner), Problem: problem, Next: next, Owner: owner, Field: field}
}

// flush hands what was changed to put: the blocks, their shards, the MACs and the head for
// the revision that the transaction makes. A damaged head stays damaged: only a person can
// decide what is true.
func (x *index) flush(rev store.Revision, header []byte, put func(key, value []byte) error) error {
	if x.head() != nil {
		return nil
	}
	touched := make(map[byte][]byte)
	for id := range x.dirty {
		if touched[id[0]] == nil {
			touched[id[0]] = bytes.Clone(x.shards[id[0]])
		}
		copy(touched[id[0]][int(id[1])*macSize:], x.blockMAC(id, x.blocks[id]))
		if err := put(id[:], x.blocks[id]); err != nil {
			return err
		}
	}
	if len(touched) > 0 {
		x.table = bytes.Clone(x.table)
	}
	for n, macs := range touched {
		x.shards[n] = macs
		copy(x.table[int(n)*macSize:], x.shardMAC(n, macs))
		if err := put([]byte{n}, macs); err != nil {
			return err
		}
	}
	clear(x.dirty)
	if len(touched) > 0 {
		if err := put(indexKeys.macs, x.table); err != nil {
			return err
		}
	}
	return put(indexKeys.head, x.headMAC(format, rev, header))
}
