package bolt

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// markName is the file that notes the newest revision outside the database, so that an
// older database that was put back is noticed. It is written after each commit and never
// synced: a loss of power can leave it behind the database, not ahead of it. Without it, or
// with one that can't be read, nothing is noticed and nothing else is lost.
//
// On disk: "crmdeck\x01", store id (26), revision (8, big endian), CRC-32 of these (4).
const (
	markName  = "store.mark"
	markMagic = "crmdeck\x01"
	markID    = 26
	markSize  = len(markMagic) + markID + 8 + 4
)

// mark is the newest revision that the file notes for this store, 0 if it notes none.
func (s *Store) mark(storeID string) store.Revision {
	f, err := ownfile.Open(filepath.Join(s.dir, markName), os.O_RDONLY, 0)
	if err != nil {
		return 0
	}
	defer f.Close()
	b := make([]byte, markSize)
	if _, err := f.ReadAt(b, 0); err != nil {
		return 0
	}
	body, sum := b[:markSize-4], binary.BigEndian.Uint32(b[markSize-4:])
	id := string(body[len(markMagic) : len(markMagic)+markID])
	if string(body[:len(markMagic)]) != markMagic || crc32.ChecksumIEEE(body) != sum || id != storeID {
		return 0
	}
	return store.Revision(binary.BigEndian.Uint64(body[len(body)-8:]))
}

// setMark notes a revision that was committed. The caller has the turn to write. That it
// can't is no reason to fail: the store is safe without it.
func (s *Store) setMark(storeID string, rev store.Revision) {
	if len(storeID) != markID {
		return
	}
	path := filepath.Join(s.dir, markName)
	f, err := ownfile.Open(path, os.O_WRONLY, 0)
	if err != nil {
		if f, err = ownfile.Open(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600); err != nil {
			return
		}
	}
	defer f.Close()
	b := append(make([]byte, 0, markSize), markMagic...)
	b = append(b, storeID...)
	b = binary.BigEndian.AppendUint64(b, uint64(rev))
	_, _ = f.WriteAt(binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b)), 0)
}
