package templates_test

import (
	"testing"

	"gatehouse/templates"
)

// TestProblemsAreTiedToTheirFields holds the login page to where typing starts,
// which fields are marked, and that what is wrong is announced.
func TestProblemsAreTiedToTheirFields(t *testing.T) {
	t.Parallel()
	account := &templates.Account{Name: "Ada"}
	tests := []struct {
		name                          string
		page                          templates.Login
		focus                         string
		username, password, announced bool
	}{
		{"first time", templates.Login{}, "username", false, false, false},
		{"username is known", templates.Login{Username: "ada"}, "password", false, false, false},
		{"wrong", templates.Login{Username: "ada", Problem: templates.LoginWrong}, "password", true, true, true},
		{"another", templates.Login{Username: "ada", Problem: templates.LoginAnother}, "username", true, false, true},
		{"no username", templates.Login{Problem: templates.LoginNoUsername}, "username", true, false, true},
		{"no password", templates.Login{Username: "ada", Problem: templates.LoginNoPassword}, "password", false, true, true},
		{"too many", templates.Login{Username: "ada", Problem: templates.LoginTooMany}, "password", false, false, true},
		{"expired", templates.Login{Problem: templates.LoginExpired}, "username", false, false, true},
		{"something new", templates.Login{Problem: "new"}, "username", false, false, true},
		{"again", templates.Login{Username: "ada", Account: account}, "password", false, false, false},
		{"again, wrong", templates.Login{Username: "ada", Account: account, Problem: templates.LoginWrong}, "password", false, true, true},
	}
	set := newSet(t, "")
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			page, err := set.Login(tt.page)
			if err != nil {
				t.Fatal(err)
			}
			all, err := elements(page.Body)
			if err != nil {
				t.Fatal(err)
			}
			announced := false
			for _, e := range all {
				if e.attributes["role"] == "alert" && e.attributes["id"] == "problem" {
					announced = true
				}
				name := e.attributes["name"]
				if got := e.has("autofocus"); got != (name == tt.focus && !e.has("hidden")) {
					t.Errorf("<%s name=%s> has autofocus: %v", e.name, name, got)
				}
				marked := name == "username" && tt.username || name == "password" && tt.password
				if e.has("aria-invalid") != marked || e.has("aria-describedby") != marked {
					t.Errorf("<%s name=%s> is marked: %v", e.name, name, !marked)
				}
			}
			if announced != tt.announced {
				t.Errorf("a problem is announced: %v, want %v", announced, tt.announced)
			}
		})
	}
}

// TestPasswordManagersFindTheirFields holds the login page to the names that
// they look for (HTML Standard §4.10.18.7.1).
func TestPasswordManagersFindTheirFields(t *testing.T) {
	t.Parallel()
	set := newSet(t, "")
	for _, account := range []*templates.Account{nil, {Name: "Ada"}} {
		page, err := set.Login(templates.Login{Username: "ada", Account: account})
		if err != nil {
			t.Fatal(err)
		}
		all, err := elements(page.Body)
		if err != nil {
			t.Fatal(err)
		}
		found := make(map[string]string)
		for _, e := range all {
			if e.has("autocomplete") {
				found[e.attributes["autocomplete"]] = e.attributes["type"] + " " + e.attributes["value"]
			}
		}
		if len(found) != 2 || found["username"] != "text ada" || found["current-password"] != "password " {
			t.Errorf("fields = %q", found)
		}
	}
}
