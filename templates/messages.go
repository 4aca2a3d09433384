package templates

import (
	"bytes"
	"encoding/json"
	"fmt"
	"html/template"
	"strings"
)

// messages are all texts of the pages of a sign-in in one language: a file in
// the folder messages. What a text has in braces is filled in by its page.
type messages struct {
	Tag       string // the language as a page says it: "pt-BR" (RFC 5646)
	Error     text   // before the title of a page with a problem
	Login     loginMessages
	Accounts  struct{ Title, Other text }
	Consent   consentMessages
	Scopes    struct{ OpenID, Profile, Email, Phone, Address, Groups, OfflineAccess, Product, Claim, Audience text }
	Logout    struct{ Title, Asked, Effect, Yes, No text }
	Stayed    struct{ Title, Text text }
	SignedOut struct{ Title, Text, Back, BackSomewhere text }
	Problem   struct{ Title, Code, Request, Advice, Explain, Back, BackSomewhere text }
	Proceed   struct{ Title, Text, TextSomewhere, Submit, Hint text }
}

type loginMessages struct {
	Title, Again, To, Username, Password, Remember, Submit, Other text
	Wrong, Another, AnotherNamed, NoUsername, NoPassword          text
	TooMany, Expired, Unavailable                                 text
}

type consentMessages struct {
	Title, Untitled, User, Asks, New, Returns, Policy, Terms, Allow, Deny text
}

// readMessages reads the texts of a language; a text that no page knows is an
// error.
func readMessages(language string) (messages, error) {
	var m messages
	content, err := files.ReadFile("messages/" + language + ".json")
	if err != nil {
		return m, fmt.Errorf("read messages: %w", err)
	}
	decoder := json.NewDecoder(bytes.NewReader(content))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&m); err != nil {
		return m, fmt.Errorf("messages %s: %w", language, err)
	}
	return m, nil
}

// text is a plain text that becomes part of a page's source.
type text string

// String is the text with everything escaped that HTML or a template would take
// for its own.
func (t text) String() string {
	return strings.ReplaceAll(template.HTMLEscapeString(string(t)), "{", "&#123;")
}

// Fill is the text with source in place of what is called name in braces.
func (t text) Fill(name, source string) (string, error) {
	before, after, found := strings.Cut(string(t), "{"+name+"}")
	if !found {
		return "", fmt.Errorf("text %q has no {%s}", string(t), name)
	}
	return text(before).String() + source + text(after).String(), nil
}
