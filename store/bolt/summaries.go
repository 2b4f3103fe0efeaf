package bolt

import (
	"maps"
	"slices"

	"crmdeck/store"
)

// Summary implements store.Reader with what this transaction has put so far.
func (w *writer) Summary(id store.ID) (store.Summary, error) {
	if err := w.flush(); err != nil {
		return store.Summary{}, err
	}
	return w.reader.Summary(id)
}

// Summaries implements store.Reader with what this transaction has put so far.
func (w *writer) Summaries() ([]store.Summary, error) {
	if err := w.flush(); err != nil {
		return nil, err
	}
	return w.reader.Summaries()
}

// flush writes the summaries of all connections that were touched, and notes under
// which revision they changed.
func (w *writer) flush() error {
	// In order, so that a big transaction walks through each bucket once.
	for _, id := range slices.Sorted(maps.Keys(w.dirty)) {
		if err := w.summarize(id); err != nil {
			return err
		}
		delete(w.dirty, id)
	}
	return nil
}

func (w *writer) summarize(id store.ID) error {
	before, err := old(w.reader.Summary(id))
	if err != nil {
		return err
	}
	if before.Rev != 0 {
		if err := w.delete(buckets.changes, change(before.Rev, id)); err != nil {
			return err
		}
	}
	conn, err := old(w.Connection(id))
	if err != nil {
		return err
	}
	rev := w.next()
	if conn.ID == "" {
		if before.ID == "" { // came and went within this transaction
			return nil
		}
		if err := w.delete(buckets.summaries, []byte(id)); err != nil {
			return err
		}
		return w.put(buckets.changes, change(rev, id), gone)
	}
	grant, err := old(w.grant(conn.Grant))
	if err != nil {
		return err
	}
	client, err := old(w.client(grant.Client))
	if err != nil {
		return err
	}
	s := store.Summarize(conn, grant, client)
	s.Rev = rev
	b, err := w.codec.encode("summary", s)
	if err != nil {
		return err
	}
	if err := w.put(buckets.summaries, []byte(id), b); err != nil {
		return err
	}
	return w.put(buckets.changes, change(rev, id), []byte{})
}

// change is the key of a connection's newest change.
func change(rev store.Revision, id store.ID) []byte { return append(number(uint64(rev)), id...) }
