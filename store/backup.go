package store

import (
	"context"
	"os"
)

// Copier is a store whose whole state can be copied while other processes use it. It is an
// optional power of a Store, found by type assertion.
type Copier interface {
	// Copy takes a consistent copy into a private directory beside the store. Writers wait
	// while bytes are copied from memory to memory, and not for what is done with them. The
	// copy opens with the keys of this store if it is unlocked. *BusyError if another process
	// is backing up or restoring here.
	Copy(ctx context.Context) (Stage, error)
}

// Stager is an engine that can check a copy of a store before it is put in place. It is an
// optional power of a Backend, found by type assertion.
type Stager interface {
	// Stage makes an empty place for a copy in dir, which is made with mode 0700 if absent
	// and may hold a store. *BusyError if another process is backing up or restoring there.
	Stage(ctx context.Context, dir string) (Stage, error)
}

// Stage is a copy of a store in a private directory that nobody else uses.
type Stage interface {
	// File is the copy's file, for its bytes to be read or written.
	File() *os.File
	// Open opens the copy as a store of its own. ErrDamaged, ErrNewer.
	Open(ctx context.Context) (Store, error)
	// Place makes the copy the store of the directory: synced and renamed, so that a crash
	// leaves either no store or a whole one. ErrExists if there is a store already.
	Place(ctx context.Context) error
	// Close removes what was not placed. It may be called more than once.
	Close() error
}

// Examiner is a store that can go through everything it holds. It is an optional power of
// a Store, found by type assertion. It reads in one transaction, for which writers wait: it is
// meant for a Stage.
type Examiner interface {
	// Examine checks the structure of the file, every record and, if the store is unlocked,
	// that every sealed value is the newest and opens. What is wrong with single values
	// is told in the answer; what is wrong with the file is an error, ErrDamaged.
	Examine(ctx context.Context) (Examination, error)
}

// Examination is what a store holds and what is wrong with it.
type Examination struct {
	Connections, Grants, Clients, Drafts int
	// Sealed is the number of sealed values; Opened of how many it was tried.
	Sealed, Opened int
	// Refused are the sealed values that do not open, at most MaxRefused of them.
	Refused []*DamageError
}

// MaxRefused bounds how many refused values an Examination names.
const MaxRefused = 100
