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
		if path.Ext(entry.Name()) == ".css" {
			body = squeeze(body)
		}
		s.addAsset(entry.Name(), body)
	}
	return nil
}

func (s *Set) addAsset(file string, body []byte) {
	name := hashed(file, body)
	s.assets[name], s.links[file] = Asset{body, contentTypes[path.Ext(file)]}, name
}

func hashed(file string, body []byte) string {
	sum := sha256.Sum256(body)
	extension := path.Ext(file)
	return strings.TrimSuffix(file, extension) + "." + hex.EncodeToString(sum[:6]) + extension
}

// contentTypes are the media types of assets by the end of their names.
var contentTypes = map[string]string{
	".css":  "text/css; charset=utf-8",
	".jpg":  "image/jpeg",
	".js":   "text/javascript; charset=utf-8",
	".png":  "image/png",
	".svg":  "image/svg+xml",
	".webp": "image/webp",
}
