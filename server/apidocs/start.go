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
` + request("ADMIN", p.Issuer+"/v1/login/oauth/access_token", `{"grantType": "password", "username": "admin", "password": "'"$PASSWORD"'"}`, "accessToken"),
		},
		{
			Title:   "Create a product",
			Text:    "A service of yours, or a family of them. Applications belong to it.",
			Command: send(p.Issuer+"/v1/products", `{"name": "billing", "description": "Invoices and payments"}`),
		},
		{
			Title:   "Create a group",
			Text:    "Its members may do what its permissions say: resources, each with its actions.",
			Command: send(p.Issuer+"/v1/groups", `{"id": "billing-clerks", "name": "Billing clerks", "permissions": {"invoices": ["get", "post"]}}`),
		},
		{
			Title: "Create a user",
			Text:  "Somebody in that group.",
			Command: send(p.Issuer+"/v1/users", `{"firstName": "Ada", "lastName": "Lovelace", "username": "ada", "email": "ada@example.com",
    "password": "Enchantress-0f-Numbers", "groups": ["billing-clerks"]}`),
		},
		{
			Title: "Create an application",
			Text:  "The answer has its secret, this one time.",
			Command: `ANSWER=$(` + send(p.Issuer+"/v1/applications", `{"name": "billing", "description": "Nightly billing run", "grantTypes": ["client_credentials"]}`) + `)
echo "$ANSWER"
` + pick("CLIENT", `echo "$ANSWER"`, "clientId") + "\n" + pick("SECRET", `echo "$ANSWER"`, "clientSecret"),
		},
		{
			Title: "Get a token for each",
			Text:  "The user signs in with the password, the application with its secret. Userinfo tells whom the user's token speaks for.",
			Command: request("TOKEN", p.Issuer+"/v1/login/oauth/access_token", `{"grantType": "password", "username": "ada", "password": "Enchantress-0f-Numbers"}`, "accessToken") + `
curl -s ` + p.Issuer + `/v1/userinfo -H "Authorization: Bearer $TOKEN"

curl -s ` + p.Issuer + `/v1/login/oauth/access_token -H 'Content-Type: application/json' \
  -d '{"grantType": "client_credentials", "clientId": "'"$CLIENT"'", "clientSecret": "'"$SECRET"'"}'`,
		},
	}
}

// send is a request of the administrator.
func send(address, body string) string {
	return `curl -s ` + address + ` -H "Authorization: Bearer $ADMIN" -H 'Content-Type: application/json' \
  -d '` + body + `'`
}

// request keeps a member of a JSON answer in a variable of the shell.
func request(variable, address, body, member string) string {
	return pick(variable, `curl -s `+address+` -H 'Content-Type: application/json' \
  -d '`+body+`'`, member)
}

// pick keeps a member of the JSON that a command prints.
func pick(variable, command, member string) string {
	return variable + `=$(` + command + ` | sed 's/.*"` + member + `":"\([^"]*\)".*/\1/')`
}
