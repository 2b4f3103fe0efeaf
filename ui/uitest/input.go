package uitest

import (
	"io"
	"sync"
)

// input is what the terminal sends, without a limit: the emulator's own pipe
// blocks a writer until somebody reads, which nobody does once the program ends.
type input struct {
	mu     sync.Mutex
	some   *sync.Cond
	buf    []byte
	closed bool
}

// newInput drains from until it ends.
func newInput(from io.Reader) *input {
	in := &input{}
	in.some = sync.NewCond(&in.mu)
	go func() {
		var b [4096]byte
		for {
			n, err := from.Read(b[:])
			in.mu.Lock()
			in.buf = append(in.buf, b[:n]...)
			in.closed = in.closed || err != nil
			in.some.Broadcast()
			in.mu.Unlock()
			if err != nil {
				return
			}
		}
	}()
	return in
}

// Read implements io.Reader.
func (in *input) Read(p []byte) (int, error) {
	in.mu.Lock()
	defer in.mu.Unlock()
	for len(in.buf) == 0 {
		if in.closed {
			return 0, io.EOF
		}
		in.some.Wait()
	}
	n := copy(p, in.buf)
	in.buf = in.buf[n:]
	return n, nil
}

// close ends reading.
func (in *input) close() {
	in.mu.Lock()
	defer in.mu.Unlock()
	in.closed = true
	in.some.Broadcast()
}
