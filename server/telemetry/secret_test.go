package telemetry_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"gatehouse/server/telemetry"
)

func TestSecretNeverPrints(t *testing.T) {
	t.Parallel()
	const plain = "correct horse"
	secret := telemetry.Secret(plain)
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("m", "secret", secret, "holder", struct{ S telemetry.Secret }{secret})
	asJSON, err := json.Marshal(map[string]any{"secret": secret})
	if err != nil {
		t.Fatal(err)
	}
	printed := map[string]string{"log": log.String(), "json": string(asJSON)}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d"} {
		printed[verb] = fmt.Sprintf(verb, secret)
		printed[verb+" in a struct"] = fmt.Sprintf(verb, struct{ S telemetry.Secret }{secret})
	}
	for how, text := range printed {
		if strings.Contains(text, plain) || strings.Contains(text, fmt.Sprintf("%x", plain)) || !strings.Contains(text, "[redacted]") {
			t.Errorf("%s: %s", how, text)
		}
	}
	if got := secret.Reveal(); got != plain {
		t.Errorf("Reveal() = %q", got)
	}
	if got := fmt.Sprint(telemetry.Secret("")); got != "" {
		t.Errorf("an empty secret prints as %q", got)
	}
}
