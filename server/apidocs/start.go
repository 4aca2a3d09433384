package apidocs

import "gatehouse/templates"

// steps lead from nothing to a token for a user and one for an application. Each
// goes on with what the shell remembers of those before.
func (p pageOf) steps() []templates.DocsStep {
	return []templates.DocsStep{
		{
			Title: "Become an administrator",
			Text:  "Put in the password of the user `admin`. `gatehouse serve --dev` prints it at its first start and keeps it in `data/dev-credentials.json`.",
			Command: `PASSWORD='put it here'
GATE=` + shellQuoted(p.Issuer) + `
JSON='Content-Type: application/json'
` + pick("ADMIN", "accessToken", `curl -s "$GATE/v1/login/oauth/access_token" -H "$JSON" \
  -d '{"grantType": "password", "username": "admin",
       "password": "'"$PASSWORD"'"}'`),
		},
		{
			Title:   "Create a product",
			Text:    "A service of yours, or a family of them. Applications belong to it.",
			Command: create("products", `{"name": "billing", "description": "Invoices and payments"}`),
		},
		{
			Title: "Create a group",
			Text:  "Its members may do what its permissions say: resources, each with its actions.",
			Command: create("groups", `{"id": "billing-clerks", "name": "Billing clerks",
       "permissions": {"invoices": ["get", "post"]}}`),
		},
		{
			Title: "Create a user",
			Text:  "Somebody in that group.",
			Command: create("users", `{"firstName": "Grace", "lastName": "Hopper", "username": "grace",
       "email": "grace@example.com", "password": "Nanosecond-29.97cm",
       "groups": ["billing-clerks"]}`),
		},
		{
			Title: "Create an application",
			Text:  "The answer has its secret, this one time.",
			Command: `APPLICATION=$(` + create("applications", `{"name": "billing", "description": "Nightly billing run",
       "grantTypes": ["client_credentials"]}`) + `)
echo "$APPLICATION"
` + pick("CLIENT", "clientId", `echo "$APPLICATION"`) + "\n" + pick("SECRET", "clientSecret", `echo "$APPLICATION"`),
		},
		{
			Title: "Get a token for each",
			Text:  "The user signs in with the password, the application with its secret. Userinfo tells whom the user's token speaks for.",
			Command: pick("TOKEN", "accessToken", `curl -s "$GATE/v1/login/oauth/access_token" -H "$JSON" \
  -d '{"grantType": "password", "username": "grace",
       "password": "Nanosecond-29.97cm"}'`) + `
curl -s "$GATE/v1/userinfo" -H "Authorization: Bearer $TOKEN"

curl -s "$GATE/v1/login/oauth/access_token" -H "$JSON" \
  -d '{"grantType": "client_credentials", "clientId": "'"$CLIENT"'",
       "clientSecret": "'"$SECRET"'"}'`,
		},
	}
}

// create is a request of the administrator.
func create(what, body string) string {
	return `curl -s "$GATE/v1/` + what + `" -H "Authorization: Bearer $ADMIN" \
  -H "$JSON" -d '` + body + `'`
}

// pick keeps in a variable what a command's JSON says of a name.
func pick(variable, name, command string) string {
	return variable + "=$(" + command + ` |
  sed 's/.*"` + name + `":"\([^"]*\)".*/\1/')`
}
