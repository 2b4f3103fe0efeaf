// Package store holds crmdeck's records and the contract of whoever keeps them.
//
// It knows no provider and no screen. A Store promises that what it has
// acknowledged is on disk, that a failed write leaves the old state whole, that
// secrets are sealed, that looking needs no key, and that every change carries
// its audit event in the same transaction. store/bolt keeps that promise on one
// machine; store/seal does the sealing; store/audit the chain.
package store

import (
	"context"
	"time"

	"crmdeck/store/secret"
)

// Revision counts the transactions that changed a store. It only rises.
type Revision uint64

// Store keeps records. Methods are safe for concurrent use, honour ctx, and hold
// nothing between calls: another process can write between any two of them.
// Waiting for a transaction ends after 5 s with a *BusyError.
type Store interface {
	// Read runs fn on one consistent state. What fn gets are copies.
	Read(ctx context.Context, fn func(Reader) error) error
	// Write runs fn and commits what it put, all or nothing, synced to disk
	// before Write returns. fn's error aborts and is returned as it is. A
	// transaction that put a record and appended no event is refused with
	// ErrUnaudited, unless it called Bookkeeping. A locked store refuses with
	// ErrLocked, a read-only one with ErrReadOnly, a full disk with ErrUnwritable.
	Write(ctx context.Context, fn func(Writer) error) error
	// Changes tells what is different since a revision; 0 asks for everything.
	// It costs as much as has changed, not as much as is stored.
	Changes(ctx context.Context, since Revision) (Delta, error)
	// Watch sends (coalesced) when any process may have changed the store, until
	// ctx ends. The receiver then asks Changes.
	Watch(ctx context.Context) (<-chan struct{}, error)
	// Info tells about the store itself, without a key.
	Info(ctx context.Context) (Info, error)

	// Unlock opens the data key with one of the slots. ErrWrongKey if none fits.
	Unlock(ctx context.Context, k Key) error
	// Lock forgets the data key.
	Lock()
	// Vault seals and opens, or returns ErrLocked.
	Vault() (Vault, error)

	Locker
	// Close forgets the key and ends watches.
	Close() error
}

// Locker hands out leases: the right to refresh or rotate one grant.
type Locker interface {
	// Lease waits until this caller alone may refresh the grant, at most until ctx
	// ends; then it returns a *HeldError that names the holder. The lease is freed by Release and by the
	// end of the process. what says what it is for, as advice to those who wait.
	Lease(ctx context.Context, grant ID, what string) (Lease, error)
}

// Lease is held until Release, which may be called more than once.
type Lease interface{ Release() }

// Reader reads records within one transaction. All return copies. Absent is ErrNotFound.
type Reader interface {
	Connection(id ID) (Connection, error)
	ConnectionByName(name string) (Connection, error)
	// ConnectionsOf lists the connections that point to the grant.
	ConnectionsOf(grant ID) ([]Connection, error)
	Summary(id ID) (Summary, error)
	Summaries() ([]Summary, error)
	Grant(id ID) (Grant, error)
	// GrantsByFingerprint lists grants whose refresh token or key has this keyed fingerprint.
	GrantsByFingerprint(fp string) ([]Grant, error)
	// GrantsPending lists grants with a revocation that is not finished.
	GrantsPending() ([]Grant, error)
	Client(id ID) (Client, error)
	// Clients lists the registrations at a provider ("" for all).
	Clients(provider string) ([]Client, error)
	// GrantsOf lists the grants that a client registration has.
	GrantsOf(client ID) ([]Grant, error)
	Draft(id ID) (Draft, error)
	Drafts() ([]Draft, error)
	// Events lists audit events, newest first, that match.
	Events(EventFilter) ([]Event, error)
	Revision() Revision
}

// Writer changes records within one transaction.
type Writer interface {
	Reader
	// Put* store a whole record if its Version is the stored one (0: new), raise the
	// version in place, and refresh the summaries that depend on it. ErrConflict if the version
	// moved, ErrNameTaken if another connection has the name.
	PutConnection(*Connection) error
	PutGrant(*Grant) error
	PutClient(*Client) error
	PutDraft(*Draft) error
	// Delete* remove a record; removing what is gone is no error.
	DeleteConnection(ID) error
	DeleteGrant(ID) error
	DeleteClient(ID) error
	DeleteDraft(ID) error
	// Append adds an audit event; sequence, time, host, actor and chain are filled in
	// by the store where empty. It returns the sequence number.
	Append(Event) (uint64, error)
	// Bookkeeping marks a transaction that only notes progress (an intent, a
	// back-off, a draft, a use) and needs no event of its own.
	Bookkeeping()
}

// Delta is what changed.
type Delta struct {
	Revision Revision
	// Changed holds the new summaries, Removed the ids that are gone.
	Changed []Summary
	Removed []ID
	// Full: Changed is everything there is (since was 0, or too old to tell).
	Full bool
}

// Info describes a store.
type Info struct {
	Dir      string
	StoreID  string
	Format   int
	Created  time.Time
	Revision Revision
	Slots    []SlotInfo
	KeyMade  time.Time // when the data key was made; see KeyAge
	Rekeying bool      // a new data key is being put in use, and that has not ended
	// Events is the number of audit events; Head the newest event's chain value, shortened.
	Events uint64
	Head   string
	Size   int64 // bytes
}

// SlotInfo names one key slot.
type SlotInfo struct {
	ID    string // names it within the store
	Kind  string // SlotPassphrase, SlotIdentity, SlotRecipient or SlotKeyring
	Label string // e.g. the age recipient
}

// Key is what a person or job opens a store with; exactly one of the first three is set.
type Key struct {
	Passphrase secret.Value
	// IdentityFile is the path of an age identity, a plugin's identity or an SSH private key.
	IdentityFile string
	// Keyring uses the entry in the keyring of the system.
	Keyring bool

	// Ask puts what the key needs besides to a person; nil: nobody is there.
	Ask Ask
	// Wait is told how long a passphrase waits because others failed before; nil: nobody is.
	Wait func(time.Duration)
	// Unattended marks a passphrase that a job gives; its wait is short, so that nobody's
	// failures keep a job from its work.
	Unattended bool
}

// IsZero reports that nothing was given.
func (k Key) IsZero() bool { return k.Passphrase.IsZero() && k.IdentityFile == "" && !k.Keyring }

// Binding says what a sealed value is: it is part of the associated data, so that
// a value moved to another place can't be opened.
type Binding struct {
	Owner ID     // connection, grant or client id
	Field string // e.g. "access", "refresh", "key", "client_secret"
}

// Vault seals and opens secrets with the store's data key.
type Vault interface {
	// Seal makes a new sealed value, generation gen, that may be sent to hosts only.
	Seal(b Binding, gen uint64, hosts []string, v secret.Value) (Sealed, error)
	// Open returns the secret. ErrSealed if the value was moved, changed or truncated.
	Open(b Binding, s Sealed) (secret.Value, error)
	// Fingerprint is a keyed hash of a secret, like 7Q2M-91C4-KX: same secret, same fingerprint, within one store.
	Fingerprint(v secret.Value) string
}

// Sealed is a secret at rest: XChaCha20-Poly1305 under the data key KeyID. Gen and
// Hosts are readable and authenticated: changing them makes the secret unreadable.
type Sealed struct {
	KeyID string   `cbor:"1,keyasint"`
	Gen   uint64   `cbor:"2,keyasint"`
	Hosts []string `cbor:"3,keyasint"`
	Box   []byte   `cbor:"4,keyasint"` // nonce, then ciphertext and tag
}

// IsZero reports a wiped or absent value.
func (s Sealed) IsZero() bool { return len(s.Box) == 0 }

// Fields of sealed values, as they are bound (Binding.Field).
const (
	FieldAccess       = "access"
	FieldRefresh      = "refresh"
	FieldKey          = "key"
	FieldClientSecret = "client_secret"
)

// SealedField is one sealed value within a record. Value points into the record.
type SealedField struct {
	Field string
	Value *Sealed
}

// SealedFields lists every place of a grant that can hold a sealed value, as far as it
// does. A field that is missing here is missing in the index of sealed values, and is
// refused when it is opened.
func (g *Grant) SealedFields() []SealedField {
	out := make([]SealedField, 0, 3)
	add := func(field string, s *Sealed) {
		if !s.IsZero() {
			out = append(out, SealedField{Field: field, Value: s})
		}
	}
	if g.Access != nil {
		add(FieldAccess, &g.Access.Sealed)
	}
	if g.Refresh != nil {
		add(FieldRefresh, &g.Refresh.Sealed)
	}
	if g.Key != nil {
		add(FieldKey, &g.Key.Sealed)
	}
	return out
}

// SealedFields lists the sealed values of a client registration.
func (c *Client) SealedFields() []SealedField {
	if c.Secret.IsZero() {
		return nil
	}
	return []SealedField{{Field: FieldClientSecret, Value: &c.Secret}}
}

// Backend is an engine as main hands it to the screens and commands.
type Backend interface {
	// Open opens the store in dir, locked; ErrNoStore if there is none.
	Open(ctx context.Context, dir string) (Store, error)
	// Create makes a store in dir (made with mode 0700 if absent) with a slot for each
	// key, and returns it unlocked. An identity file that does not exist is made, mode 0400.
	// ErrExists if there is a store already.
	Create(ctx context.Context, dir string, keys ...Key) (Store, error)
}
