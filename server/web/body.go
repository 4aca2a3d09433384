package web

import (
	"io"
	"mime"
	"net/http"
	"strings"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
)

// MaxBody is the most bytes a request body may have.
const MaxBody = 1 << 20

// The media types that bodies come in.
const (
	MediaJSON = "application/json"
	MediaForm = "application/x-www-form-urlencoded"
)

// MediaType returns MediaJSON or MediaForm when the request's Content-Type is
// that, in UTF-8, and "" when it is another or absent.
func MediaType(r *http.Request) string {
	header := r.Header.Get("Content-Type")
	switch header {
	case MediaJSON, MediaForm, "":
		return header
	}
	media, params, err := mime.ParseMediaType(header)
	if err != nil || (media != MediaJSON && media != MediaForm) {
		return ""
	}
	if charset := params["charset"]; charset != "" && !strings.EqualFold(charset, "utf-8") {
		return ""
	}
	return media
}

// ReadBody reads the whole body. It returns errors.PayloadTooLarge past MaxBody
// bytes, and errors.Malformed when the client stops before the end.
func ReadBody(c echo.Context) ([]byte, error) {
	r := c.Request()
	if r.ContentLength > MaxBody {
		return nil, errors.PayloadTooLarge
	}
	body := make([]byte, 0, firstRead(r.ContentLength))
	for {
		n, err := r.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > MaxBody:
			return nil, errors.PayloadTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return nil, readFault(err)
		}
		if len(body) == cap(body) {
			body = append(body, 0)[:len(body)]
		}
	}
}

// firstRead is how much room is made before a byte has arrived. It believes the
// client's Content-Length only as far as that costs little; the one byte more
// is where the end is noticed.
func firstRead(contentLength int64) int64 {
	const small, most = 512, 8 << 10
	if contentLength < 0 {
		return small
	}
	return min(contentLength+1, most)
}

func readFault(err error) error {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		return errors.PayloadTooLarge
	}
	return errors.Malformed.On(Fields("ended early", bodyField)).Because(err)
}
