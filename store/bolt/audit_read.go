package bolt

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"slices"
	"sync"

	bbolt "go.etcd.io/bbolt"

	"crmdeck/store"
	"crmdeck/store/audit"
)

var _ store.AuditReader = (*Store)(nil)

// pageEvents is how many events one transaction reads: 5 ms or so, which a writer can wait.
const pageEvents = 4096

// EachEvent implements store.AuditReader. One page is decoded while fn has the one before.
func (s *Store) EachEvent(ctx context.Context, after uint64, fn func([]store.Event) error) error {
	ctx, cancel := context.WithCancel(ctx)
	free, full := make(chan *eventPage, 2), make(chan *eventPage)
	defer func() { // no transaction goes on after the return
		cancel()
		for range full {
			continue
		}
	}()
	free <- &eventPage{}
	free <- &eventPage{}
	go func() {
		defer close(full)
		for last := after; ; {
			select {
			case p := <-free:
				s.fillPage(ctx, last, p)
				if n := len(p.events); n > 0 {
					last = p.events[n-1].Seq
				}
				ends := len(p.events) == 0 || p.err != nil
				select {
				case full <- p:
				case <-ctx.Done():
					return
				}
				if ends {
					return
				}
			case <-ctx.Done():
				return
			}
		}
	}()
	for p := range full {
		if len(p.events) > 0 {
			if err := fn(p.events); err != nil {
				return err
			}
		}
		if p.err != nil {
			return p.err
		}
		free <- p
	}
	return ctx.Err()
}

// eventPage is what one transaction read. err comes after its events.
type eventPage struct {
	events []store.Event
	raw    []byte // what the events' bytes are part of
	err    error
}

// fillPage reads the events after last. The bytes are copied in one piece within the
// transaction, and decoded after it.
func (s *Store) fillPage(ctx context.Context, last uint64, p *eventPage) {
	var ends []int
	var keys []uint64
	p.raw, p.events = p.raw[:0], p.events[:0]
	p.err = s.view(ctx, func(tx *bbolt.Tx) error {
		c := tx.Bucket(buckets.audit).Cursor()
		k, v := c.Seek(number(last))
		if bytes.Equal(k, number(last)) {
			k, v = c.Next()
		}
		for ; k != nil && len(ends) < pageEvents; k, v = c.Next() {
			seq := uint64(0)
			if len(k) == 8 {
				seq = binary.BigEndian.Uint64(k)
			}
			p.raw = append(p.raw, v...)
			ends, keys = append(ends, len(p.raw)), append(keys, seq)
		}
		return nil
	})
	if p.err != nil {
		return
	}
	p.decode(keys, ends)
}

// decode reads the events out of the bytes, each of which ends at its place in ends; in
// two halves at once, since this is what reading a long log costs most. Events after one that
// can't be read are left out.
func (p *eventPage) decode(keys []uint64, ends []int) {
	text := string(p.raw)
	p.events = slices.Grow(p.events, len(ends))[:len(ends)]
	half := func(from, to int) (good int, err error) {
		start := 0
		if from > 0 {
			start = ends[from-1]
		}
		for i := from; i < to; i++ {
			var e store.Event
			raw, err := body("event", p.raw[start:ends[i]])
			if err == nil {
				e, err = audit.DecodeShared(raw, text[ends[i]-len(raw):ends[i]])
			}
			if err == nil && e.Seq != keys[i] {
				err = fmt.Errorf("it says that it is event %d", e.Seq)
			}
			if err != nil {
				return i, &store.UnreadableEventError{Seq: keys[i], Err: err}
			}
			p.events[i], start = e, ends[i]
		}
		return to, nil
	}
	var good int
	var err error
	middle := len(ends) / 2
	var second sync.WaitGroup
	second.Go(func() { good, err = half(middle, len(ends)) })
	firstGood, firstErr := half(0, middle)
	second.Wait()
	if firstErr != nil {
		good, err = firstGood, firstErr
	}
	p.events, p.err = p.events[:good], err
}

// AuditHead implements store.AuditReader.
func (s *Store) AuditHead(ctx context.Context) (store.AuditHead, error) {
	var h logHead
	err := s.view(ctx, func(tx *bbolt.Tx) error {
		var err error
		h, err = (&reader{tx: tx, codec: s.codec}).logHead()
		return err
	})
	return store.AuditHead{Seq: h.Seq, Chain: h.Chain}, err
}

// AuditKey implements store.AuditReader.
func (s *Store) AuditKey() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.vault == nil {
		return nil, store.ErrLocked
	}
	return s.vault.AuditKey()
}
