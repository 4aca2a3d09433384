package apidocs

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"gatehouse/errors"
	"gatehouse/templates"
)

// pageOf makes the page of a description.
type pageOf struct {
	Deps
	spec *spec
}

// render makes the page.
func (d Deps) render() ([]byte, error) {
	set, err := d.Pages()
	if err != nil {
		return nil, err
	}
	s, err := readSpec(description)
	if err != nil {
		return nil, err
	}
	p := pageOf{d, s}
	return set.Docs(templates.Docs{Steps: p.steps(), Tags: p.tags(), Objects: s.Components.objects()})
}

// tags sorts the operations under their tags.
func (p pageOf) tags() []templates.DocsTag {
	tags := make([]templates.DocsTag, len(p.spec.Tags))
	for i, t := range p.spec.Tags {
		tags[i] = templates.DocsTag{
			Anchor: strings.ReplaceAll(strings.ToLower(t.Name), " ", "-"), Name: t.Name, Intro: templates.Prose(t.Description),
		}
		for _, path := range p.spec.Paths {
			for _, o := range path.Value {
				if slices.Contains(o.Value.Tags, t.Name) {
					tags[i].Operations = append(tags[i].Operations, p.operation(strings.ToUpper(o.Key), path.Key, o.Value))
				}
			}
		}
	}
	return tags
}

func (p pageOf) operation(method, path string, o *operation) templates.DocsOperation {
	return templates.DocsOperation{
		Anchor:      o.ID,
		Method:      method,
		Path:        path,
		Summary:     o.Summary,
		Description: templates.Prose(o.Description),
		Token:       needsToken(o),
		Permissions: o.Permissions,
		Parameters:  p.parameters(o),
		Bodies:      p.bodies(o),
		Requests:    p.curls(method, path, o),
		Answers:     p.answers(o),
		Refusals:    p.refusals(o.Codes),
		Lines:       p.refusals(o.LineCodes),
	}
}

// needsToken says whether an operation is only for who brings a token.
func needsToken(o *operation) bool { return o.Security == nil }

func (p pageOf) parameters(o *operation) []templates.DocsField {
	var fields []templates.DocsField
	for _, given := range o.Parameters {
		parameter := p.spec.Components.parameter(given)
		described := *parameter.Schema
		described.Description = parameter.Description
		fields = append(fields, templates.DocsField{
			Name:     parameter.Name,
			Place:    parameter.In,
			Type:     p.spec.Components.typeOf(parameter.Schema),
			Required: parameter.Required,
			Meaning:  templates.Prose(p.spec.Components.meaning(&described)),
		})
	}
	return fields
}

func (p pageOf) bodies(o *operation) []templates.DocsBody {
	if o.Body == nil {
		return nil
	}
	var bodies []templates.DocsBody
	last := ""
	for _, form := range o.Body.Content {
		s := p.spec.Components.schema(form.Value.Schema)
		b := templates.DocsBody{MediaType: form.Key, Optional: !o.Body.Required, Text: templates.Prose(s.Description)}
		if ref := form.Value.Schema.Ref; ref == "" || ref != last {
			b.Fields, last = p.spec.Components.fields(form.Value.Schema), ref
		} else {
			b.Text = "The same fields."
		}
		bodies = append(bodies, b)
	}
	return bodies
}

func (p pageOf) answers(o *operation) []templates.DocsAnswer {
	var answers []templates.DocsAnswer
	for _, r := range o.Responses {
		status, err := strconv.Atoi(r.Key)
		if err != nil || status >= http.StatusBadRequest {
			continue
		}
		answer := templates.DocsAnswer{Status: status, Reason: http.StatusText(status), Text: templates.Prose(r.Value.Description)}
		for _, form := range r.Value.Content {
			answer.Type = p.spec.Components.typeOf(form.Value.Schema)
			for _, e := range form.Value.Examples {
				value := p.spec.Components.example(e.Value).Value
				answer.Examples = append(answer.Examples, toJSON(&value))
			}
		}
		answers = append(answers, answer)
	}
	return answers
}

// refusals are codes by their statuses.
func (p pageOf) refusals(ids []string) []templates.ErrorLine {
	var lines []templates.ErrorLine
	for _, id := range ids {
		if code, ok := errors.Lookup(id); ok {
			lines = append(lines, templates.ErrorLine{Code: id, Title: code.Title, Status: p.StatusOf(code.Kind)})
		}
	}
	slices.SortStableFunc(lines, func(a, b templates.ErrorLine) int { return cmp.Compare(a.Status, b.Status) })
	return lines
}
