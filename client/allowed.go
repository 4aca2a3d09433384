package client

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"
)

// decision is an answer of the server that is remembered.
type decision struct {
	allowed bool
	until   time.Time
}

// Allowed says whether the subject of an access token may do this action on this
// resource, by the server's decision or by one that it made seconds ago for the
// same token. It is true only when the server said so.
//
// The token is verified first. The error is then what Verify returns, a *Refusal
// where the server refused to decide, or ErrUnavailable; a token that was revoked
// is ErrTokenInvalid. Those who ask the same at the same time share one question.
func (c *Client) Allowed(ctx context.Context, rawToken, resource, action string) (bool, error) {
	_, allowed, err := c.decide(ctx, rawToken, resource, action)
	return allowed, err
}

// decide is Allowed, and returns what the token says too.
func (c *Client) decide(ctx context.Context, raw, resource, action string) (*Token, bool, error) {
	token, sum, err := c.verify(ctx, raw)
	if err != nil {
		return nil, false, err
	}
	if c.config.DecisionLifetime < 0 { // each question is asked after its caller came
		allowed, err := c.ask(ctx, raw, resource, action)
		return token, allowed, err
	}
	id := questionID(sum, resource, action)
	if known, ok := c.decisions.recall(id); ok && c.config.Now().Before(known.until) {
		return token, known.allowed, nil
	}
	allowed, err := c.questions.do(ctx, id, func(ctx context.Context) (bool, error) {
		asked := c.config.Now()
		allowed, err := c.ask(ctx, raw, resource, action)
		if err == nil {
			until := earlier(asked.Add(c.config.DecisionLifetime), token.ExpiresAt)
			c.decisions.keep(id, decision{allowed, until})
		}
		return allowed, err
	})
	return token, allowed, err
}

// questionID tells questions apart: token, resource and action, each where it ends.
func questionID(token digest, resource, action string) digest {
	text := make([]byte, 0, 128)
	text = append(text, token[:]...)
	text = binary.AppendUvarint(text, uint64(len(resource)))
	text = append(text, resource...)
	text = append(text, action...)
	return sha256.Sum256(text)
}

func earlier(a, b time.Time) time.Time {
	if a.Before(b) {
		return a
	}
	return b
}
