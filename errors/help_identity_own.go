package errors

// identityOwnHelp is the help for the Identity codes of our own.
var identityOwnHelp = map[string]Help{
	IdentityAccessDenied.ID: {
		Means: "The token is sound, but whom it speaks for lacks the permission that this request needs.",
		Causes: []string{
			"None of the user's groups gives the permission, such as `users:post` for creating a user.",
			"The request would hand out a permission over Gatehouse itself that the caller does not hold, or change somebody who has more of them.",
			"The permission was taken away a moment ago: changes count within a second.",
			"The token is an application's, and its product has no group that gives the permission.",
		},
		Steps: []string{
			"See at `/docs` which permission the endpoint needs, and read the `fields` object of the answer, where it has one.",
			"Ask an administrator to put the user into a group that gives it.",
			"Give an administrator the `X-Request-Id` of the answer: `gatehouse explain` shows what was checked.",
		},
	},
	Conflict.ID: {
		Means: "A value that must be the only one of its kind is taken already.",
		Causes: []string{
			"The username or the e-mail address belongs to another user; upper and lower case make no difference.",
			"The same request was sent twice, and succeeded the first time.",
			"The ID of a group or the name of a product is in use, or the user is in the group already.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it names what clashes.",
			"Look whether the thing you wanted to create is already there, as you want it.",
			"Otherwise choose another value.",
		},
	},
	StaleVersion.ID: {
		Means: "The request names a version in its `If-Match` header, and there is a newer one. Nothing was changed, so that nobody's work is lost.",
		Causes: []string{
			"Somebody else, or another program, changed it since it was read.",
			"A change of your own came first: each makes a new version, and being put into a group is one of the user's.",
			"The value is not an `ETag` as it was given: the quotes belong to it.",
		},
		Steps: []string{
			"Read it again, and see whether the change is still wanted.",
			"Send the change with the new `ETag` as `If-Match`.",
			"Leave `If-Match` out if it does not matter what was there.",
		},
	},
	Protected.ID: {
		Means: "The change would leave the server without something that it cannot do without.",
		Causes: []string{
			"The user is the last enabled member of `admin-group`, and would be deleted, disabled or removed from it.",
			"The group, application or product is built in, and cannot be deleted.",
			"The account is the caller's own, which cannot be disabled or deleted.",
			"The product still has applications.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it says what stands in the way.",
			"Make somebody else a member of `admin-group` first, if it is about the last administrator.",
			"Delete the applications of a product before the product.",
		},
	},
	WeakPassword.ID: {
		Means: "The new password breaks one of the rules for passwords.",
		Causes: []string{
			"It is too short, or lacks a letter case, a digit or a special character.",
			"It has the same character twice in a row.",
			"It is a common password, or holds the username or e-mail address.",
		},
		Steps: []string{
			"Read the `fields` object of the answer: it says which rules were broken.",
			"Let a password manager make a password of 16 or more characters.",
		},
	},
	WrongCurrentPassword.ID: {
		Means: "To change a password one must know the present one, and the one provided is not it.",
		Causes: []string{
			"It is misspelt, or was filled in by the browser for another account.",
			"It was changed meanwhile, in another window or by an administrator.",
		},
		Steps: []string{
			"Type the current password anew.",
			"If it is lost, have an administrator set a new one with `gatehouse user reset-password`.",
		},
	},
	IdentityTooManyRequests.ID: {
		Means: "The address has sent more requests in a short time than one address may, or too many wrong passwords.",
		Causes: []string{
			"A program creates or changes users one by one, where an import takes them all at once.",
			"A failing request is repeated in a loop without a pause.",
			"Many clients share one address, behind a proxy that the server was not told to trust.",
		},
		Steps: []string{
			"Wait for as many seconds as the `Retry-After` header says.",
			"Use `POST /v1/users/import` or `gatehouse import users` for many users.",
			"If a proxy stands in front of the server, have the administrator list it as trusted, so that clients are told apart.",
		},
	},
	IdentityPayloadTooLarge.ID: {
		Means: "The body is larger than the endpoint reads: 1 MiB, or 64 MiB for an import.",
		Causes: []string{
			"A file, a picture or a whole list was sent to an endpoint that expects a small object.",
			"An import has more users than fit into one request.",
		},
		Steps: []string{
			"Send only the fields that the endpoint knows, and keep large data elsewhere.",
			"Cut an import into several, or let `gatehouse import users` read the file: it has no limit.",
		},
	},
	IdentityUnsupportedMediaType.ID: {
		Means: "The body's Content-Type is one that this endpoint does not read.",
		Causes: []string{
			"The header is absent. Many tools send a form by default: `curl -d` does.",
			"An import was sent as `application/json`: its lines are `application/x-ndjson` or `text/csv`.",
			"The body was sent as `multipart/form-data`, or in a charset other than UTF-8.",
		},
		Steps: []string{
			"Send `Content-Type: application/json`.",
			"For an import, send `application/x-ndjson` or `text/csv`, and the file as it is: `curl --data-binary @users.csv`.",
		},
	},
	IdentityRouteNotFound.ID: {
		Means: "Nothing answers at this address.",
		Causes: []string{
			"The path is misspelt, or a part of it, such as an ID, is empty.",
			"A proxy adds to the path or removes from it.",
			"The server is an older release than the documentation.",
		},
		Steps: []string{
			"Compare the path with `/docs` on this server, letter by letter: case matters.",
			"Ask `/version` which release is running.",
		},
	},
	IdentityMethodNotAllowed.ID: {
		Means: "The address exists, but it does not answer to this method.",
		Causes: []string{
			"PUT or POST was used for a change where the endpoint takes PATCH.",
			"A redirect turned a POST into a GET on its way.",
		},
		Steps: []string{
			"Use a method that the `Allow` header of the answer lists.",
			"If the client did, look for a redirect, such as from http to https, and use the final address.",
		},
	},
	IdentityUnavailable.ID: {
		Means: "The server cannot take the request now. Nothing was changed, and the same request can be sent again.",
		Causes: []string{
			"The node is about to stop, as it does in every deployment, and another will take over.",
			"So many passwords are checked or set at once that the queue for hashing them is full.",
			"The database does not answer.",
		},
		Steps: []string{
			"Wait for as many seconds as the `Retry-After` header says, and send the request again.",
			"Give up after a few attempts, each after a longer pause than the one before.",
			"If it stays, ask `/readyz` which part is out of order.",
		},
	},
	IdentitySessionNotFound.ID: {
		Means: "The user has no session with this ID.",
		Causes: []string{
			"The session has ended, by signing out or because it expired.",
			"The session belongs to another user.",
			"The ID is that of a token or of an application.",
		},
		Steps: []string{
			"Ask `GET /v1/users/{id}/sessions` for the sessions that there are.",
			"If you meant to end it: it is ended, and nothing is left to do.",
		},
	},
	MembershipNotFound.ID: {
		Means: "The user and the group exist, but the user is not in it.",
		Causes: []string{
			"The user was removed already.",
			"The ID is that of another user with a similar name.",
		},
		Steps: []string{
			"Read the user, and look at `groups`.",
			"If you meant to remove them: they are not in it, and nothing is left to do.",
		},
	},
	RefusalNotFound.ID: {
		Means: "There is no record of a refused request under this ID.",
		Causes: []string{
			"The request was not refused: only refusals are recorded.",
			"It is longer ago than 24 hours.",
			"It was one of very many from its address, or came under load, when records are dropped first.",
			"The ID is not the answer's `X-Request-Id`, but one that a proxy made up.",
		},
		Steps: []string{
			"Copy the ID from the `X-Request-Id` header of the answer itself.",
			"Send the request again, and ask with the new ID a second later.",
			"Look in the server's log for the ID, as `requestId`.",
		},
	},
	UnusablePasswordHash.ID: {
		Means: "A user was to be imported with a password hash that no password could be checked against.",
		Causes: []string{
			"The hash is of a kind that the server does not know, such as MD5 or plain SHA.",
			"Its parameters are beyond what the server is willing to compute.",
			"It was cut, or a spreadsheet changed it: `$`, `+` and `=` belong to it.",
		},
		Steps: []string{
			"Use bcrypt, PBKDF2-SHA256, scrypt or Argon2, as a PHC string or as Keycloak and Auth0 export it.",
			"Leave the hash out, and give these users a new password with `PATCH /v1/users/{id}/reset-password`.",
		},
	},
	ProductNotFound.ID: {
		Means: "There is no product with this name.",
		Causes: []string{
			"The name is misspelt; names are matched to the letter.",
			"The product was deleted.",
			"The description was used: a product's name is a short text such as `midaz`.",
		},
		Steps: []string{
			"Look it up in `GET /v1/products`.",
			"Register it with `POST /v1/products`, or in the bootstrap file.",
		},
	},
	ProductNameClaims.ID: {
		Means: "The product was not registered. Its three groups are `<name>-viewer-group`, `<name>-contributor-group` and `<name>-editor-group`, " +
			"its roles are named alike, and one of these names already means something else.",
		Causes: []string{
			"A group with the exact name of one of the product's groups exists, and belongs to another product or to none.",
			"A user has the username of one of the product's roles, such as `<name>-editor-role`.",
			"The name is `admin`, whose role is that of the administrators.",
		},
		Steps: []string{
			"Choose another name for the product.",
			"If the group was meant for this product: delete it, register the product, and create the group again.",
			"Register a product before you create its groups.",
		},
	},
	GroupOfProduct.ID: {
		Means: "Applications can be members only of groups that belong to no product. In its own product, an application has the role of the editors.",
		Causes: []string{
			"An application was to become a member of a product's group.",
			"A group with applications in it was to be moved into a product.",
		},
		Steps: []string{
			"Give what the application needs of its own product to the product's editor group.",
			"To let it administer, create a group that belongs to no product, with the permissions it needs, and make it a member of that.",
			"Before you move a group into a product, remove its applications with `DELETE /v1/groups/{id}/applications/{applicationId}`.",
		},
	},
}
