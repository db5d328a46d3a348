package cloudwatch

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
	"github.com/evenkeel/evenkeel/hack/awssim/rpccbor"
)

const (
	namespace = "http://monitoring.amazonaws.com/doc/2010-08-01/"
	version   = "2010-08-01"
	model     = "GraniteServiceVersion20100801"
)

// protocol speaks RPC v2 CBOR, as the SDK does, and the query protocol, as
// older AWS CLIs do.
type protocol struct {
	cbor  *rpccbor.Codec
	query *query.Codec
}

// shapes are the errors whose codes of the query protocol are other than their names.
var shapes = map[string]string{
	"LimitExceeded": "LimitExceededFault", "InvalidParameterValue": "InvalidParameterValueException",
	"InvalidParameterCombination": "InvalidParameterCombinationException", "MissingParameter": "MissingRequiredParameterException",
	"InvalidFormat": "InvalidFormatFault", "InternalServiceError": "InternalServiceFault",
}

func newProtocol(operations []string) *protocol {
	return &protocol{
		cbor: rpccbor.New(model, shapes, []any{
			(*types.EvaluationCriteriaMemberPromQLCriteria)(nil), (*types.EvaluationWindowMemberSlidingWindow)(nil),
			(*types.EvaluationWindowMemberWallClockWindow)(nil),
		}, operations...),
		query: query.New(namespace, version, operations...),
	}
}

func (p *protocol) of(r *http.Request) frame.Protocol {
	if rpccbor.Speaks(r) {
		return p.cbor
	}
	return p.query
}

// Route unpacks a compressed body first: metrics come compressed.
func (p *protocol) Route(r *frame.Request) (string, error) {
	if r.HTTP.Header.Get("Content-Encoding") == "gzip" {
		unpacked, err := gzip.NewReader(bytes.NewReader(r.Body))
		if err != nil {
			return "", frame.Errorf("SerializationException", "The body is not compressed: %s", err)
		}
		if r.Body, err = io.ReadAll(io.LimitReader(unpacked, 64<<20)); err != nil {
			return "", frame.Errorf("SerializationException", "The body is not compressed: %s", err)
		}
	}
	return p.of(r.HTTP).Route(r)
}

// Decode fills the input.
func (p *protocol) Decode(r *frame.Request, in any) error { return p.of(r.HTTP).Decode(r, in) }

// Encode writes the output in the protocol of the request.
func (p *protocol) Encode(r *frame.Request, out any) (frame.Response, error) {
	return p.of(r.HTTP).Encode(r, out)
}

// EncodeError writes the error for who is not known to speak another protocol than the SDK's.
func (p *protocol) EncodeError(requestID string, err *frame.Error) frame.Response {
	return p.cbor.EncodeError(requestID, err)
}

// EncodeErrorFor writes the error in the protocol of the request.
func (p *protocol) EncodeErrorFor(r *frame.Request, err *frame.Error) frame.Response {
	return p.of(r.HTTP).EncodeError(r.ID, err)
}
