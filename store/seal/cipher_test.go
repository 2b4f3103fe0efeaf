package seal

import (
	"bytes"
	"crypto/rand"
	"testing"

	"golang.org/x/crypto/chacha20poly1305"
)

// SE-18: a box is what the library's XChaCha20-Poly1305 makes and opens, bit for bit.
func TestBoxIsXChaCha(t *testing.T) {
	key := make([]byte, keySize)
	if _, err := rand.Read(key); err != nil {
		t.Fatal(err)
	}
	x, err := chacha20poly1305.NewX(key)
	if err != nil {
		t.Fatal(err)
	}
	for _, plain := range []string{"", "a", "a token of the usual length, some forty bytes or so"} {
		box, err := lock(rand.Reader, key, []byte(plain), []byte("bound"))
		if err != nil {
			t.Fatal(err)
		}
		got, err := x.Open(nil, box[:x.NonceSize()], box[x.NonceSize():], []byte("bound"))
		if err != nil || string(got) != plain {
			t.Errorf("the library opens %q %v", got, err)
		}
		nonce := make([]byte, x.NonceSize())
		theirs := x.Seal(bytes.Clone(nonce), nonce, []byte(plain), []byte("bound"))
		if got, err := unlock(key, theirs, []byte("bound")); err != nil || string(got) != plain {
			t.Errorf("opened %q %v", got, err)
		}
	}
}
