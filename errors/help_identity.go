package errors

// identityHelp is the help for the Identity codes of the Access Manager's contract.
var identityHelp = map[string]Help{
	IdentityMissingFields.ID: {
		Means: "At least one field that the endpoint cannot do without is absent or empty.",
		Causes: []string{
			"The field is misspelt, so that the right one is missing.",
			"A form in the console was sent before it was filled in.",
			"The value is null or an empty text, which count as absent.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names each field that is missing.",
			"Send each of them with a value.",
		},
	},
	IdentityWrongType.ID: {
		Means: "The body is JSON, but a value in it has another type than its field.",
		Causes: []string{
			"A number or true was sent as a text, in quotes, or a text without them.",
			"A single value was sent where a list belongs, as with `groups`.",
			"The body is a list, and the endpoint takes one object.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it says of each field what it must be.",
			"Correct the types in the code that makes the body.",
		},
	},
	IdentityInvalidPath.ID: {
		Means: "A part of the address does not look like the ID it should be, so nothing was looked up.",
		Causes: []string{
			"A username or a client ID was put where the ID belongs: those of users and applications are UUIDs.",
			"A template in the client was not filled in, and a text such as `undefined` was sent.",
		},
		Steps: []string{
			"Take the `id` from the answer that created or listed the thing.",
			"Send it without quotes, spaces or changes.",
		},
	},
	IdentityUnexpectedFields.ID: {
		Means: "The body has a field that this endpoint does not know. It is refused rather than ignored, so that a misspelt field is not silently without effect.",
		Causes: []string{
			"The field is misspelt, or its case is wrong: names are matched to the letter.",
			"The whole record was sent back, with fields that the server fills in itself.",
			"The client was written for a newer release.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names each field that is too many.",
			"Send only what you want to set or change; keep what is your own in `metadata`.",
		},
	},
	IdentityInvalidQuery.ID: {
		Means: "A parameter behind the question mark of the address has a value that the endpoint cannot take.",
		Causes: []string{
			"`page` is below 1, or `limit` is not between 1 and 100.",
			"A value was not escaped, and an `&`, `+` or `#` in it was read as something else.",
			"`sort` names a field that the list cannot be sorted by.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names the parameters at fault.",
			"Leave them out to get the defaults: the first page, of ten.",
		},
	},
	IdentityInternal.ID: {
		Means: "Something went wrong inside the server. The cause was written to the server's log and is not shown here on purpose.",
		Causes: []string{
			"The database answered with an error.",
			"A defect in the server.",
		},
		Steps: []string{
			"Try once more; if that succeeds, the fault was a passing one.",
			"Give the `X-Request-Id` of the answer to the administrator: the log has the cause under it, as `requestId`.",
		},
	},
	IdentityMalformed.ID: {
		Means: "The server could not make sense of the body: it is not one valid JSON value in UTF-8.",
		Causes: []string{
			"The JSON has a syntax error, such as a comma at the end or single quotes.",
			"The body is empty.",
			"A name appears twice in one object.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it says where reading stopped.",
			"Make the body with a JSON encoder instead of joining texts.",
		},
	},
	IdentityTokenMissing.ID: {
		Means: "The endpoint answers to the bearer of an access token, and the request carried none.",
		Causes: []string{
			"The `Authorization` header is absent, or has a scheme other than Bearer.",
			"A proxy or a redirect to another host removed the header on the way.",
		},
		Steps: []string{
			"Get an access token from `/v1/login/oauth/access_token`, as a user who may administer.",
			"Send it as `Authorization: Bearer <token>`.",
		},
	},
	IdentityTokenInvalid.ID: {
		Means: "The token is not one that this server takes, or takes any more.",
		Causes: []string{
			"It has expired, or its session was ended.",
			"It comes from another server or environment.",
			"Its user or application was disabled or deleted.",
		},
		Steps: []string{
			"Get a new token, with the refresh token or by signing in again.",
			"If that one is refused too, decode its middle part and look at `iss`, `aud` and `exp`.",
		},
	},
	FieldUnmodifiable.ID: {
		Means: "The field can be changed, but not by this request.",
		Causes: []string{
			"`password` was sent with a change of the user; it has endpoints of its own.",
			"`clientSecret` was sent with a change of the application; secrets are made by the server.",
			"`permissions` of a built-in group were sent.",
		},
		Steps: []string{
			"Remove the field that the `fields` object names.",
			"Change a password at `/v1/users/{id}/update-password` or `/v1/users/{id}/reset-password`, and a secret at `/v1/applications/{id}/rotate-secret`.",
		},
	},
	FieldImmutable.ID: {
		Means: "The field is set when the thing is created, and never changes afterwards.",
		Causes: []string{
			"The whole record was sent back, with its `id` and `createdAt`.",
			"A user's `username`, or an application's `name` or `clientId`, was to be changed.",
		},
		Steps: []string{
			"Remove the field that the `fields` object names, even if its value is the same.",
			"If it must be another, create a new user or application and delete the old one.",
		},
	},
	InvalidApplicationName.ID: {
		Means: "An application is named after the product it belongs to, and there is no product by this name.",
		Causes: []string{
			"The name is misspelt, or its case is wrong.",
			"The product is not declared in this installation.",
			"A free description was put into `name`.",
		},
		Steps: []string{
			"Use the name of a product as it was declared, such as `midaz`; `description` takes any text.",
			"Or have an administrator declare the product first.",
		},
	},
	UserNotTokenOwner.ID: {
		Means: "The request is one that users can make for themselves only, and the ID is that of somebody else.",
		Causes: []string{
			"An administrator tried to change another user's password in the user's own way.",
			"The ID comes from another session, or from an account that was used before.",
		},
		Steps: []string{
			"Use the ID in the token's `sub` claim.",
			"To set a password for somebody else, use `/v1/users/{id}/reset-password`.",
		},
	},
	IdentityMetadataKeyTooLong.ID: {
		Means: "A key in `metadata` is longer than the 100 characters that a key may have.",
		Causes: []string{
			"A value was put where the key belongs.",
			"Keys are made by joining a whole path into one name.",
		},
		Steps: []string{
			"Shorten the key that the `fields` object names.",
			"Keep the long part in the value, which may have 2000 characters.",
		},
	},
	IdentityMetadataValueTooLong.ID: {
		Means: "A value in `metadata` is longer than the 2000 characters that a value may have.",
		Causes: []string{
			"A whole document or an encoded picture was put into one value.",
			"The value is a JSON text that grew over time.",
		},
		Steps: []string{
			"Shorten the value whose key the `fields` object names.",
			"Keep large data in your own storage, and its address or ID in `metadata`.",
		},
	},
	IdentityMetadataNested.ID: {
		Means: "`metadata` is flat: each value is a text, a number, or true or false.",
		Causes: []string{
			"A value is an object or an array.",
			"A value is null.",
		},
		Steps: []string{
			"Flatten the value, or encode it to a text.",
			"Leave keys without a value out.",
		},
	},
	ApplicationNotFound.ID: {
		Means: "There is no application with this ID.",
		Causes: []string{
			"The application was deleted.",
			"The client ID was used: the address takes the application's `id`, a UUID.",
			"The ID belongs to another environment.",
		},
		Steps: []string{
			"Look the application up in `GET /v1/applications`, or with `gatehouse application list`.",
			"Use its `id`.",
		},
	},
	NoApplications.ID: {
		Means: "There is no application to list. The contract answers an empty list this way.",
		Causes: []string{
			"None has been created yet.",
			"The request went to another environment than intended.",
		},
		Steps: []string{
			"Treat it as an empty list.",
			"Create the first one with `POST /v1/applications` or `gatehouse application create`.",
		},
	},
	UserNotFound.ID: {
		Means: "There is no user with this ID.",
		Causes: []string{
			"The user was deleted.",
			"A username or an e-mail address was used: the address takes the user's `id`, a UUID.",
			"The ID belongs to another environment.",
		},
		Steps: []string{
			"Look the user up in `GET /v1/users`, or with `gatehouse user list`.",
			"Use its `id`.",
		},
	},
	NoUsers.ID: {
		Means: "There is no user to list. The contract answers an empty list this way.",
		Causes: []string{
			"No user fits the filters of the request.",
			"The request went to another environment than intended.",
		},
		Steps: []string{
			"Treat it as an empty list.",
			"Leave the filters out one by one to see which of them nobody fits.",
		},
	},
	NoGroups.ID: {
		Means: "There is no group to list. The contract answers an empty list this way.",
		Causes: []string{
			"No groups have been declared in this installation yet.",
			"The request went to another environment than intended.",
		},
		Steps: []string{
			"Treat it as an empty list.",
			"Have an administrator declare the products' groups.",
		},
	},
	GroupNotFound.ID: {
		Means: "There is no group with this ID.",
		Causes: []string{
			"The group's name was used: its ID is a short text such as `midaz-viewer-group`.",
			"A user was to be put into a group that does not exist.",
			"The group was deleted.",
		},
		Steps: []string{
			"Look the group up in `GET /v1/groups`, and use its `id`.",
			"Read the `fields` object of the answer, where it has one: it names the groups at fault.",
		},
	},
}
