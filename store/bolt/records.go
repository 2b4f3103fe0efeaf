package bolt

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"crmdeck/store"
)

// old returns the stored record, the zero one if there is none.
func old[T any](v T, err error) (T, error) {
	if errors.Is(err, store.ErrNotFound) {
		return v, nil
	}
	return v, err
}

// PutConnection implements store.Writer.
func (w *writer) PutConnection(c *store.Connection) error {
	if err := checkID("connection", c.ID); err != nil {
		return err
	}
	if c.Name == "" || strings.ContainsRune(c.Name, 0) {
		return fmt.Errorf("connection %s: a name is needed", c.ID)
	}
	was, err := old(w.Connection(c.ID))
	if err != nil {
		return err
	}
	if id := w.tx.Bucket(buckets.names).Get([]byte(c.Name)); id != nil && store.ID(id) != c.ID {
		return fmt.Errorf("connection %q: %w", c.Name, store.ErrNameTaken)
	}
	if err := w.raise("connection", &c.Version, was.Version); err != nil {
		return err
	}
	if was.Name != c.Name {
		if was.Name != "" {
			if err := w.delete(buckets.names, []byte(was.Name)); err != nil {
				return err
			}
		}
		if err := w.put(buckets.names, []byte(c.Name), []byte(c.ID)); err != nil {
			return err
		}
	}
	if err := w.reindex(buckets.grantConns, string(was.Grant), string(c.Grant), c.ID); err != nil {
		return err
	}
	w.dirty[c.ID] = true
	return w.putRecord(buckets.connections, "connection", c.ID, c)
}

// DeleteConnection implements store.Writer.
func (w *writer) DeleteConnection(id store.ID) error {
	was, err := old(w.Connection(id))
	if err != nil || was.ID == "" {
		return err
	}
	w.records = true
	if err := w.delete(buckets.names, []byte(was.Name)); err != nil {
		return err
	}
	if err := w.reindex(buckets.grantConns, string(was.Grant), "", id); err != nil {
		return err
	}
	w.dirty[id] = true
	return w.delete(buckets.connections, []byte(id))
}

// PutGrant implements store.Writer.
func (w *writer) PutGrant(g *store.Grant) error {
	if err := checkID("grant", g.ID); err != nil {
		return err
	}
	was, err := old(w.grant(g.ID))
	if err != nil {
		return err
	}
	if err := w.raise("grant", &g.Version, was.Version); err != nil {
		return err
	}
	if err := w.reindexSealed(g.ID, was.SealedFields(), g.SealedFields()); err != nil {
		return err
	}
	if err := w.indexGrant(g.ID, was, *g); err != nil {
		return err
	}
	return w.putRecord(buckets.grants, "grant", g.ID, g)
}

// DeleteGrant implements store.Writer.
func (w *writer) DeleteGrant(id store.ID) error {
	was, err := old(w.grant(id))
	if err != nil || was.ID == "" {
		return err
	}
	w.records = true
	if err := w.reindexSealed(id, was.SealedFields(), nil); err != nil {
		return err
	}
	if err := w.indexGrant(id, was, store.Grant{}); err != nil {
		return err
	}
	return w.delete(buckets.grants, []byte(id))
}

// indexGrant brings the indexes from one state of a grant to the next.
func (w *writer) indexGrant(id store.ID, was, now store.Grant) error {
	a, b := fingerprints(was), fingerprints(now)
	for _, fp := range a {
		if !slices.Contains(b, fp) {
			if err := w.delete(buckets.fingerprints, pair(fp, id)); err != nil {
				return err
			}
		}
	}
	for _, fp := range b {
		if !slices.Contains(a, fp) {
			if err := w.put(buckets.fingerprints, pair(fp, id), []byte{}); err != nil {
				return err
			}
		}
	}
	if err := w.reindex(buckets.clientGrants, string(was.Client), string(now.Client), id); err != nil {
		return err
	}
	switch before, after := pending(was), pending(now); {
	case after && !before:
		if err := w.put(buckets.pending, []byte(id), []byte{}); err != nil {
			return err
		}
	case before && !after:
		if err := w.delete(buckets.pending, []byte(id)); err != nil {
			return err
		}
	}
	w.touch(id)
	return nil
}

// fingerprints are those of the refresh token and the key.
func fingerprints(g store.Grant) (fp []string) {
	if g.Refresh != nil && g.Refresh.Fingerprint != "" {
		fp = append(fp, g.Refresh.Fingerprint)
	}
	if g.Key != nil && g.Key.Fingerprint != "" {
		fp = append(fp, g.Key.Fingerprint)
	}
	return fp
}

func pending(g store.Grant) bool {
	return g.Revocation != nil && g.Revocation.State != store.RevocationDone
}

// touch marks the connections of a grant.
func (w *writer) touch(grant store.ID) {
	for _, id := range under(&w.reader, buckets.grantConns, string(grant)) {
		w.dirty[id] = true
	}
}

// PutClient implements store.Writer.
func (w *writer) PutClient(c *store.Client) error {
	if err := checkID("client", c.ID); err != nil {
		return err
	}
	was, err := old(w.client(c.ID))
	if err != nil {
		return err
	}
	if err := w.raise("client", &c.Version, was.Version); err != nil {
		return err
	}
	if err := w.reindexSealed(c.ID, was.SealedFields(), c.SealedFields()); err != nil {
		return err
	}
	w.touchClient(c.ID)
	return w.putRecord(buckets.clients, "client", c.ID, c)
}

// DeleteClient implements store.Writer.
func (w *writer) DeleteClient(id store.ID) error {
	was, err := old(w.client(id))
	if err != nil || was.ID == "" {
		return err
	}
	w.records = true
	if err := w.reindexSealed(id, was.SealedFields(), nil); err != nil {
		return err
	}
	w.touchClient(id)
	return w.delete(buckets.clients, []byte(id))
}

func (w *writer) touchClient(client store.ID) {
	for _, g := range under(&w.reader, buckets.clientGrants, string(client)) {
		w.touch(g)
	}
}

// PutDraft implements store.Writer.
func (w *writer) PutDraft(d *store.Draft) error {
	if err := checkID("draft", d.ID); err != nil {
		return err
	}
	was, err := old(w.Draft(d.ID))
	if err != nil {
		return err
	}
	if err := w.raise("draft", &d.Version, was.Version); err != nil {
		return err
	}
	return w.putRecord(buckets.drafts, "draft", d.ID, d)
}

// DeleteDraft implements store.Writer.
func (w *writer) DeleteDraft(id store.ID) error {
	if w.tx.Bucket(buckets.drafts).Get([]byte(id)) == nil {
		return nil
	}
	w.records = true
	return w.delete(buckets.drafts, []byte(id))
}
