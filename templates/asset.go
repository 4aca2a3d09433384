package templates

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io/fs"
	"path"
	"strings"
)

// Asset is a file that pages refer to.
type Asset struct {
	Body        []byte
	ContentType string
}

// Asset returns the asset that pages call by this name: "site.0a1b2c3d4e5f.css".
func (s *Set) Asset(name string) (Asset, bool) {
	a, ok := s.assets[name]
	return a, ok
}

// assetLink returns the address of the asset with this file name.
func (s *Set) assetLink(file string) (string, error) {
	name, ok := s.links[file]
	if !ok {
		return "", fmt.Errorf("no asset %q", file)
	}
	return s.link("/assets/" + name), nil
}

func (s *Set) readAssets() error {
	s.assets, s.links = make(map[string]Asset), make(map[string]string)
	entries, err := fs.ReadDir(files, "assets")
	if err != nil {
		return fmt.Errorf("list assets: %w", err)
	}
	for _, entry := range entries {
		body, err := files.ReadFile("assets/" + entry.Name())
		if err != nil {
			return fmt.Errorf("read asset: %w", err)
		}
		media, ok := contentType(entry.Name())
		if !ok {
			return fmt.Errorf("asset %q is of no known type", entry.Name())
		}
		name := hashed(entry.Name(), body)
		s.assets[name], s.links[entry.Name()] = Asset{body, media}, name
	}
	return nil
}

func hashed(file string, body []byte) string {
	sum := sha256.Sum256(body)
	extension := path.Ext(file)
	return strings.TrimSuffix(file, extension) + "." + hex.EncodeToString(sum[:6]) + extension
}

func contentType(file string) (string, bool) {
	switch path.Ext(file) {
	case ".css":
		return "text/css; charset=utf-8", true
	case ".svg":
		return "image/svg+xml", true
	default:
		return "", false
	}
}
