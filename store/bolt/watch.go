package bolt

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"

	"crmdeck/store"
)

const (
	// coalesce: a commit is several writes, and a burst of commits is one look.
	coalesce = 50 * time.Millisecond
	// pollEvery is used only where the system can't tell about changes.
	pollEvery = 2 * time.Second
)

// Watch implements store.Store. Only writes to the database count: reading touches
// the side files, and would wake itself.
func (s *Store) Watch(ctx context.Context) (<-chan struct{}, error) {
	if s.ctx.Err() != nil {
		return nil, fmt.Errorf("watching: %w", s.ctx.Err())
	}
	if _, err := os.Stat(s.path); err != nil {
		return nil, fmt.Errorf("watching: %w", store.ErrNoStore)
	}
	out := make(chan struct{}, 1)
	w, err := fsnotify.NewWatcher()
	if err == nil {
		if err = w.Add(s.dir); err != nil {
			_ = w.Close()
		}
	}
	if err != nil {
		go s.poll(ctx, out)
		return out, nil
	}
	go s.follow(ctx, w, out)
	return out, nil
}

// follow sends when the file was written, at most once in coalesce.
func (s *Store) follow(ctx context.Context, w *fsnotify.Watcher, out chan<- struct{}) {
	defer close(out)
	defer w.Close()
	var due <-chan time.Time
	for {
		select {
		case e, ok := <-w.Events:
			if !ok {
				return
			}
			if due == nil && filepath.Base(e.Name) == dbName && !e.Has(fsnotify.Chmod) {
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
			send(out)
		case <-ctx.Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// poll sends when size or time of the file are others than before.
func (s *Store) poll(ctx context.Context, out chan<- struct{}) {
	defer close(out)
	tick := time.NewTicker(pollEvery)
	defer tick.Stop()
	last, _ := os.Stat(s.path)
	for {
		select {
		case <-tick.C:
			fi, err := os.Stat(s.path)
			if err == nil && (last == nil || fi.ModTime() != last.ModTime() || fi.Size() != last.Size()) {
				last = fi
				send(out)
			}
		case <-ctx.Done():
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// send leaves a signal unless one is waiting already.
func send(out chan<- struct{}) {
	select {
	case out <- struct{}{}:
	default:
	}
}
