package templates

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Brand makes the pages of a sign-in a company's own. The zero Brand is
// Gatehouse's.
type Brand struct {
	Name string // what the pages call the service; "": Gatehouse. At most 60 characters
	Logo []byte // an image, SVG, PNG, JPEG or WebP, of at most 128 KiB; nil: Gatehouse's icon
	CSS  []byte // a style sheet with values for the custom properties of site.css, at most 32 KiB; nil: none
}

const (
	longestName = 60
	largestLogo = 128 << 10
	largestCSS  = 32 << 10
)

// Validate says what is wrong with the first part that cannot be used.
func (b Brand) Validate() error {
	if !utf8.ValidString(b.Name) || shown(b.Name) != b.Name || utf8.RuneCountInString(b.Name) > longestName {
		return fmt.Errorf("name must be plain text of at most %d characters", longestName)
	}
	if len(b.Logo) > largestLogo {
		return fmt.Errorf("logo must be of at most %d KiB", largestLogo>>10)
	}
	if len(b.Logo) > 0 && imageExtension(b.Logo) == "" {
		return fmt.Errorf("logo must be an SVG, PNG, JPEG or WebP image")
	}
	if len(b.CSS) > largestCSS {
		return fmt.Errorf("CSS must be of at most %d KiB", largestCSS>>10)
	}
	if !utf8.Valid(b.CSS) || bytes.Contains(b.CSS, []byte{0}) {
		return fmt.Errorf("CSS must be UTF-8")
	}
	if bytes.Contains(b.CSS, []byte("</")) {
		return fmt.Errorf("CSS must not contain </")
	}
	return nil
}

// imageExtension is how the name of a file with this image ends, or "" when it
// is none that browsers are sure to show.
func imageExtension(image []byte) string {
	switch {
	case bytes.HasPrefix(image, []byte("\x89PNG\r\n\x1a\n")):
		return ".png"
	case bytes.HasPrefix(image, []byte("\xff\xd8\xff")):
		return ".jpg"
	case bytes.HasPrefix(image, []byte("RIFF")) && len(image) > 12 && string(image[8:12]) == "WEBP":
		return ".webp"
	case utf8.Valid(image) && bytes.Contains(image, []byte("<svg")):
		return ".svg"
	default:
		return ""
	}
}

// addBrand makes assets of the brand's files.
func (s *Set) addBrand(b Brand) {
	if len(b.Logo) > 0 {
		s.addAsset("logo"+imageExtension(b.Logo), b.Logo)
	}
	if len(b.CSS) > 0 {
		s.addAsset("brand.css", b.CSS)
	}
}
