package cloudwatch_test

import (
	"context"
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func scalingDimension(name, value string) scaling.MetricDimension {
	return scaling.MetricDimension{Name: aws.String(name), Value: aws.String(value)}
}

// serverOf serves one service to everybody as the default account.
func serverOf(s *cloudwatch.Service) http.Handler {
	definition := s.Definition()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		request := &frame.Request{ID: "1", HTTP: r, Body: body, Region: "us-east-1", Caller: frame.Identity{Account: account}}
		response, err := handled(r.Context(), definition, request)
		if err != nil {
			response = definition.Protocol.EncodeError("1", frame.AsError(err))
		}
		answering(response).ServeHTTP(w, r)
	})
}

func handled(ctx context.Context, definition frame.Definition, r *frame.Request) (frame.Response, error) {
	name, err := definition.Protocol.Route(r)
	if err != nil {
		return frame.Response{}, err
	}
	for _, operation := range definition.Operations {
		if operation.Name != name {
			continue
		}
		in := operation.NewInput()
		if err := definition.Protocol.Decode(r, in); err != nil {
			return frame.Response{}, err
		}
		out, err := operation.Handle(ctx, r, in)
		if err != nil {
			return frame.Response{}, err
		}
		return definition.Protocol.Encode(r, out)
	}
	return frame.Response{}, frame.InternalFailure()
}
