// Package query speaks AWS's query protocol over the SDK's own structs: a
// flattened form in, XML with a result wrapper out. It is the protocol of STS,
// and of Auto Scaling, Elastic Load Balancing and SNS. EC2 has a dialect of it.
package query

import (
	"cmp"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/xmlwire"
)

// Codec is the protocol of one service.
type Codec struct {
	namespace, version string
	operations         map[string]bool
	emptyResults       bool
	requests           dialect
	items              map[string]string // names of list items, by the name of the list on the wire
}

// WithEmptyResults has outputs without members written as an empty result, as
// services do whose model has an output for every operation: the SDK looks for it.
func (c *Codec) WithEmptyResults() *Codec {
	c.emptyResults = true
	return c
}

// New makes the codec of a service with these operations.
func New(namespace, version string, operations ...string) *Codec {
	known := map[string]bool{}
	for _, name := range operations {
		known[name] = true
	}
	return &Codec{namespace: namespace, version: version, operations: known, requests: plain}
}

// WithItems has the list in a struct's field ("CpuPerformanceFactorRequest.References")
// named otherwise on the wire, and its items too.
func (c *Codec) WithItems(field, name, item string) *Codec {
	former, _, _ := strings.Cut(field, ".")
	key := strings.TrimPrefix(field, former+".")
	names := Names{field: name}
	c.requests = dialect{member: plain.member, members: map[string]string{key: item}, key: names.other}
	c.items = map[string]string{name: item}
	return c
}

// other is the name of a field where it has another one.
func (n Names) other(owner reflect.Type, field reflect.StructField) string {
	if name, ok := n.of(owner, field); ok {
		return name
	}
	return field.Name
}

// Route parses the form and reads the operation from Action.
func (c *Codec) Route(r *frame.Request) (string, error) {
	action, err := readAction(r)
	if err != nil {
		return "", err
	}
	if version := r.Form.Get("Version"); !c.operations[action] || version != c.version {
		return "", frame.Errorf("InvalidAction", "Could not find operation %s for version %s", action, version)
	}
	return action, nil
}

func readAction(r *frame.Request) (string, error) {
	form, err := url.ParseQuery(string(r.Body))
	if err != nil {
		return "", frame.Errorf("MalformedQueryString", "The query string is malformed: %s", err)
	}
	for key, values := range r.HTTP.URL.Query() {
		form[key] = values
	}
	r.Form = form
	action := form.Get("Action")
	if action == "" {
		return "", frame.Errorf("MissingAction", "The request must contain the parameter Action")
	}
	return action, nil
}

// plain is the query protocol itself: keys are named as the SDK's fields are.
var plain = dialect{
	key:    func(_ reflect.Type, field reflect.StructField) string { return field.Name },
	member: "member",
}

// Decode fills the input from the form.
func (c *Codec) Decode(r *frame.Request, in any) error {
	if err := c.requests.fill(grow(r.Form), reflect.ValueOf(in).Elem(), ""); err != nil {
		return frame.Errorf("ValidationError", "%s", err)
	}
	return nil
}

// Encode writes the output inside the operation's result wrapper.
func (c *Codec) Encode(r *frame.Request, out any) (frame.Response, error) {
	w := xmlwire.NewNamingWriter(func(list string, _ reflect.Type) string { return cmp.Or(c.items[list], "member") }, c.requests.key)
	w.Open(r.Operation+"Response", c.namespace)
	if c.emptyResults || hasMembers(reflect.TypeOf(out).Elem()) {
		w.Open(r.Operation+"Result", "")
		if err := w.Members(reflect.ValueOf(out)); err != nil {
			return frame.Response{}, err
		}
		w.Close(r.Operation + "Result")
	}
	w.Open("ResponseMetadata", "")
	w.Text("RequestId", r.ID)
	w.Close("ResponseMetadata")
	w.Close(r.Operation + "Response")
	return frame.Response{Status: http.StatusOK, Header: headers(r.ID), Body: w.Bytes()}, nil
}

func hasMembers(output reflect.Type) bool {
	for i := range output.NumField() {
		if field := output.Field(i); field.IsExported() && field.Name != "ResultMetadata" {
			return true
		}
	}
	return false
}

// EncodeError writes the error envelope.
func (c *Codec) EncodeError(requestID string, err *frame.Error) frame.Response {
	return frame.Response{
		Status: err.Status,
		Header: headers(requestID),
		Body:   xmlwire.ErrorResponse(c.namespace, requestID, err),
	}
}

func headers(requestID string) http.Header {
	return http.Header{"Content-Type": {"text/xml"}, "X-Amzn-Requestid": {requestID}}
}
