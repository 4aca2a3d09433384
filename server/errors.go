package server

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"math"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/server/web"
	"gatehouse/templates"
)

// renderer turns every error that leaves a handler into an answer, and logs it:
// nothing else in the server does either.
type renderer struct {
	issuer string // without a slash at its end
	log    *slog.Logger
	pages  func() (*templates.Set, error)
}

// statusClientGone stands in logs and metrics for an answer that nobody waits
// for any more. It is never sent.
const statusClientGone = 499

// handle is echo's HTTPErrorHandler.
func (r *renderer) handle(err error, c echo.Context) { _, _ = r.render(err, c) }

// render answers with err and returns the status and the fault that it came to,
// which is nil where nobody was told of one.
func (r *renderer) render(err error, c echo.Context) (status int, fault *errors.Fault) {
	ctx := c.Request().Context()
	if clientGone(ctx, err) {
		r.log.DebugContext(ctx, "client gone", slog.Any("error", err))
		return statusClientGone, nil
	}
	if c.Response().Committed {
		r.logLate(ctx, err)
		return c.Response().Status, nil
	}
	request := c.Request()
	if fault = faultOf(err); isIdentity(request.URL.Path) {
		fault = fault.Identity()
	}
	var told web.Told
	if errors.As(err, &told) {
		return r.tell(c, told, fault), fault
	}
	answer := r.answer(fault, request.URL.Path, request.Header)
	r.logFault(ctx, fault, answer.status)
	status, err = r.write(c, fault, answer)
	if err != nil {
		r.logLate(ctx, err)
	}
	return status, fault
}

// write answers in the form that the client wants, and returns the status.
func (r *renderer) write(c echo.Context, fault *errors.Fault, a answer) (int, error) {
	if isSignIn(c.Request().URL.Path) && wantsPage(c.Request()) {
		return r.show(c, fault, a)
	}
	return a.status, a.write(c)
}

// tell has an error told in its own way, and returns the status.
func (r *renderer) tell(c echo.Context, told web.Told, fault *errors.Fault) int {
	name, status := rfcFault(fault.Code)
	r.logFault(c.Request().Context(), fault, status)
	telling := web.Telling{
		Name: name, Description: description(fault.Text()), URI: r.issuer + "/errors/" + fault.ID, Status: status, RetryAfter: retryAfter(fault),
	}
	if err := told.Tell(c, telling); err != nil {
		r.logLate(c.Request().Context(), err)
	}
	return c.Response().Status
}

func clientGone(ctx context.Context, err error) bool {
	return errors.Is(ctx.Err(), context.Canceled) && errors.Is(err, context.Canceled)
}

// logLate logs what went wrong when the answer was already on its way, which is
// as a rule that the client did not wait for the rest of it.
func (r *renderer) logLate(ctx context.Context, err error) {
	level := slog.LevelError
	var network net.Error
	if !isPanic(err) && (ctx.Err() != nil || errors.As(err, &network)) {
		level = slog.LevelDebug
	}
	r.log.LogAttrs(ctx, level, "answer cut short", append(stackOf(err), slog.String("cause", err.Error()))...)
}

// logFault records a fault with its cause, so that the request id leads to it.
func (r *renderer) logFault(ctx context.Context, fault *errors.Fault, status int) {
	level := slog.LevelDebug
	switch {
	case status >= http.StatusInternalServerError && fault.Kind != errors.KindUnavailable:
		level = slog.LevelError
	case status >= http.StatusInternalServerError:
		level = slog.LevelWarn
	case fault.Cause() != nil:
		level = slog.LevelInfo
	}
	if !r.log.Enabled(ctx, level) {
		return
	}
	attrs := []slog.Attr{slog.String("code", fault.ID), slog.Int("status", status)}
	if cause := fault.Cause(); cause != nil {
		attrs = append(attrs, slog.String("cause", cause.Error()))
		attrs = append(attrs, stackOf(cause)...)
	}
	r.log.LogAttrs(ctx, level, "request refused", attrs...)
}

// faultOf finds the code that err carries, or the one that stands for what echo
// or net/http say.
func faultOf(err error) *errors.Fault {
	fault := errors.From(err)
	if fault.Code != errors.Internal {
		return fault
	}
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errors.PayloadTooLarge.Because(err)
	}
	var echoed *echo.HTTPError
	if errors.As(err, &echoed) {
		return echoFault(echoed)
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return errors.Unavailable.After(time.Second).Because(err)
	}
	return fault
}

func echoFault(err *echo.HTTPError) *errors.Fault {
	switch err.Code {
	case http.StatusNotFound:
		return errors.From(errors.RouteNotFound)
	case http.StatusMethodNotAllowed:
		return errors.From(errors.MethodNotAllowed)
	case http.StatusBadRequest:
		return errors.Malformed.Because(err)
	case http.StatusRequestEntityTooLarge:
		return errors.PayloadTooLarge.Because(err)
	case http.StatusUnsupportedMediaType:
		return errors.UnsupportedMediaType.Because(err)
	default:
		return errors.Internal.Because(err)
	}
}

// statusOf is the HTTP status of each kind on every endpoint but /oauth2.
func statusOf(kind errors.Kind) int {
	switch kind {
	case errors.KindInvalid:
		return http.StatusBadRequest
	case errors.KindUnauthenticated:
		return http.StatusUnauthorized
	case errors.KindDenied:
		return http.StatusForbidden
	case errors.KindNotFound:
		return http.StatusNotFound
	case errors.KindMethodNotAllowed:
		return http.StatusMethodNotAllowed
	case errors.KindConflict:
		return http.StatusConflict
	case errors.KindStale:
		return http.StatusPreconditionFailed
	case errors.KindTooLarge:
		return http.StatusRequestEntityTooLarge
	case errors.KindUnsupportedMedia:
		return http.StatusUnsupportedMediaType
	case errors.KindTooMany:
		return http.StatusTooManyRequests
	case errors.KindUnavailable:
		return http.StatusServiceUnavailable
	default:
		return http.StatusInternalServerError
	}
}

// problem is the body of an error on /v1 and wherever no RFC says otherwise.
type problem struct {
	Code    string            `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// oauthProblem is the body of an error on /oauth2: RFC 6749 §5.2 with our own
// fields behind. Error is empty where RFC 6750 §3.1 wants none.
type oauthProblem struct {
	Error       string `json:"error,omitempty"`
	Description string `json:"error_description"`
	URI         string `json:"error_uri"`
	problem
}

// answer is an error as it goes out.
type answer struct {
	status    int
	challenge string // of WWW-Authenticate; "" for none
	retry     int    // seconds of Retry-After; 0 for none
	body      any
}

// answer is what goes out for a fault at a path, to a request with this header.
func (r *renderer) answer(fault *errors.Fault, path string, header http.Header) answer {
	text := problem{fault.ID, fault.Title, fault.Text(), fault.Fields}
	name, status := rfcFault(fault.Code)
	a := answer{retry: retryAfter(fault)}
	if !speaksOAuth(path) {
		a.status, a.body, a.challenge = statusOf(fault.Kind), text, bearerChallenge(name, "")
		return a
	}
	body := oauthProblem{Error: name, Description: description(text.Message), URI: r.issuer + "/errors/" + fault.ID, problem: text}
	a.status, a.challenge = status, bearerChallenge(name, body.Description)
	switch {
	case name == tokenMissing:
		body.Error = ""
	case name == "invalid_client" && header.Get(echo.HeaderAuthorization) != "":
		a.challenge = `Basic realm="gatehouse"`
	}
	a.body = body
	return a
}

// speaksOAuth says which family of endpoints a path belongs to, whether or not
// there is anything there.
func speaksOAuth(path string) bool { return path == "/oauth2" || strings.HasPrefix(path, "/oauth2/") }

// bearerChallenge is what RFC 6750 §3 has a resource answer to a token that it
// does not take. Without a description it is as good as with one.
func bearerChallenge(name, description string) string {
	switch name {
	case tokenMissing:
		return "Bearer"
	case "invalid_token", "insufficient_scope":
		if description == "" {
			return fmt.Sprintf(`Bearer error="%s"`, name)
		}
		return fmt.Sprintf(`Bearer error="%s", error_description="%s"`, name, description)
	default:
		return ""
	}
}

// description keeps to the characters that RFC 6749 §5.2 allows.
func description(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '"':
			return '\''
		case r < ' ' || r > '~' || r == '\\':
			return '?'
		default:
			return r
		}
	}, text)
}

// retryAfter is in whole seconds, rounded up. Where waiting is the remedy there
// is always something to wait for.
func retryAfter(fault *errors.Fault) int {
	waits := fault.Kind == errors.KindTooMany || fault.Kind == errors.KindUnavailable
	if fault.RetryAfter <= 0 && !waits {
		return 0
	}
	return max(1, int(math.Ceil(fault.RetryAfter.Seconds())))
}

func (a answer) write(c echo.Context) error {
	header := c.Response().Header()
	header.Set(echo.HeaderContentType, echo.MIMEApplicationJSON)
	header.Set(echo.HeaderCacheControl, "no-store")
	header.Set("Pragma", "no-cache")
	if a.challenge != "" {
		header.Set(echo.HeaderWWWAuthenticate, a.challenge)
	}
	web.SetRetryAfter(c, a.retry)
	body, err := encode(a.body)
	if err != nil {
		return err
	}
	c.Response().WriteHeader(a.status)
	_, err = c.Response().Write(body)
	return err
}

// encode writes JSON as it is, with no escapes for the sake of HTML.
func encode(v any) ([]byte, error) {
	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(v); err != nil {
		return nil, fmt.Errorf("encode: %w", err)
	}
	return bytes.TrimSuffix(body.Bytes(), []byte("\n")), nil
}
