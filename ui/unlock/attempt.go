package unlock

import (
	"context"
	"time"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// attempt is one key that is being tried, on a goroutine of its own: it may ask and wait
// meanwhile, and tells each as news.
type attempt struct {
	key    store.Key // as it was given, without its passphrase
	cancel context.CancelFunc
	asks   chan *question
	waits  chan time.Duration
	end    chan error
}

// news is what an attempt tells: that it waits, that it asks, or that it ended.
type news struct {
	wait  time.Duration
	ask   *question
	ended bool
	err   error
}

// question is what the key wants to know; answer takes one value.
type question struct {
	store.Question
	answer chan secret.Value
}

// start tries a key until ctx ends or the attempt is cancelled, and wipes its passphrase.
func start(ctx context.Context, k store.Key, open func(context.Context, store.Key) error) *attempt {
	ctx, cancel := context.WithCancel(ctx)
	t := &attempt{key: k, cancel: cancel, asks: make(chan *question), waits: make(chan time.Duration), end: make(chan error, 1)}
	t.key.Passphrase = secret.Value{}
	k.Ask = t.ask
	k.Wait = func(d time.Duration) {
		select {
		case t.waits <- d:
		case <-ctx.Done():
		}
	}
	go func() {
		defer cancel()
		defer k.Passphrase.Wipe()
		t.end <- open(ctx, k)
	}()
	return t
}

// ask puts a question to the person at the dialog and waits for the answer.
func (t *attempt) ask(ctx context.Context, q store.Question) (secret.Value, error) {
	p := &question{Question: q, answer: make(chan secret.Value, 1)}
	select {
	case t.asks <- p:
	case <-ctx.Done():
		return secret.Value{}, ctx.Err()
	}
	select {
	case v := <-p.answer:
		return v, nil
	case <-ctx.Done():
		return secret.Value{}, ctx.Err()
	}
}

// news waits for the next of the attempt.
func (t *attempt) news(ctx context.Context) (news, error) {
	select {
	case d := <-t.waits:
		return news{wait: d}, nil
	case q := <-t.asks:
		return news{ask: q}, nil
	case err := <-t.end:
		return news{ended: true, err: err}, nil
	case <-ctx.Done():
		return news{}, ctx.Err()
	}
}
