package admin

import (
	"mime"
	"net/http"
	"strings"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/transfer"
	"gatehouse/server/explain"
	"gatehouse/server/web"
)

// ImportPath is where users are imported, which takes longer and is larger than
// any other request may be.
const ImportPath = "/v1/users/import"

// The bounds of an import.
const (
	MaxImport   = 64 << 20         // bytes
	MaxImportIn = 30 * time.Minute // to send it, have it done and read the report
)

// mostImports is how many imports a node does at once. They may be large and
// slow, and one that comes when there are so many is told to come back.
const (
	mostImports  = 2
	importComeIn = 5 * time.Second
)

// mostRefusals is how many refused lines the report lists. It counts all.
const mostRefusals = 1000

// importReport is what became of the lines of an import.
type importReport struct {
	DryRun    bool                   `json:"dryRun"`
	Lines     int                    `json:"lines"`
	Created   int                    `json:"created"`
	Updated   int                    `json:"updated"`
	Unchanged int                    `json:"unchanged"`
	Refused   int                    `json:"refused"`
	Refusals  []transfer.RefusedLine `json:"refusals"` // at most mostRefusals
}

func reportOf(r transfer.Report) importReport {
	refusals := r.Refusals
	if refusals == nil {
		refusals = []transfer.RefusedLine{}
	}
	return importReport{r.DryRun, r.Lines, r.Created, r.Updated, r.Unchanged, r.Refused, refusals}
}

// importUsers handles POST /v1/users/import.
func (a *API) importUsers(c *call) error {
	q, err := web.ParseQuery(c.Request())
	if err != nil {
		return err
	}
	options := transfer.UsersOptions{
		Key:      q.OneOf("key", transfer.KeyUsername, transfer.KeyEmail),
		DryRun:   q.Flag("dryRun"),
		Refusals: mostRefusals,
	}
	if err := q.Err(c.ctx); err != nil {
		return err
	}
	if options.Format, err = c.importFormat(); err != nil {
		return err
	}
	select {
	case a.imports <- struct{}{}:
		defer func() { <-a.imports }()
	default:
		return errors.Unavailable.After(importComeIn)
	}
	if err := c.takeTime(); err != nil {
		return err
	}
	report, err := transfer.Users(c.ctx, transfer.UsersDeps{
		Registry: a.Registry, Verify: a.Passwords.Verify, Parse: parseIdentity,
	}, c.Request().Body, options)
	if err != nil {
		return err
	}
	return c.JSON(http.StatusOK, reportOf(report))
}

func parseIdentity(text []byte) (map[string]any, error) {
	return web.ParseObject(text, web.IdentityCodes())
}

// importFormat is the format that the Content-Type tells.
func (c *call) importFormat() (string, error) {
	media, params, err := mime.ParseMediaType(c.Request().Header.Get(echo.HeaderContentType))
	charset, named := params["charset"]
	if err == nil && (!named || strings.EqualFold(charset, "utf-8")) {
		switch media {
		case "application/x-ndjson":
			return transfer.FormatNDJSON, nil
		case "text/csv":
			return transfer.FormatCSV, nil
		}
	}
	c.trail().Fail(explain.BodyForm, explain.Name(media), "application/x-ndjson or text/csv")
	return "", errors.IdentityUnsupportedMediaType
}

// takeTime puts off the time at which the connection would be cut, where it can be.
func (c *call) takeTime() error {
	connection := http.NewResponseController(c.Response())
	until := time.Now().Add(MaxImportIn) // the connection's time, whatever the clock of the API says
	err := errors.Join(connection.SetReadDeadline(until), connection.SetWriteDeadline(until))
	if errors.Is(err, http.ErrNotSupported) {
		return nil
	}
	return err
}
