package main_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	gatehouse "gatehouse/cmd/gatehouse"
	"gatehouse/storage/storagetest"
)

// The bar is for people: it is drawn on a terminal and nowhere else, and leaves
// nothing behind.
func TestImportUsersShowsABar(t *testing.T) {
	t.Parallel()
	var lines strings.Builder
	for n := range 3000 {
		fmt.Fprintf(&lines, "user-%d,user-%d@example.com\n", n, n)
	}
	file := write(t, "many.csv", "username,email\n"+lines.String(), 0o600)
	keyboard, screen := terminals(t)
	shown := make(chan string)
	go func() {
		var all []byte
		buffer := make([]byte, 1024)
		for {
			n, err := keyboard.Read(buffer)
			all = append(all, buffer[:n]...)
			if err != nil || bytes.HasSuffix(all, []byte("END")) {
				shown <- string(all)
				return
			}
		}
	}()
	environ := []string{"GATEHOUSE_DATABASE_DSN=" + storagetest.SQLite(t)}
	var stdout bytes.Buffer
	status := gatehouse.Run(t.Context(), []string{"import", "users", file}, environ, strings.NewReader(""), &stdout, screen)
	if _, err := screen.WriteString("END"); err != nil {
		t.Fatal(err)
	}
	bar := <-shown
	if status != gatehouse.ExitOK {
		t.Fatalf("status %d: %s", status, bar)
	}
	contains(t, bar, "[", "#", "% ", " users, ", "/s")
	if rest := bar[strings.LastIndex(strings.TrimRight(bar, "\r END"), "\r")+1:]; !strings.HasSuffix(bar, "\rEND") || rest == "" {
		t.Errorf("the bar is left behind: %q", bar)
	}
	out := administration{environ: environ}.command("import", "users", file).run(t)
	if out.stderr != "" {
		t.Errorf("who is no terminal is shown %q", out.stderr)
	}
}
