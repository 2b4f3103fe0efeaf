package bolt

import (
	"encoding/binary"
	"fmt"
	"io"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

// rootPages checks, before bbolt follows them, the pages that list the buckets, with the small
// buckets that lie within them. bbolt copies such a bucket into memory of its own and
// follows its offsets from there: a damaged one would be read, or written, as whatever lies
// beside it, and the garbage collector ends a process that holds such a pointer. Offsets
// in other pages lead out of the mapped file at worst, which guarded makes an error.
//
// It costs one read of a page, or of a few.
type rootPages struct {
	file  io.ReaderAt
	page  int64           // bytes of a page
	count uint64          // pages in use
	seen  map[uint64]bool // pages that something leads to
}

// The layout of bbolt's pages: id 8, flags 2, count 2, overflow 4 bytes; then count elements
// of 16 bytes. In a leaf: flags, offset from the element, key size, value size; in a branch:
// offset, key size, id of a page.
const (
	pageHead    = 16
	pageElement = 16
	branchPage  = 1
	leafPage    = 2
	bucketFlag  = 1
	bucketHead  = 16 // root page (0: the page follows), sequence
	rootDepth   = 3  // the names of a few buckets need no more
)

// checkRoot checks the root of a file that was just opened.
func checkRoot(db *bbolt.DB, file io.ReaderAt) error {
	return db.View(func(tx *bbolt.Tx) error {
		page := int64(db.Info().PageSize)
		r := rootPages{file: file, page: page, count: uint64(tx.Size() / page), seen: make(map[uint64]bool)}
		if err := r.visit(uint64(tx.Cursor().Bucket().Root()), rootDepth); err != nil {
			return fmt.Errorf("%w: the list of its parts %w", store.ErrDamaged, err)
		}
		return nil
	})
}

// visit checks one page and those below.
func (r *rootPages) visit(id uint64, depth int) error {
	if err := r.lead(id); err != nil {
		return err
	}
	if depth == 0 {
		return fmt.Errorf("goes round in circles")
	}
	b := make([]byte, r.page)
	if _, err := r.file.ReadAt(b, int64(id)*r.page); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	if more := binary.NativeEndian.Uint32(b[12:]); more > 0 {
		if uint64(more) >= r.count-id {
			return fmt.Errorf("has a page that is too long")
		}
		b = make([]byte, r.page*int64(more+1))
		if _, err := r.file.ReadAt(b, int64(id)*r.page); err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
	}
	if binary.NativeEndian.Uint64(b) != id {
		return fmt.Errorf("has another page in place of %d", id)
	}
	if binary.NativeEndian.Uint16(b[8:]) != branchPage {
		return r.leaf(b, true)
	}
	for i := range int(binary.NativeEndian.Uint16(b[10:])) {
		at := pageHead + i*pageElement
		if at+pageElement > len(b) {
			return fmt.Errorf("has a page that is too short")
		}
		size := uint64(at) + uint64(binary.NativeEndian.Uint32(b[at:])) + uint64(binary.NativeEndian.Uint32(b[at+4:]))
		if size > uint64(len(b)) {
			return fmt.Errorf("has a key outside of its page")
		}
		if err := r.visit(binary.NativeEndian.Uint64(b[at+8:]), depth-1); err != nil {
			return err
		}
	}
	return nil
}

// lead checks a page that something leads to: it is one of the file, and nothing else led there.
func (r *rootPages) lead(id uint64) error {
	if id < 2 || id >= r.count || r.seen[id] {
		return fmt.Errorf("leads to page %d of %d, or to it twice", id, r.count)
	}
	r.seen[id] = true
	return nil
}

// leaf checks the elements of a leaf, of the root or of a small bucket.
func (r *rootPages) leaf(b []byte, root bool) error {
	if len(b) < pageHead || binary.NativeEndian.Uint16(b[8:]) != leafPage {
		return fmt.Errorf("has a page of another kind")
	}
	for i := range int(binary.NativeEndian.Uint16(b[10:])) {
		at := pageHead + i*pageElement
		if at+pageElement > len(b) {
			return fmt.Errorf("has a page that is too short")
		}
		e := func(n int) uint64 { return uint64(binary.NativeEndian.Uint32(b[at+4*n:])) }
		from := uint64(at) + e(1) + e(2)
		if from+e(3) > uint64(len(b)) || from < uint64(at+pageElement) {
			return fmt.Errorf("has a key or a value outside of its page")
		}
		if root != (e(0) == bucketFlag) {
			return fmt.Errorf("has an element of another kind")
		}
		if root {
			if err := r.bucket(b[from : from+e(3)]); err != nil {
				return err
			}
		}
	}
	return nil
}

func (r *rootPages) bucket(b []byte) error {
	if len(b) < bucketHead {
		return fmt.Errorf("has a part that is too short")
	}
	if id := binary.NativeEndian.Uint64(b); id != 0 {
		return r.lead(id)
	}
	return r.leaf(b[bucketHead:], false)
}
