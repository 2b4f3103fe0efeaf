package uitest

import (
	"bytes"
	"encoding/base64"
)

// oscClipboard is the sequence by which a program reads and sets the clipboard.
const oscClipboard = 52

// keepClip takes what the program puts into the clipboard. Being asked what it holds, this
// terminal says nothing, as most do.
func (x *Terminal) keepClip(data []byte) bool {
	parts := bytes.SplitN(data, []byte(";"), 3)
	if len(parts) < 3 || string(parts[2]) == "?" {
		return true
	}
	b, err := base64.StdEncoding.DecodeString(string(parts[2]))
	if err == nil {
		x.mu.Lock()
		defer x.mu.Unlock()
		x.clip = string(b)
	}
	return true
}

// Clipboard is what the program put into the clipboard last.
func (x *Terminal) Clipboard() string {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.clip
}
