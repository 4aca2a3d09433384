package bootstrap

import (
	"fmt"
	"io/fs"
	"strings"

	"gatehouse/errors"
)

const (
	worldReadable fs.FileMode = 0o007
	fileSuffix                = "File"
)

// secret reads a field that may be in a file of its own, whose path is in the
// field of the same name with "File" behind it; empty: neither is there. White
// space around what is in a file does not count.
func (o *object) secret(name string) string {
	text, file := o.text(name), o.text(name+fileSuffix)
	switch {
	case text != nil && file != nil:
		o.bad(o.wrong(name+fileSuffix, "is given beside "+name+": leave one out"))
	case file != nil:
		return o.secretFile(name+fileSuffix, *file)
	case text != nil && *text == "":
		o.bad(o.wrong(name, "is empty"))
	case text != nil:
		o.inline = append(o.inline, o.wrong(name, ""))
		return *text
	}
	return ""
}

func (o *object) secretFile(field, name string) string {
	content, mode, err := o.open(name)
	if err != nil {
		o.bad(o.wrong(field, reason(err)))
		return ""
	}
	if mode&worldReadable != 0 {
		o.exposed = append(o.exposed, o.wrong(field, exposedFile(name)))
	}
	text := strings.TrimSpace(string(content))
	if text == "" {
		o.bad(o.wrong(field, "names an empty file"))
	}
	return text
}

// exposedFile is what is wrong with a file that holds a secret.
func exposedFile(name string) string {
	return fmt.Sprintf("everyone on this machine may read %s: run chmod 600 on it (640 to let its group read it)", name)
}

// reason is what went wrong with a file, without its path.
func reason(err error) string {
	var failed *fs.PathError
	if errors.As(err, &failed) {
		err = failed.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "no such file"
	}
	return err.Error()
}

// The fewest and the most characters of a client secret: it is hashed as what a
// machine made, so one that people made up could be guessed.
const (
	shortestSecret = 32
	longestSecret  = 1000
)

// clientSecret reads the secret of an application.
func (o *object) clientSecret() string {
	secret := o.secret("clientSecret")
	field := "clientSecret"
	if o.fields[field] == nil {
		field += fileSuffix
	}
	switch {
	case secret == "":
	case len(secret) < shortestSecret || len(secret) > longestSecret:
		o.bad(o.wrong(field, fmt.Sprintf("must have %d to %d characters; openssl rand -hex 20 makes a secret", shortestSecret, longestSecret)))
	case strings.ContainsFunc(secret, func(r rune) bool { return r < ' ' || r > '~' }):
		o.bad(o.wrong(field, "must have printable ASCII characters alone (RFC 6749 appendix A.2)"))
	}
	return secret
}
