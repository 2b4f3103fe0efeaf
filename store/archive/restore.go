package archive

import (
	"bufio"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"time"

	"crmdeck/store"
	"crmdeck/store/audit"
	"crmdeck/store/envelope"
)

// Unpacked is a backup that was decrypted into a private directory beside the store it is
// for. Nothing else was touched. Close removes it.
type Unpacked struct {
	Manifest Manifest
	stage    store.Stage
	st       store.Store
}

// Unpack decrypts an archive and checks that it holds what its manifest says. Errors are those of
// package envelope, ErrNotArchive, ErrNewer, ErrMismatch, store.ErrDamaged, store.ErrNewer.
func Unpack(ctx context.Context, b store.Backend, dir string, r io.Reader, key envelope.Key) (*Unpacked, error) {
	stager, ok := b.(store.Stager)
	if !ok {
		return nil, ErrNoCopies
	}
	// The envelope is opened first, so that a wrong key or file makes nothing at all.
	plain, err := envelope.Open(&patient{ctx, r}, key)
	if err != nil {
		return nil, err
	}
	in := bufio.NewReaderSize(plain, 64<<10)
	m, err := readManifest(in)
	if err != nil {
		return nil, err
	}
	stage, err := stager.Stage(ctx, dir)
	if err != nil {
		return nil, err
	}
	u := &Unpacked{Manifest: m, stage: stage}
	if err := u.fill(ctx, in); err != nil {
		_ = u.Close()
		return nil, err
	}
	return u, nil
}

// fill writes the store's file into the stage, and opens it.
func (u *Unpacked) fill(ctx context.Context, in io.Reader) error {
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(u.stage.File(), h), io.LimitReader(in, u.Manifest.Size))
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case errors.Is(err, envelope.ErrDamaged):
		return err
	case err != nil:
		return fmt.Errorf("unpacking: %w: %w", store.ErrUnwritable, err)
	case n < u.Manifest.Size:
		return mismatch("it ends too early")
	case hex.EncodeToString(h.Sum(nil)) != u.Manifest.SHA256:
		return mismatch("its content has another checksum")
	}
	var more [1]byte
	if k, err := in.Read(more[:]); k > 0 || err != nil && !errors.Is(err, io.EOF) {
		if err != nil && k == 0 {
			return err
		}
		return mismatch("something follows its content")
	}
	if u.st, err = u.stage.Open(ctx); err != nil {
		return err
	}
	info, err := u.st.Info(ctx)
	if err != nil {
		return err
	}
	if info.StoreID != u.Manifest.StoreID || uint64(info.Revision) != u.Manifest.Revision || info.Format != u.Manifest.Format {
		return mismatch("it is another store, or another state of it")
	}
	return nil
}

// Report is what a check of a backup found.
type Report struct {
	Manifest Manifest
	// Proven: the manifest was made with the store's key.
	Proven bool
	Events uint64
	Heads  int // kept heads that agree
	// Later is the newest kept head that is ahead of the backup: what happened up to then is not in it.
	Later *audit.SignedHead
	// Refused are the sealed values that do not open.
	Refused []*store.DamageError
}

// Verify opens the store in the backup with one of its slots and checks everything: structure,
// records, audit chain, index, and that every sealed value opens. heads are audit heads that were
// kept elsewhere: those that the backup reaches have to agree, the newest of the others is told. Values
// that do not open are told in the report. Errors are store.ErrWrongKey, ErrMismatch, and those of
// audit.Check.
func (u *Unpacked) Verify(ctx context.Context, key store.Key, heads []audit.SignedHead) (Report, error) {
	r := Report{Manifest: u.Manifest}
	before, s, err := look(ctx, u.st)
	if err != nil {
		return r, err
	}
	said := Manifest{Made: u.Manifest.Made, Program: u.Manifest.Program, Size: u.Manifest.Size, SHA256: u.Manifest.SHA256, Proof: u.Manifest.Proof}
	said.describe(s.info, s.head, before)
	if !said.Created.Equal(u.Manifest.Created) || said.Counts != u.Manifest.Counts || said.Events != u.Manifest.Events || said.Chain != u.Manifest.Chain {
		return r, mismatch("its counts or the end of its audit log are others")
	}
	if err := u.st.Unlock(ctx, key); err != nil {
		return r, err
	}
	after, s, err := look(ctx, u.st)
	if err != nil {
		return r, err
	}
	r.Refused = after.Refused
	akey, err := s.AuditKey()
	if err != nil {
		return r, err
	}
	defer clear(akey)
	if r.Proven = u.Manifest.proven(akey); !r.Proven && u.Manifest.Proof != "" {
		return r, mismatch("its proof is not of the store that it holds")
	}
	heads, r.Later = split(heads, s.head.Seq)
	checked, err := audit.Check(ctx, s, heads, nil)
	r.Events, r.Heads = checked.Head.Seq, checked.Kept
	return r, err
}

// split parts heads that a log of so many events reaches from the newest of the others.
func split(heads []audit.SignedHead, events uint64) (reached []audit.SignedHead, later *audit.SignedHead) {
	for i := range heads {
		switch {
		case heads[i].Count <= events:
			reached = append(reached, heads[i])
		case later == nil || heads[i].Count > later.Count:
			later = &heads[i]
		}
	}
	return reached, later
}

// Store is the store in the backup; it is unlocked once Verify was called.
func (u *Unpacked) Store() store.Store { return u.st }

// Place makes the backup the store of the directory, with an event that says so. Verify has to
// have been called. store.ErrExists if there is a store already.
func (u *Unpacked) Place(ctx context.Context, r Report) error {
	err := u.st.Write(ctx, func(w store.Writer) error {
		_, err := w.Append(store.Event{Act: store.ActRestore, Outcome: "done", Evidence: fmt.Sprintf(
			"the whole store, from a backup of %s, revision %d, sha256 %.16s", r.Manifest.Made.UTC().Format(time.RFC3339), r.Manifest.Revision, r.Manifest.SHA256)})
		return err
	})
	if err != nil {
		return err
	}
	if p, ok := u.st.(store.Placer); ok { // RF-14
		if err := p.MarkRestored(ctx, r.Manifest.Made); err != nil {
			return err
		}
	}
	_ = u.st.Close()
	return u.stage.Place(ctx)
}

// Close removes what was not placed.
func (u *Unpacked) Close() error {
	if u.st != nil {
		_ = u.st.Close()
	}
	return u.stage.Close()
}
