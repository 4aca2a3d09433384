package storagetest_test

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"gatehouse/storage/storagetest"
)

// asChild makes this test binary a test process that starts a server and waits
// to be killed.
const asChild = "STORAGETEST_CHILD"

// The server and its files are gone soon after the test process, even when that
// was killed.
func TestPostgresEndsWithItsProcess(t *testing.T) {
	if os.Getenv(asChild) != "" {
		dsn := storagetest.Postgres(t)
		fmt.Println(dsn)
		_, _ = io.Copy(io.Discard, os.Stdin) // ends with the parent at the latest
		return
	}
	if os.Getenv("TEST_POSTGRES_DSN") != "" {
		t.Skip("the server is not ours")
	}
	t.Parallel()
	storagetest.Postgres(t) // skips the test where there is none
	child := exec.Command(os.Args[0], "-test.run=^TestPostgresEndsWithItsProcess$")
	child.Env = append(os.Environ(), asChild+"=1")
	if _, err := child.StdinPipe(); err != nil { // open until the parent ends
		t.Fatal(err)
	}
	out, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	dsn, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	dsn = strings.TrimSpace(dsn)
	dir := serverDir(t, dsn)
	if err := child.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = child.Wait() // says that it was killed
	deadline := time.Now().Add(10 * time.Second)
	for {
		_, err := os.Stat(dir)
		if os.IsNotExist(err) {
			break
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s is still there", dir)
		}
		time.Sleep(10 * time.Millisecond)
	}
	if db, err := pgx.Connect(t.Context(), dsn); err == nil {
		db.Close(t.Context())
		t.Error("the server still answers")
	}
}

// serverDir is where a server keeps its files.
func serverDir(t *testing.T, dsn string) string {
	t.Helper()
	ctx := context.Background()
	db, err := pgx.Connect(ctx, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close(ctx)
	var dir string
	if err := db.QueryRow(ctx, "SHOW data_directory").Scan(&dir); err != nil {
		t.Fatal(err)
	}
	return dir
}
