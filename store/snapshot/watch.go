package snapshot

import (
	"context"
	"fmt"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

// coalesce: a file that is written in place changes many times.
const coalesce = 200 * time.Millisecond

// Watch implements store.Store: it sends when the file was replaced or written. Where the
// system can't tell, it never does.
func (v *View) Watch(ctx context.Context) (<-chan struct{}, error) {
	if v.ctx.Err() != nil {
		return nil, fmt.Errorf("watching: %w", v.ctx.Err())
	}
	out := make(chan struct{}, 1)
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(filepath.Dir(v.path)); err != nil {
			_ = w.Close()
		}
	}
	if err != nil {
		return out, nil
	}
	go v.follow(ctx, w, out)
	return out, nil
}

func (v *View) follow(ctx context.Context, w *fsnotify.Watcher, out chan<- struct{}) {
	defer close(out)
	defer func() { _ = w.Close() }()
	var due <-chan time.Time
	for {
		select {
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if due == nil && filepath.Base(e.Name) == filepath.Base(v.path) {
				due = time.After(coalesce)
			}
		case _, ok := <-w.Errors:
			if !ok {
				return
			}
			if due == nil { // events were lost: have a look
				due = time.After(coalesce)
			}
		case <-due:
			due = nil
			select {
			case out <- struct{}{}:
			default: // a signal waits already
			}
		case <-ctx.Done():
			return
		case <-v.ctx.Done():
			return
		}
	}
}
