// Package restxml speaks AWS's rest-xml protocol over the SDK's own structs:
// inputs in path, query string and XML body, outputs as XML. It is the protocol
// of Route 53.
package restxml

import (
	"fmt"
	"net/http"
	"net/url"
	"reflect"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/xmlwire"
)

// Binding is what cannot be derived from an operation's structs.
type Binding struct {
	Method string
	// Path is the model's path; {Member} binds a segment to an input member.
	Path string
	// Query binds query-string keys to input members.
	Query map[string]string
	// Status is that of success, 200 when zero.
	Status int
	// Location names the output member that goes into a header of that name.
	Location string
}

// Codec is the protocol of one service.
type Codec struct {
	namespace string
	bindings  map[string]Binding
	// listMembers names the items of lists, by list.
	listMembers map[string]string
}

// New makes a service's codec. Items of lists are named by listMembers, else by their type.
func New(namespace string, bindings map[string]Binding, listMembers map[string]string) *Codec {
	return &Codec{namespace: namespace, bindings: bindings, listMembers: listMembers}
}

// Route finds the operation by method and path.
func (c *Codec) Route(r *frame.Request) (string, error) {
	segments, err := pathSegments(r.HTTP.URL)
	if err != nil {
		return "", frame.Errorf("InvalidInput", "Invalid path: %s", err)
	}
	for name, binding := range c.bindings {
		if binding.Method != r.HTTP.Method {
			continue
		}
		if labels, ok := match(binding.Path, segments); ok {
			r.Path = labels
			return name, nil
		}
	}
	return "", frame.StatusErrorf(http.StatusNotFound, "UnknownOperationException",
		"There is no operation %s %s.", r.HTTP.Method, r.HTTP.URL.Path)
}

func pathSegments(u *url.URL) ([]string, error) {
	segments := strings.Split(strings.Trim(u.EscapedPath(), "/"), "/")
	for i, segment := range segments {
		plain, err := url.PathUnescape(segment)
		if err != nil {
			return nil, err
		}
		segments[i] = plain
	}
	return segments, nil
}

func match(template string, segments []string) (map[string]string, bool) {
	wanted := strings.Split(strings.Trim(template, "/"), "/")
	if len(wanted) != len(segments) {
		return nil, false
	}
	labels := map[string]string{}
	for i, want := range wanted {
		if label, isLabel := strings.CutPrefix(want, "{"); isLabel {
			labels[strings.TrimSuffix(label, "}")] = segments[i]
		} else if want != segments[i] {
			return nil, false
		}
	}
	return labels, true
}

// Decode fills the input from path, query string and body.
func (c *Codec) Decode(r *frame.Request, in any) error {
	binding := c.bindings[r.Operation]
	if len(r.Body) > 0 {
		if err := xmlwire.Decode(r.Body, in); err != nil {
			return frame.Errorf("InvalidInput", "Invalid XML ; %s", err)
		}
	}
	target := reflect.ValueOf(in).Elem()
	for member, text := range r.Path {
		if err := setMember(target, member, text); err != nil {
			return err
		}
	}
	query := r.HTTP.URL.Query()
	for key, member := range binding.Query {
		if query.Has(key) {
			if err := setMember(target, member, query.Get(key)); err != nil {
				return err
			}
		}
	}
	return nil
}

func setMember(target reflect.Value, member, text string) error {
	field := target.FieldByName(member)
	if !field.IsValid() {
		return fmt.Errorf("the binding names %s, which %s does not have", member, target.Type())
	}
	if err := xmlwire.SetScalar(field, member, text); err != nil {
		return frame.Errorf("InvalidInput", "Invalid request: %s", err)
	}
	return nil
}

// Encode writes the output as the operation's response document.
func (c *Codec) Encode(r *frame.Request, out any) (frame.Response, error) {
	binding := c.bindings[r.Operation]
	response := frame.Response{Status: binding.Status, Header: headers(r.ID)}
	if response.Status == 0 {
		response.Status = http.StatusOK
	}
	if binding.Location != "" {
		location, _ := reflect.ValueOf(out).Elem().FieldByName(binding.Location).Interface().(*string)
		if location != nil {
			response.Header.Set("Location", *location)
		}
	}
	w := xmlwire.NewWriter(c.memberName)
	root := r.Operation + "Response"
	w.Open(root, c.namespace)
	if err := w.Members(reflect.ValueOf(out), binding.Location); err != nil {
		return frame.Response{}, err
	}
	w.Close(root)
	response.Body = w.Bytes()
	return response, nil
}

func (c *Codec) memberName(list string, item reflect.Type) string {
	if name, ok := c.listMembers[list]; ok {
		return name
	}
	return item.Name()
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
