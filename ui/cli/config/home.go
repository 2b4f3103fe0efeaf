package config

import (
	"errors"
	"path/filepath"
	"runtime"

	"crmdeck/store/ownfile"
)

// ErrNoHome is returned by Home when no variable says where a user's files lie, or HOME names no
// whole path: what a relative one means depends on where the program is started.
var ErrNoHome = errors.New("no home directory is known")

// Home is the directory in which everything lies: the flag, else CRMDECK_HOME, else
// the platform's usual place for a program's data. It is not made here. A path that can't
// be one is a *store.UnsafeError.
func Home(flag string, env func(string) string) (string, error) {
	dir, err := home(flag, env, runtime.GOOS)
	if err != nil {
		return "", err
	}
	return dir, ownfile.CheckPath(dir)
}

func home(flag string, env func(string) string, goos string) (string, error) {
	for _, dir := range []string{flag, env("CRMDECK_HOME")} {
		if dir != "" {
			return filepath.Abs(dir)
		}
	}
	// The XDG base directory specification: a relative path is to be ignored.
	if dir := env("XDG_DATA_HOME"); filepath.IsAbs(dir) {
		return filepath.Join(dir, "crmdeck"), nil
	}
	switch goos {
	case "windows":
		if dir := env("LocalAppData"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "crmdeck"), nil
		}
	case "darwin":
		if dir := env("HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, "Library", "Application Support", "crmdeck"), nil
		}
	default:
		if dir := env("HOME"); filepath.IsAbs(dir) {
			return filepath.Join(dir, ".local", "share", "crmdeck"), nil
		}
	}
	return "", ErrNoHome
}
