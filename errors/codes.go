package errors

import "slices"

// Auth codes of the Access Manager's public contract.
var (
	MissingFields        = Code{"AUT-0001", KindInvalid, "Missing Fields in Request", "Your request is missing one or more required fields. Please refer to the documentation to ensure all necessary fields are included in your request."}
	InvalidPath          = Code{"AUT-0002", KindInvalid, "Invalid Path Parameter", "One or more path parameters are in an incorrect format. Please check the following parameters %v and ensure they meet the required format before trying again."}
	UnexpectedFields     = Code{"AUT-0003", KindInvalid, "Unexpected Fields in the Request", "The request body contains more fields than expected. Please send only the allowed fields as per the documentation. The unexpected fields are listed in the fields object."}
	InvalidQuery         = Code{"AUT-0004", KindInvalid, "Invalid Query Parameter", "One or more query parameters are in an incorrect format. Please check the following parameters %v and ensure they meet the required format before trying again."}
	Internal             = Code{"AUT-0005", KindInternal, "Internal Server Error", "The server encountered an unexpected error. Please try again later or contact support."}
	TokenMissing         = Code{"AUT-0006", KindUnauthenticated, "Token Missing", "A valid token must be provided in the request header. Please include a token and try again."}
	TokenInvalid         = Code{"AUT-0007", KindUnauthenticated, "Invalid Token", "The provided token is expired, invalid or malformed. Please provide a valid token and try again."}
	EnforcerUnusable     = Code{"AUT-0008", KindDenied, "Permission Enforcement Error", "The enforcer is not configured properly. Please contact your administrator if you believe this is an error."}
	Malformed            = Code{"AUT-0009", KindInvalid, "Bad Request", "The server could not understand the request due to malformed syntax. Please check the listed fields and try again."}
	MetadataKeyTooLong   = Code{"AUT-0010", KindInvalid, "Metadata Key Length Exceeded", "The metadata key %v exceeds the maximum allowed length of %v characters. Please use a shorter key."}
	MetadataValueTooLong = Code{"AUT-0011", KindInvalid, "Metadata Value Length Exceeded", "The metadata value %v exceeds the maximum allowed length of %v characters. Please use a shorter value."}
	MetadataNested       = Code{"AUT-0012", KindInvalid, "Invalid Metadata Nesting", "The metadata object cannot contain nested values. Please ensure that the value %v is not nested and try again."}
	UnknownGrant         = Code{"AUT-0013", KindInvalid, "Invalid Grant Type", "The provided 'grantType' %s is not valid. Accepted grant types are password, client_credentials, refresh_token, or others. Please provide a valid type."}
	GrantMissingFields   = Code{"AUT-0014", KindInvalid, "Grant Type Missing Fields", "The provided 'grant_type' %s is missing required fields. Please refer to the documentation for guidance."}
	GrantNotAllowed      = Code{"AUT-1001", KindInvalid, "Unsupported Grant Type", "The provided 'grantType' is not supported by this application. Please refer to the application's supported grant types."}
	InvalidCredentials   = Code{"AUT-1002", KindUnauthenticated, "Invalid Username or Password", "The provided 'username' or 'password' is incorrect. Please verify the credentials and try again."}
	TokenRevoked         = Code{"AUT-1003", KindUnauthenticated, "Invalid Token", "The provided token is expired, invalid or malformed. Please provide a valid token and try again."}
	InvalidClient        = Code{"AUT-1004", KindUnauthenticated, "Invalid Client", "The provided 'clientId' or 'clientSecret' is incorrect. Please verify the credentials and try again."}
	InvalidRefreshToken  = Code{"AUT-1005", KindInvalid, "Invalid Refresh Token", "The provided 'refreshToken' is invalid, expired or revoked. Please verify the token and try again."}
	SubjectNotFound      = Code{"AUT-1015", KindNotFound, "Enforcement Sub Not Found", "No subject was found for the provided 'sub'. Please refer to the enforcement documentation for guidance on the correct 'sub' value."}
)

// Auth codes of our own.
var (
	TooManyRequests          = Code{"AUT-2001", KindTooMany, "Too Many Requests", "Too many requests came from this address in a short time. Please wait as long as the Retry-After header says and try again."}
	AccessDenied             = Code{"AUT-2002", KindDenied, "Access Denied", "The provided token does not allow this request. Please ask an administrator for the permission it needs."}
	PayloadTooLarge          = Code{"AUT-2003", KindTooLarge, "Payload Too Large", "The request body is larger than this endpoint accepts. Please send a smaller one."}
	UnsupportedMediaType     = Code{"AUT-2004", KindUnsupportedMedia, "Unsupported Media Type", "The request's Content-Type is not one that this endpoint reads. Please send one that the documentation lists."}
	RouteNotFound            = Code{"AUT-2005", KindNotFound, "Route Not Found", "There is nothing at this address. Please check the path and try again."}
	MethodNotAllowed         = Code{"AUT-2006", KindMethodNotAllowed, "Method Not Allowed", "This address does not answer to the request's method. Please use one that the Allow header lists."}
	Unavailable              = Code{"AUT-2007", KindUnavailable, "Service Unavailable", "The server cannot take this request at the moment. Nothing was changed. Please wait as long as the Retry-After header says and try again."}
	InvalidScope             = Code{"AUT-2011", KindInvalid, "Invalid Scope", "A requested scope is unknown, malformed, or not allowed for this application or session. Please request only scopes that it was given."}
	InvalidTarget            = Code{"AUT-2012", KindInvalid, "Invalid Target", "A requested resource or audience is malformed or not allowed for this application. Please request only those that it was given."}
	InvalidAuthorizationCode = Code{"AUT-2013", KindInvalid, "Invalid Authorization Code", "The provided authorization code is invalid, expired, already used, or was issued to another application. Please start the sign-in again."}
	RedirectURIMismatch      = Code{"AUT-2014", KindInvalid, "Redirect URI Mismatch", "The provided redirect URI is not one that is registered for this application. Please register it or use one that is."}
	LoginRequired            = Code{"AUT-2015", KindUnauthenticated, "Login Required", "The user has to sign in, and the request does not let the server ask for it. Please send the user through an interactive sign-in."}
	ConsentRequired          = Code{"AUT-2016", KindDenied, "Consent Required", "The user has to consent, and the request does not let the server ask for it. Please send the user through an interactive sign-in."}
	ForeignToken             = Code{"AUT-2018", KindInvalid, "Foreign Token", "The provided token was issued to another application. Only the application that a token belongs to can revoke it."}
	SessionNotFound          = Code{"AUT-2017", KindNotFound, "Session Not Found", "The token's owner has no session with the provided ID. It may have ended already."}
	UnsupportedResponseType  = Code{"AUT-2019", KindInvalid, "Unsupported Response Type", "The provided response type is not one that this server answers with. Please use the authorization code flow, response_type=code."}
	RequestNotSupported      = Code{"AUT-2020", KindInvalid, "Request Object Not Supported", "The request brings its parameters in a request object, which this server does not read. Please send them as parameters, or push them first."}
	RequestURINotSupported   = Code{"AUT-2021", KindInvalid, "Request URI Not Supported", "The request's 'request_uri' is the address of a request object, which this server does not fetch. Please send the request as parameters, or push it first."}
	AccountRequired          = Code{"AUT-2022", KindDenied, "Account Selection Required", "The user has to choose an account, and the request does not let the server ask for it. Please send the user through an interactive sign-in."}
	Declined                 = Code{"AUT-2023", KindDenied, "Declined", "The user has not allowed the application what it asked for. Please ask again only when the user wants to."}
	SignInExpired            = Code{"AUT-2024", KindInvalid, "Sign-In Expired", "The sign-in took too long, was completed already, or was begun in another browser. Please go back to the application and start again."}
	ForgedForm               = Code{"AUT-2025", KindDenied, "Unknown Form", "The form was not made for this browser, or its cookies are missing. Please allow cookies for this site and try again."}
	UnmetAuthentication      = Code{"AUT-2026", KindDenied, "Unmet Authentication Requirements", "The user cannot be authenticated in the way that the request demands. Please ask for one that the server's metadata lists."}
	PushRequired             = Code{"AUT-2027", KindInvalid, "Pushed Request Required", "The application has to push its authorization requests. Please send the parameters to the pushed authorization request endpoint first."}
	InvalidRequestURI        = Code{"AUT-2028", KindInvalid, "Invalid Request URI", "The request's 'request_uri' leads to no pushed request: it is unknown, expired, used already, or another application's. Please push the request again."}
	ConsentNotFound          = Code{"AUT-2029", KindNotFound, "Consent Not Found", "The token's owner has consented to nothing for the application with the provided client ID. The consent may have been withdrawn already."}
	AnotherAccount           = Code{"AUT-2039", KindUnauthenticated, "Another Account Required", "The application asked for another account than the one that was signed in with. Please sign in with the account that was asked for."}
)

// Identity codes of the Access Manager's public contract.
var (
	IdentityMissingFields        = Code{"IDE-0001", KindInvalid, "Missing Fields in Request", "Your request is missing one or more required fields."}
	IdentityWrongType            = Code{"IDE-0002", KindInvalid, "Invalid Field Type in Request", "The provided field type in the request is invalid."}
	IdentityInvalidPath          = Code{"IDE-0003", KindInvalid, "Invalid Path Parameter", "One or more path parameters are in an incorrect format."}
	IdentityUnexpectedFields     = Code{"IDE-0004", KindInvalid, "Unexpected Fields in the Request", "The request body contains more fields than expected. Please send only the allowed fields."}
	IdentityInvalidQuery         = Code{"IDE-0005", KindInvalid, "Invalid Query Parameter", "One or more query parameters are in an incorrect format."}
	IdentityInternal             = Code{"IDE-0006", KindInternal, "Internal Server Error", "The server encountered an unexpected error. Please try again later."}
	IdentityMalformed            = Code{"IDE-0007", KindInvalid, "Bad Request", "The server could not understand the request due to malformed syntax."}
	IdentityTokenMissing         = Code{"IDE-0008", KindUnauthenticated, "Token Missing", "A valid token must be provided in the request header."}
	IdentityTokenInvalid         = Code{"IDE-0009", KindUnauthenticated, "Invalid Token", "The provided token is expired, invalid or malformed."}
	FieldUnmodifiable            = Code{"IDE-0010", KindInvalid, "Unmodifiable Field Error", "Your request includes a field that cannot be modified."}
	FieldImmutable               = Code{"IDE-0011", KindInvalid, "Immutable Field Error", "The field cannot be modified. Please remove it from your request."}
	InvalidApplicationName       = Code{"IDE-0012", KindInvalid, "Invalid Application Name", "The provided application name is invalid."}
	UserNotTokenOwner            = Code{"IDE-0013", KindInvalid, "User ID Not Match", "The provided ID does not match the token owner."}
	IdentityMetadataKeyTooLong   = Code{"IDE-0014", KindInvalid, "Metadata Key Length Exceeded", "The metadata key exceeds the maximum allowed length."}
	IdentityMetadataValueTooLong = Code{"IDE-0015", KindInvalid, "Metadata Value Length Exceeded", "The metadata value exceeds the maximum allowed length."}
	IdentityMetadataNested       = Code{"IDE-0016", KindInvalid, "Invalid Metadata Nesting", "The metadata object cannot contain nested values."}
	ApplicationNotFound          = Code{"IDE-1001", KindNotFound, "Application ID Not Found", "The provided application ID does not exist in our records."}
	NoApplications               = Code{"IDE-1002", KindNotFound, "No Applications Found", "No applications were found in the search."}
	UserNotFound                 = Code{"IDE-1003", KindNotFound, "User ID Not Found", "The provided user ID does not exist in our records."}
	NoUsers                      = Code{"IDE-1004", KindNotFound, "No Users Found", "No users were found in the search."}
	NoGroups                     = Code{"IDE-1005", KindNotFound, "No Groups Found", "No groups were found in the search."}
	GroupNotFound                = Code{"IDE-1006", KindNotFound, "Group ID Not Found", "The provided group ID does not exist in our records."}
)

// Identity codes of our own. Those that an Auth code says, too, are its Identity.
var (
	IdentityAccessDenied         = Code{"IDE-2001", KindDenied, "Access Denied", "The provided token does not allow this request. Please ask an administrator for the permission it needs."}
	Conflict                     = Code{"IDE-2002", KindConflict, "Conflict", "A value in the request is already in use. Please check the listed fields and choose another value."}
	StaleVersion                 = Code{"IDE-2003", KindStale, "Stale Version", "What the request would change was changed by somebody else since the version that its If-Match header names. Please read it again and repeat the change."}
	Protected                    = Code{"IDE-2004", KindConflict, "Protected Record", "The server needs this to stay as it is. The listed fields say why."}
	WeakPassword                 = Code{"IDE-2005", KindInvalid, "Weak Password", "The new password does not follow the password rules. The listed fields say which rule was broken."}
	WrongCurrentPassword         = Code{"IDE-2006", KindInvalid, "Wrong Current Password", "The current password is incorrect. Please verify it and try again."}
	IdentityTooManyRequests      = Code{"IDE-2007", KindTooMany, "Too Many Requests", "Too many requests came from this address in a short time. Please wait as long as the Retry-After header says and try again."}
	IdentityPayloadTooLarge      = Code{"IDE-2008", KindTooLarge, "Payload Too Large", "The request body is larger than this endpoint accepts. Please send a smaller one."}
	IdentityUnsupportedMediaType = Code{"IDE-2009", KindUnsupportedMedia, "Unsupported Media Type", "The request's Content-Type is not one that this endpoint reads. Please send one that the documentation lists."}
	IdentityRouteNotFound        = Code{"IDE-2010", KindNotFound, "Route Not Found", "There is nothing at this address. Please check the path and try again."}
	IdentityMethodNotAllowed     = Code{"IDE-2011", KindMethodNotAllowed, "Method Not Allowed", "This address does not answer to the request's method. Please use one that the Allow header lists."}
	IdentityUnavailable          = Code{"IDE-2012", KindUnavailable, "Service Unavailable", "The server cannot take this request at the moment. Nothing was changed. Please wait as long as the Retry-After header says and try again."}
	IdentitySessionNotFound      = Code{"IDE-2013", KindNotFound, "Session Not Found", "The user has no session with the provided ID. It may have ended already."}
	MembershipNotFound           = Code{"IDE-2014", KindNotFound, "Membership Not Found", "The user or application is not a member of the group."}
	RefusalNotFound              = Code{"IDE-2015", KindNotFound, "Refusal Not Found", "No refusal is on record for the provided request ID. Records are kept for 24 hours, and under load some are dropped."}
	UnusablePasswordHash         = Code{"IDE-2016", KindInvalid, "Unusable Password Hash", "The provided password hash is in no form that the server can verify passwords against."}
	ProductNotFound              = Code{"IDE-2017", KindNotFound, "Product Not Found", "No product is registered under the provided name."}
	ProductNameClaims            = Code{"IDE-2024", KindConflict, "Product Name Claims Others", "Registering a product by this name would change what an existing group or user means. The listed fields say which. Please choose another name."}
	GroupOfProduct               = Code{"IDE-2025", KindConflict, "Group Belongs To A Product", "An application can be a member only of groups that belong to no product. The listed fields say which product the group belongs to, or which applications are in it."}
)

// Identity returns the code that the Identity endpoints answer where others
// answer c: each family of endpoints keeps to its own codes. A code that has no
// twin there is returned as it is.
func (c Code) Identity() Code {
	if twin, ok := identityTwins[c.ID]; ok {
		return twin
	}
	return c
}

// identityTwins are the Identity codes that say what an Auth code says.
var identityTwins = map[string]Code{
	MissingFields.ID:        IdentityMissingFields,
	InvalidPath.ID:          IdentityInvalidPath,
	UnexpectedFields.ID:     IdentityUnexpectedFields,
	InvalidQuery.ID:         IdentityInvalidQuery,
	Internal.ID:             IdentityInternal,
	TokenMissing.ID:         IdentityTokenMissing,
	TokenInvalid.ID:         IdentityTokenInvalid,
	TokenRevoked.ID:         IdentityTokenInvalid,
	Malformed.ID:            IdentityMalformed,
	MetadataKeyTooLong.ID:   IdentityMetadataKeyTooLong,
	MetadataValueTooLong.ID: IdentityMetadataValueTooLong,
	MetadataNested.ID:       IdentityMetadataNested,
	TooManyRequests.ID:      IdentityTooManyRequests,
	AccessDenied.ID:         IdentityAccessDenied,
	PayloadTooLarge.ID:      IdentityPayloadTooLarge,
	UnsupportedMediaType.ID: IdentityUnsupportedMediaType,
	RouteNotFound.ID:        IdentityRouteNotFound,
	MethodNotAllowed.ID:     IdentityMethodNotAllowed,
	Unavailable.ID:          IdentityUnavailable,
	SessionNotFound.ID:      IdentitySessionNotFound,
}

// catalogue lists every code, in the order of the IDs.
var catalogue = []Code{
	MissingFields,
	InvalidPath,
	UnexpectedFields,
	InvalidQuery,
	Internal,
	TokenMissing,
	TokenInvalid,
	EnforcerUnusable,
	Malformed,
	MetadataKeyTooLong,
	MetadataValueTooLong,
	MetadataNested,
	UnknownGrant,
	GrantMissingFields,
	GrantNotAllowed,
	InvalidCredentials,
	TokenRevoked,
	InvalidClient,
	InvalidRefreshToken,
	SubjectNotFound,
	TooManyRequests,
	AccessDenied,
	PayloadTooLarge,
	UnsupportedMediaType,
	RouteNotFound,
	MethodNotAllowed,
	Unavailable,
	InvalidScope,
	InvalidTarget,
	InvalidAuthorizationCode,
	RedirectURIMismatch,
	LoginRequired,
	ConsentRequired,
	SessionNotFound,
	ForeignToken,
	UnsupportedResponseType,
	RequestNotSupported,
	RequestURINotSupported,
	AccountRequired,
	Declined,
	SignInExpired,
	ForgedForm,
	UnmetAuthentication,
	PushRequired,
	InvalidRequestURI,
	ConsentNotFound,
	AnotherAccount,
	IdentityMissingFields,
	IdentityWrongType,
	IdentityInvalidPath,
	IdentityUnexpectedFields,
	IdentityInvalidQuery,
	IdentityInternal,
	IdentityMalformed,
	IdentityTokenMissing,
	IdentityTokenInvalid,
	FieldUnmodifiable,
	FieldImmutable,
	InvalidApplicationName,
	UserNotTokenOwner,
	IdentityMetadataKeyTooLong,
	IdentityMetadataValueTooLong,
	IdentityMetadataNested,
	ApplicationNotFound,
	NoApplications,
	UserNotFound,
	NoUsers,
	NoGroups,
	GroupNotFound,
	IdentityAccessDenied,
	Conflict,
	StaleVersion,
	Protected,
	WeakPassword,
	WrongCurrentPassword,
	IdentityTooManyRequests,
	IdentityPayloadTooLarge,
	IdentityUnsupportedMediaType,
	IdentityRouteNotFound,
	IdentityMethodNotAllowed,
	IdentityUnavailable,
	IdentitySessionNotFound,
	MembershipNotFound,
	RefusalNotFound,
	UnusablePasswordHash,
	ProductNotFound,
	ProductNameClaims,
	GroupOfProduct,
}

// Catalogue returns every code, in the order of the IDs.
func Catalogue() []Code { return slices.Clone(catalogue) }

// Lookup returns the code with this ID, if there is one.
func Lookup(id string) (Code, bool) {
	i := slices.IndexFunc(catalogue, func(c Code) bool { return c.ID == id })
	if i < 0 {
		return Code{}, false
	}
	return catalogue[i], true
}
