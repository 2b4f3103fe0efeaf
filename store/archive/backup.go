// Package archive makes backups of a store, and puts them back.
//
// An archive is an age file (package envelope). Inside, the first line names the format, the
// second is the manifest, and the rest is the store's file as it was at one moment: secrets
// in it are sealed as they are in the store, so that it takes two keys to read one, that of the
// file and one of the store's slots. Should crmdeck be gone, any age program helps:
//
//	age -d -i IDENTITY BACKUP | tail -n +3 > store.db
//
// What it promises: a backup is checked as a whole before it is written, and again before any
// of it is used. It is bound to its store by a key that only the store has; that an older backup was
// slipped in shows against an audit head that was kept elsewhere. Plaintext of secrets is written
// nowhere. Start with Take, Unpack and Merge.
package archive

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/clock"
	"crmdeck/store/envelope"
)

// ErrNoCopies: the engine of this store can't be copied while it is in use.
var ErrNoCopies = errors.New("this store can't be copied")

// Copy is a checked copy of a store, ready to be written.
type Copy struct {
	Manifest Manifest
	// Refused are sealed values that do not open; they are copied as they are.
	Refused []*store.DamageError
	// Keyless: the store was locked, so sealed values and the audit chain were not checked.
	Keyless bool

	stage store.Stage
}

// Take copies a store and checks the copy: its structure, every record and, if the store is
// unlocked, every sealed value and the audit chain. Close removes the copy.
func Take(ctx context.Context, st store.Store, c clock.Clock, program string) (*Copy, error) {
	copier, ok := st.(store.Copier)
	if !ok {
		return nil, ErrNoCopies
	}
	stage, err := copier.Copy(ctx)
	if err != nil {
		return nil, err
	}
	out := &Copy{stage: stage, Manifest: Manifest{Made: c.Now().UTC().Round(0), Program: program}}
	if err := out.check(ctx); err != nil {
		_ = stage.Close()
		return nil, fmt.Errorf("checking the copy: %w", err)
	}
	return out, nil
}

// check fills in the manifest from what the copy holds.
func (c *Copy) check(ctx context.Context) error {
	st, err := c.stage.Open(ctx)
	if err != nil {
		return err
	}
	defer func() { _ = st.Close() }()
	m := &c.Manifest
	if m.Size, m.SHA256, err = digest(ctx, c.stage.File()); err != nil {
		return err
	}
	found, log, err := look(ctx, st)
	if err != nil {
		return err
	}
	c.Refused = found.Refused
	m.describe(log.info, log.head, found)
	key, err := log.AuditKey()
	if errors.Is(err, store.ErrLocked) {
		c.Keyless = true
		return nil
	}
	if err != nil {
		return err
	}
	defer clear(key)
	if _, err := audit.Check(ctx, log, nil, nil); err != nil {
		return err
	}
	m.Proof = m.prove(key)
	return nil
}

// state is what an opened copy says of itself.
type state struct {
	audit.Log
	info store.Info
	head store.AuditHead
}

// look examines an opened copy.
func look(ctx context.Context, st store.Store) (found store.Examination, s state, err error) {
	x, ok := st.(store.Examiner)
	log, logs := st.(audit.Log)
	if !ok || !logs {
		return found, s, ErrNoCopies
	}
	s.Log = log
	if found, err = x.Examine(ctx); err != nil {
		return found, s, err
	}
	if s.info, err = st.Info(ctx); err != nil {
		return found, s, err
	}
	s.head, err = log.AuditHead(ctx)
	return found, s, err
}

func (m *Manifest) describe(in store.Info, head store.AuditHead, x store.Examination) {
	m.StoreID, m.Format, m.Created, m.Revision = in.StoreID, in.Format, in.Created.UTC(), uint64(in.Revision)
	m.Events, m.Chain = head.Seq, hex.EncodeToString(head.Chain)
	m.Counts = Counts{x.Connections, x.Grants, x.Clients, x.Drafts, x.Sealed}
}

// digest reads f from its beginning and leaves it there.
func digest(ctx context.Context, f io.ReadSeeker) (size int64, sum string, err error) {
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", fmt.Errorf("reading the copy: %w", err)
	}
	h := sha256.New()
	if size, err = io.Copy(h, &patient{ctx, f}); err != nil {
		return 0, "", fmt.Errorf("reading the copy: %w", err)
	}
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return 0, "", fmt.Errorf("reading the copy: %w", err)
	}
	return size, hex.EncodeToString(h.Sum(nil)), nil
}

// patient reads until the context ends.
type patient struct {
	ctx context.Context
	r   io.Reader
}

func (p *patient) Read(b []byte) (int, error) {
	if err := p.ctx.Err(); err != nil {
		return 0, err
	}
	return p.r.Read(b)
}

// WriteTo writes the archive to w for whom lock says. It can be called again.
func (c *Copy) WriteTo(ctx context.Context, w io.Writer, lock envelope.Lock) error {
	f := c.stage.File()
	if _, err := f.Seek(0, io.SeekStart); err != nil {
		return fmt.Errorf("reading the copy: %w", err)
	}
	out, err := lock.Seal(w)
	if err != nil {
		return err
	}
	if err := c.Manifest.write(out); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(out, h), &patient{ctx, f})
	if err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	if n != c.Manifest.Size || hex.EncodeToString(h.Sum(nil)) != c.Manifest.SHA256 {
		return fmt.Errorf("writing the backup: %w", mismatch("the copy changed while it was written"))
	}
	if err := out.Close(); err != nil {
		return fmt.Errorf("writing the backup: %w", err)
	}
	return nil
}

// Close removes the copy.
func (c *Copy) Close() error { return c.stage.Close() }
