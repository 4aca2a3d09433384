package access

import (
	"context"
	"fmt"
	"net/http"
	"strconv"

	"gatehouse/errors"
	"gatehouse/identity/permissions"
)

// verdicts is the answer to a list.
type verdicts struct {
	Evaluations []verdict `json:"evaluations"` // in the order of the list
}

// verdict is a decision as the AuthZEN Authorization API has it (§5.5).
type verdict struct {
	Decision bool     `json:"decision"`
	Context  *grounds `json:"context,omitempty"` // never of a permit, which gateways may reject for it
}

// grounds tell why the answer is no.
type grounds struct {
	ReasonAdmin map[string]string `json:"reason_admin,omitempty"` // by HTTP status
	Error       *mistake          `json:"error,omitempty"`
}

// mistake says why one of a list was not answered (§7.2.1).
type mistake struct {
	Status  int               `json:"status"` // that it would have by itself
	Code    string            `json:"code"`
	Message string            `json:"message"`
	Fields  map[string]string `json:"fields,omitempty"`
}

// answers answers the list, to its end or to the decision that ends it. What is
// wrong with one is its answer; what is wrong with the server is returned.
func (request evaluations) answers(ctx context.Context, asks *permissions.Asks) ([]verdict, error) {
	out := make([]verdict, 0, len(request.list))
	for _, e := range request.list {
		v, err := verdict{}, e.fault
		if err == nil {
			v, err = verdictOn(ctx, asks, e.question)
		}
		switch {
		case errors.Is(err, errors.AccessDenied):
			v = unanswered(http.StatusForbidden, err)
		case e.fault != nil:
			v = unanswered(http.StatusBadRequest, err)
		case err != nil:
			return nil, err
		}
		if out = append(out, v); request.semantic.ends(v.Decision) {
			break
		}
	}
	return out, nil
}

// verdictOn answers a question. It returns errors.AccessDenied when the asker may
// not ask it, and errors.EnforcerUnusable.
func verdictOn(ctx context.Context, asks *permissions.Asks, q permissions.Question) (verdict, error) {
	switch q.Kind {
	case permissions.User, permissions.Application, permissions.Role:
	default:
		return denied(http.StatusNotFound, fmt.Sprintf("a subject is a %s, an %s or a %s", permissions.User, permissions.Application, permissions.Role)), nil
	}
	answer, err := asks.Ask(ctx, q)
	switch {
	case errors.Is(err, errors.SubjectNotFound): // which nobody learns who may not ask about others
		return denied(http.StatusNotFound, "there is no such "+string(q.Kind)), nil
	case errors.Is(err, errors.AccessDenied):
		return verdict{}, errNotOwn
	case err != nil:
		return verdict{}, err
	case !answer.Allowed && asks.MayAskAboutOthers(q.Product):
		return denied(http.StatusForbidden, answer.Missing()), nil
	}
	return verdict{Decision: answer.Allowed}, nil
}

var errNotOwn = errors.AccessDenied.On(map[string]string{"subject": "is not the token's own: permissions:get is needed to ask about others"})

func denied(status int, reason string) verdict {
	return verdict{Context: &grounds{ReasonAdmin: map[string]string{strconv.Itoa(status): reason}}}
}

func unanswered(status int, err error) verdict {
	f := errors.From(err)
	return verdict{Context: &grounds{Error: &mistake{status, f.ID, f.Text(), f.Fields}}}
}
