package explain

// Check is one thing that a request is held to.
type Check uint8

// The checks, roughly in the order in which they are made.
const (
	_ Check = iota
	RateLimit
	BodyForm
	BodyFields
	Metadata
	GrantKnown
	GrantFields
	ClientForm
	ClientShown
	ClientKnown
	ClientEnabled
	ClientMethod
	ClientSecret
	ClientKey
	ClientSignature
	ClientAudience
	ClientTime
	ClientOnce
	GrantAllowed
	ScopesAllowed
	AudienceAllowed
	UserKnown
	UserEnabled
	NotFrozen
	AttemptsInTurn
	UserWanted
	Password
	RefreshForm
	RefreshSession
	RefreshGenuine
	RefreshClient
	RefreshNotEnded
	RefreshNotOver
	RefreshNotSpent
	RefreshSameClient
	RefreshInUse
	TokenShown
	TokenForm
	TokenHeader
	TokenKey
	TokenSignature
	TokenType
	TokenClaims
	TokenIssuer
	TokenNotExpired
	TokenStarted
	TokenAudience
	TokenNotRevoked
	TokenApplication
	TokenUser
	TokenOfUser
	TokenOfClient
	MayIntrospect
	ScopeGranted
	PathForm
	QueryForm
	SessionOwn
	SubjectKnown
	Authority
	Permission
	InteractionOwn
	FormOwn
	RequestForm
	RequestPushed
	AuthenticationContext
	RedirectURI
	ResponseMode
	ResponseType
	Challenge
	Hint
	SignedIn
	Consented
	CodeKnown
	CodeNotSpent
	CodeNotExpired
	CodeClient
	CodeRedirectURI
	CodeVerifier
	PostLogoutURI
	ConsentGiven

	checkCount // how many there are, and none of them
)

// checks gives each check its name, which records keep, and what it says.
var checks = [checkCount]struct{ name, says string }{
	RateLimit:             {"rate-limit", "the address has requests left"},
	BodyForm:              {"body.form", "the body is in a form that the endpoint reads"},
	BodyFields:            {"body.fields", "the body has the fields that the endpoint asks for, and no others"},
	Metadata:              {"body.metadata", "the metadata is flat, and within its limits"},
	GrantKnown:            {"grant.known", "the grant type is one that the server speaks"},
	GrantFields:           {"grant.fields", "the fields that the grant needs are there"},
	ClientForm:            {"client.form", "the client's credentials are in one place, and legible"},
	ClientShown:           {"client.shown", "the client shows who it is"},
	ClientKnown:           {"client.known", "there is an application with the client id"},
	ClientEnabled:         {"client.enabled", "the application is not disabled"},
	ClientMethod:          {"client.method", "the client authenticates in the way that suits the application"},
	ClientSecret:          {"client.secret", "the client secret is one of the application's"},
	ClientKey:             {"client.key", "the client has the key that its assertion names"},
	ClientSignature:       {"client.signature", "the signature of the client's assertion is right"},
	ClientAudience:        {"client.audience", "the client's assertion is meant for this server, and for no other"},
	ClientTime:            {"client.time", "it is the time of the client's assertion"},
	ClientOnce:            {"client.once", "the client's assertion was not used before"},
	GrantAllowed:          {"grant.allowed", "the application may use the grant"},
	ScopesAllowed:         {"scopes.allowed", "the scopes that are asked for may be asked for"},
	AudienceAllowed:       {"audience.allowed", "the resources that are asked for may be asked for"},
	UserKnown:             {"user.known", "there is a user with the username"},
	UserEnabled:           {"user.enabled", "the user is not disabled"},
	NotFrozen:             {"attempts.not-frozen", "there were not too many wrong passwords"},
	AttemptsInTurn:        {"attempts.in-turn", "not too many sign-ins of the user wait for their turn"},
	UserWanted:            {"user.wanted", "the user is the one who has to sign in"},
	Password:              {"user.password", "the password is the user's"},
	RefreshForm:           {"refresh.form", "the refresh token is in the form of one"},
	RefreshSession:        {"refresh.session", "the refresh token's session is there"},
	RefreshGenuine:        {"refresh.genuine", "the refresh token was issued here"},
	RefreshClient:         {"refresh.client", "the refresh token belongs to the client"},
	RefreshNotEnded:       {"refresh.not-ended", "the session has not been ended"},
	RefreshNotOver:        {"refresh.not-over", "the session is within its life"},
	RefreshNotSpent:       {"refresh.not-spent", "the refresh token was not spent before"},
	RefreshSameClient:     {"refresh.same-client", "a spent refresh token is repeated by who may be the client that spent it"},
	RefreshInUse:          {"refresh.in-use", "the refresh token has not lain unused for too long"},
	TokenShown:            {"token.shown", "the Authorization header has a token"},
	TokenForm:             {"token.form", "the token is in the form of a JWT"},
	TokenHeader:           {"token.header", "the token's header has what this server writes there"},
	TokenKey:              {"token.key", "the token's key and algorithm are this server's"},
	TokenSignature:        {"token.signature", "the token's signature is right"},
	TokenType:             {"token.type", "the token is of the kind that is asked for"},
	TokenClaims:           {"token.claims", "the token's claims are complete"},
	TokenIssuer:           {"token.issuer", "the token is from this issuer"},
	TokenNotExpired:       {"token.not-expired", "the token has not expired"},
	TokenStarted:          {"token.started", "the token is not from the future"},
	TokenAudience:         {"token.audience", "the token is meant for this server"},
	TokenNotRevoked:       {"token.not-revoked", "the token was not revoked, and its session lives"},
	TokenApplication:      {"token.application", "the token's application is there, and was not disabled since"},
	TokenUser:             {"token.user", "the token's user is there, and not disabled"},
	TokenOfUser:           {"token.of-user", "the token is a user's"},
	TokenOfClient:         {"token.of-client", "the token was issued to the client that asks"},
	MayIntrospect:         {"client.may-introspect", "the client may introspect: it is not a public one"},
	ScopeGranted:          {"token.scope", "the token has the scope that the endpoint asks for"},
	PathForm:              {"path.form", "the parameters in the path have their form"},
	QueryForm:             {"query.form", "the parameters in the query are known, and have their form"},
	SessionOwn:            {"session.own", "the session is the user's, and lives"},
	SubjectKnown:          {"subject.known", "the subject that is asked about is somebody"},
	Authority:             {"token.authority", "the token has the authority that the endpoint asks for"},
	Permission:            {"permission", "one of the caller's groups has the permission"},
	InteractionOwn:        {"sign-in.own", "the sign-in waits for this browser"},
	FormOwn:               {"form.own", "the form was made for this browser, and sent from a page of the server"},
	RequestForm:           {"authorization.form", "the parameters of the authorization request make sense"},
	AuthenticationContext: {"authorization.acr", "users can be authenticated in the way that the application makes essential"},
	RequestPushed:         {"authorization.pushed", "the authorization request was pushed, where it has to be, and not used before"},
	RedirectURI:           {"authorization.redirect-uri", "the redirect URI is one that the application has registered"},
	ResponseMode:          {"authorization.response-mode", "the response mode is one that the server speaks"},
	ResponseType:          {"authorization.response-type", "the response type is code"},
	Challenge:             {"authorization.challenge", "the code challenge is there where it has to be, and is S256"},
	Hint:                  {"authorization.id-token-hint", "the id token that hints at the user is from this server, for the application"},
	SignedIn:              {"authorization.signed-in", "the user is signed in in the browser as the request demands"},
	Consented:             {"authorization.consented", "the user lets the application have what it asks for"},
	CodeKnown:             {"code.known", "the authorization code was issued here"},
	CodeNotSpent:          {"code.not-spent", "the authorization code was not used before"},
	CodeNotExpired:        {"code.not-expired", "the authorization code has not expired"},
	CodeClient:            {"code.client", "the authorization code was issued to the client"},
	CodeRedirectURI:       {"code.redirect-uri", "the redirect URI is that of the authorization request"},
	CodeVerifier:          {"code.verifier", "the code verifier is that of the authorization request, if it had a challenge"},
	ConsentGiven:          {"consent.given", "the user has consented to something for the application"},
	PostLogoutURI:         {"logout.redirect-uri", "the address to go to after signing out is one that the application has registered"},
}

// String is the check's name.
func (c Check) String() string {
	if c >= checkCount {
		return ""
	}
	return checks[c].name
}

// says is what the check with the name says, "" for one that this release does not know.
func says(name string) string {
	for _, c := range checks {
		if c.name == name {
			return c.says
		}
	}
	return ""
}
