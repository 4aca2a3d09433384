package main

import (
	"fmt"
	"io/fs"
	"os"
	"strings"

	"gatehouse/errors"
)

// maxSecretFile is more than any secret needs, in bytes.
const maxSecretFile = 64 << 10

// worldReadable are the permissions that nobody but the owner and its group
// may have on a file with a secret in it.
const worldReadable fs.FileMode = 0o007

// fromFile reads a secret from the file at path, if there is a path, and adds it
// to what is written.
func (l *loader) fromFile(s setting, written map[string]given, path string, from source) {
	if path == "" {
		return
	}
	if other, both := written[s.key]; both {
		l.mistake(s.key, from, "is set here and as "+other.source.String()+"; leave one out", "")
		return
	}
	text, mode, err := readSecret(path)
	if err != nil {
		l.mistake(s.key, from, path+" "+err.Error(), "")
		return
	}
	if mode&worldReadable != 0 {
		l.exposed = append(l.exposed, exposedFile(s.key, from, path))
	}
	written[s.key] = given{text, from}
}

// readSecret returns the content of a file without the white space around it.
func readSecret(path string) (string, fs.FileMode, error) {
	info, err := os.Stat(path)
	if err != nil {
		return "", 0, fmt.Errorf("cannot be read: %w", reason(err))
	}
	if !info.Mode().IsRegular() || info.Size() > maxSecretFile {
		return "", 0, errors.New("is not a file with a secret in it")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return "", 0, fmt.Errorf("cannot be read: %w", reason(err))
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		return "", 0, errors.New("is empty")
	}
	return text, info.Mode(), nil
}

// checkConfigFile notes that a configuration file with a secret in it can be
// read by others.
func (l *loader) checkConfigFile(path string, written map[string]given) {
	info, err := os.Stat(path)
	if err != nil || info.Mode()&worldReadable == 0 {
		return
	}
	for _, s := range l.table {
		g, found := written[s.key]
		if found && s.secret && g.source.name == path && !strings.HasPrefix(g.text, sqlitePrefix) {
			l.exposed = append(l.exposed, exposedFile(s.key, g.source, path))
		}
	}
}

func exposedFile(key string, from source, path string) mistake {
	return mistake{key, from, "everyone on this machine may read " + path + ": run chmod 600 " + path +
		" (640 to let its group read it; in Kubernetes defaultMode: 0440)", ""}
}

// reason is what went wrong with a file, without the path.
func reason(err error) error {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		return failed.Err
	}
	return err
}
