package sim

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"io"
)

const alnum = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// bytes reads n random bytes. The reader is shared, so one caller at a time.
func (s *Sim) bytes(n int) ([]byte, error) {
	b := make([]byte, n)
	s.randMu.Lock()
	defer s.randMu.Unlock()
	if _, err := io.ReadFull(s.cfg.Rand, b); err != nil {
		return nil, fmt.Errorf("reading randomness: %w", err)
	}
	return b, nil
}

// word returns n random letters and digits.
func (s *Sim) word(n int) (string, error) {
	b, err := s.bytes(n)
	for i := range b {
		b[i] = alnum[int(b[i])%len(alnum)]
	}
	return string(b), err
}

// opaque returns n random bytes in unpadded base64url.
func (s *Sim) opaque(n int) (string, error) {
	b, err := s.bytes(n)
	return base64.RawURLEncoding.EncodeToString(b), err
}

// uuid returns a random identifier in the usual 8-4-4-4-12 spelling.
func (s *Sim) uuid() (string, error) {
	b, err := s.bytes(16)
	if err != nil {
		return "", err
	}
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	h := hex.EncodeToString(b)
	return h[:8] + "-" + h[8:12] + "-" + h[12:16] + "-" + h[16:20] + "-" + h[20:], nil
}
