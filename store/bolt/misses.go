package bolt

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"crmdeck/store"
	"crmdeck/store/clock"
	"crmdeck/store/ownfile"
	"crmdeck/store/text"
)

// misses counts the tries to unlock that failed since the last one that did not, for all
// processes. It cannot be keyed, for nobody has a key then, so it is a hint and no proof: whoever can
// write to the directory can empty it, and could as well take a copy of the store and try there.
//
// What follows from it: tries with a passphrase wait, the longer the more have failed. Tries
// with an identity file or the keyring never wait, for nobody guesses 256 bits, and a job's passphrase waits
// little, so that nobody keeps jobs from their work by failing. At the next unlock that works the
// count goes into the audit log, and the file is emptied.
//
// On disk: unlock.misses, 64 bytes: "misses/1", the time of the first and of the last (Unix ms), the
// count of each kind of key (4 bytes each), zeros, CRC-32. Whatever else is there counts as one miss.
type misses struct{ path string }

const (
	missesName  = "unlock.misses"
	missesMagic = "misses/1"
	missesSize  = 64
	// missesLock is how long the file is waited for; it is written in microseconds.
	missesLock = time.Second
	// freeMisses cost nothing: people mistype.
	freeMisses = 2
	// maxDelay is what a person waits at most, jobDelay what a job does.
	maxDelay = 30 * time.Second
	jobDelay = 2 * time.Second
)

// kinds of keys, as they are counted.
const (
	missPassphrase = iota
	missIdentity
	missKeyring
	missKinds
)

// tally is the content of the file.
type tally struct {
	first, last time.Time
	count       [missKinds]uint32
	unreadable  bool // it was not what was written
}

func (t tally) total() (n uint64) {
	for _, c := range t.count {
		n += uint64(c)
	}
	return n
}

func (s *Store) misses() misses { return misses{filepath.Join(s.dir, missesName)} }

// delay is how long a try waits: 1 s after the third miss, twice as long after each further one.
// A clock that was set back does not make the wait longer than it is at most.
func (t tally) delay(now time.Time, most time.Duration) time.Duration {
	n := t.total()
	if n <= freeMisses {
		return 0
	}
	d := maxDelay
	if n-freeMisses <= 5 {
		d = time.Second << (n - freeMisses - 1)
	}
	d = min(d, most)
	if since := now.Sub(t.last); since > 0 {
		d -= since
	}
	return max(d, 0)
}

// delay waits as long as earlier misses ask for. Only ctx ends it earlier.
func (m misses) delay(ctx context.Context, c clock.Clock, k store.Key) error {
	if k.IdentityFile != "" || k.Keyring {
		return nil
	}
	f, err := ownfile.Open(m.path, os.O_RDONLY, 0)
	if err != nil {
		return nil // none yet, or none that could be counted
	}
	t := readTally(f)
	_ = f.Close()
	most := maxDelay
	if k.Unattended {
		most = jobDelay
	}
	d := t.delay(c.Now(), most)
	if d == 0 {
		return nil
	}
	if k.Wait != nil {
		k.Wait(d)
	}
	return c.Sleep(ctx, d)
}

// note counts a miss. That it can't is no reason to say anything else than that the key is wrong.
func (m misses) note(ctx context.Context, now time.Time, k store.Key) {
	kind := missPassphrase
	switch {
	case k.Keyring:
		kind = missKeyring
	case k.IdentityFile != "":
		kind = missIdentity
	}
	_ = m.change(ctx, true, func(t tally) (tally, error) {
		if t.first.IsZero() {
			t.first = now
		}
		if t.count[kind]++; t.count[kind] == 0 { // it stays at its most
			t.count[kind]--
		}
		t.last = now
		return t, nil
	})
}

// change rewrites the file under its lock. fn's error leaves it as it is.
func (m misses) change(ctx context.Context, create bool, fn func(tally) (tally, error)) error {
	flag := os.O_RDWR
	f, err := ownfile.Open(m.path, flag, 0)
	if errors.Is(err, fs.ErrNotExist) && create {
		if f, err = ownfile.Open(m.path, flag|os.O_CREATE|os.O_EXCL, 0o600); errors.Is(err, fs.ErrExist) {
			f, err = ownfile.Open(m.path, flag, 0)
		}
	}
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, missesLock)
	defer cancel()
	free := func() { _ = f.Close() }
	if err := wait(ctx, f, true, free); err != nil {
		return err
	}
	defer free()
	t, err := fn(readTally(f))
	if err != nil {
		return err
	}
	_, err = f.WriteAt(t.encode(), 0)
	return err
}

// tellMisses puts what has failed into the audit log and empties the file. It is done in this
// order: what is told twice after a crash is better than what is not told.
func (s *Store) tellMisses(ctx context.Context) {
	m := s.misses()
	if fi, err := os.Lstat(m.path); err != nil || fi.Size() == 0 {
		return
	}
	_ = m.change(ctx, false, func(t tally) (tally, error) { // what fails is tried at the next unlock
		if t.total() == 0 {
			return t, io.EOF
		}
		return tally{}, s.Write(ctx, func(w store.Writer) error {
			_, err := w.Append(store.Event{Act: store.ActUnlockMiss, Outcome: "failed", Evidence: t.String()})
			return err
		})
	})
}

// String tells how many, with what, and from when to when.
func (t tally) String() string {
	n := t.total()
	if t.unreadable {
		return text.Clean(fmt.Sprintf("at least %d: the note of them was damaged", n))
	}
	tries := "tries"
	if n == 1 {
		tries = "try"
	}
	return fmt.Sprintf("%d %s from %s to %s (passphrase %d, identity file %d, keyring %d)", n, tries,
		t.first.UTC().Format(time.RFC3339), t.last.UTC().Format(time.RFC3339), t.count[missPassphrase], t.count[missIdentity], t.count[missKeyring])
}

func (t tally) encode() []byte {
	b := make([]byte, missesSize)
	if t.total() == 0 {
		return b
	}
	copy(b, missesMagic)
	binary.BigEndian.PutUint64(b[8:], uint64(t.first.UnixMilli()))
	binary.BigEndian.PutUint64(b[16:], uint64(t.last.UnixMilli()))
	for i, c := range t.count {
		binary.BigEndian.PutUint32(b[24+4*i:], c)
	}
	binary.BigEndian.PutUint32(b[missesSize-4:], crc32.ChecksumIEEE(b[:missesSize-4]))
	return b
}

func readTally(f *os.File) (t tally) {
	b := make([]byte, missesSize)
	n, err := f.ReadAt(b, 0)
	if n == 0 && errors.Is(err, io.EOF) || n == missesSize && string(b) == string(make([]byte, missesSize)) {
		return t
	}
	if n < missesSize || string(b[:8]) != missesMagic || binary.BigEndian.Uint32(b[missesSize-4:]) != crc32.ChecksumIEEE(b[:missesSize-4]) {
		t.count[missPassphrase], t.unreadable = 1, true
		return t
	}
	t.first = time.UnixMilli(int64(binary.BigEndian.Uint64(b[8:])))
	t.last = time.UnixMilli(int64(binary.BigEndian.Uint64(b[16:])))
	for i := range t.count {
		t.count[i] = binary.BigEndian.Uint32(b[24+4*i:])
	}
	return t
}
