package frame

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"
)

// Request is what an operation knows of the call besides its input.
type Request struct {
	// ID is the request id that the response carries in header and body.
	ID string
	// Service is the signing name, Region the signed region.
	Service, Region string
	Operation       string
	Caller          Identity
	// Stale asks a read to answer as the state was that long ago, or, when
	// it is zero, before the newest write. Nil means current.
	Stale *time.Duration

	HTTP *http.Request
	Body []byte
	// Path holds the labels of the path by member name, Form the parsed
	// body of a query request. The protocol that routed the request set them.
	Path map[string]string
	Form url.Values
}

// Response is what goes back on the wire.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// Protocol speaks one AWS wire protocol.
type Protocol interface {
	// Route names the operation asked for and stores in the request what
	// decoding needs; an unknown one is an *Error.
	Route(*Request) (string, error)
	// Decode fills the SDK's input struct that in points to.
	Decode(r *Request, in any) error
	// Encode writes the SDK's output struct that out points to.
	Encode(r *Request, out any) (Response, error)
	// EncodeError writes the protocol's error envelope.
	EncodeError(requestID string, err *Error) Response
}

// ErrorEncoder is a protocol that is several, and needs the request to tell in
// which one it answers.
type ErrorEncoder interface {
	EncodeErrorFor(r *Request, err *Error) Response
}

// Charge is a number of tokens taken from a named bucket of the service.
type Charge struct {
	Bucket string
	Tokens float64
}

// Operation is one API operation: decode into the SDK's input, handle, encode
// the SDK's output.
type Operation struct {
	Name     string
	newInput func() any
	handle   func(context.Context, *Request, any) (any, error)
	charge   func(any) []Charge
}

// Op registers an operation with the SDK's own input and output structs.
func Op[In, Out any](name string, handle func(context.Context, *Request, *In) (*Out, error)) Operation {
	return Operation{
		Name:     name,
		newInput: func() any { return new(In) },
		handle: func(ctx context.Context, r *Request, in any) (any, error) {
			typed, ok := in.(*In)
			if !ok {
				return nil, fmt.Errorf("%s got an input of type %T", name, in)
			}
			return handle(ctx, r, typed)
		},
		charge: func(any) []Charge { return nil },
	}
}

// Charging is Op for an operation whose input decides what it costs beyond the
// one token of its own bucket.
func Charging[In, Out any](name string, charge func(*In) []Charge,
	handle func(context.Context, *Request, *In) (*Out, error)) Operation {
	op := Op(name, handle)
	op.charge = func(in any) []Charge {
		typed, ok := in.(*In)
		if !ok {
			return nil
		}
		return charge(typed)
	}
	return op
}

// Names are the operations' names, for the protocol that routes to them.
func Names(operations []Operation) []string {
	names := make([]string, len(operations))
	for i, operation := range operations {
		names[i] = operation.Name
	}
	return names
}

// NewInput makes an empty input struct.
func (o Operation) NewInput() any { return o.newInput() }

// Charges tells what the input costs beyond one token.
func (o Operation) Charges(in any) []Charge { return o.charge(in) }

// Handle runs the operation.
func (o Operation) Handle(ctx context.Context, r *Request, in any) (any, error) {
	return o.handle(ctx, r, in)
}

// Definition is what the server must know to serve a service.
type Definition struct {
	// Name is the signing name.
	Name string
	// Path is the prefix by which an unsigned or oddly signed request is
	// still recognised, when the protocol has one.
	Path string
	// Global services have one state and one set of buckets for all regions.
	Global     bool
	Protocol   Protocol
	Rates      Rates
	Operations []Operation
}

// Service is one simulated AWS service.
type Service interface {
	Definition() Definition
	// Reset returns to the initial state.
	Reset()
	// State gives the whole state as a value that encoding/json renders the
	// same each time.
	State() any
	// Load replaces the state by what State gave, or leaves it as it is and
	// says what is wrong.
	Load(json.RawMessage) error
	// KeepHistory turns on the recording of earlier states that stale reads
	// need; off forgets them.
	KeepHistory(on bool)
}
