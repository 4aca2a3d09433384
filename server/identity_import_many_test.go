package server_test

import (
	"bytes"
	"io"
	"net/http"
	"sync"
	"testing"

	"gatehouse/server/servertest"
)

// TestImportsAtOnce sends two imports slowly: another is told to come back, and
// is done when it does.
func TestImportsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, servertest.Start(t, servertest.Options{}))
	send := func(with ...servertest.With) servertest.Answer {
		return w.Send(t, http.MethodPost, "/v1/users/import?dryRun=true", "text/csv", []byte("username\n"), append(with, w.admin)...)
	}
	begun := append([]byte("username"), bytes.Repeat([]byte("\n"), 24<<20)...) // more than is on its way when nobody reads
	var imports sync.WaitGroup
	var bodies [2]*io.PipeWriter
	for n := range bodies {
		body, writer := io.Pipe()
		bodies[n] = writer
		imports.Go(func() {
			a := send(func(r *http.Request) { r.Body, r.ContentLength = body, -1 })
			want(t, a, http.StatusOK, "")
		})
		if _, err := writer.Write(begun); err != nil {
			t.Fatal(err)
		}
	}
	if a := send(); a.Status != http.StatusServiceUnavailable || a.Header.Get("Retry-After") != "5" {
		t.Errorf("a third import: %d %v, want %d and to come back in five seconds", a.Status, a.Header, http.StatusServiceUnavailable)
	}
	for _, body := range bodies {
		_ = body.Close()
	}
	imports.Wait()
	want(t, send(), http.StatusOK, "")
}
