package servertest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v3"

	"gatehouse/server/apidocs"
)

// contract is openapi.yaml with its schemas, each compiled when it is first
// needed: compiling takes a hundred times as long as using.
type contract struct {
	spec     *openapi3.T
	mu       sync.Mutex
	compiler *jsonschema.Compiler
}

// theContract is read once in a process.
var theContract = sync.OnceValues(func() (*contract, error) {
	text := apidocs.Description()
	spec, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		return nil, err
	}
	var document any
	if err := yaml.Unmarshal(text, &document); err != nil {
		return nil, err
	}
	encoded, err := json.Marshal(document)
	if err != nil {
		return nil, err
	}
	if document, err = jsonschema.UnmarshalJSON(bytes.NewReader(encoded)); err != nil {
		return nil, err
	}
	compiler := jsonschema.NewCompiler()
	compiler.AssertFormat()
	return &contract{spec: spec, compiler: compiler}, compiler.AddResource(resource, document)
})

const resource = "openapi.json"

// validate holds a value to the schema at a place in the document: "#/…".
func (c *contract) validate(place string, value any) error {
	c.mu.Lock()
	schema, err := c.compiler.Compile(resource + place)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	return schema.Validate(value)
}

// place is where a response of an operation is described.
func (c *contract) place(o operation, status int) (string, *openapi3.Response) {
	ref := o.Responses.Status(status)
	switch {
	case ref == nil:
		return "", nil
	case ref.Ref != "":
		return ref.Ref, ref.Value
	default:
		return fmt.Sprintf("#/paths/%s/%s/responses/%d", escaped(o.path), strings.ToLower(o.method), status), ref.Value
	}
}

// escaped is a name as it stands in a JSON pointer that is part of an address.
func escaped(name string) string {
	return url.PathEscape(strings.NewReplacer("~", "~0", "/", "~1").Replace(name))
}

// headers holds an answer's headers to those that are described.
func (c *contract) headers(place string, described *openapi3.Response, sent http.Header) error {
	for name, header := range described.Headers {
		text, at := sent.Get(name), place+"/headers/"+name
		if header.Ref != "" {
			at = header.Ref
		}
		if text == "" {
			if header.Value.Required {
				return fmt.Errorf("the header %s is missing", name)
			}
			continue
		}
		var value any = text
		if number, err := strconv.Atoi(text); err == nil && header.Value.Schema.Value.Type.Is("integer") {
			value = number
		}
		if err := c.validate(at+"/schema", value); err != nil {
			return fmt.Errorf("the header %s: %w", name, err)
		}
	}
	return nil
}

// body holds an answer's body to what is described.
func (c *contract) body(place string, described *openapi3.Response, sent http.Header, body []byte) error {
	if len(described.Content) == 0 {
		if len(body) > 0 {
			return fmt.Errorf("there is a body of %d bytes, and none is described", len(body))
		}
		return nil
	}
	media, _, err := mime.ParseMediaType(sent.Get("Content-Type"))
	if err != nil || described.Content[media] == nil {
		return fmt.Errorf("the media type %q is not described", sent.Get("Content-Type"))
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the body is no JSON: %w", err)
	}
	return c.validate(place+"/content/"+escaped(media)+"/schema", value)
}
