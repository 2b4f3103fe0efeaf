package bolt

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"crmdeck/store"
)

// Wait is how long a transaction waits for its turn.
const Wait = 5 * time.Second

// enter waits for this transaction's turn and returns what ends it.
func (s *Store) enter(ctx context.Context, write bool) (leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("waiting for the store: %w", err)
	}
	ctx, cancel := context.WithTimeoutCause(ctx, s.wait, errTurn)
	defer cancel()
	if write {
		return s.enterAlone(ctx)
	}
	leave, err = s.enterShared(ctx)
	if errors.Is(err, syscall.EROFS) || errors.Is(err, fs.ErrPermission) {
		// The side files can't be made here, so nobody writes here either; should
		// somebody do it elsewhere, bbolt's own lock still keeps us apart.
		return func() {}, nil
	}
	return leave, err
}

func (s *Store) enterShared(ctx context.Context) (leave func(), err error) {
	openGate, err := s.gate.acquire(ctx, nil)
	if err != nil {
		return nil, s.busy(ctx, s.gate, err)
	}
	defer openGate()
	leave, err = s.lock.share(ctx)
	if err != nil {
		return nil, s.busy(ctx, s.gate, err)
	}
	return leave, nil
}

func (s *Store) enterAlone(ctx context.Context) (leave func(), err error) {
	openGate, err := s.gate.acquire(ctx, s.holder("writing"))
	if err != nil {
		return nil, s.busy(ctx, s.gate, err)
	}
	unlock, err := s.lock.acquire(ctx, nil)
	if err != nil {
		openGate()
		return nil, s.busy(ctx, s.lock, err)
	}
	return func() { unlock(); openGate() }, nil
}

// errTurn tells our own time limit from the caller's.
var errTurn = errors.New("no turn in time")

// busy turns the end of our time limit into a *store.BusyError.
func (s *Store) busy(ctx context.Context, on *sideFile, err error) error {
	switch {
	case errors.Is(context.Cause(ctx), errTurn):
		return &store.BusyError{Holder: on.holder(s.o.Host, "reading")}
	case ctx.Err() != nil:
		return fmt.Errorf("waiting for the store: %w", err)
	case unwritable(err):
		return fmt.Errorf("waiting for the store: %w: %w", store.ErrUnwritable, err)
	}
	return fmt.Errorf("waiting for the store: %w", err)
}

func (s *Store) holder(what string) *store.Holder {
	return &store.Holder{PID: os.Getpid(), Host: s.o.Host, What: what, Since: s.o.Clock.Now()}
}
