package oauth2

// What decides on authorization requests, for its tests.
type (
	Authorization = authorization
	Prompt        = prompt
	Facts         = facts
	Verdict       = verdict
)

var (
	Choose            = choose
	Agree             = agree
	Registered        = registered
	CheckPKCE         = checkPKCE
	ParsePrompt       = parsePrompt
	ReadAuthorization = readAuthorization
	KnownParameters   = knownParameters
)

// In is the address with an answer in its query.
func In(uri string, values ...[2]string) string { return answer(values).in(uri) }
