package server_test

import (
	"net/http"
	"testing"
)

func FuzzAuthorize(f *testing.F) {
	w := newIdentityFuzz(f)
	for _, seed := range []string{
		about("lerian/grace", "invoices:get of billing"), about("", "invoices:get"), about("billing-viewer-role", "*:*"), about("a/b/c", "x:y"),
		batchOf(about("grace", "invoices:get"), about("nobody", "invoices:get")), batchOf(), batchOf("null", "[]"), `{"questions":{"0":{}}}`,
		`{"resource":"\u0000","action":"get"}`, `{"resource":"a","action":"b","sub":"\ud800"}`, `{"resource":"a","action":"b","sub":"//"}`,
		`{"resource":"a","action":"b","sub":"0198f3c2-7d1e-7a40-9c3b-5f2d8e6a1b04"}`, `{"resource":"a","action":"b","sub":"{` + w.graceID + `}"}`,
		`{"resource":"a","action":"b","sub":"` + "\u202e\u00df" + `","product":"\uffff"}`, `{"questions":[[[[[]]]]]}`, `[]`, "\xff", `{"a":1e999}`,
		`{"resource":"` + "\u212Aiss" + `","action":"get","sub":"` + "\u212Aiss" + `"}`,
	} {
		f.Add([]byte(seed), "explain=true")
	}
	for _, query := range []string{"", "explain=false", "explain", "explain=true&explain=true", "%zz", "explain=%00", "product=\xff", "&&;="} {
		f.Add([]byte(about("", "invoices:get")), query)
	}
	f.Fuzz(func(t *testing.T, body []byte, query string) {
		for _, path := range []string{authorizePath, batchPath} {
			w.ask(t, http.MethodPost, path, "application/json", body)
			w.ask(t, http.MethodPost, path+"?"+query, "application/json", body)
		}
	})
}

func FuzzPermissions(f *testing.F) {
	w := newIdentityFuzz(f)
	for _, seed := range [][2]string{
		{"grace", "product=billing"},
		{w.graceID, ""},
		{"lerian/grace", "product="},
		{"lerian%2fgrace", "product=%00"},
		{"%00", "a=b"},
		{"%ff", "%ff"},
		{"a/b/c", ""},
		{"//", ""},
		{".", ""},
		{"..%2f..", ""},
		{"%252f", ""},
		{"billing-viewer-role/", ""},
		{"%f0%9f%94%91", "product=%ef%bf%bf"},
		{";", ";"},
		{"simulate", ""},
		{"who-can", ""},
	} {
		f.Add(seed[0], seed[1])
	}
	f.Fuzz(func(t *testing.T, sub, query string) {
		w.ask(t, http.MethodGet, listPath+"/"+sub+"?"+query, "", nil)
		w.ask(t, http.MethodGet, listPath+"?"+query, "", nil)
		w.ask(t, http.MethodHead, listPath+"/"+sub, "", nil)
	})
}
