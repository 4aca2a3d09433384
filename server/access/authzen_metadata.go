package access

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"

	"github.com/labstack/echo/v4"
)

// pdpMetadata is what the server says of itself as a policy decision point
// (AuthZEN Authorization API 1.0 §9.1): what works and nothing else.
type pdpMetadata struct {
	Issuer      string `json:"policy_decision_point"`
	Evaluation  string `json:"access_evaluation_endpoint"`
	Evaluations string `json:"access_evaluations_endpoint"`
}

// Configuration handles GET /.well-known/authzen-configuration. Caches may keep it
// as long as the other discovery documents.
func (h *Handler) Configuration(c echo.Context) error {
	body, err := json.Marshal(pdpMetadata{h.Issuer, h.Issuer + "/access/v1/evaluation", h.Issuer + "/access/v1/evaluations"})
	if err != nil {
		return fmt.Errorf("AuthZEN metadata: %w", err)
	}
	sum := sha256.Sum256(body)
	tag := `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`
	header := c.Response().Header()
	header.Set(echo.HeaderCacheControl, "public, max-age=300")
	header.Set("ETag", tag)
	if c.Request().Header.Get("If-None-Match") == tag {
		return c.NoContent(http.StatusNotModified)
	}
	return c.JSONBlob(http.StatusOK, body)
}
