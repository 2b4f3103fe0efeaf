package ownfile

import (
	"io/fs"
	"os"
)

// safeFlags: Windows has no flag of this kind; Check refuses what is no regular file.
const safeFlags = 0

func linkError(_ string, err error) error { return err }

// renameOpen: Windows renames no open file.
const renameOpen = false

// markAlive: an open file can't be removed, which is mark enough.
func markAlive(*os.File) (bool, error) { return true, nil }

func mine(fs.FileInfo) bool { return true }

func checkLinks(string, fs.FileInfo) error { return nil }

func checkPrivate(string, fs.FileInfo, string) error { return nil }

func checkRoot(string, fs.FileInfo) error { return nil }
