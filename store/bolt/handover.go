package bolt

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/ownfile"
	"crmdeck/store/seal"
)

// handoverName is the file that leads from one data key to the other while both are in
// use. It is not in the database: a page that was freed keeps its content until it is used again,
// and whoever has the old key would find the new one there.
const handoverName = "store.rekey"

// maxHandover is far over the 250 bytes that it has.
const maxHandover = 4 << 10

func (s *Store) handoverPath() string { return filepath.Join(s.dir, handoverName) }

// writeHandover keeps o. The caller has the turn for writing, so nobody else does.
func (s *Store) writeHandover(o seal.Handover) error {
	if err := s.destroyHandover(); err != nil {
		return err
	}
	b, err := s.codec.encode("the handover", o)
	if err != nil {
		return err
	}
	f, err := ownfile.Open(s.handoverPath(), os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err == nil {
		_, err = f.Write(b)
		if err == nil {
			err = f.Sync()
		}
		err = errors.Join(err, f.Close())
	}
	if err == nil {
		err = ownfile.SyncDir(s.dir)
	}
	switch {
	case err != nil && unwritable(err):
		return fmt.Errorf("keeping the handover: %w: %w", store.ErrUnwritable, err)
	case err != nil:
		return fmt.Errorf("keeping the handover: %w", err)
	}
	return nil
}

func (s *Store) readHandover() (o seal.Handover, err error) {
	f, err := ownfile.Open(s.handoverPath(), os.O_RDONLY, 0)
	if err != nil {
		return o, err
	}
	defer f.Close()
	b, err := io.ReadAll(io.LimitReader(f, maxHandover))
	if err != nil {
		return o, fmt.Errorf("reading the handover: %w", err)
	}
	return o, s.codec.decode("the handover", b, &o)
}

// destroyHandover writes over the file before it unlinks it, for disks that keep things where they are.
func (s *Store) destroyHandover() error {
	f, err := ownfile.Open(s.handoverPath(), os.O_WRONLY, 0)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("destroying the handover: %w", err)
	}
	fi, err := f.Stat()
	if err == nil {
		_, err = f.WriteAt(make([]byte, min(fi.Size(), maxHandover)), 0)
	}
	if err == nil {
		err = f.Sync()
	}
	err = errors.Join(err, f.Close(), os.Remove(s.handoverPath()))
	if err == nil {
		err = ownfile.SyncDir(s.dir)
	}
	if err != nil {
		return fmt.Errorf("destroying the handover: %w", err)
	}
	return nil
}

// tidyHandover destroys what a run left that ended and was killed before this last step.
func (s *Store) tidyHandover(ctx context.Context) {
	if _, err := os.Lstat(s.handoverPath()); err != nil {
		return
	}
	leave, err := s.enter(ctx, true)
	if err != nil {
		return
	}
	defer leave()
	if h, err := s.headerAlone(); err == nil && h.Seal.Next == nil {
		_ = s.destroyHandover() // the next unlocking tries again
	}
}

// headerAlone reads the header; the caller has the turn.
func (s *Store) headerAlone() (h header, err error) {
	defer damaged(&err, func() {})
	db, err := openFile(s.path, false, false)
	if err != nil {
		return h, err
	}
	defer db.Close()
	return h, db.View(func(tx *bbolt.Tx) error {
		if err := checkFormat(tx); err != nil {
			return err
		}
		return readHeader(tx, s.codec, &h)
	})
}
