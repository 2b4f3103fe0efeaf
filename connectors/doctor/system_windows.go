package doctor

import (
	"io/fs"

	"golang.org/x/sys/windows"

	"crmdeck/store"
)

// checkOwner: a profile directory is private by its access list.
func checkOwner(string, fs.FileInfo) *store.UnsafeError { return nil }

// diskSpace is the room for us and the size of a file system, in bytes.
func diskSpace(path string) (free, total int64, ok bool) {
	p, err := windows.UTF16PtrFromString(path)
	if err != nil {
		return 0, 0, false
	}
	var mine, all, any uint64
	if err := windows.GetDiskFreeSpaceEx(p, &mine, &all, &any); err != nil {
		return 0, 0, false
	}
	return int64(mine), int64(all), true
}
