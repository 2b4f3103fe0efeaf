package doctor

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"crmdeck/store"
	"crmdeck/store/ownfile"
)

// home looks at the directory itself.
func (x *examination) home(context.Context) error {
	err := ownfile.CheckDir(x.Home)
	var unsafe *store.UnsafeError
	switch {
	case errors.As(err, &unsafe):
		x.unsafe(unsafe)
	case errors.Is(err, fs.ErrNotExist):
		// the check of the store says that there is none
	case err != nil:
		return err
	default:
		x.find(Fine, "home", "path", x.Home)
	}
	return nil
}

func (x *examination) unsafe(e *store.UnsafeError) {
	code := "unsafe"
	if e.Fix == "" {
		code = "unsafe_odd"
	}
	x.find(Bad, code, "path", e.Path, "problem", e.Problem, "fix", e.Fix)
}

// dead is how old a temporary file is whose process has surely ended: the longest that one is
// in use is a backup of a large store.
const dead = time.Hour

// files looks at every file in the directory, and at those that open the store.
func (x *examination) files(context.Context) error {
	n, before := 0, len(x.found)
	err := filepath.WalkDir(x.Home, func(path string, d fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil // it went while we looked
		}
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(x.Home, path)
		switch {
		case rel == ".":
			return nil
		case d.IsDir():
			if rel == "locks" || rel == "providers" || rel == "themes" {
				return nil
			}
			x.stage(path, rel, d)
			return fs.SkipDir
		}
		n++
		return x.file(path, rel, d)
	})
	if errors.Is(err, fs.ErrNotExist) {
		return nil // home has said so
	}
	if err != nil {
		return err
	}
	for _, setting := range slices.Sorted(mapKeys(x.KeyFiles)) {
		x.keyFile(setting, x.KeyFiles[setting])
	}
	if len(x.found) == before {
		x.find(Fine, "files", "count", strconv.Itoa(n))
	}
	return nil
}

// stage tells of a directory for a copy in the making that nobody works in any more.
func (x *examination) stage(path, rel string, d fs.DirEntry) {
	if !strings.HasPrefix(rel, "store.stage") {
		return
	}
	if fi, err := d.Info(); err == nil && x.Clock.Now().Sub(fi.ModTime()) > dead {
		x.find(Warn, "file_temp", "path", path, "fix", "rm -r "+ownfile.Quote(path))
	}
}

// file looks at one file of the directory. Those that only describe things may be read by
// others, and must not be written by them: a provider's file says where secrets go.
func (x *examination) file(path, rel string, d fs.DirEntry) error {
	fi, err := d.Info()
	if err != nil {
		return nil // it went while we looked
	}
	base := filepath.Base(path)
	temporary := strings.Contains(base, ".new-") || strings.Contains(base, ".tmp-")
	switch {
	case temporary && x.Clock.Now().Sub(fi.ModTime()) > dead:
		x.find(Warn, "file_temp", "path", path, "fix", "rm "+ownfile.Quote(path))
	case temporary:
	case strings.HasPrefix(rel, "store.db.format"):
		x.find(Warn, "file_copy", "path", path, "made", fi.ModTime().UTC().Format("2006-01-02"), "fix", "rm "+ownfile.Quote(path))
	}
	allowed := fs.FileMode(0)
	if strings.HasSuffix(base, ".toml") {
		allowed = 0o044
	}
	if e := checkFile(path, fi, allowed); e != nil {
		x.unsafe(e)
	}
	return nil
}

// keyFile looks at a file that opens the store.
func (x *examination) keyFile(setting, path string) {
	fi, err := os.Lstat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		x.find(Bad, "key_file_absent", "path", path, "setting", setting)
	case err != nil:
		x.find(Unknown, "failed", "said", err.Error())
	default:
		if e := checkFile(path, fi, 0); e != nil {
			x.unsafe(e)
		}
	}
}

// checkFile tells whether a file is ours and closed to others but for the rights in allowed.
func checkFile(path string, fi fs.FileInfo, allowed fs.FileMode) *store.UnsafeError {
	switch {
	case fi.Mode()&fs.ModeSymlink != 0:
		return &store.UnsafeError{Path: path, Problem: "is a symbolic link"}
	case !fi.Mode().IsRegular():
		return &store.UnsafeError{Path: path, Problem: "is not a regular file"}
	}
	if e := checkOwner(path, fi); e != nil {
		return e
	}
	if open := fi.Mode().Perm() & 0o077 &^ allowed; open != 0 && os.PathSeparator == '/' {
		mode := fi.Mode().Perm() &^ 0o077
		return &store.UnsafeError{Path: path, Problem: fmt.Sprintf("is open to others (mode %04o)", fi.Mode().Perm()),
			Fix: fmt.Sprintf("chmod %04o %s", mode, ownfile.Quote(path))}
	}
	return nil
}

// Room in the file system, in bytes. A commit needs little; a compaction, a backup or a
// migration needs the store's size once more.
const (
	roomBad  = 1 << 20
	roomWarn = 64 << 20
)

// space looks at the file system that the store lies on.
func (x *examination) space(ctx context.Context) error {
	at := x.Home
	for up := filepath.Dir(at); up != at; at, up = up, filepath.Dir(up) { // it may not be there yet
		if _, err := os.Stat(at); err == nil {
			break
		}
	}
	free, total, ok := diskSpace(at)
	if !ok {
		x.find(Unknown, "space_unknown")
		return nil
	}
	size := int64(0)
	if x.Store != nil {
		if in, err := x.Store.Info(ctx); err == nil {
			size = in.Size
		}
	}
	facts := []string{"free", Bytes(free), "total", Bytes(total), "path", x.Home}
	switch {
	case free < roomBad:
		x.find(Bad, "space_none", facts...)
	case free < max(roomWarn, 2*size):
		x.find(Warn, "space_low", facts...)
	default:
		x.find(Fine, "space", facts...)
	}
	return nil
}

// Bytes writes a size for people: "512 B", "1.5 MiB".
func Bytes(n int64) string {
	units := []string{"KiB", "MiB", "GiB", "TiB"}
	if n < 1024 {
		return strconv.FormatInt(n, 10) + " B"
	}
	f, i := float64(n)/1024, 0
	for ; f >= 1024 && i < len(units)-1; i++ {
		f /= 1024
	}
	return strconv.FormatFloat(f, 'f', map[bool]int{true: 1}[f < 10], 64) + " " + units[i]
}
