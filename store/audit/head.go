package audit

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"time"

	"crmdeck/store/canon"
)

// HeadFormat names the form of a signed head.
const HeadFormat = "crmdeck-audit-head/1"

// SignedHead is a head to be kept where whoever can change the store can't change it:
// how many events there were, the last chain value, and when it was signed. It is a
// line of JSON. The key that signs is derived from the audit key, so that the store's
// owner needs no other one, and anybody who noted the public key can check it.
type SignedHead struct {
	Format    string    `json:"format"`
	Store     string    `json:"store"`
	Count     uint64    `json:"count"`
	Chain     string    `json:"chain"` // hex
	At        time.Time `json:"signed_at"`
	PublicKey string    `json:"public_key"` // hex
	Signature string    `json:"signature"`  // hex
}

// HeadError is a kept head that says nothing about this store.
type HeadError struct{ Reason string }

func (e *HeadError) Error() string { return "audit head: " + e.Reason }

// Sign signs the head of a store's log under its audit key.
func Sign(key []byte, storeID string, h Head, at time.Time) SignedHead {
	private := headKey(key, storeID)
	defer clear(private)
	s := SignedHead{
		Format: HeadFormat, Store: storeID, Count: h.Seq, Chain: hex.EncodeToString(h.Chain), At: at.UTC().Round(0),
		PublicKey: hex.EncodeToString(private.Public().(ed25519.PublicKey)),
	}
	s.Signature = hex.EncodeToString(ed25519.Sign(private, s.signed(h.Chain)))
	return s
}

// headKey derives the key that signs the heads of a store.
func headKey(key []byte, storeID string) ed25519.PrivateKey {
	m := hmac.New(sha256.New, key)
	m.Write(canon.New("crmdeck/audit head key/1").Text(storeID).Bytes())
	return ed25519.NewKeyFromSeed(m.Sum(nil))
}

// signed is what the signature is over.
func (s *SignedHead) signed(chain []byte) []byte {
	c := canon.New("crmdeck/audit head/1").Text(s.Store).Number(s.Count).Raw(chain)
	return c.Number(uint64(s.At.UnixNano())).Bytes()
}

// Open checks that the store with this audit key signed the head, and returns it. Its error
// is a *HeadError.
func (s *SignedHead) Open(key []byte, storeID string) (Head, error) {
	chain, errChain := hex.DecodeString(s.Chain)
	signature, errSignature := hex.DecodeString(s.Signature)
	private := headKey(key, storeID)
	defer clear(private)
	switch {
	case s.Format != HeadFormat:
		return Head{}, &HeadError{"it has another format than " + HeadFormat}
	case s.Store != storeID:
		return Head{}, &HeadError{"it is that of another store"}
	case errChain != nil || errSignature != nil || len(chain) != chainSize && s.Count > 0:
		return Head{}, &HeadError{"it is cut off or changed"}
	case s.At.Before(earliest) || s.At.After(latest):
		return Head{}, &HeadError{"its time is out of range"}
	case !ed25519.Verify(private.Public().(ed25519.PublicKey), s.signed(chain), signature):
		return Head{}, &HeadError{"its signature is not that of this store"}
	}
	return Head{Seq: s.Count, Chain: chain}, nil
}

// The bounds of a file of heads: one signed each hour for a year fits.
const (
	maxHeads    = 10_000
	maxHeadLine = 4 << 10
)

// ReadHeads reads heads, one a line, as they were signed over the time. Its error is a
// *HeadError, or that of r.
func ReadHeads(r io.Reader) ([]SignedHead, error) {
	var heads []SignedHead
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, maxHeadLine)
	for lines.Scan() {
		line := bytes.TrimSpace(lines.Bytes())
		if len(line) == 0 {
			continue
		}
		var s SignedHead
		if err := json.Unmarshal(line, &s); err != nil || s.Format == "" {
			return nil, &HeadError{fmt.Sprintf("line %d is not one", len(heads)+1)}
		}
		if heads = append(heads, s); len(heads) > maxHeads {
			return nil, &HeadError{fmt.Sprintf("there are more than %d", maxHeads)}
		}
	}
	switch err := lines.Err(); {
	case errors.Is(err, bufio.ErrTooLong):
		return nil, &HeadError{fmt.Sprintf("line %d is not one", len(heads)+1)}
	case err != nil:
		return nil, fmt.Errorf("reading audit heads: %w", err)
	case len(heads) == 0:
		return nil, &HeadError{"there is none in it"}
	}
	return heads, nil
}
