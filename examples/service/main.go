// Service is a small product behind Gatehouse: it keeps ledgers in memory, and who
// may get, post and delete them is decided by the server. Start Gatehouse with the
// permissions of the Midaz family in one terminal, and the service in another:
//
//	go run ./cmd/gatehouse serve --dev --bootstrap examples/midaz.yaml
//	go run ./examples/service --issuer http://localhost:4000 --product midaz
//
// Create somebody who may view, sign in as her, and ask:
//
//	echo 'Nanosecond-29.97cm' | go run ./cmd/gatehouse user create vera --email vera@example.com --first-name Vera --last-name Rubin --group midaz-viewer-group --password-stdin
//	TOKEN=$(curl -s http://localhost:4000/oauth2/token -d grant_type=password -d username=vera -d password=Nanosecond-29.97cm | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
//	curl -i http://localhost:8080/ledgers -H "Authorization: Bearer $TOKEN"
//
// She gets the ledgers. To -X POST and to -X DELETE she is answered 403, until she is
// in midaz-editor-group; without the header everybody is answered 401.
package main

import (
	"context"
	"errors"
	"flag"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"sync"
	"time"

	"gatehouse/client"
)

func main() {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], log)
	stop()
	if err != nil {
		log.Error("the service ends", slog.Any("error", err))
		os.Exit(1)
	}
}

// run serves until ctx ends.
func run(ctx context.Context, args []string, log *slog.Logger) error {
	flags := flag.NewFlagSet("service", flag.ContinueOnError)
	issuer := flags.String("issuer", "http://localhost:4000", "`URL` of Gatehouse, as its tokens say")
	product := flags.String("product", "midaz", "`NAME` of the product whose groups decide")
	address := flags.String("address", "localhost:8080", "`HOST:PORT` to listen on")
	if err := flags.Parse(args); err != nil {
		return err
	}
	gatehouse, err := client.New(client.Config{
		Issuer: *issuer, Product: *product,
		AnyAudience: true, // whichever application calls, the policy decides
		OnRefusal: func(r *http.Request, why error) {
			log.InfoContext(r.Context(), "request refused", slog.String("path", r.URL.Path), slog.Any("why", why))
		},
	})
	if err != nil {
		return err
	}
	defer gatehouse.Close()

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", *address)
	if err != nil {
		return err
	}
	server := &http.Server{Handler: routes(gatehouse), ReadHeaderTimeout: 5 * time.Second}
	ctx, cancel := context.WithCancel(ctx)
	var ending sync.WaitGroup
	ending.Go(func() {
		<-ctx.Done()
		limited, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_ = server.Shutdown(limited) // what takes longer ends with the process
	})
	log.InfoContext(ctx, "listening", slog.String("url", "http://"+listener.Addr().String()))
	err = server.Serve(listener)
	cancel()
	ending.Wait()
	if !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// routes says what each request needs: a method's permission has its name.
func routes(gatehouse *client.Client) http.Handler {
	l := newLedgers()
	mux := http.NewServeMux()
	mux.Handle("GET /ledgers", gatehouse.Authorize("ledgers", "get")(http.HandlerFunc(l.list)))
	mux.Handle("POST /ledgers", gatehouse.Authorize("ledgers", "post")(http.HandlerFunc(l.create)))
	mux.Handle("DELETE /ledgers/{id}", gatehouse.Authorize("ledgers", "delete")(http.HandlerFunc(l.remove)))
	return mux
}
