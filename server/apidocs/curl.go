package apidocs

import (
	"net/url"
	"strings"

	"go.yaml.in/yaml/v3"
)

// curls are requests to paste, one for each example of the first form of body.
func (p pageOf) curls(method, path string, o *operation) []string {
	first := media{}
	if o.Body != nil {
		first = o.Body.Content[0].Value
	}
	if len(first.Examples) == 0 {
		return []string{p.curl(method, path, o, "", nil)}
	}
	var all []string
	for _, e := range first.Examples {
		value := p.spec.Components.example(e.Value).Value
		all = append(all, p.curl(method, path, o, o.Body.Content[0].Key, &value))
	}
	return all
}

// curl is one request to paste, on as few lines as are needed.
func (p pageOf) curl(method, path string, o *operation, mediaType string, value *yaml.Node) string {
	words := []string{"curl"}
	if method != "GET" && (method != "POST" || value == nil) {
		words = append(words, "-X "+method)
	}
	words = append(words, shellQuoted(p.Issuer+p.filled(path, o)))
	lines := []string{strings.Join(words, " ")}
	if needsToken(o) {
		lines = append(lines, `-H "Authorization: Bearer $TOKEN"`)
	}
	switch {
	case value == nil:
	case mediaType == "application/x-www-form-urlencoded":
		for i := 0; i < len(value.Content); i += 2 {
			lines = append(lines, "--data-urlencode "+shellQuoted(value.Content[i].Value+"="+value.Content[i+1].Value))
		}
	case value.Kind == yaml.ScalarNode:
		lines = append(lines, "-H 'Content-Type: "+mediaType+"'", "--data-binary "+shellQuoted(value.Value))
	default:
		lines = append(lines, "-H 'Content-Type: "+mediaType+"'", "-d "+shellQuoted(toJSON(value)))
	}
	return strings.Join(lines, " \\\n  ")
}

// filled is a path with its example's parameters.
func (p pageOf) filled(path string, o *operation) string {
	query := url.Values{}
	for _, given := range o.Parameters {
		parameter := p.spec.Components.parameter(given)
		switch {
		case parameter.Example.Value == "":
		case parameter.In == "path":
			path = strings.ReplaceAll(path, "{"+parameter.Name+"}", url.PathEscape(parameter.Example.Value))
		case parameter.In == "query":
			query.Set(parameter.Name, parameter.Example.Value)
		}
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return path
}

// shellQuoted leaves what is plain as it is.
func shellQuoted(s string) string {
	if strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.:/=") == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
