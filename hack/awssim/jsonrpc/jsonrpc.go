// Package jsonrpc speaks AWS JSON 1.1 over the SDK's own structs. It is the
// protocol of ACM.
package jsonrpc

import (
	"encoding/json"
	"net/http"
	"reflect"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/tree"
)

const contentType = "application/x-amz-json-1.1"

// Names holds the JSON names that are not those of the SDK's fields, by
// "Struct.Field".
type Names map[string]string

// Codec is the protocol of one service.
type Codec struct {
	target     string
	format     tree.Format
	operations map[string]bool
}

// New makes the codec of a service with these operations; target is what comes
// before their names in X-Amz-Target.
func New(target string, names Names, operations ...string) *Codec {
	known := map[string]bool{}
	for _, name := range operations {
		known[name] = true
	}
	return &Codec{target: target, format: tree.Format{Name: names.of, Read: read, Write: write}, operations: known}
}

// Route reads the operation from X-Amz-Target.
func (c *Codec) Route(r *frame.Request) (string, error) {
	prefix, name, _ := strings.Cut(r.HTTP.Header.Get("X-Amz-Target"), ".")
	if prefix != c.target || !c.operations[name] {
		return "", frame.Errorf("UnknownOperationException", "There is no operation %q", r.HTTP.Header.Get("X-Amz-Target"))
	}
	return name, nil
}

// Decode fills the input from the body.
func (c *Codec) Decode(r *frame.Request, in any) error {
	var body any
	decoder := json.NewDecoder(strings.NewReader(string(r.Body)))
	decoder.UseNumber()
	if err := decoder.Decode(&body); err != nil {
		return frame.Errorf("SerializationException", "The body is not JSON: %s", err)
	}
	if err := c.format.Fill(body, reflect.ValueOf(in).Elem(), ""); err != nil {
		return frame.Errorf("SerializationException", "%s", err)
	}
	return nil
}

// Encode writes the output.
func (c *Codec) Encode(r *frame.Request, out any) (frame.Response, error) {
	rendered, _, err := c.format.Of(reflect.ValueOf(out))
	if err != nil {
		return frame.Response{}, err
	}
	body, err := json.Marshal(rendered)
	return frame.Response{Status: http.StatusOK, Header: headers(r.ID), Body: body}, err
}

// EncodeError writes the error with its type in the body and in a header.
func (c *Codec) EncodeError(requestID string, err *frame.Error) frame.Response {
	// A map of texts can always be rendered.
	body, _ := json.Marshal(map[string]string{"__type": err.Code, "message": err.Message})
	header := headers(requestID)
	header["X-Amzn-Errortype"] = []string{err.Code}
	return frame.Response{Status: err.Status, Header: header, Body: body}
}

func headers(requestID string) http.Header {
	return http.Header{"Content-Type": {contentType}, "X-Amzn-Requestid": {requestID}}
}

// of is how a field of a struct is called.
func (n Names) of(owner reflect.Type, field string) string {
	if name, ok := n[owner.Name()+"."+field]; ok {
		return name
	}
	return field
}
