package snapshot

import (
	"context"
	"fmt"
	"os"
	"sync"
	"time"

	"crmdeck/store"
)

// View is a snapshot as a store that can be looked at and nothing else. A file that is
// replaced is read anew; one that became unreadable is an error until it is whole again.
type View struct {
	path string

	mu  sync.Mutex
	now *state
	was os.FileInfo // of the file that now comes from

	ctx    context.Context
	cancel context.CancelFunc
}

var _ store.Store = (*View)(nil)

// Open reads the snapshot in a file. What is wrong with it is an *Error.
func Open(path string) (*View, error) {
	v := &View{path: path}
	if _, err := v.fresh(); err != nil {
		return nil, err
	}
	v.ctx, v.cancel = context.WithCancel(context.Background())
	return v, nil
}

// fresh is the newest state of the file.
func (v *View) fresh() (*state, error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.now != nil {
		fi, err := os.Stat(v.path)
		if err != nil { // it is being replaced, or gone: what was read stays true for its time
			return v.now, nil
		}
		if os.SameFile(fi, v.was) && fi.Size() == v.was.Size() && fi.ModTime().Equal(v.was.ModTime()) {
			return v.now, nil
		}
	}
	b, fi, err := readFile(v.path)
	if err != nil {
		return nil, err
	}
	d, err := Decode(v.path, b)
	if err != nil {
		return nil, err
	}
	rev := store.Revision(1)
	if v.now != nil {
		rev = v.now.rev + 1
	}
	v.now, v.was = newState(d, rev), fi
	return v.now, nil
}

// held is the state that was read last.
func (v *View) held() *state {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.now
}

// Taken is when the snapshot that was read last was taken. It touches no file.
func (v *View) Taken() time.Time { return v.held().doc.Taken }

// Name is what the store was called that the snapshot is of. It touches no file.
func (v *View) Name() string { return v.held().doc.Store.Name }

// Finding is what a connection was found to be when the snapshot was taken. It touches no file.
func (v *View) Finding(connection string) (Finding, bool) {
	s := v.held()
	i, ok := s.findAt[connection]
	if !ok {
		return Finding{}, false
	}
	return s.doc.Findings[i], true
}

// Read implements store.Store.
func (v *View) Read(ctx context.Context, fn func(store.Reader) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	s, err := v.fresh()
	if err != nil {
		return err
	}
	return fn(s)
}

// Changes implements store.Store: a file that was replaced is wholly new.
func (v *View) Changes(ctx context.Context, since store.Revision) (store.Delta, error) {
	if err := ctx.Err(); err != nil {
		return store.Delta{}, err
	}
	s, err := v.fresh()
	if err != nil {
		return store.Delta{}, err
	}
	if since == s.rev {
		return store.Delta{Revision: s.rev}, nil
	}
	all, err := s.Summaries()
	return store.Delta{Revision: s.rev, Changed: all, Full: true}, err
}

// Info implements store.Store. Dir is the path of the file.
func (v *View) Info(ctx context.Context) (store.Info, error) {
	if err := ctx.Err(); err != nil {
		return store.Info{}, err
	}
	s, err := v.fresh()
	if err != nil {
		return store.Info{}, err
	}
	a := s.doc.Store
	in := store.Info{Dir: v.path, StoreID: a.ID, Format: a.Format, Created: a.Created, Revision: a.Revision, Events: a.Events, Head: a.Head}
	for _, kind := range a.Slots {
		in.Slots = append(in.Slots, store.SlotInfo{Kind: kind})
	}
	return in, nil
}

// Write implements store.Store: it is refused.
func (v *View) Write(context.Context, func(store.Writer) error) error {
	return fmt.Errorf("writing to a snapshot: %w", store.ErrReadOnly)
}

// Unlock implements store.Store: it is refused.
func (v *View) Unlock(context.Context, store.Key) error {
	return fmt.Errorf("unlocking a snapshot: %w", store.ErrReadOnly)
}

// Lease implements store.Store: it is refused.
func (v *View) Lease(context.Context, store.ID, string) (store.Lease, error) {
	return nil, fmt.Errorf("leasing from a snapshot: %w", store.ErrReadOnly)
}

// Lock implements store.Store; there is no key to forget.
func (v *View) Lock() {}

// Vault implements store.Store: nothing is sealed here.
func (v *View) Vault() (store.Vault, error) { return nil, store.ErrLocked }

// Close implements store.Store.
func (v *View) Close() error {
	v.cancel()
	return nil
}
