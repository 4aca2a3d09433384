package access

import (
	"net/http"

	"github.com/labstack/echo/v4"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
)

// Evaluation handles POST /access/v1/evaluation, one question as the AuthZEN
// Authorization API 1.0 asks it (§6).
func (h *Handler) Evaluation(c echo.Context) error {
	asker, err := h.asker(c)
	if err != nil {
		return err
	}
	request, err := evaluationBody(c, oneEvaluation)
	if err != nil {
		return err
	}
	return h.evaluate(c, asker, request.one)
}

// Evaluations handles POST /access/v1/evaluations, many questions (§7): all that
// are answered are by what was the case at one moment. A request without a list
// is one question.
func (h *Handler) Evaluations(c echo.Context) error {
	asker, err := h.asker(c)
	if err != nil {
		return err
	}
	request, err := evaluationBody(c, manyEvaluations)
	if err != nil {
		return err
	}
	if len(request.list) == 0 {
		return h.evaluate(c, asker, request.one)
	}
	questions := make([]permissions.Question, len(request.list))
	for i, e := range request.list {
		questions[i] = e.question
	}
	var out verdicts
	err = h.together(c, asker, questions, func(asks *permissions.Asks) (err error) {
		out.Evaluations, err = request.answers(c.Request().Context(), asks)
		return err
	})
	if err != nil {
		return err
	}
	for _, v := range out.Evaluations {
		h.Decided(v.Decision)
	}
	return c.JSON(http.StatusOK, out)
}

// evaluate answers one question. Whoever may not ask it is refused, as there is
// no list that an error could be a part of.
func (h *Handler) evaluate(c echo.Context, asker permissions.Asker, q permissions.Question) error {
	ctx := c.Request().Context()

	asks, err := permissions.By(ctx, h.Directory, asker)
	if err != nil {
		return err
	}
	answer, err := verdictOn(ctx, asks, q)
	if errors.Is(err, errors.AccessDenied) {
		note(ctx, q.Subject, err)
	}
	if err != nil {
		return err
	}
	h.Decided(answer.Decision)
	return c.JSON(http.StatusOK, answer)
}
