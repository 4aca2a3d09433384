package errors

// ownHelp is the help for the Auth codes of our own.
var ownHelp = map[string]Help{
	TooManyRequests.ID: {
		Means: "The address has sent more requests in a short time than one address may.",
		Causes: []string{
			"The client asks for a new token for every call, instead of keeping one until it expires.",
			"A failing request is repeated in a loop without a pause.",
			"Many clients share one address, behind a proxy that the server was not told to trust.",
		},
		Steps: []string{
			"Wait for as many seconds as the `Retry-After` header says.",
			"Keep each token until shortly before it expires, and share it between your program's parts.",
			"If a proxy stands in front of the server, have the administrator list it as trusted, so that clients are told apart.",
		},
	},
	AccessDenied.ID: {
		Means: "The token is sound, but it does not allow this request.",
		Causes: []string{
			"The question was what somebody else may do, or for the reason of a decision, and the caller has no permission `permissions:get`. This is the answer whether or not there is such a subject.",
			"The token was issued with too little scope, such as without `openid` at the userinfo endpoint.",
			"The token belongs to an application, and the endpoint is about users, or the other way round.",
		},
		Steps: []string{
			"Read the `fields` object of the answer, where it has one: it says what is needed.",
			"Decode the token's middle part, and look at `sub`, `type` and `scope`.",
			"Ask for the scope that is needed when getting the token.",
			"If it is the permission that is missing, ask an administrator for a group that has it. An application has the permissions of its product's `<product>-editor-group`.",
		},
	},
	PayloadTooLarge.ID: {
		Means: "The body is larger than the server reads: 1 MiB.",
		Causes: []string{
			"A file, a picture or a whole list was sent to an endpoint that expects a small object.",
			"A loop in the client added to the same body again and again.",
		},
		Steps: []string{
			"Send only the fields that the endpoint knows.",
			"Keep large data elsewhere, and refer to it.",
		},
	},
	UnsupportedMediaType.ID: {
		Means: "The body's Content-Type is one that this endpoint does not read.",
		Causes: []string{
			"The header is absent. Many tools send a form by default: `curl -d` does.",
			"JSON was sent to a standard endpoint, which reads forms, or a form to an endpoint that reads JSON.",
			"The body was sent as `multipart/form-data`, or in a charset other than UTF-8.",
		},
		Steps: []string{
			"For `/v1`, send `Content-Type: application/json`. `/v1/logout` alone reads a form, and the token endpoints read both.",
			"For `/oauth2`, send `Content-Type: application/x-www-form-urlencoded`.",
		},
	},
	RouteNotFound.ID: {
		Means: "Nothing answers at this address.",
		Causes: []string{
			"The path is misspelt, or its version prefix `/v1` is missing.",
			"A proxy adds to the path or removes from it.",
			"The server is an older release than the documentation.",
		},
		Steps: []string{
			"Compare the path with the documentation, letter by letter: case matters.",
			"Take the addresses of the standard endpoints from `/.well-known/openid-configuration`.",
			"Ask `/version` which release is running.",
		},
	},
	MethodNotAllowed.ID: {
		Means: "The address exists, but it does not answer to this method.",
		Causes: []string{
			"GET was used where POST is meant, for instance by opening the token endpoint in a browser.",
			"A redirect turned a POST into a GET on its way.",
			"PUT was used where the endpoint takes PATCH.",
		},
		Steps: []string{
			"Use a method that the `Allow` header of the answer lists.",
			"If the client did, look for a redirect, such as from http to https, and use the final address.",
		},
	},
	Unavailable.ID: {
		Means: "The server cannot take the request now. Nothing was changed, and the same request can be sent again.",
		Causes: []string{
			"The node is about to stop, as it does in every deployment, and another will take over.",
			"So many people sign in at once that the queue for checking passwords is full.",
			"The database does not answer.",
		},
		Steps: []string{
			"Wait for as many seconds as the `Retry-After` header says, and send the request again.",
			"Give up after a few attempts, each after a longer pause than the one before.",
			"If it stays, ask `/readyz` which part is out of order.",
		},
	},
	InvalidScope.ID: {
		Means: "The request asks for a scope that it cannot have.",
		Causes: []string{
			"The scope is misspelt; scopes are matched to the letter.",
			"The application was not given that scope.",
			"A refresh asks for more than the session was granted: scope can be narrowed there, never widened.",
			"Scopes are separated by commas; it should be spaces.",
		},
		Steps: []string{
			"Ask for no scope, to get those that the application has by default.",
			"Compare with the application's scopes, for instance with `gatehouse application list --json`.",
			"Have an administrator give the application the scope, then sign in again.",
		},
	},
	InvalidTarget.ID: {
		Means: "The request names a resource or an audience that this application may not get tokens for.",
		Causes: []string{
			"The resource is not among the application's audiences; they are matched to the letter, slash at the end included.",
			"It is no absolute address, or it has a fragment (RFC 8707, section 2).",
		},
		Steps: []string{
			"Leave `resource` and `audience` out, to get a token for the application itself.",
			"Compare with the application's audiences, for instance with `gatehouse application list --json`.",
			"Have an administrator add the one that is needed.",
		},
	},
	InvalidAuthorizationCode.ID: {
		Means: "The authorization code cannot be exchanged for tokens.",
		Causes: []string{
			"It was used already: a code works once. Reloading the callback page sends it a second time.",
			"It has expired: a code lives for minutes.",
			"It was issued to another application.",
			"The `redirect_uri` or the PKCE `code_verifier` is not the one that belongs to it.",
		},
		Steps: []string{
			"Start the sign-in again to get a new code.",
			"Exchange the code right away, once, and redirect the browser away from the callback address.",
			"Keep the `code_verifier` with the browser's session that began the sign-in.",
		},
	},
	RedirectURIMismatch.ID: {
		Means: "The redirect URI of the request is none of those that the application has registered. The browser is not sent there, for it could be anybody's.",
		Causes: []string{
			"Scheme, host, port, path or a slash at the end differ: it is compared to the letter.",
			"The application runs on an address, such as a preview, that was never registered.",
			"The client ID belongs to another environment.",
		},
		Steps: []string{
			"Copy the `redirect_uri` from the request that failed, and compare it with the registered ones.",
			"Have an administrator register it, or send one that is registered.",
		},
	},
	LoginRequired.ID: {
		Means: "The request asked for a silent sign-in, and the user is not signed in.",
		Causes: []string{
			"The request has `prompt=none`, and the browser has no session at this server, or one that ended.",
			"The request has a `max_age`, and the last sign-in is longer ago.",
			"The browser does not send this server's cookies from inside a frame.",
		},
		Steps: []string{
			"Send the user through a sign-in without `prompt=none`.",
			"Take this answer for a plain no, and not for a failure: it is what a silent check is for.",
		},
	},
	ConsentRequired.ID: {
		Means: "The request asked for a silent sign-in, but the user has to agree to something first.",
		Causes: []string{
			"The user has not yet allowed this application what its scopes ask for.",
			"The application asks for more scopes than before.",
		},
		Steps: []string{
			"Send the user through a sign-in without `prompt=none`.",
			"Ask only for the scopes that the application needs.",
		},
	},
	SessionNotFound.ID: {
		Means: "The token's owner has no session with this ID.",
		Causes: []string{
			"The session has ended, by signing out or because it expired.",
			"The ID is that of a token or of a user.",
			"The session belongs to another user.",
		},
		Steps: []string{
			"Ask `GET /v1/sessions` for the sessions that there are.",
			"If you meant to end it: it is ended, and nothing is left to do.",
		},
	},
	ForeignToken.ID: {
		Means: "An application tried to revoke a token that belongs to another one. The token is still valid.",
		Causes: []string{
			"The credentials of one application were sent with the token of another.",
			"Several applications of a product share a store of tokens, but not their client ID.",
		},
		Steps: []string{
			"Decode the token's middle part: `client_id` says to whom it was issued.",
			"Revoke it with that application's credentials, or end the whole session with `/v1/logout`.",
		},
	},
	UnsupportedResponseType.ID: {
		Means: "The authorization request asks for an answer that this server does not give: it gives authorization codes alone.",
		Causes: []string{
			"The client library is set to the implicit or the hybrid flow (`token`, `id_token`, `code id_token`), which hand out tokens in addresses.",
			"The parameter `response_type` has a misspelt value.",
		},
		Steps: []string{
			"Set the library to the authorization code flow with PKCE; single-page applications can use it, too.",
		},
	},
	RequestNotSupported.ID: {
		Means: "The authorization request has the parameter `request`, a signed object with the parameters in it.",
		Causes: []string{
			"The client library is set to send request objects.",
			"The application was moved from a server that reads them.",
		},
		Steps: []string{
			"Switch request objects off in the library.",
			"Push the request to `/oauth2/par` where its parameters must not be seen or changed in the browser.",
		},
	},
	RequestURINotSupported.ID: {
		Means: "The authorization request refers to a request object elsewhere, which this server does not fetch.",
		Causes: []string{
			"The client library is set to send request objects by reference.",
			"The application was moved from a server that fetches them.",
		},
		Steps: []string{
			"Switch it off in the library, or have the library push requests to `/oauth2/par`.",
		},
	},
	InvalidRequestURI.ID: {
		Means: "The `request_uri` of the authorization request leads to no pushed request.",
		Causes: []string{
			"It has expired, or was used already: a pushed request is good for one sign-in.",
			"Another application has pushed it.",
		},
		Steps: []string{
			"Push the request again and send the browser on right away.",
		},
	},
	ConsentNotFound.ID: {
		Means: "The token's user has not consented to anything for the application that is to be withdrawn.",
		Causes: []string{
			"It was withdrawn already.",
			"The application needs no consent: it is a trusted one, or the user has never signed in to it.",
			"The last part of the path is not the client id of an application.",
		},
		Steps: []string{
			"List the consents with `GET /v1/consents` and use an `application` from there.",
		},
	},
	AnotherAccount.ID: {
		Means: "The username and password belong together, but the application asked for one account and these are of another. It counts as no failed attempt, and nobody was signed in.",
		Causes: []string{
			"The person has several accounts, and signed in with another than the application asked for with `id_token_hint`.",
			"The application asks with the `claims` parameter for a `sub` that is somebody else's, or nobody's.",
		},
		Steps: []string{
			"Sign in with the account that was asked for, or go back to the application and sign out there first.",
			"In the application: leave out `id_token_hint` and the `sub` of `claims` where anybody may sign in.",
		},
	},
	AccountRequired.ID: {
		Means: "The request asked for a silent sign-in, but several accounts are signed in in the browser, or the request lets the user choose one.",
		Causes: []string{
			"The request has `prompt=none` beside an `id_token_hint` or `login_hint` that leaves it open who is meant.",
			"The accounts that are signed in are others than the one that is meant.",
		},
		Steps: []string{
			"Send the user through a sign-in without `prompt=none`.",
			"Send an `id_token_hint` of the user who is meant.",
		},
	},
	Declined.ID: {
		Means: "The user was asked whether the application may have what it asks for, and has said no.",
		Causes: []string{
			"The user chose not to allow it.",
			"The scopes that were asked for did not fit what the user wanted to do.",
		},
		Steps: []string{
			"Let the user go on without, or try again when they want to.",
			"Ask for fewer scopes.",
		},
	},
	SignInExpired.ID: {
		Means: "A page of a sign-in was opened or sent that does not belong to a sign-in in progress in this browser.",
		Causes: []string{
			"The page was left open for too long.",
			"The sign-in was completed in another tab, or the page was reached with the browser's back button.",
			"The address was copied into another browser, or came from somebody else.",
			"The browser does not keep this server's cookies.",
		},
		Steps: []string{
			"Go back to the application and start again.",
		},
	},
	ForgedForm.ID: {
		Means: "A form was sent that this server has not made for the browser that sends it. It was not acted upon, since somebody else may have made it.",
		Causes: []string{
			"The browser does not keep this server's cookies, or they were deleted while the page was open.",
			"Another site has sent the form.",
		},
		Steps: []string{
			"Allow cookies for this server and load the page again.",
		},
	},
	UnmetAuthentication.ID: {
		Means: "The request makes an authentication context essential that this server cannot provide for the user.",
		Causes: []string{
			"The `acr` that the `claims` parameter demands is none of `acr_values_supported`.",
			"The user lacks the second factor that it takes.",
		},
		Steps: []string{
			"Ask for a context that the metadata lists, or ask for it by `acr_values`, which is a wish.",
		},
	},
	PushRequired.ID: {
		Means: "The application is set to push its authorization requests (RFC 9126), and this one came through the browser.",
		Causes: []string{
			"The client library does not push requests.",
			"The setting was switched on before the application was ready for it.",
		},
		Steps: []string{
			"Send the parameters to `/oauth2/par`, and the browser on with the `request_uri` that it answers.",
			"Or have an administrator switch `requirePushedAuthorizationRequests` off.",
		},
	},
}
