// Command gatehouse is the authorization server and the tools to run it:
// serve answers requests, migrate prepares the database, user, group, product,
// application and keys administer what is in it, permissions says who may do what,
// explain says why a request was refused, config explains the configuration.
//
// Each command is a file of its own. config.go is the one place that reads
// environment and file; settings.go lists all there is to set.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"gatehouse/errors"
)

// Exit statuses.
const (
	exitOK     = 0
	exitFailed = 1 // it was tried, and failed
	exitUsage  = 2 // the command line or the configuration is wrong; nothing was tried
	exitDiffer = 3 // a dry run found something to do, or the answer is no
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	os.Exit(run(ctx, os.Args[1:], os.Environ(), os.Stdin, os.Stdout, os.Stderr))
}

// run carries out one command line and returns the exit status. When ctx ends,
// the command comes to an orderly end.
func run(ctx context.Context, args, environ []string, stdin io.Reader, stdout, stderr io.Writer) int {
	c := &cli{environ: environ, stdin: stdin, stdout: stdout, stderr: stderr}
	root := newRoot(c)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	if errors.Is(err, errDiffer) || errors.Is(err, errNotAllowed) {
		return exitDiffer
	}
	fmt.Fprintln(stderr, "gatehouse: "+explain(err))
	if !c.started || errors.As(err, new(usageError)) || errors.As(err, new(mistakes)) {
		return exitUsage
	}
	return exitFailed
}
