package client_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"gatehouse/client"
)

// A whole service: its own handlers know nothing of tokens but who calls.
func Example() {
	server, stop := runGatehouse()
	defer stop()

	gatehouse, err := client.New(client.Config{
		Issuer:      server.URL, // https://gatehouse.example.com
		Product:     "midaz",    // whose groups decide
		AnyAudience: true,       // the policy decides, whichever application calls
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gatehouse.Close()

	list := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		token, _ := client.FromContext(r.Context())
		fmt.Fprintf(w, "the ledgers, for %s", token.Name)
	})
	mux := http.NewServeMux()
	mux.Handle("GET /ledgers", gatehouse.Authorize("ledgers", "get")(list))

	request := httptest.NewRequest(http.MethodGet, "/ledgers", nil)
	answer := httptest.NewRecorder()
	mux.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)

	request.Header.Set("Authorization", "Bearer "+server.tokenOfVera())
	answer = httptest.NewRecorder()
	mux.ServeHTTP(answer, request)
	fmt.Println(answer.Code, answer.Body)
	// Output:
	// 401 {"code":"AUT-0006","title":"Token Missing","message":"A valid token must be provided in the request header. Please include a token and try again."}
	// 200 the ledgers, for vera
}

// Verify is for what is not HTTP, such as messages that carry a token.
func ExampleClient_Verify() {
	server, stop := runGatehouse()
	defer stop()
	gatehouse, err := client.New(client.Config{
		Issuer:   server.URL,
		Audience: []string{"midaz-console", "reporter"}, // client ids
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gatehouse.Close()

	token, err := gatehouse.Verify(context.Background(), server.tokenOfVera())
	fmt.Println(token.Name, token.ClientID, token.HasScope("profile"), err)

	_, err = gatehouse.Verify(context.Background(), "eyJhbGciOiJub25lIn0.e30.")
	fmt.Println(err)
	// Output:
	// vera midaz-console true <nil>
	// gatehouse: the token is not valid: malformed
}

// Allowed is for decisions that depend on more than the route.
func ExampleClient_Allowed() {
	server, stop := runGatehouse()
	defer stop()
	gatehouse, err := client.New(client.Config{Issuer: server.URL, Product: "midaz", AnyAudience: true})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gatehouse.Close()

	allowed, err := gatehouse.Allowed(context.Background(), server.tokenOfVera(), "ledgers", "get")
	var said *client.Refusal
	switch {
	case errors.As(err, &said):
		fmt.Println("the server refuses:", said.Code, said.RequestID)
	case errors.Is(err, client.ErrTokenInvalid):
		fmt.Println("sign in again")
	case err != nil:
		fmt.Println("come back later")
	default:
		fmt.Println(allowed)
	}
	// Output:
	// true
}

// OnRefusal is where a product logs who was not let through, and why.
func ExampleConfig() {
	server, stop := runGatehouse()
	defer stop()
	gatehouse, err := client.New(client.Config{
		Issuer:      server.URL,
		AnyAudience: true,
		OnRefusal: func(r *http.Request, why error) {
			fmt.Println(r.Method, r.URL.Path, why)
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer gatehouse.Close()
	protected := gatehouse.Authenticate(http.NotFoundHandler())
	protected.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/me", nil))
	// Output:
	// GET /me gatehouse: no token
}

// runGatehouse runs what examples take for a server: it allows vera everything.
func runGatehouse() (example, func()) {
	tb := &noTest{}
	is := newIssuer(tb)
	return example{is, tb}, func() {
		for _, end := range tb.ends {
			end()
		}
	}
}

type example struct {
	*issuer
	tb testing.TB
}

func (e example) tokenOfVera() string { return e.token(e.tb) }

// noTest lets examples use what tests use.
type noTest struct {
	testing.TB
	ends []func()
}

func (n *noTest) Helper() {}

func (n *noTest) Cleanup(end func()) { n.ends = append(n.ends, end) }

func (n *noTest) Fatalf(format string, args ...any) {
	fmt.Fprintf(os.Stderr, format+"\n", args...)
	os.Exit(1)
}
