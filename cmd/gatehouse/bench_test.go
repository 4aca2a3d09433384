package main_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/url"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"gatehouse/storage/storagetest"
)

// The benchmarks ask a whole server, in a process of its own, over loopback HTTP
// by 32 clients, and report what a request costs that process: cpu-µs/op is its
// processor time, stmts/op what it asked the database, server-allocs/op and
// server-KiB/op what it allocated, rss-MiB and peak-MiB its memory. On SQLite the database is in the process and its time is included.
//
//	go test -run '^$' -bench . ./cmd/gatehouse
const benchClients = 32

// eachServer runs a benchmark on a fresh server on every database.
func eachServer(b *testing.B, run func(b *testing.B, p *process), env ...string) {
	for _, db := range []struct {
		name string
		dsn  func(testing.TB) string
	}{
		{"sqlite", func(testing.TB) string { return "" }},
		{"postgres", storagetest.Postgres},
	} {
		b.Run(db.name, func(b *testing.B) {
			b.SetParallelism(max(1, benchClients/runtime.GOMAXPROCS(0)))
			run(b, startProcess(b, db.dsn(b), env...))
		})
	}
}

// ask is one request of a benchmark.
type ask struct {
	method, path, contentType, authorization string
	body                                     string
}

func (p *process) do(client *http.Client, a ask) (int, []byte, error) {
	r, err := http.NewRequest(a.method, p.URL+a.path, strings.NewReader(a.body))
	if err != nil {
		return 0, nil, err
	}
	if a.contentType != "" {
		r.Header.Set("Content-Type", a.contentType)
	}
	if a.authorization != "" {
		r.Header.Set("Authorization", a.authorization)
	}
	response, err := client.Do(r)
	if err != nil {
		return 0, nil, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	return response.StatusCode, body, err
}

// BenchmarkMemory reports what a server holds that was started on an existing
// database: idle-MiB before it is asked anything, peak-MiB after 64 clients have
// asked for client_credentials, introspections and refreshes.
func BenchmarkMemory(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		access, _ := p.tokens(b, p.password("openid", false))
		refresh := make([]string, 64)
		for i := range refresh {
			_, refresh[i] = p.tokens(b, p.password("profile", true))
		}
		p.kill(b)
		p.start(b)
		time.Sleep(time.Second)
		idle, _ := p.memory(b)
		b.SetParallelism(max(1, 64/runtime.GOMAXPROCS(0)))
		p.load(b, func(client int, last []byte) ask {
			if _, next := readTokens(last); next != "" {
				refresh[client] = next
			}
			switch rand.IntN(3) {
			case 0:
				return p.clientCredentials()
			case 1:
				return p.introspect(access)
			default:
				return p.refreshWith(refresh[client])
			}
		})
		b.ReportMetric(float64(idle)/1024, "idle-MiB")
	})
}

// load asks b.N times by 32 clients, or as many as b.SetParallelism said before. next gives each client its next request,
// from its number and the answer to its last one (nil at first).
func (p *process) load(b *testing.B, next func(client int, last []byte) ask) {
	b.Helper()
	p.work(b, func(client *http.Client, number int) func() error {
		var last []byte
		return func() error {
			status, body, err := p.do(client, next(number, last))
			if err == nil && status >= http.StatusBadRequest {
				err = fmt.Errorf("%d: %s", status, body)
			}
			last = body
			return err
		}
	})
}

// work has the clients do something b.N times, and reports what that cost. begin
// returns what each does, by its number, in one turn.
func (p *process) work(b *testing.B, begin func(client *http.Client, number int) (turn func() error)) {
	b.Helper()
	transport := &http.Transport{MaxIdleConnsPerHost: 2 * benchClients, DisableCompression: true}
	defer transport.CloseIdleConnections()
	client := &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	var clients atomic.Int32
	before := p.usage(b)
	b.ResetTimer()
	b.RunParallel(func(pb *testing.PB) {
		turn := begin(client, int(clients.Add(1))-1)
		for pb.Next() {
			if err := turn(); err != nil {
				b.Error(err)
				return
			}
		}
	})
	b.StopTimer()
	cpu := p.cpu(b)
	after := p.usage(b)
	rss, peak := p.memory(b)
	n := float64(b.N)
	b.ReportMetric(float64((cpu-before.cpu).Nanoseconds())/n/1000, "cpu-µs/op")
	b.ReportMetric((after.statements-before.statements)/n, "stmts/op")
	b.ReportMetric((after.allocations-before.allocations)/n, "server-allocs/op")
	b.ReportMetric((after.allocated-before.allocated)/n/1024, "server-KiB/op")
	b.ReportMetric(float64(rss)/1024, "rss-MiB")
	b.ReportMetric(float64(peak)/1024, "peak-MiB")
}

// usage is what the process counts of itself.
type usage struct {
	cpu         time.Duration
	statements  float64 // sent to the database
	allocations float64
	allocated   float64 // bytes
}

func (p *process) usage(b *testing.B) usage {
	b.Helper()
	u := usage{cpu: p.cpu(b)}
	response, err := http.Get("http://" + p.metrics + "/metrics")
	if err != nil {
		b.Fatalf("metrics: %v", err)
	}
	defer response.Body.Close()
	for lines := bufio.NewScanner(response.Body); lines.Scan(); {
		name, text, _ := strings.Cut(lines.Text(), " ")
		name, _, _ = strings.Cut(name, "{")
		value, _ := strconv.ParseFloat(text[strings.LastIndexByte(text, ' ')+1:], 64) // comments are no numbers
		switch name {
		case "gatehouse_sql_statements_total":
			u.statements += value
		case "go_memstats_mallocs_total":
			u.allocations = value
		case "go_memstats_alloc_bytes_total":
			u.allocated = value
		}
	}
	return u
}

const formType = "application/x-www-form-urlencoded"

func (p *process) clientCredentials() ask {
	return ask{
		method: http.MethodPost, path: "/oauth2/token", contentType: formType,
		body: url.Values{
			"grant_type": {"client_credentials"}, "client_id": {p.Credentials.Application.ClientID},
			"client_secret": {p.Credentials.Application.ClientSecret},
		}.Encode(),
	}
}

func (p *process) password(scope string, firstParty bool) ask {
	form := url.Values{
		"grant_type": {"password"}, "username": {p.Credentials.Admin.Username}, "password": {p.Credentials.Admin.Password}, "scope": {scope},
	}
	if !firstParty {
		form.Set("client_id", p.Credentials.Application.ClientID)
		form.Set("client_secret", p.Credentials.Application.ClientSecret)
	}
	return ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: form.Encode()}
}

// tokens asks for tokens once.
func (p *process) tokens(b *testing.B, a ask) (access, refresh string) {
	b.Helper()
	status, body, err := p.do(http.DefaultClient, a)
	if err != nil || status != http.StatusOK {
		b.Fatalf("%d %v: %s", status, err, body)
	}
	return readTokens(body)
}

func readTokens(body []byte) (access, refresh string) {
	var t struct {
		Access  string `json:"access_token"`
		Refresh string `json:"refresh_token"`
	}
	_ = json.Unmarshal(body, &t) // an empty token fails the next request
	return t.Access, t.Refresh
}

func BenchmarkClientCredentials(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		a := p.clientCredentials()
		p.tokens(b, a)
		p.load(b, func(int, []byte) ask { return a })
	})
}

func BenchmarkClientCredentialsV1(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		a := ask{
			method: http.MethodPost, path: "/v1/login/oauth/access_token", contentType: "application/json",
			body: fmt.Sprintf(`{"grantType":"client_credentials","clientId":%q,"clientSecret":%q}`, p.Credentials.Application.ClientID, p.Credentials.Application.ClientSecret),
		}
		p.load(b, func(int, []byte) ask { return a })
	})
}

func BenchmarkIntrospectSeen(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		access, _ := p.tokens(b, p.password("openid", false))
		a := p.introspect(access)
		p.load(b, func(int, []byte) ask { return a })
	})
}

func (p *process) introspect(token string) ask {
	return ask{
		method: http.MethodPost, path: "/oauth2/introspect", contentType: formType,
		body: url.Values{
			"token": {token}, "client_id": {p.Credentials.Application.ClientID}, "client_secret": {p.Credentials.Application.ClientSecret},
		}.Encode(),
	}
}

// BenchmarkIntrospectFirst asks for each token once, so that each is verified.
func BenchmarkIntrospectFirst(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		fresh := make(chan string, 1<<16)
		a := p.clientCredentials()
		for range min(b.N+1, cap(fresh)) {
			access, _ := p.tokens(b, a)
			fresh <- access
		}
		p.load(b, func(int, []byte) ask {
			token := <-fresh
			select {
			case fresh <- token: // more requests than tokens: begin again
			default:
			}
			return p.introspect(token)
		})
	})
}

func BenchmarkUserinfoSeen(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		access, _ := p.tokens(b, p.password("openid profile email", true))
		a := ask{method: http.MethodGet, path: "/oauth2/userinfo", authorization: "Bearer " + access}
		p.load(b, func(int, []byte) ask { return a })
	})
}

// refreshWith refreshes at the first-party application.
func (p *process) refreshWith(token string) ask {
	return ask{
		method: http.MethodPost, path: "/oauth2/token", contentType: formType,
		body: url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token}}.Encode(),
	}
}

// BenchmarkRefresh has each client refresh a session of its own.
func BenchmarkRefresh(b *testing.B) {
	for name, scope := range map[string]string{"without-id-token": "profile", "es256-id-token": "openid"} {
		b.Run(name, func(b *testing.B) {
			eachServer(b, func(b *testing.B, p *process) {
				tokens := make([]string, benchClients*2)
				for i := range tokens {
					_, tokens[i] = p.tokens(b, p.password(scope, true))
				}
				p.load(b, func(client int, last []byte) ask {
					if last != nil {
						_, tokens[client] = readTokens(last)
					}
					return p.refreshWith(tokens[client])
				})
			})
		})
	}
}

func BenchmarkPassword(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		a := p.password("profile", true)
		p.load(b, func(int, []byte) ask { return a })
	})
}

func BenchmarkDocuments(b *testing.B) {
	for name, path := range map[string]string{"jwks": "/oauth2/jwks", "discovery": "/.well-known/openid-configuration"} {
		b.Run(name, func(b *testing.B) {
			eachServer(b, func(b *testing.B, p *process) {
				p.load(b, func(int, []byte) ask { return ask{method: http.MethodGet, path: path} })
			})
		})
	}
}

// BenchmarkUnknownAgainstWrong holds the time of an unknown client or user
// against that of a wrong secret or password: the pairs should be alike.
func BenchmarkUnknownAgainstWrong(b *testing.B) {
	eachServer(b, func(b *testing.B, p *process) {
		client := p.clientCredentials().body
		for name, body := range map[string]string{
			"client-wrong-secret": strings.Replace(client, "client_secret=", "client_secret=wrong", 1),
			"client-unknown":      strings.Replace(client, "client_id=", "client_id=0", 1),
		} {
			b.Run(name, func(b *testing.B) { p.refused(b, body) })
		}
		for name, username := range map[string]string{"user-wrong-password": p.Credentials.Admin.Username, "user-unknown": "nobody"} {
			b.Run(name, func(b *testing.B) {
				p.refused(b, url.Values{"grant_type": {"password"}, "username": {username}, "password": {"wrong"}}.Encode())
			})
		}
	}, "GATEHOUSE_LOGIN_FAILURES=0", "GATEHOUSE_LOGIN_ADDRESS_FAILURES=0", "GATEHOUSE_LOGIN_DELAY=0s")
}

// refused sends requests that must be refused, one after the other.
func (p *process) refused(b *testing.B, body string) {
	b.Helper()
	for range b.N {
		status, answer, err := p.do(http.DefaultClient, ask{method: http.MethodPost, path: "/oauth2/token", contentType: formType, body: body})
		if err != nil || (status != http.StatusUnauthorized && status != http.StatusBadRequest) {
			b.Fatalf("%d %v: %s", status, err, answer)
		}
	}
}

// BenchmarkReady starts the server, on a database that is there and on none.
func BenchmarkReady(b *testing.B) {
	p := startProcess(b, "")
	b.Run("migrated", func(b *testing.B) {
		for range b.N {
			p.kill(b)
			began := time.Now()
			p.start(b)
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/ready")
		}
	})
	b.Run("from-none", func(b *testing.B) {
		for range b.N {
			began := time.Now()
			startProcess(b, "")
			b.ReportMetric(float64(time.Since(began).Microseconds())/1000, "ms/ready")
		}
	})
}
