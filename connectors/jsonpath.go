package connectors

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Lookup finds what a path names in decoded JSON. A path is names and array indexes
// with dots between: "paging.next.after", "errors.0.context". A dot or backslash in a
// name is written with a backslash before it: `@odata\.nextLink`. The empty path is v
// itself. JSON null counts as absent.
func Lookup(v any, path string) (any, bool) {
	for path != "" {
		var name string
		name, path = splitPath(path)
		switch x := v.(type) {
		case map[string]any:
			v = x[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(x) {
				return nil, false
			}
			v = x[i]
		default:
			return nil, false
		}
	}
	return v, v != nil
}

// LookupString is Lookup for one value as text: strings as they are, numbers and truth
// values as JSON writes them. Objects and arrays are no text.
func LookupString(v any, path string) (string, bool) {
	found, ok := Lookup(v, path)
	if !ok {
		return "", false
	}
	switch x := found.(type) {
	case string:
		return x, true
	case json.Number:
		return x.String(), true
	case float64:
		return strconv.FormatFloat(x, 'f', -1, 64), true
	case bool:
		return strconv.FormatBool(x), true
	}
	return "", false
}

// CheckPath says why a JSON path is not well formed.
func CheckPath(path string) error {
	for rest := path; rest != ""; {
		before := rest
		var name string
		name, rest = splitPath(rest)
		if name == "" || (rest == "" && strings.HasSuffix(before, ".") && !strings.HasSuffix(before, `\.`)) {
			return fmt.Errorf("path has an empty part")
		}
		if strings.HasPrefix(name, "$") || strings.ContainsAny(name, "[]") {
			return fmt.Errorf("path is written name.0.name, without $ or brackets")
		}
	}
	return nil
}

// splitPath cuts the first part off a path and unescapes it.
func splitPath(path string) (name, rest string) {
	if !strings.Contains(path, `\`) {
		name, rest, _ = strings.Cut(path, ".")
		return name, rest
	}
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		switch {
		case path[i] == '\\' && i+1 < len(path):
			i++
			b.WriteByte(path[i])
		case path[i] == '.':
			return b.String(), path[i+1:]
		default:
			b.WriteByte(path[i])
		}
	}
	return b.String(), ""
}
