package web_test

import (
	"context"
	"strings"
	"testing"

	"gatehouse/server/web"
)

func TestRequestTravelsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx := web.WithRequest(context.Background(), web.Request{ID: "abc", Address: "192.0.2.1"})
	if id, address := web.RequestID(ctx), web.ClientAddress(ctx); id != "abc" || address != "192.0.2.1" {
		t.Errorf("RequestID, ClientAddress = %q, %q", id, address)
	}
	if id, address := web.RequestID(context.Background()), web.ClientAddress(context.Background()); id != "" || address != "" {
		t.Errorf("without a request: RequestID, ClientAddress = %q, %q", id, address)
	}
}

func TestTrailTravelsWithTheContext(t *testing.T) {
	t.Parallel()
	ctx := web.WithRequest(context.Background(), web.Request{ID: "abc"})
	if trail := web.Trail(ctx); trail == nil || trail != web.Trail(context.WithoutCancel(ctx)) {
		t.Error("a request has no trail, or more than one")
	}
	if trail := web.Trail(context.Background()); trail != nil {
		t.Errorf("without a request: %v", trail)
	}
}

func TestWellFormedID(t *testing.T) {
	t.Parallel()
	good := []string{"a", "0af7651916cd43dd", "A.b_c-9", strings.Repeat("x", 128), web.NewRequestID()}
	for _, id := range good {
		if !web.WellFormedID(id) {
			t.Errorf("WellFormedID(%q) = false", id)
		}
	}
	bad := []string{"", strings.Repeat("x", 129), "a b", "a\nb", "a\"b", "é", "a/b", "a,b", "<a>", "a\x00"}
	for _, id := range bad {
		if web.WellFormedID(id) {
			t.Errorf("WellFormedID(%q) = true", id)
		}
	}
}

func TestNewRequestIDIsNew(t *testing.T) {
	t.Parallel()
	if a, b := web.NewRequestID(), web.NewRequestID(); a == b {
		t.Errorf("NewRequestID made %q twice", a)
	}
}

func BenchmarkNewRequestID(b *testing.B) {
	b.ReportAllocs()
	for b.Loop() {
		web.NewRequestID()
	}
}
