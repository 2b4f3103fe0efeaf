package transfer

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fxamacker/cbor/v2"

	"crmdeck/store"
	"crmdeck/store/secret"
)

// magic is the first line of every export, whatever its format; Format is the one that is written.
const (
	magic  = "crmdeck-export/"
	Format = 1
)

// Limits of a file that comes in (RL-5). A connection with all of its history has some 50 KiB.
const (
	maxParcel  = 1 << 20
	maxFile    = 16 << 20
	maxParcels = 1000
)

// Errors of what stands in an export. They are wrapped; test with errors.Is.
var (
	// ErrNotExport: it was decrypted, and holds something else than an export.
	ErrNotExport = errors.New("no export of crmdeck")
	// ErrNewer: it was made by a newer program.
	ErrNewer = errors.New("export has a newer format")
	// ErrTooLarge: a connection has over 1 MiB, or the file over 16 MiB or 1,000 grants.
	ErrTooLarge = errors.New("export is too large")
	// ErrInvalid: what it says of a connection can't be so.
	ErrInvalid = errors.New("export is not valid")
)

// Head is what an export says of itself. In the file: CBOR, before the parcels.
type Head struct {
	Made     time.Time `cbor:"1,keyasint"`
	StoreID  string    `cbor:"2,keyasint"` // of the store that it comes from
	HandOver bool      `cbor:"3,keyasint,omitempty"`
	Parcels  int       `cbor:"4,keyasint"`
}

// wireParcel is a Parcel in a file.
type wireParcel struct {
	Grant       store.Grant        `cbor:"1,keyasint"`
	Client      *store.Client      `cbor:"2,keyasint,omitempty"`
	Connections []store.Connection `cbor:"3,keyasint"`
	Secrets     []wireSecret       `cbor:"4,keyasint"`
}

type wireSecret struct {
	Owner store.ID `cbor:"1,keyasint"`
	Field string   `cbor:"2,keyasint"`
	Gen   uint64   `cbor:"3,keyasint"`
	Hosts []string `cbor:"4,keyasint"`
	Value []byte   `cbor:"5,keyasint"`
}

// Write writes parcels with their secrets, which only an envelope may take. After the first line
// each part is its length in 4 bytes, big endian, and CBOR: the head, then the parcels.
func Write(w io.Writer, h Head, parcels []*Parcel) error {
	if len(parcels) > maxParcels {
		return ErrTooLarge
	}
	h.Parcels = len(parcels)
	enc, err := encoder()
	if err != nil {
		return err
	}
	if _, err := fmt.Fprintf(w, "%s%d\n", magic, Format); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	if err := writePart(w, enc, h); err != nil {
		return err
	}
	for _, p := range parcels {
		out := wireParcel{Grant: p.Grant, Client: p.Client, Connections: p.Connections}
		for _, s := range p.Secrets {
			out.Secrets = append(out.Secrets, wireSecret{s.Owner, s.Field, s.Gen, s.Hosts, s.Value.Bytes()})
		}
		if err := writePart(w, enc, out); err != nil {
			return err
		}
	}
	return nil
}

func encoder() (cbor.EncMode, error) {
	o := cbor.CoreDetEncOptions()
	o.Time = cbor.TimeRFC3339NanoUTC
	enc, err := o.EncMode()
	if err != nil {
		return nil, fmt.Errorf("making the encoder: %w", err)
	}
	return enc, nil
}

func writePart(w io.Writer, enc cbor.EncMode, v any) error {
	b, err := enc.Marshal(v)
	defer clear(b)
	switch {
	case err != nil:
		return fmt.Errorf("encoding the export: %w", err)
	case len(b) > maxParcel:
		return ErrTooLarge
	}
	if _, err := w.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	if _, err := w.Write(b); err != nil {
		return fmt.Errorf("writing the export: %w", err)
	}
	return nil
}

// Read reads an export and checks all of it: what it returns is whole, within the limits, clean,
// and each parcel is of one piece. An error of the reader is returned as it is.
func Read(r io.Reader) (h Head, parcels []*Parcel, err error) {
	in := &io.LimitedReader{R: r, N: maxFile + 1}
	dec, err := decoder()
	if err != nil {
		return h, nil, err
	}
	if err := readMagic(in); err != nil {
		return h, nil, err
	}
	if err := readPart(in, dec, &h); err != nil {
		return h, nil, err
	}
	if h.Parcels < 1 || h.Parcels > maxParcels {
		return h, nil, fmt.Errorf("%w: it says that it holds %d grants", ErrInvalid, h.Parcels)
	}
	defer func() {
		if err != nil {
			for _, p := range parcels {
				p.Wipe()
			}
		}
	}()
	for i := range h.Parcels {
		var x wireParcel
		if err := readPart(in, dec, &x); err != nil {
			return h, parcels, err
		}
		p := x.parcel()
		parcels = append(parcels, p)
		if err := p.check(); err != nil {
			return h, parcels, fmt.Errorf("%w: grant %d: %w", ErrInvalid, i+1, err)
		}
	}
	var more [1]byte
	switch n, err := in.Read(more[:]); {
	case n > 0:
		return h, parcels, fmt.Errorf("%w: something follows its content", ErrInvalid)
	case err != nil && !errors.Is(err, io.EOF):
		return h, parcels, err
	}
	return h, parcels, apart(parcels)
}

// parcel takes the secrets out of the decoded bytes, which are cleared.
func (x *wireParcel) parcel() *Parcel {
	p := &Parcel{Grant: x.Grant, Client: x.Client, Connections: x.Connections}
	for _, s := range x.Secrets {
		p.Secrets = append(p.Secrets, Secret{s.Owner, s.Field, s.Gen, s.Hosts, secret.New(s.Value)})
		clear(s.Value)
	}
	return p
}

func decoder() (cbor.DecMode, error) {
	dec, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsAllowed,
		MaxNestedLevels: 16, MaxArrayElements: 4096, MaxMapPairs: 4096, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode()
	if err != nil {
		return nil, fmt.Errorf("making the decoder: %w", err)
	}
	return dec, nil
}

func readMagic(in io.Reader) error {
	line := make([]byte, 0, len(magic)+8)
	for !bytes.HasSuffix(line, []byte("\n")) {
		if len(line) == cap(line) {
			return ErrNotExport
		}
		var b [1]byte
		if _, err := io.ReadFull(in, b[:]); err != nil {
			return ends(err, ErrNotExport)
		}
		line = append(line, b[0])
	}
	version, ok := bytes.CutPrefix(bytes.TrimSpace(line), []byte(magic))
	switch {
	case !ok:
		return ErrNotExport
	case string(version) != fmt.Sprint(Format):
		return fmt.Errorf("%w: %.8q, this program knows %d", ErrNewer, version, Format)
	}
	return nil
}

// ends tells an end that comes too early as what; other errors stay.
func ends(err, what error) error {
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return what
	}
	return err
}

func readPart(in *io.LimitedReader, dec cbor.DecMode, v any) error {
	early := fmt.Errorf("%w: it ends too early", ErrInvalid)
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		if in.N <= 0 {
			return ErrTooLarge
		}
		return ends(err, early)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n > maxParcel {
		return ErrTooLarge
	}
	var part bytes.Buffer // grows with what comes, not with what is announced
	if got, err := io.CopyN(&part, in, int64(n)); err != nil {
		if in.N <= 0 && got < int64(n) {
			return ErrTooLarge
		}
		return ends(err, early)
	}
	defer clear(part.Bytes())
	if err := dec.Unmarshal(part.Bytes(), v); err != nil {
		return fmt.Errorf("%w: it can't be decoded", ErrInvalid) // the decoder's text could quote it
	}
	return nil
}
