package bolt

import (
	"encoding/binary"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"crmdeck/store"
)

// codec turns records into CBOR and back. Encoding is deterministic, so equal
// records are equal bytes; times keep their nanoseconds and come back in UTC.
type codec struct {
	enc cbor.EncMode
	dec cbor.DecMode
}

func newCodec() (codec, error) {
	eo := cbor.CoreDetEncOptions()
	eo.Time = cbor.TimeRFC3339NanoUTC
	enc, err := eo.EncMode()
	if err != nil {
		return codec{}, fmt.Errorf("making the encoder: %w", err)
	}
	dec, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden}.DecMode()
	if err != nil {
		return codec{}, fmt.Errorf("making the decoder: %w", err)
	}
	return codec{enc: enc, dec: dec}, nil
}

func (c codec) encode(what string, v any) ([]byte, error) {
	b, err := c.enc.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding %s: %w", what, err)
	}
	return b, nil
}

// decode copies everything out of b, which belongs to the transaction.
func (c codec) decode(what string, b []byte, v any) error {
	if err := c.dec.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decoding %s: %w: %w", what, store.ErrDamaged, err)
	}
	return nil
}

// number is the key or value form of a counter: big endian, so that order is kept.
func number(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// pair joins two ids to an index key; ids hold no zero byte.
func pair[A, B ~string](a A, b B) []byte {
	k := make([]byte, 0, len(a)+1+len(b))
	k = append(k, a...)
	k = append(k, 0)
	return append(k, b...)
}
