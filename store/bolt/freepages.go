package bolt

import (
	"encoding/binary"
	"fmt"
	"io"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
)

// Where a meta page names the page of the free list, and what kind of page that is.
const (
	metaFreelist = pageHead + 32
	freePage     = 0x10
	manyFree     = 0xFFFF // then the first entry is the count
)

// checkFree checks the list of free pages before anything is written: bbolt takes pages from
// it as they stand there. A damaged entry would have it write far behind the end of the file.
func checkFree(db *bbolt.DB, file io.ReaderAt) error {
	return db.View(func(tx *bbolt.Tx) error {
		page := int64(db.Info().PageSize)
		if err := freePages(file, page, int64(tx.ID()%2)*page, uint64(tx.Size()/page)); err != nil {
			return fmt.Errorf("%w: the list of its free pages %w", store.ErrDamaged, err)
		}
		return nil
	})
}

func freePages(file io.ReaderAt, page, meta int64, pages uint64) error {
	var head [pageHead]byte
	if _, err := file.ReadAt(head[:8], meta+metaFreelist); err != nil {
		return fmt.Errorf("cannot be found: %w", err)
	}
	id := binary.NativeEndian.Uint64(head[:])
	if id < 2 || id >= pages {
		return fmt.Errorf("is page %d of %d", id, pages)
	}
	at := int64(id) * page
	if _, err := file.ReadAt(head[:], at); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	count, more := uint64(binary.NativeEndian.Uint16(head[10:])), uint64(binary.NativeEndian.Uint32(head[12:]))
	if binary.NativeEndian.Uint64(head[:]) != id || binary.NativeEndian.Uint16(head[8:]) != freePage || more >= pages-id {
		return fmt.Errorf("is another page")
	}
	at += pageHead
	if count == manyFree {
		if _, err := file.ReadAt(head[:8], at); err != nil {
			return fmt.Errorf("cannot be read: %w", err)
		}
		count, at = binary.NativeEndian.Uint64(head[:]), at+8
	}
	if count > pages || count*8 > (more+1)*uint64(page)-pageHead {
		return fmt.Errorf("has %d entries for %d pages", count, pages)
	}
	list := make([]byte, count*8)
	if _, err := file.ReadAt(list, at); err != nil {
		return fmt.Errorf("cannot be read: %w", err)
	}
	for last := uint64(1); len(list) > 0; list = list[8:] {
		free := binary.NativeEndian.Uint64(list)
		if free <= last || free >= pages {
			return fmt.Errorf("names page %d after %d, of %d", free, last, pages)
		}
		last = free
	}
	return nil
}
