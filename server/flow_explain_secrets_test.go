package server_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"gatehouse/server/servertest"
)

// secretPlaces are requests with something in each place that a secret may
// stand in, or may get into by mistake. Each %s stands for it.
var secretPlaces = []struct{ path, contentType, body string }{
	{tokenPath, "form", "grant_type=password&username=ada&password=%s"},
	{tokenPath, "form", "grant_type=password&username=%s&password=x"},
	{tokenPath, "form", "grant_type=client_credentials&client_id=$machine&client_secret=%s"},
	{tokenPath, "form", "grant_type=client_credentials&client_id=%s&client_secret=x"},
	{tokenPath, "form", "grant_type=%s"},
	{tokenPath, "form", "grant_type=refresh_token&refresh_token=%s"},
	{tokenPath, "form", "grant_type=refresh_token&refresh_token=%s&client_id=$machine&client_secret=$machinesecret"},
	{tokenPath, "form", "grant_type=client_credentials&client_id=$machine&client_secret=$machinesecret&scope=%s"},
	{tokenPath, "form", "grant_type=client_credentials&client_id=$machine&client_secret=$machinesecret&resource=%s"},
	{tokenPath, "form", "grant_type=client_credentials&client_id=$machine&client_secret=$machinesecret&audience=a&audience=%s"},
	{tokenPath, "form", "grant_type=password&metadata=%s"},
	{tokenPath, "form", "%s=a&%s=b"},
	{tokenPath, "form", "%s%%zz=a"},
	{tokenPath, "form", `{"grantType":"password","password":"%s"}`},
	{tokenPath, "text/%s", "grant_type=password"},
	{tokenPath + "?password=%s", "form", ""},
	{v1TokenPath, "json", `{"grantType":"password","username":"ada","password":"%s"}`},
	{v1TokenPath, "json", `{"grantType":"password","username":"ada","password":["%s"]}`},
	{v1TokenPath, "json", `{"grantType":"%s"}`},
	{v1TokenPath, "json", `{"%s":"a"}`},
	{v1TokenPath, "json", `{"%s":"a","%s":"b"}`},
	{v1TokenPath, "json", `{"grantType":"password",%s}`},
	{v1TokenPath, "json", `{"grantType":"password","username":"ada","password":"x","metadata":{"%s":{"a":1}}}`},
	{v1TokenPath, "json", `{"grantType":"password","username":"ada","password":"x","metadata":{"a":["%s"]}}`},
	{v1TokenPath, "form", `{"grantType":"password","password":"%s"}`},
	{v1RenewPath, "json", `{"refreshToken":"%s"}`},
	{v1RenewPath, "json", `{"grantType":"%s","refreshToken":"a"}`},
	{introspectAt, "form", "token=a&client_id=$machine&client_secret=%s"},
	{introspectAt, "form", "client_id=$machine&client_secret=$machinesecret&nothing=%s"},
	{"/oauth2/revoke", "form", "token=%s"},
	{"/v1/logout", "form", "id_token_hint=%s"},
	{"/v1/logout", "form", "id_token_hint=a&%s=b"},
	{"/v1/%s", "form", ""},
	{"/errors/%s", "form", ""},
}

var mediaTypes = map[string]string{"form": "application/x-www-form-urlencoded", "json": "application/json"}

// Whatever is sent, wherever: it is in no record and in no line of the log.
func TestNoSecretIsKept(t *testing.T) {
	t.Parallel()
	servertest.EachDatabase(t, func(t *testing.T, s *servertest.Server) {
		tokens := signIn(t, s)
		revoke(t, s, tokens.Text("refresh_token"))
		var secrets []string
		var answers []servertest.Answer
		send := func(path, contentType, body, secret string, with ...servertest.With) {
			s.Clock.Advance(2 * time.Second) // an address has its share of records a minute
			secrets = append(secrets, secret)
			fill := func(text string, escape func(string) string) string {
				return s.Fill(strings.ReplaceAll(strings.ReplaceAll(text, "%s", escape(secret)), "%%", "%"))
			}
			plain := func(s string) string { return s }
			escape := plain
			if contentType == "form" {
				escape = url.QueryEscape
			}
			if media, ok := mediaTypes[contentType]; ok {
				contentType = media
			}
			a := s.Send(t, http.MethodPost, fill(path, url.QueryEscape), fill(contentType, plain), []byte(fill(body, escape)), with...)
			if a.Status < http.StatusBadRequest {
				return // as a revocation of anything is
			}
			answers = append(answers, a)
		}
		for i, place := range secretPlaces {
			for _, shape := range []string{"Sweep-%02d-Tr0ub4dor&3", "%02da39a6d8e1c5b4a70f39a6d8e1c5b4a70f39a6d", "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiI%02dX.c2ln"} {
				send(place.path, place.contentType, place.body, fmt.Sprintf(shape, i))
			}
		}
		for _, path := range []string{tokenPath, v1TokenPath, introspectAt, "/oauth2/userinfo"} {
			for i, shape := range []string{"Bearer %s", "%s", "Basic %s", "Bearer a %s", "%s b"} {
				secret := fmt.Sprintf("H34der-%d-%s", i, strings.ReplaceAll(path[len(path)-5:], "/", "-"))
				send(path, "form", "grant_type=client_credentials&token=a", secret, servertest.Header("Authorization", fmt.Sprintf(shape, secret)))
				id, pass := secret+"-id1", secret+"-pw1"
				secrets = append(secrets, id, pass)
				send(path, "form", "grant_type=client_credentials&token=a", base64.StdEncoding.EncodeToString([]byte(id+":"+pass)), servertest.Basic(id, pass))
			}
		}
		for _, token := range []string{tokens.Text("access_token"), tokens.Text("id_token")} {
			send("/oauth2/userinfo", "form", "", token, servertest.Bearer(token))
			send("/oauth2/userinfo", "form", "", token[:len(token)-4]+"AAAA", servertest.Bearer(token[:len(token)-4]+"AAAA"))
		}
		send(tokenPath, "form", "grant_type=refresh_token&client_id=$client&client_secret=$secret&refresh_token=%s", tokens.Text("refresh_token"))
		secrets = append(secrets, s.Password, s.ClientSecret, s.MachineSecret)

		kept := s.Log.String()
		for _, a := range answers {
			s.Refusal(t, a)
			refusals, err := s.Store.Refusals(t.Context(), a.Header.Get("X-Request-Id"))
			if err != nil {
				t.Fatal(err)
			}
			for _, r := range refusals {
				kept += string(r.Record)
			}
		}
		for _, secret := range secrets {
			if at := strings.Index(kept, secret); at >= 0 {
				t.Errorf("%q is kept: %s", secret, kept[max(0, at-200):min(len(kept), at+100)])
			}
		}
	})
}
