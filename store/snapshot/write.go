package snapshot

import (
	"io"
	"io/fs"

	"crmdeck/store/ownfile"
)

// WriteFile puts a document in the place of path with exactly mode, as ownfile.Replace
// does: whole or not at all, and never through a link. It returns the size in bytes.
func WriteFile(path string, mode fs.FileMode, d *Document) (size int64, err error) {
	err = ownfile.Replace(path, mode, func(w io.Writer) error {
		c := &counter{w: w}
		err := Encode(c, d)
		size = c.n
		return err
	})
	return size, err
}

// counter counts what goes through it.
type counter struct {
	w io.Writer
	n int64
}

func (c *counter) Write(p []byte) (int, error) {
	n, err := c.w.Write(p)
	c.n += int64(n)
	return n, err
}
