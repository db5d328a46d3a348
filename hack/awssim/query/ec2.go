package query

import (
	"net/http"
	"reflect"
	"strings"
	"unicode"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/xmlwire"
)

// Names holds the wire names that do not follow from the SDK's fields, by
// "Struct.Field" or, for that field of every struct, by "Field".
type Names map[string]string

func (n Names) of(owner reflect.Type, field reflect.StructField) (string, bool) {
	if name, ok := n[owner.Name()+"."+field.Name]; ok {
		return name, true
	}
	name, ok := n[field.Name]
	return name, ok
}

// EC2 is EC2's dialect of the query protocol: lists are flattened without
// "member", elements are lowerCamel, and there is no result wrapper.
type EC2 struct {
	namespace, version string
	operations         map[string]bool
	requests           dialect
	responses          xmlwire.FieldName
	items              xmlwire.ListMember
}

// NewEC2 makes the codec of the service with these operations. A list is in
// requests named in the singular (TagSpecifications is TagSpecification.N) and
// in responses as a set (Tags is tagSet); what is not is in the tables.
func NewEC2(namespace, version string, requests, responses Names, operations ...string) *EC2 {
	known := map[string]bool{}
	for _, name := range operations {
		known[name] = true
	}
	return &EC2{
		namespace: namespace, version: version, operations: known,
		requests:  dialect{key: requests.request},
		responses: responses.response,
		items:     responses.item,
	}
}

func (n Names) request(owner reflect.Type, field reflect.StructField) string {
	if name, ok := n.of(owner, field); ok {
		return name
	}
	if field.Type.Kind() == reflect.Slice {
		return singular(field.Name)
	}
	return field.Name
}

// item names the members of a list: "item", unless the table has another name
// for a list of that name and type, as in "groupSet[]string".
func (n Names) item(list string, of reflect.Type) string {
	if name, ok := n[list+"[]"+of.Name()]; ok {
		return name
	}
	return "item"
}

func (n Names) response(owner reflect.Type, field reflect.StructField) string {
	if name, ok := n.of(owner, field); ok {
		return name
	}
	name := string(unicode.ToLower(rune(field.Name[0]))) + field.Name[1:]
	if field.Type.Kind() == reflect.Slice && !strings.HasSuffix(name, "Set") {
		return singular(name) + "Set"
	}
	return name
}

// singular is enough English for the names of lists.
func singular(plural string) string {
	switch {
	case strings.HasSuffix(plural, "ies"):
		return strings.TrimSuffix(plural, "ies") + "y"
	case strings.HasSuffix(plural, "xes"), strings.HasSuffix(plural, "sses"):
		return strings.TrimSuffix(plural, "es")
	}
	return strings.TrimSuffix(plural, "s")
}

// Route parses the form and reads the operation from Action.
func (c *EC2) Route(r *frame.Request) (string, error) {
	action, err := readAction(r)
	if err != nil {
		return "", err
	}
	if version := r.Form.Get("Version"); !c.operations[action] || version != c.version {
		return "", frame.Errorf("InvalidAction", "The action %s is not valid for this web service.", action)
	}
	return action, nil
}

// Decode fills the input from the form.
func (c *EC2) Decode(r *frame.Request, in any) error {
	if err := c.requests.fill(grow(r.Form), reflect.ValueOf(in).Elem(), ""); err != nil {
		return frame.Errorf("InvalidParameterValue", "%s", err)
	}
	return nil
}

// Encode writes the output. An operation that has none answers "return".
func (c *EC2) Encode(r *frame.Request, out any) (frame.Response, error) {
	w := xmlwire.NewNamingWriter(c.items, c.responses)
	w.Open(r.Operation+"Response", c.namespace)
	w.Text("requestId", r.ID)
	if hasMembers(reflect.TypeOf(out).Elem()) {
		if err := w.Members(reflect.ValueOf(out)); err != nil {
			return frame.Response{}, err
		}
	} else {
		w.Text("return", "true")
	}
	w.Close(r.Operation + "Response")
	return frame.Response{Status: http.StatusOK, Header: ec2Headers(r.ID), Body: w.Bytes()}, nil
}

// EncodeError writes the error envelope.
func (c *EC2) EncodeError(requestID string, err *frame.Error) frame.Response {
	w := xmlwire.NewWriter(nil)
	for _, name := range []string{"Response", "Errors", "Error"} {
		w.Open(name, "")
	}
	w.Text("Code", err.Code)
	w.Text("Message", err.Message)
	w.Close("Error")
	w.Close("Errors")
	w.Text("RequestID", requestID)
	w.Close("Response")
	return frame.Response{Status: err.Status, Header: ec2Headers(requestID), Body: w.Bytes()}
}

func ec2Headers(requestID string) http.Header {
	return http.Header{
		"Content-Type":     {"text/xml;charset=UTF-8"},
		"X-Amzn-Requestid": {requestID},
		"Server":           {"AmazonEC2"},
	}
}
