package client_test

import (
	"strings"
	"testing"
	"time"

	"gatehouse/client"
)

func TestConfigSaysAllThatIsWrong(t *testing.T) {
	t.Parallel()
	all := client.Config{
		Audience: []string{""}, AnyAudience: true, Timeout: -1, DecisionLifetime: time.Hour, Remember: -1,
	}
	_, err := client.New(all)
	if err == nil {
		t.Fatal("New took it")
	}
	for _, want := range []string{"Issuer", "either Audience or AnyAudience", "Audience is empty", "Timeout", "at most 1m0s", "Remember"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("New() = %q, want %q in it", err, want)
		}
	}
}

func TestConfigIssuer(t *testing.T) {
	t.Parallel()
	tests := []struct {
		issuer   string
		insecure bool
		want     string
	}{
		{"https://gatehouse.example.com", false, ""},
		{"https://example.com/gatehouse", false, ""},
		{"http://localhost:4000", false, ""},
		{"http://gatehouse.localhost", false, ""},
		{"http://127.0.0.1:4000", false, ""},
		{"http://[::1]:4000", false, ""},
		{"http://gatehouse:4000", true, ""},
		{"http://gatehouse:4000", false, "AllowInsecureIssuer"},
		{"http://127.0.0.1.example.com", false, "AllowInsecureIssuer"},
		{"gatehouse.example.com", false, "https://"},
		{"https://", false, "https://"},
		{"ftp://gatehouse.example.com", true, "https://"},
		{"https://user@gatehouse.example.com", false, "no user"},
		{"https://gatehouse.example.com?x", false, "no user"},
		{"https://gatehouse.example.com/#", false, "no user"},
		{`https://gatehouse.example.com/"`, false, "no user"},
	}
	for _, tt := range tests {
		_, err := client.New(client.Config{Issuer: tt.issuer, AnyAudience: true, AllowInsecureIssuer: tt.insecure})
		switch {
		case tt.want == "" && err != nil:
			t.Errorf("New(%q) = %v, want it taken", tt.issuer, err)
		case tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)):
			t.Errorf("New(%q) = %v, want %q in it", tt.issuer, err, tt.want)
		}
	}
}

func TestConfigAudienceIsChosen(t *testing.T) {
	t.Parallel()
	if _, err := client.New(client.Config{Issuer: "https://gatehouse.example.com"}); err == nil {
		t.Error("New took a configuration that says nothing of audiences")
	}
}
