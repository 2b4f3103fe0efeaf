package bolt

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"hash/crc32"

	"github.com/fxamacker/cbor/v2"

	"crmdeck/store"
)

// codec turns records into CBOR and back. Encoding is deterministic, so equal
// records are equal bytes; times keep their nanoseconds and come back in UTC.
//
// On disk: sumMark, a CRC-32C of the kind of record and the CBOR, the CBOR. It finds what
// a disk did to a record, which bbolt does not look for, and needs no key; what is
// secret or tells of acts is authenticated besides. A record of an older program has no
// checksum: it begins with a CBOR map, which no flipped bit makes of the mark.
type codec struct {
	enc cbor.UserBufferEncMode
	dec cbor.DecMode
}

func newCodec() (codec, error) {
	eo := cbor.CoreDetEncOptions()
	eo.Time = cbor.TimeRFC3339NanoUTC
	enc, err := eo.UserBufferEncMode()
	if err != nil {
		return codec{}, fmt.Errorf("making the encoder: %w", err)
	}
	dec, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden}.DecMode()
	if err != nil {
		return codec{}, fmt.Errorf("making the decoder: %w", err)
	}
	return codec{enc: enc, dec: dec}, nil
}

const (
	sumMark = 0x01
	sumSize = 1 + crc32.Size
)

// checksum uses the polynomial that processors have an instruction for.
func checksum(what string, body []byte) uint32 {
	table := crc32.MakeTable(crc32.Castagnoli)
	return crc32.Update(crc32.Checksum([]byte(what), table), table, body)
}

func (c codec) encode(what string, v any) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, sumSize, 512))
	if err := c.enc.MarshalToBuffer(v, b); err != nil {
		return nil, fmt.Errorf("encoding %s: %w", what, err)
	}
	out := b.Bytes()
	out[0] = sumMark
	binary.BigEndian.PutUint32(out[1:], checksum(what, out[sumSize:]))
	return out, nil
}

// decode copies everything out of b, which belongs to the transaction.
func (c codec) decode(what string, b []byte, v any) error {
	b, err := body(what, b)
	if err != nil {
		return err
	}
	if err := c.dec.Unmarshal(b, v); err != nil {
		return fmt.Errorf("decoding %s: %w: %w", what, store.ErrDamaged, err)
	}
	return nil
}

// body is the CBOR of a record whose checksum was checked.
func body(what string, b []byte) ([]byte, error) {
	if len(b) == 0 || b[0] != sumMark {
		return b, nil
	}
	if len(b) < sumSize || binary.BigEndian.Uint32(b[1:]) != checksum(what, b[sumSize:]) {
		return nil, fmt.Errorf("decoding %s: %w: its checksum does not fit", what, store.ErrDamaged)
	}
	return b[sumSize:], nil
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
