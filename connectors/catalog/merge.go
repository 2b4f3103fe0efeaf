package catalog

import (
	"fmt"
	"maps"
	"slices"

	"github.com/pelletier/go-toml/v2"

	"crmdeck/connectors"
)

// overlay lays a user's document over a built-in one.
func overlay(base, over document) document {
	return document{values: mergeTables(base.values, over.values), layers: slices.Concat(base.layers, over.layers)}
}

func mergeTables(base, over map[string]any) map[string]any {
	out := maps.Clone(base)
	for k, v := range over {
		out[k] = mergeValues(base[k], v)
	}
	return out
}

func mergeValues(base, over any) any {
	switch o := over.(type) {
	case map[string]any:
		if b, ok := base.(map[string]any); ok {
			return mergeTables(b, o)
		}
	case []any:
		if b, ok := base.([]any); ok && keyed(b) && keyed(o) {
			return mergeLists(b, o)
		}
	}
	return over
}

// keyed reports whether every entry has a name to merge by.
func keyed(list []any) bool {
	for _, e := range list {
		if entryKey(e) == "" {
			return false
		}
	}
	return len(list) > 0
}

// mergeLists keeps the order of base; entries with a new name follow.
func mergeLists(base, over []any) []any {
	out := append([]any(nil), base...)
	at := map[string]int{}
	for i, e := range out {
		at[entryKey(e)] = i
	}
	for _, e := range over {
		i, known := at[entryKey(e)]
		if !known {
			at[entryKey(e)] = len(out)
			out = append(out, e)
			continue
		}
		out[i] = mergeValues(out[i], e)
	}
	return out
}

// provider turns merged values into a provider. They came through strict decoding, so
// only a clash between two files' types can fail here.
func (d document) provider() (*connectors.Provider, error) {
	data, err := toml.Marshal(d.values)
	if err != nil {
		return nil, fmt.Errorf("merging: %w", err)
	}
	p := &connectors.Provider{}
	if err := toml.Unmarshal(data, p); err != nil {
		return nil, fmt.Errorf("merging: %w", err)
	}
	return p, nil
}
