package console

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"pasban/console/api"
)

// reader is where people read what programs can ask for.
const reader = api.Root + "/docs"

// manual is the description of the API as people read it. It is made of the description
// that programs read, so that it says the same.
type manual struct {
	Root     string
	Chapters []chapter
	Types    []manualType
}

// chapter is what belongs together.
type chapter struct {
	Name, Text string
	Operations []manualOperation
}

type manualOperation struct {
	ID, Method, Path string
	Summary, Text    string
	Parameters       []manualField
	Sends            string // type, "" for nothing
	Answers          string
	Status           string
	Example          string // a command line
}

// manualField is a parameter, or a part of a type.
type manualField struct {
	Name, Type, Text string
	Of               string // the type it leads to, "" for none
	Required         bool
}

type manualType struct {
	Name   string
	Fields []manualField
}

func (s *Server) readerPage(w http.ResponseWriter, r *http.Request, v viewer) error {
	p := s.page(r, v, "reader", "What programs can ask for")
	p.Body = manualOf(s.api.OpenAPI(), s.Origin)
	return s.show(w, "reader", p)
}

// manualOf reads a description.
func manualOf(doc *huma.OpenAPI, origin string) manual {
	m := manual{Root: api.Root}
	for _, tag := range doc.Tags {
		c := chapter{Name: tag.Name, Text: tag.Description}
		for path, item := range doc.Paths {
			for _, o := range []*huma.Operation{item.Get, item.Post, item.Put, item.Delete} {
				if o != nil && slices.Contains(o.Tags, tag.Name) {
					c.Operations = append(c.Operations, manualOperationOf(doc, o, path, origin))
				}
			}
		}
		slices.SortFunc(c.Operations, func(a, b manualOperation) int {
			return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method)
		})
		m.Chapters = append(m.Chapters, c)
	}
	for name, schema := range doc.Components.Schemas.Map() {
		m.Types = append(m.Types, manualType{name, fieldsOf(schema)})
	}
	slices.SortFunc(m.Types, func(a, b manualType) int { return strings.Compare(a.Name, b.Name) })
	return m
}

func manualOperationOf(doc *huma.OpenAPI, o *huma.Operation, path, origin string) manualOperation {
	out := manualOperation{ID: o.OperationID, Method: o.Method, Path: path, Summary: o.Summary, Text: o.Description}
	for _, p := range o.Parameters {
		kind, of := typeOf(p.Schema)
		out.Parameters = append(out.Parameters, manualField{Name: p.Name, Type: kind, Of: of, Text: p.Schema.Description, Required: p.Required})
	}
	for status, response := range o.Responses {
		if body := response.Content["application/json"]; strings.HasPrefix(status, "2") && body != nil {
			out.Status = status
			_, out.Answers = typeOf(body.Schema)
		}
	}
	out.Example = `curl -H "Authorization: Bearer $PASBAN_TOKEN"`
	if o.RequestBody != nil {
		schema := o.RequestBody.Content["application/json"].Schema
		_, out.Sends = typeOf(schema)
		out.Example += " -X " + o.Method + " -H 'Content-Type: application/json' -d '" + sample(doc, schema) + "'"
	}
	out.Example += " " + origin + api.Root + path
	return out
}

func fieldsOf(s *huma.Schema) []manualField {
	var out []manualField
	for name, property := range s.Properties {
		kind, of := typeOf(property)
		out = append(out, manualField{Name: name, Type: kind, Of: of, Text: property.Description, Required: slices.Contains(s.Required, name)})
	}
	slices.SortFunc(out, func(a, b manualField) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// typeOf is a type in words, and the one of the description that it leads to.
func typeOf(s *huma.Schema) (kind, of string) {
	switch {
	case s.Ref != "":
		of = s.Ref[strings.LastIndexByte(s.Ref, '/')+1:]
		return of, of
	case len(s.Enum) > 0:
		return strings.Trim(strings.ReplaceAll(fmt.Sprint(s.Enum...), " ", ", "), "[]"), ""
	case s.Type == huma.TypeArray:
		kind, of = typeOf(s.Items)
		return "list of " + kind, of
	case s.Type == huma.TypeObject:
		return "map", ""
	case s.Format == "date-time":
		return "time", ""
	}
	return s.Type, ""
}

// sample is JSON with what a body must have at least.
func sample(doc *huma.OpenAPI, s *huma.Schema) string {
	switch {
	case s.Ref != "":
		return sample(doc, doc.Components.Schemas.SchemaFromRef(s.Ref))
	case len(s.Enum) > 0:
		return fmt.Sprintf("%q", s.Enum[0])
	case s.Type == huma.TypeArray:
		return "[" + sample(doc, s.Items) + "]"
	case s.Type == huma.TypeInteger || s.Type == huma.TypeNumber:
		return "1"
	case s.Format == "date-time":
		return `"2026-12-31T12:00:00Z"`
	case s.Type != huma.TypeObject:
		return `"..."`
	}
	var parts []string
	for _, name := range s.Required {
		parts = append(parts, fmt.Sprintf("%q: %s", name, sample(doc, s.Properties[name])))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
