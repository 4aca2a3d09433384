package errors

// authHelp is the help for the Auth codes of the Access Manager's contract.
var authHelp = map[string]Help{
	MissingFields.ID: {
		Means: "The request was understood, but at least one field that the endpoint cannot do without is absent or empty.",
		Causes: []string{
			"`grantType` (or `grant_type` on `/oauth2/token`) was left out.",
			"A variable in the caller's configuration is unset, so that an empty text was sent.",
			"The body was sent under another Content-Type, or not at all, and nothing of it was read.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names each field that is missing.",
			"Log the names (not the values) of what your client really sends, and compare.",
			"Send each named field with a value; null and the empty text count as absent.",
		},
	},
	InvalidPath.ID: {
		Means: "A part of the address does not look like the thing it should name, so nothing was looked up.",
		Causes: []string{
			"A name was put where an ID belongs: the IDs of users, applications and sessions are UUIDs.",
			"A template in the client was not filled in, and a text such as `{id}` or `undefined` was sent.",
			"The ID was cut short, quoted, or escaped twice.",
		},
		Steps: []string{
			"Look at the parameter that the message names, as it stands in the address that was sent.",
			"Take the ID from the answer that created or listed the thing, without changing it.",
		},
	},
	UnexpectedFields.ID: {
		Means: "The body has a field that this endpoint does not know. It is refused rather than ignored, so that a misspelt field is not silently without effect.",
		Causes: []string{
			"The field is misspelt, or its case is wrong: names are matched to the letter.",
			"A name from the standard endpoints was used here, such as `grant_type` for `grantType`, or the other way round.",
			"The client was written for a newer release, or for another endpoint.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names each field that is too many.",
			"Correct the name, or remove the field.",
			"Keep what is your own in `metadata`, where the endpoint takes it.",
		},
	},
	InvalidQuery.ID: {
		Means: "A parameter behind the question mark of the address is one that the endpoint does not know, or has a value that it cannot take.",
		Causes: []string{
			"The parameter belongs in the body, such as `product` of `/v1/authorize`, or in the path, such as `sub` of `/v1/permissions/{sub}`.",
			"The value is none of those allowed: `explain` is `true` or `false`.",
			"A value was not escaped, and an `&`, `+` or `#` in it was read as something else.",
			"The parameter was given twice.",
		},
		Steps: []string{
			"Look at the parameter that the message names; the `fields` object has the reason.",
			"Give it once, in the form that the page `/docs` shows.",
			"Build query strings with your language's URL library instead of joining texts.",
		},
	},
	Internal.ID: {
		Means: "Something went wrong inside the server. The cause was written to the server's log and is not shown here on purpose.",
		Causes: []string{
			"The database answered with an error.",
			"The server's configuration and its data do not fit each other, for instance after a restore or a changed master secret.",
			"A defect in the server.",
		},
		Steps: []string{
			"Try once more; if that succeeds, the fault was a passing one.",
			"Note the `X-Request-Id` header of the answer.",
			"Give that ID to the administrator: the log has the cause under it, as `requestId`.",
		},
	},
	TokenMissing.ID: {
		Means: "The endpoint answers to the bearer of an access token, and the request carried none.",
		Causes: []string{
			"The `Authorization` header is absent, or empty.",
			"The header has a scheme other than Bearer, such as Basic.",
			"A proxy, a redirect to another host, or a browser's CORS rules removed the header on the way.",
		},
		Steps: []string{
			"Get an access token from `/oauth2/token` or `/v1/login/oauth/access_token`.",
			"Send it as `Authorization: Bearer <token>`.",
			"If you already do, find the last hop that still sees the header.",
		},
	},
	TokenInvalid.ID: {
		Means: "The token is not one that this server would take: it cannot be read, its signature is wrong, it has expired, or it was made for somebody else.",
		Causes: []string{
			"It has expired: access tokens live for an hour unless the application has another lifetime.",
			"It is another kind of token, for instance an ID token or a refresh token.",
			"It comes from another server or environment, and its `iss` or `aud` says so.",
			"It was changed or cut on the way, for instance by a field that is too short for it.",
		},
		Steps: []string{
			"Decode the token's middle part and look at `exp`, `iss` and `aud`; the clocks of both machines should agree.",
			"Use the refresh token, or sign in again, to get a new one.",
			"Make sure that it is the access token which is sent, whole and unchanged.",
		},
	},
	EnforcerUnusable.ID: {
		Means: "The server could not decide whether the action is permitted, and therefore did not permit it.",
		Causes: []string{
			"Groups have changed, or the server has just started, and the database could not be read at that moment.",
			"The subject of the question was not remembered, and could not be read.",
			"The database lacks its tables, or this server may not read them, for instance after an incomplete restore.",
		},
		Steps: []string{
			"Do not take it for a denial that lasts: let nobody in, and ask again after a few seconds.",
			"If it stays, ask the administrator what `/readyz` says, and what the log has under the answer's `X-Request-Id`.",
		},
	},
	Malformed.ID: {
		Means: "The server could not make sense of the body: it is not valid JSON or not a valid form, or a value in it has the wrong type.",
		Causes: []string{
			"The JSON has a syntax error, such as a comma at the end or single quotes.",
			"A value has another type than the field's: a number or an array where a text belongs.",
			"A field or parameter appears twice.",
			"The text is not UTF-8, or an escape in a form is broken, such as a bare `%`.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names the field, or the place in the body where reading stopped.",
			"Make the body with a JSON or form encoder instead of joining texts.",
			"See that the Content-Type says what the body is.",
		},
	},
	MetadataKeyTooLong.ID: {
		Means: "A key in `metadata` is longer than a key may be.",
		Causes: []string{
			"A value was put where the key belongs.",
			"Keys are made from nested data, by joining a whole path into one name.",
		},
		Steps: []string{
			"Shorten the key that the message names to at most 100 characters.",
			"Keep the long part in the value, which may have 2000.",
		},
	},
	MetadataValueTooLong.ID: {
		Means: "A value in `metadata` is longer than a value may be.",
		Causes: []string{
			"A whole document, a certificate or an encoded picture was put into one value.",
			"The value is a JSON text that grew over time.",
		},
		Steps: []string{
			"Shorten the value that the message names to at most 2000 characters.",
			"Keep large data in your own storage, and its address or ID in `metadata`.",
		},
	},
	MetadataNested.ID: {
		Means: "`metadata` is flat: each value is a text, a number, or true or false.",
		Causes: []string{
			"A value is an object or an array.",
			"A value is null.",
		},
		Steps: []string{
			"Flatten the value that the message names, for instance `{\"address.city\": \"Recife\"}`.",
			"Or encode it to a text, within the limit of 2000 characters.",
			"Leave keys without a value out.",
		},
	},
	UnknownGrant.ID: {
		Means: "The grant type is none that this server knows.",
		Causes: []string{
			"It is misspelt: the values are in lower case with underscores, as in `client_credentials`.",
			"The client asks for a grant that the server does not offer, such as `implicit`.",
		},
		Steps: []string{
			"Compare the value with `grant_types_supported` in `/.well-known/openid-configuration`.",
			"For a program without a user, use `client_credentials`; for a user's session, `refresh_token` after the first sign-in.",
		},
	},
	GrantMissingFields.ID: {
		Means: "The grant type is known, but fields that it needs are absent or empty.",
		Causes: []string{
			"`password` without `username` or `password`.",
			"`client_credentials` without `clientId` and `clientSecret`, or `client_id` and `client_secret` on `/oauth2/token`.",
			"`refresh_token` without `refreshToken`, or `refresh_token` on `/oauth2/token`.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names what is missing.",
			"Check that the variables your client takes them from are set.",
		},
	},
	GrantNotAllowed.ID: {
		Means: "The application is known and authenticated, but it may not use this grant.",
		Causes: []string{
			"The grant was never switched on for this application. The password grant is off by default.",
			"The request uses another application's client ID than intended.",
			"The application is public, and a public application has no use of client_credentials.",
		},
		Steps: []string{
			"Look up the application's grants, for instance with `gatehouse application list --json`.",
			"Have an administrator allow the grant, or use one that is allowed.",
		},
	},
	InvalidCredentials.ID: {
		Means: "The user could not be signed in. The answer is the same, and takes the same time, whether the user is unknown, disabled or frozen, or the password is wrong.",
		Causes: []string{
			"The username or the password is misspelt, or was copied with a space at its end.",
			"The account belongs to another environment.",
			"Too many wrong passwords froze the device, the account for this address, or the address for a while; even the right one is refused until then.",
			"An administrator has disabled the user.",
		},
		Steps: []string{
			"Try the same username and password by hand, typed anew.",
			"After several failures wait a quarter of an hour before the next attempt.",
			"Give the `X-Request-Id` of the answer to an administrator, who finds the real reason in the log, and can run `gatehouse user unlock` or `gatehouse user reset-password`.",
		},
	},
	TokenRevoked.ID: {
		Means: "The token is genuine and has not expired, but it has been ended before its time.",
		Causes: []string{
			"The user signed out, or ended the session from another device.",
			"The token was revoked.",
			"A refresh token was used a second time, so that its whole session was ended for safety.",
			"The user or the application was disabled or deleted.",
		},
		Steps: []string{
			"Do not repeat the request with this token: it stays dead.",
			"Sign in again, or have the application ask for a new token.",
			"If nobody signed out, see whether two parts of your program use the same refresh token.",
		},
	},
	InvalidClient.ID: {
		Means: "The application could not be authenticated. The answer is the same, and takes the same time, whether it is unknown or disabled or its secret is wrong.",
		Causes: []string{
			"The client secret is wrong, was rotated, or was copied with a line break; or, with HTTP Basic, it was not form-encoded (RFC 6749, section 2.3.1).",
			"The client ID belongs to another environment, or an administrator has disabled the application.",
			"With `private_key_jwt`, the assertion has expired, was sent before, has another `aud` than the issuer (the address of an endpoint is not enough), or its key is not one that the application has registered.",
			"The application is registered for another way to authenticate than the one it uses.",
		},
		Steps: []string{
			"Check the client ID with `gatehouse application list`.",
			"If the secret is lost, make a new one with `gatehouse application rotate-secret`: a secret is shown once and cannot be read again.",
			"Send it one way only: in the header or in the body.",
		},
	},
	InvalidRefreshToken.ID: {
		Means: "The refresh token cannot be exchanged. If it had been exchanged before, its session is now ended for safety, for it may have been stolen.",
		Causes: []string{
			"It has expired: refresh tokens live for a day without use unless the application has another lifetime.",
			"It was used already, and not repeated right away: each refresh gives a new one, which replaces the old.",
			"The session was ended, by signing out or by an administrator.",
			"It was issued to another application than the one that shows it.",
		},
		Steps: []string{
			"Have the user sign in again.",
			"Store the new refresh token of each answer before the next request, in one place.",
			"Let only one part of your program refresh at a time, and the others wait for its result.",
		},
	},
	SubjectNotFound.ID: {
		Means: "The question was whether somebody may do something, and there is nobody by that name.",
		Causes: []string{
			"`sub` is misspelt, or names a user that was deleted.",
			"It is a role whose group does not exist: `midaz-editor-role` has the permissions of `midaz-editor-group`.",
			"It is a group, a product or an e-mail address, which are no subjects.",
			"The form is not one of those accepted, with an owner and one slash in front or without: a user ID, a username, a role, `admin`, or an application's client ID.",
		},
		Steps: []string{
			"Leave `sub` out to ask about the token's own subject.",
			"Otherwise take it from the token's `sub` claim, or from the user's record.",
		},
	},
}
