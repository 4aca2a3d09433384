package main

import (
	"os"
	"path/filepath"
)

// makePrivateDir makes a directory that only its owner can enter, unless it exists.
func makePrivateDir(path string) error { return os.MkdirAll(path, 0o700) }

// writePrivateFile writes a file that only its owner can read, whole or not at
// all: when it returns, the content has survived even a power cut. put gives the
// file its name: os.Rename replaces one that is there, os.Link refuses to.
func writePrivateFile(path string, content []byte, put func(from, to string) error) error {
	temporary, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+"-") // mode 0600
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(temporary.Name()) }() // it is gone already after os.Rename
	if _, err := temporary.Write(content); err != nil {
		return err
	}
	if err := temporary.Sync(); err != nil {
		return err
	}
	if err := temporary.Close(); err != nil {
		return err
	}
	if err := put(temporary.Name(), path); err != nil {
		return err
	}
	return syncDir(filepath.Dir(path))
}

// syncDir makes a new name in a directory survive a power cut.
func syncDir(path string) error {
	dir, err := os.Open(path)
	if err != nil {
		return err
	}
	defer dir.Close()
	return dir.Sync()
}
