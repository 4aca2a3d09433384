package main_test

import "testing"

// What others wrote moves no cursor and makes no line of its own.
func TestOutputIsPlain(t *testing.T) {
	t.Parallel()
	eachDatabase(t, func(t *testing.T, a administration) {
		a.command(createUser("ada", "--metadata", "note=\x1b]0;x\x07a\nusername\troot\u009b2J")...).ok(t)
		shown := a.command("user", "show", "ada").ok(t)
		contains(t, shown, "note=\uFFFD]0;x\uFFFDa\uFFFDusername\uFFFDroot\uFFFD2J")
		lacks(t, shown, "\x1b", "\x07", "\u009b")
	})
}
