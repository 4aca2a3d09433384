package main

import (
	"fmt"
	"io"
	"os"

	"gatehouse/errors"
	"gatehouse/templates"
)

// readBrand reads the files that make the pages of a sign-in a company's own. It
// adds what is wrong with them to what is wrong, and returns it all.
func (l *loaded) readBrand(wrong error) error {
	var all mistakes
	if wrong != nil && !errors.As(wrong, &all) {
		return wrong
	}
	for _, file := range []struct {
		key, path string
		to        *[]byte
		brand     func(content []byte) templates.Brand
	}{
		{"pages.logo", l.LogoFile, &l.Brand.Logo, func(b []byte) templates.Brand { return templates.Brand{Logo: b} }},
		{"pages.css", l.CSSFile, &l.Brand.CSS, func(b []byte) templates.Brand { return templates.Brand{CSS: b} }},
	} {
		content, err := readSome(file.path)
		if err == nil {
			if err = file.brand(content).Validate(); err != nil {
				err = fmt.Errorf("%s: %w", file.path, err)
			}
		}
		if err != nil {
			all = append(all, mistake{key: file.key, source: l.sources[file.key], problem: err.Error()})
		}
		*file.to = content
	}
	if len(all) == 0 {
		return nil
	}
	return all
}

// mostRead is more than any of the files may have, in bytes.
const mostRead = 1 << 20

// readSome returns what is in a file, as far as it is not too much for whatever it
// is for; nothing without a path.
func readSome(path string) ([]byte, error) {
	if path == "" {
		return nil, nil
	}
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	content, err := io.ReadAll(io.LimitReader(file, mostRead))
	if err == nil && len(content) == 0 {
		err = fmt.Errorf("%s is empty", path)
	}
	return content, err
}
