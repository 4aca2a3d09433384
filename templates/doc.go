// Package templates holds the pages that people see, with one typed struct for
// each, and the files that pages refer to. Everything is embedded; the names of
// assets carry a hash of their content, so that browsers may keep them forever.
//
// There are two kinds of pages. References, in the folder pages, are in English
// and rendered once; they are sent with ContentSecurityPolicy. The pages of a
// sign-in, in the folder signin, are in each of Languages, with their texts in the
// folder messages, and carry a company's Brand; each is a Page, which says what it
// has to be sent with. What of them never changes, such as texts and links to
// assets, stands between [[ and ]] and is filled in when a Set is made, so that a
// request pays for what is its own.
//
// No page has an inline script or style. One has a script, an asset that presses
// the button of a FormPost, and works without.
package templates
