package oauth2

import (
	"net/url"

	"gatehouse/errors"
	"gatehouse/identity"
	"gatehouse/server/web"
)

// formMetadata takes the metadata field, a JSON object, out of a form.
func formMetadata(form url.Values) (map[string]any, error) {
	text := form.Get("metadata")
	form.Del("metadata")
	if text == "" {
		return nil, nil
	}
	metadata, err := web.ParseObject([]byte(text), web.AuthCodes())
	if err != nil {
		return nil, errors.Malformed.On(map[string]string{"metadata": "must be a JSON object"}).Because(err)
	}
	return metadata, checkMetadata(metadata)
}

func checkMetadata(metadata map[string]any) error {
	if wrong := identity.ValidateMetadata(metadata); wrong != nil {
		return wrong.Auth()
	}
	return nil
}
