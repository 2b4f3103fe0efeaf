package ageplugin

import (
	"bufio"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strings"
)

// stanza is one message of the protocol: a line "-> TYPE ARG…", then the body in base64,
// 64 characters a line, the last line shorter than that.
type stanza struct {
	kind string
	args []string
	body []byte
}

const (
	column    = 64
	maxLine   = 16 << 10 // a post-quantum recipient stanza has arguments of some 3 KiB
	maxBody   = 256 << 10
	maxAnswer = 1000 // stanzas of one conversation
)

var errFormat = errors.New("it does not speak the protocol of age plugins")

func (s stanza) write(w io.Writer) error {
	for _, word := range append([]string{s.kind}, s.args...) {
		if word == "" || strings.Trim(word, printable) != "" {
			return fmt.Errorf("a message for the plugin can't be written: %w", errFormat)
		}
	}
	var b strings.Builder
	b.WriteString("-> " + strings.Join(append([]string{s.kind}, s.args...), " ") + "\n")
	text := base64.RawStdEncoding.EncodeToString(s.body)
	for len(text) >= column {
		b.WriteString(text[:column] + "\n")
		text = text[column:]
	}
	b.WriteString(text + "\n")
	_, err := io.WriteString(w, b.String())
	return err
}

// printable are the characters of a word: ASCII without space and control characters.
const printable = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"

func read(r *bufio.Reader) (stanza, error) {
	head, err := line(r)
	if err != nil {
		return stanza{}, err
	}
	words := strings.Split(head, " ")
	if len(words) < 2 || words[0] != "->" {
		return stanza{}, errFormat
	}
	for _, w := range words[1:] {
		if w == "" || strings.Trim(w, printable) != "" {
			return stanza{}, errFormat
		}
	}
	s := stanza{kind: words[1], args: words[2:]}
	for {
		l, err := line(r)
		if err != nil {
			return stanza{}, err
		}
		part, err := base64.RawStdEncoding.Strict().DecodeString(l)
		if err != nil || len(l) > column || len(s.body) > maxBody {
			return stanza{}, errFormat
		}
		s.body = append(s.body, part...)
		if len(l) < column {
			return s, nil
		}
	}
}

// line reads up to a line feed; r's buffer is maxLine.
func line(r *bufio.Reader) (string, error) {
	b, err := r.ReadSlice('\n')
	switch {
	case errors.Is(err, bufio.ErrBufferFull):
		return "", errFormat
	case errors.Is(err, io.EOF):
		return "", io.ErrUnexpectedEOF
	case err != nil:
		return "", err
	}
	return string(b[:len(b)-1]), nil
}
