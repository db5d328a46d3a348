package cloudwatch_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/smithy-go"
	"github.com/fxamacker/cbor/v2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const module = "github.com/aws/aws-sdk-go-v2/service/cloudwatch"

func TestCloudWatch(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "CloudWatch")
}

func alone() (*cloudwatch.Service, *frame.ManualClock) {
	clock := frame.NewManualClock(start)
	env := &frame.Environment{Clock: clock, Random: frame.NewRandom(1), Changed: func() {}}
	service := cloudwatch.New(env)
	DeferCleanup(service.Close)
	return service, clock
}

func clientOf(handler http.Handler) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), Retryer: aws.NopRetryer{}, HTTPClient: codectest.Direct{Handler: handler},
		DisableRequestCompression: true,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	})
}

func call(ctx context.Context, client *sdk.Client, operation string, in any) (any, error) {
	results := reflect.ValueOf(client).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in)})
	err, _ := results[1].Interface().(error)
	return results[0].Interface(), err
}

// answering sends a body in the protocol whatever is asked.
func answering(response frame.Response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for key, values := range response.Header {
			w.Header()[key] = values
		}
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body)
	})
}

// bodyOf is what comes after the headers of a snapshot, byte by byte.
func bodyOf(snapshot []byte, parts int) []byte {
	for range parts {
		_, snapshot, _ = bytes.Cut(snapshot, []byte("\n\n"))
	}
	return snapshot
}

func tree(body []byte) (any, error) {
	if len(body) == 0 {
		return map[any]any{}, nil
	}
	var decoded any
	err := cbor.Unmarshal(body, &decoded)
	return decoded, err
}

func inCBOR(path string, body []byte) *frame.Request {
	r := httptest.NewRequest(http.MethodPost, path, nil)
	r.Header.Set("Smithy-Protocol", "rpc-v2-cbor")
	return &frame.Request{HTTP: r, Body: body}
}

func definition() frame.Definition {
	return cloudwatch.New(&frame.Environment{Clock: frame.RealClock{}, Random: frame.NewRandom(1), Changed: func() {}}).Definition()
}

// The SDK's module ships what its client sends, and what it reads, with all members filled in.
var _ = Describe("The protocol", func() {
	for _, operation := range definition().Operations {
		It("reads "+operation.Name+" as the SDK writes it", func(ctx SpecContext) {
			body := bodyOf(codectest.Snapshot(module, "request_snapshot/"+operation.Name+".request.snap"), 2)
			protocol := definition().Protocol
			request := inCBOR("/service/GraniteServiceVersion20100801/operation/"+operation.Name, body)
			Expect(protocol.Route(request)).To(Equal(operation.Name))
			in := operation.NewInput()
			Expect(protocol.Decode(request, in)).To(Succeed())
			var sent []byte
			_, err := call(ctx, clientOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ = io.ReadAll(r.Body)
				w.WriteHeader(http.StatusTeapot)
			})), operation.Name, in)
			Expect(err).To(HaveOccurred())
			expected, err := tree(body)
			Expect(err).NotTo(HaveOccurred())
			Expect(tree(sent)).To(Equal(expected))
		})

		It("writes "+operation.Name+" as the SDK reads it", func(ctx SpecContext) {
			golden := bodyOf(codectest.Snapshot(module, "response_snapshot/"+operation.Name+".response.snap"), 1)
			header := http.Header{"Smithy-Protocol": {"rpc-v2-cbor"}, "Content-Type": {"application/cbor"}}
			in := operation.NewInput()
			request := inCBOR("/service/GraniteServiceVersion20100801/operation/"+operation.Name,
				bodyOf(codectest.Snapshot(module, "request_snapshot/"+operation.Name+".request.snap"), 2))
			Expect(definition().Protocol.Decode(request, in)).To(Succeed())
			expected, err := call(ctx, clientOf(answering(frame.Response{Status: 200, Header: header, Body: golden})), operation.Name, in)
			Expect(err).NotTo(HaveOccurred())
			response, err := definition().Protocol.Encode(request, expected)
			Expect(err).NotTo(HaveOccurred())
			got, err := call(ctx, clientOf(answering(response)), operation.Name, in)
			Expect(err).NotTo(HaveOccurred())
			for _, out := range []any{expected, got} {
				reflect.ValueOf(out).Elem().FieldByName("ResultMetadata").SetZero()
			}
			Expect(got).To(Equal(expected))
		})
	}

	It("gives errors the codes of the query protocol", func(ctx SpecContext) {
		response := definition().Protocol.EncodeError("1", frame.Errorf("LimitExceeded", "Too many."))
		_, err := clientOf(answering(response)).DescribeAlarms(ctx, &sdk.DescribeAlarmsInput{})
		var refused smithy.APIError
		Expect(err).To(BeAssignableToTypeOf(&smithy.OperationError{}))
		Expect(errorsAs(err, &refused)).To(BeTrue())
		Expect(refused.ErrorCode() + ": " + refused.ErrorMessage()).To(Equal("LimitExceeded: Too many."))
	})
})
