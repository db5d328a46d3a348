// Package rpccbor speaks Smithy RPC v2 CBOR over the SDK's own structs. It is
// the protocol of CloudWatch. Unions, interfaces in the SDK, are read and
// written as well.
package rpccbor

import (
	"net/http"
	"reflect"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/tree"
)

// Codec is the protocol of one service.
type Codec struct {
	prefix     string
	format     tree.Format
	operations map[string]bool
	shapes     map[string]string
}

// New makes the codec of a service with these operations. The shapes of errors
// whose codes are not their names are by code; unions are zero values of all
// members of unions.
func New(service string, shapes map[string]string, unions []any, operations ...string) *Codec {
	known := map[string]bool{}
	for _, name := range operations {
		known[name] = true
	}
	codec := &Codec{prefix: "/service/" + service + "/operation/", operations: known, shapes: shapes}
	codec.format = tree.Format{
		Read: func(from any, v reflect.Value, name string) (bool, error) {
			if v.Kind() == reflect.Interface {
				return true, codec.readUnion(unions, from, v, name)
			}
			return read(from, v, name)
		},
		Write: codec.write,
	}
	return codec
}

// Speaks tells whether a request is in this protocol.
func Speaks(r *http.Request) bool { return r.Header.Get("Smithy-Protocol") == "rpc-v2-cbor" }

// Route reads the operation from the path.
func (c *Codec) Route(r *frame.Request) (string, error) {
	name, ok := strings.CutPrefix(r.HTTP.URL.Path, c.prefix)
	if !ok || !c.operations[name] {
		return "", frame.StatusErrorf(http.StatusNotFound, "UnknownOperationException", "There is no operation at %s", r.HTTP.URL.Path)
	}
	return name, nil
}

// Decode fills the input from the body.
func (c *Codec) Decode(r *frame.Request, in any) error {
	if len(r.Body) == 0 {
		return nil
	}
	var body any
	if err := decoding.Unmarshal(r.Body, &body); err != nil {
		return frame.Errorf("SerializationException", "The body is not CBOR: %s", err)
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
	body, err := cbor.Marshal(rendered)
	return frame.Response{Status: http.StatusOK, Header: headers(r.ID), Body: body}, err
}

// EncodeError writes the shape in the body, and the code that the query
// protocol would have in a header.
func (c *Codec) EncodeError(requestID string, err *frame.Error) frame.Response {
	shape, ok := c.shapes[err.Code]
	if !ok {
		shape = err.Code
	}
	// A map of texts can always be rendered.
	body, _ := cbor.Marshal(map[string]string{"__type": shape, "message": err.Message})
	header := headers(requestID)
	fault := "Sender"
	if err.Receiver() {
		fault = "Receiver"
	}
	header["X-Amzn-Query-Error"] = []string{err.Code + ";" + fault}
	return frame.Response{Status: err.Status, Header: header, Body: body}
}

func headers(requestID string) http.Header {
	return http.Header{"Content-Type": {"application/cbor"}, "Smithy-Protocol": {"rpc-v2-cbor"}, "X-Amzn-Requestid": {requestID}}
}
