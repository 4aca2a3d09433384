package access

import (
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
	"gatehouse/identity/wire"
	"gatehouse/server/directory"
	"gatehouse/server/web"
)

// mostQuestions is how many questions a batch may have.
const mostQuestions = 1000

// decisions is the answer of POST /v1/authorize/batch.
type decisions struct {
	Timestamp time.Time `json:"timestamp"`
	Answers   []answer  `json:"answers"` // in the order of the questions
}

// answer is what becomes of one question of a batch.
type answer struct {
	Authorized bool         `json:"authorized"`
	Reason     *wire.Reason `json:"reason,omitempty"`
	Error      *refusal     `json:"error,omitempty"`
}

// refusal says why one question of a batch was not answered.
type refusal struct {
	Code    string            `json:"code"`
	Title   string            `json:"title"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// AuthorizeBatch handles POST /v1/authorize/batch: all of it is answered by what
// was the case at one moment.
func (h *Handler) AuthorizeBatch(c echo.Context) error {
	asker, err := h.asker(c)
	if err != nil {
		return err
	}
	questions, err := batch(c)
	if err != nil {
		return err
	}
	answers := make([]answer, len(questions))
	err = h.together(c, asker, questions, func(asks *permissions.Asks) error {
		explained, err := explained(c, asks, questions...)
		if err != nil {
			return err
		}
		for i, q := range questions {
			if answers[i], err = answerTo(c, asks, q, explained); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	for _, a := range answers {
		h.Decided(a.Authorized)
	}
	return c.JSON(http.StatusOK, decisions{h.timestamp(), answers})
}

// together has questions asked of what was the case at one moment.
func (h *Handler) together(c echo.Context, asker permissions.Asker, questions []permissions.Question, ask func(*permissions.Asks) error) error {
	ctx := c.Request().Context()
	return h.Directory.Together(ctx, func(v *directory.View) error {
		asks, err := permissions.By(ctx, v, asker)
		if err != nil {
			return err
		}
		if err := h.load(ctx, asks, questions); err != nil {
			return errors.EnforcerUnusable.Because(err)
		}
		return ask(asks)
	})
}

// answerTo answers one question. What is wrong with it is its answer; what is
// wrong with the server is returned.
func answerTo(c echo.Context, asks *permissions.Asks, q permissions.Question, explained bool) (answer, error) {
	a, err := asks.Ask(c.Request().Context(), q)
	if err != nil {
		return refused(err)
	}
	out := answer{Authorized: a.Allowed}
	if explained {
		out.Reason = wire.ReasonOf(a)
	}
	return out, nil
}

// refused is the answer to a question that could not be answered, if that is due
// to what was asked.
func refused(err error) (answer, error) {
	if !errors.Is(err, errors.AccessDenied) && !errors.Is(err, errors.SubjectNotFound) {
		return answer{}, err
	}
	f := errors.From(err)
	return answer{Error: &refusal{f.ID, f.Title, f.Text(), f.Fields}}, nil
}

// batch reads the questions of a request.
func batch(c echo.Context) ([]permissions.Question, error) {
	list, err := body(c, func(r *reading) []any { return r.list("questions") })
	if err != nil {
		return nil, err
	}
	if len(list) > mostQuestions {
		return nil, errors.Malformed.On(web.Fields(fmt.Sprintf("must have at most %d questions", mostQuestions), "questions"))
	}
	questions := make([]permissions.Question, len(list))
	for i, one := range list {
		path := "questions." + strconv.Itoa(i)
		object, ok := one.(map[string]any)
		if !ok {
			return nil, errors.Malformed.On(web.Fields("must be an object", path))
		}
		r := read(object)
		questions[i] = r.question()
		if err := r.err(path + "."); err != nil {
			return nil, err
		}
	}
	return questions, nil
}
