package awssim

import (
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// maxBody bounds a request; AWS's own bounds are smaller.
const maxBody = 16 << 20

// errAborted ends a call whose connection is to be closed without an answer.
var errAborted = errors.New("the connection is dropped")

// ServeHTTP serves AWS's protocols, and the control API under /_sim/.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if strings.HasPrefix(r.URL.Path, controlPrefix) {
		s.serveControl(w, r, body, err)
		return
	}
	request := &frame.Request{ID: s.env.Random.RequestID(), HTTP: r, Body: body}
	scope, authErr := readAuthorization(r)
	service := s.find(r, scope)
	if err == nil {
		err = authErr
	}
	if service == nil && err == nil {
		err = frame.StatusErrorf(http.StatusNotFound, "UnknownOperationException",
			"The service %q is not simulated; these are: %s", scope.service, s)
	}
	if service == nil {
		service = s.services[0]
	}
	request.Service, request.Region = service.Name, scope.region
	var response frame.Response
	if err == nil {
		request.Caller, err = s.env.Identities.Caller(scope.accessKey)
	}
	if err == nil {
		response, err = s.call(r.Context(), service, request)
	}
	if errors.Is(err, errAborted) {
		// The server closes the connection on this panic and logs nothing.
		panic(http.ErrAbortHandler)
	}
	if err != nil {
		response = encodeError(service.Protocol, request, frame.AsError(err))
	}
	send(w, response)
}

// encodeError writes the error as the protocol does, for a service of several in that of the request.
func encodeError(protocol frame.Protocol, r *frame.Request, err *frame.Error) frame.Response {
	if several, ok := protocol.(frame.ErrorEncoder); ok {
		return several.EncodeErrorFor(r, err)
	}
	return protocol.EncodeError(r.ID, err)
}

func send(w http.ResponseWriter, response frame.Response) {
	for key, values := range response.Header {
		w.Header()[key] = values
	}
	w.Header().Set("Content-Length", strconv.Itoa(len(response.Body)))
	w.WriteHeader(response.Status)
	// A caller that went away misses its answer; there is nobody to tell.
	_, _ = w.Write(response.Body)
}

// call counts the attempt, waits as AWS takes its time, and runs the operation
// between its faults and hooks.
func (s *Server) call(ctx context.Context, service *served, r *frame.Request) (frame.Response, error) {
	name, err := service.Protocol.Route(r)
	if err != nil {
		s.meter.call(service.Name + "/UnknownOperation")
		return frame.Response{}, err
	}
	r.Operation = name
	key := service.Name + "/" + name
	s.meter.call(key)
	if s.tell(r, Before, nil) {
		return frame.Response{}, errAborted
	}
	fault := s.faults.draw(service.Name, name)
	r.Stale = fault.stale
	wait(r.HTTP, s.env.Random.DrawLatency(s.env.Timing.LatencyOf(service.Name))+fault.delay)
	out, err := s.run(ctx, service, r, fault.kind, key)
	if s.tell(r, After, err) {
		return frame.Response{}, errAborted
	}
	switch {
	case fault.kind == Drop:
		return frame.Response{}, errAborted
	case err != nil:
		return frame.Response{}, err
	case fault.kind == After500:
		return frame.Response{}, frame.InternalFailure()
	}
	return service.Protocol.Encode(r, out)
}

// run is decode, take tokens, handle. A request that cannot be decoded costs
// its token all the same.
func (s *Server) run(ctx context.Context, service *served, r *frame.Request, fault Kind, key string) (any, error) {
	operation, ok := service.operations[r.Operation]
	if !ok {
		return nil, frame.StatusErrorf(http.StatusNotFound, "UnknownOperationException",
			"The operation %s is not simulated.", r.Operation)
	}
	in := operation.NewInput()
	decodeErr := service.Protocol.Decode(r, in)
	var charges []frame.Charge
	if decodeErr == nil {
		charges = operation.Charges(in)
	}
	switch {
	case fault == Before500:
		return nil, frame.InternalFailure()
	case fault == Throttle || !service.limiter.Take(service.scope(r), r.Operation, charges):
		s.meter.throttled(key)
		return nil, service.Rates.Throttled(r.Operation)
	case decodeErr != nil:
		return nil, decodeErr
	case ctx.Err() != nil:
		// The caller left while it waited: nothing has happened yet, and
		// nothing will.
		return nil, errAborted
	}
	return operation.Handle(ctx, r, in)
}

// scope is what buckets belong to.
func (c *served) scope(r *frame.Request) string {
	if c.Global {
		return r.Caller.Account
	}
	return r.Caller.Account + "/" + r.Region
}
