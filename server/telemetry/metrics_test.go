package telemetry_test

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"gatehouse/server/telemetry"
)

func TestMetricsAreExposed(t *testing.T) {
	t.Parallel()
	m := telemetry.NewMetrics("1.2.3")
	m.Request("/oauth2/token", http.MethodPost, 200, "", 2*time.Millisecond)
	m.Request("/oauth2/token", http.MethodPost, 401, "AUT-1004", 2*time.Millisecond)
	m.Request("", "BREW", 404, "AUT-2005", time.Second)
	m.TokenIssued("client_credentials")
	m.Statement("read")
	m.LogoutDelivery("delivered")
	m.RefusalsRecorded(9)
	m.RefusalsDropped("load", 10)
	m.WatchHashQueue(func() int { return 3 })
	m.WatchInFlight(func() int { return 4 })
	m.WatchCache("users", func() (uint64, uint64) { return 5, 6 })
	m.WatchCache("applications", func() (uint64, uint64) { return 7, 8 })

	body := scrape(t, m)
	for _, want := range []string{
		`gatehouse_build_info{version="1.2.3"} 1`,
		`gatehouse_http_requests_total{code="",method="POST",route="/oauth2/token",status="200"} 1`,
		`gatehouse_http_requests_total{code="AUT-1004",method="POST",route="/oauth2/token",status="401"} 1`,
		`gatehouse_http_requests_total{code="AUT-2005",method="other",route="unmatched",status="404"} 1`,
		`gatehouse_http_request_duration_seconds_count{method="POST",route="/oauth2/token"} 2`,
		`gatehouse_http_request_duration_seconds_bucket{method="POST",route="/oauth2/token",le="0.0025"} 2`,
		`gatehouse_refusals_total{code="AUT-1004"} 1`,
		`gatehouse_refusal_records_total 9`,
		`gatehouse_refusal_records_dropped_total{reason="load"} 10`,
		`gatehouse_tokens_issued_total{grant="client_credentials"} 1`,
		`gatehouse_sql_statements_total{kind="read"} 1`,
		`gatehouse_logout_deliveries_total{result="delivered"} 1`,
		`gatehouse_password_hash_queue_length 3`,
		`gatehouse_http_requests_in_flight 4`,
		`gatehouse_cache_hits_total{cache="users"} 5`,
		`gatehouse_cache_misses_total{cache="applications"} 8`,
		`go_goroutines`,
		`process_resident_memory_bytes`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("no %s in:\n%s", want, body)
		}
	}
	if strings.Contains(body, `gatehouse_refusals_total{code=""}`) {
		t.Error("a request without a code counts as refused")
	}
}

func TestMetricsAnswerOneAddress(t *testing.T) {
	t.Parallel()
	answer := httptest.NewRecorder()
	telemetry.NewMetrics("").Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/", nil))
	if answer.Code != http.StatusNotFound {
		t.Errorf("GET / = %d, want 404", answer.Code)
	}
}

func scrape(t *testing.T, m *telemetry.Metrics) string {
	t.Helper()
	answer := httptest.NewRecorder()
	m.Handler().ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/metrics", nil))
	if answer.Code != http.StatusOK {
		t.Fatalf("GET /metrics = %d: %s", answer.Code, answer.Body)
	}
	return answer.Body.String()
}

func BenchmarkRequest(b *testing.B) {
	m := telemetry.NewMetrics("")
	b.ReportAllocs()
	for b.Loop() {
		m.Request("/oauth2/token", http.MethodPost, 200, "", time.Millisecond)
	}
}
