package words

import (
	"errors"
	"strconv"

	"crmdeck/store"
)

// placeSays tells why a directory is no place for a store.
func (c Context) placeSays(err error) (Explanation, bool) {
	var unfit *store.UnfitError
	var root *store.RootError
	switch {
	case errors.As(err, &unfit):
		return c.entry("unfit", "", map[string]string{"path": unfit.Path, "kind": unfit.Kind}), true
	case errors.As(err, &root):
		return c.entry("root_files", "", map[string]string{"path": root.Path, "uid": strconv.Itoa(root.UID)}), true
	}
	return Explanation{}, false
}
