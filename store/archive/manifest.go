package archive

import (
	"bufio"
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"crmdeck/store/canon"
)

// Format is the version of the archives that are made now.
const Format = 1

// magic is the first line of every archive, whatever its format.
const magic = "crmdeck-backup/"

// Manifest says what an archive holds. In the archive: one line of JSON.
type Manifest struct {
	Made     time.Time `json:"made"`
	Program  string    `json:"program,omitempty"` // version of crmdeck that made it
	StoreID  string    `json:"store_id"`
	Format   int       `json:"store_format"`
	Created  time.Time `json:"store_created"`
	Revision uint64    `json:"revision"`
	Events   uint64    `json:"events"`      // length of the audit log
	Chain    string    `json:"audit_chain"` // hex, of its last event
	Counts   Counts    `json:"counts"`
	Size     int64     `json:"size"`   // of the store's file, bytes
	SHA256   string    `json:"sha256"` // hex, of the store's file
	// Proof is the HMAC-SHA256 of all of the above under a key of the store, hex. Without it
	// the archive was made from a locked store, and nothing tells who made it.
	Proof string `json:"proof,omitempty"`
}

// Counts are how many records of each kind there are.
type Counts struct {
	Connections int `json:"connections"`
	Grants      int `json:"grants"`
	Clients     int `json:"clients"`
	Drafts      int `json:"drafts"`
	Sealed      int `json:"sealed_values"`
}

// maxManifest bounds the manifest's line; it has some 700 bytes.
const maxManifest = 64 << 10

// Errors of what stands in an archive. They are wrapped; test with errors.Is.
var (
	// ErrNotArchive: it was decrypted, and holds something else than a backup.
	ErrNotArchive = errors.New("no backup of crmdeck")
	// ErrNewer: it was made by a newer program.
	ErrNewer = errors.New("backup has a newer format")
	// ErrMismatch: the manifest and what it describes do not belong together.
	ErrMismatch = errors.New("backup does not hold what it says")
)

// mismatch names what does not fit.
func mismatch(what string) error { return fmt.Errorf("%w: %s", ErrMismatch, what) }

func (m Manifest) write(w io.Writer) error {
	b, err := json.Marshal(m)
	if err != nil {
		return fmt.Errorf("encoding the manifest: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s%d\n%s\n", magic, Format, b)
	return err
}

// readManifest reads the first two lines.
func readManifest(r *bufio.Reader) (m Manifest, err error) {
	line, err := readLine(r, len(magic)+8)
	if err != nil {
		return m, err
	}
	version, ok := bytes.CutPrefix(line, []byte(magic))
	switch {
	case !ok:
		return m, ErrNotArchive
	case string(version) != fmt.Sprint(Format):
		return m, fmt.Errorf("%w: %.8q, this program knows %d", ErrNewer, version, Format)
	}
	if line, err = readLine(r, maxManifest); err != nil {
		return m, err
	}
	dec := json.NewDecoder(bytes.NewReader(line))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&m); err != nil || dec.More() {
		return m, mismatch("its manifest can't be read")
	}
	if m.Size <= 0 || len(m.SHA256) != 2*sha256.Size {
		return m, mismatch("its manifest names no content")
	}
	return m, nil
}

// readLine reads up to a line break, most bytes at most. An error of the envelope stays as it is.
func readLine(r *bufio.Reader, most int) ([]byte, error) {
	var line []byte
	for len(line) < most {
		b, err := r.ReadByte()
		switch {
		case errors.Is(err, io.EOF):
			return nil, ErrNotArchive
		case err != nil:
			return nil, err
		case b == '\n':
			return line, nil
		}
		line = append(line, b)
	}
	return nil, ErrNotArchive
}

// prove is the proof of m under the store's audit key.
func (m Manifest) prove(auditKey []byte) string {
	mac := hmac.New(sha256.New, auditKey)
	mac.Write(canon.New("crmdeck/backup key/1").Text(m.StoreID).Bytes())
	mac = hmac.New(sha256.New, mac.Sum(nil))
	c := canon.New("crmdeck/backup/1").Number(uint64(m.Made.UnixNano())).Text(m.Program).Text(m.StoreID).
		Number(uint64(m.Format)).Number(uint64(m.Created.UnixNano())).Number(m.Revision).Number(m.Events).Text(m.Chain)
	for _, n := range []int{m.Counts.Connections, m.Counts.Grants, m.Counts.Clients, m.Counts.Drafts, m.Counts.Sealed} {
		c.Number(uint64(n))
	}
	mac.Write(c.Number(uint64(m.Size)).Text(m.SHA256).Bytes())
	return hex.EncodeToString(mac.Sum(nil))
}

// proven reports whether the proof is of this store's key.
func (m Manifest) proven(auditKey []byte) bool {
	return hmac.Equal([]byte(m.Proof), []byte(m.prove(auditKey)))
}
