package sim

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strconv"
)

// obj is a small JSON document.
type obj = map[string]any

// marshal encodes small documents; they hold only strings, numbers, lists and
// maps, which always encode.
func marshal(v any) []byte {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte("{}")
	}
	return bytes.TrimRight(buf.Bytes(), "\n")
}

func writeBytes(w http.ResponseWriter, status int, kind string, b []byte) {
	h := w.Header()
	h["Content-Type"] = []string{kind}
	h["Cache-Control"] = []string{"no-store"}
	h["Content-Length"] = []string{strconv.Itoa(len(b))}
	w.WriteHeader(status)
	_, _ = w.Write(b)
}
