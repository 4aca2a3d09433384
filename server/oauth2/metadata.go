package oauth2

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"unicode/utf8"

	"gatehouse/errors"
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

// The limits of metadata.
const (
	longestKey   = 100  // characters
	longestValue = 2000 // characters
)

// checkMetadata refuses metadata that is too long or nested.
func checkMetadata(metadata map[string]any) error {
	for _, key := range slices.Sorted(maps.Keys(metadata)) {
		value := metadata[key]
		field := web.Fields("is refused", "metadata."+key)
		if utf8.RuneCountInString(key) > longestKey {
			return errors.MetadataKeyTooLong.With(key, longestKey).On(field)
		}
		switch v := value.(type) {
		case string:
			if utf8.RuneCountInString(v) > longestValue {
				return errors.MetadataValueTooLong.With(v, longestValue).On(field)
			}
		case bool, json.Number, nil:
		default:
			return errors.MetadataNested.With(v).On(field)
		}
	}
	return nil
}
