// Package client protects products with Gatehouse: it verifies the access tokens
// that callers bring, and asks the server what they may do. It imports the standard
// library and go-jose, and nothing else.
//
// # A protected service
//
// Make one Client for the process, and put its middleware before the handlers:
//
//	gatehouse, err := client.New(client.Config{
//		Issuer:      "https://gatehouse.example.com", // as its tokens say
//		Product:     "midaz",                         // whose groups decide
//		AnyAudience: true,                            // the policy decides, whoever calls
//	})
//	if err != nil {
//		return err
//	}
//	defer gatehouse.Close()
//
//	mux := http.NewServeMux()
//	mux.Handle("GET /ledgers", gatehouse.Authorize("ledgers", "get")(list))
//	mux.Handle("POST /ledgers", gatehouse.Authorize("ledgers", "post")(create))
//	mux.Handle("GET /me", gatehouse.Authenticate(me)) // anybody with a token
//
// Behind either, [FromContext] returns the [Token]: who calls, and by which
// application. A request that may not pass is answered in the form that the server's
// own refusals have, {"code", "title", "message"}:
//
//	401  no token, or none that is valid (RFC 6750 §3)
//	403  the policy does not allow it
//	503  no decision could be had; Retry-After says when to come back
//
// Where a middleware does not fit, [Client.Verify] and [Client.Allowed] are the same
// as functions. The repository has a service that runs, in examples/service.
//
// # What is asked, and when
//
// [Client.Verify] and [Client.Authenticate] are offline. They need the server's
// public keys, which are fetched at first need, then beside a request about every
// five minutes (what Cache-Control says, between one and fifteen), and when a token
// names a key that is not known, at most every five seconds, so that forged tokens
// cannot make a product hammer the server. A verified token is remembered by its
// hash: seeing it again costs no signature.
//
// [Client.Allowed] and [Client.Authorize] verify too, and then ask POST
// /v1/authorize with the caller's own token. A decision is remembered for
// Config.DecisionLifetime, five seconds, and never longer than the token lives. Those
// who ask the same at the same time share one question.
//
// A revoked token therefore verifies until it expires, but is refused within five
// seconds wherever Allowed or Authorize decide, and so is one whose user was
// disabled or lost the permission.
//
// # When the server is away
//
// Nothing is allowed that the server has not allowed: any doubt is false and an
// error. Verified tokens, and tokens of keys at hand, verify for an hour longer
// (Config.StaleKeys). A question is asked up to three times within Config.Timeout,
// for it changes nothing; after three that failed in a row, one a second goes out and
// the others fail at once, so that requests do not pile up.
//
// # Errors
//
// [ErrTokenInvalid] and [ErrUnavailable] say whose turn it is; a [*Refusal] among
// them has the server's code, its words and the request id under which an
// administrator finds the reason. No error holds a token.
package client
