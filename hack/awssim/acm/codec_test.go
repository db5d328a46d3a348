package acm_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/acm/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/acm"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestACM(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "ACM")
}

const module = "github.com/aws/aws-sdk-go-v2/service/acm"

func definition() frame.Definition {
	return acm.New(codectest.Environment(), acm.Quotas{}).Definition()
}

// clientOf is a real client whose requests go to a handler.
func clientOf(handler http.Handler) *sdk.Client { return sdk.NewFromConfig(codectest.Config(handler)) }

// The SDK's module ships what its client sends, and what it reads, with all
// members filled in.
var _ = Describe("The protocol", func() {
	for _, operation := range definition().Operations {
		It("reads requests of "+operation.Name+" as the SDK writes them", func(ctx SpecContext) {
			body := codectest.Body(module, "request_snapshot/"+operation.Name+".request.snap")
			request := &frame.Request{HTTP: httptest.NewRequest(http.MethodPost, "/", nil), Body: []byte(body)}
			request.HTTP.Header.Set("X-Amz-Target", "CertificateManager."+operation.Name)
			protocol := definition().Protocol
			Expect(protocol.Route(request)).To(Equal(operation.Name))
			in := operation.NewInput()
			Expect(protocol.Decode(request, in)).To(Succeed())
			var sent []byte
			client := clientOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				sent, _ = io.ReadAll(r.Body)
				w.WriteHeader(http.StatusTeapot)
			}))
			_, err := codectest.Call(ctx, client, operation.Name, in)
			Expect(err).To(HaveOccurred())
			Expect(sent).To(MatchJSON(body))
		})

		method, _ := reflect.TypeFor[*sdk.Client]().MethodByName(operation.Name)
		newOutput := func() any { return reflect.New(method.Type.Out(0).Elem()).Interface() }
		send := func(ctx context.Context, response frame.Response) any {
			GinkgoHelper()
			in := operation.NewInput()
			codectest.Fill(in)
			got, err := codectest.Call(ctx, clientOf(codectest.Answering(response)), operation.Name, in)
			Expect(err).NotTo(HaveOccurred())
			reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").SetZero()
			return got
		}

		It("writes responses of "+operation.Name+" as the SDK reads them", func(ctx SpecContext) {
			out := newOutput()
			codectest.Fill(out)
			response, err := definition().Protocol.Encode(&frame.Request{ID: "1", Operation: operation.Name}, out)
			Expect(err).NotTo(HaveOccurred())
			Expect(send(ctx, response)).To(Equal(out), string(response.Body))
		})

		It("writes the response of "+operation.Name+" that the SDK ships", func(ctx SpecContext) {
			body := codectest.Body(module, "response_snapshot/"+operation.Name+".response.snap")
			if !json.Valid([]byte(body)) {
				body = "{}"
			}
			shipped := send(ctx, frame.Response{Status: 200, Header: http.Header{"Content-Type": {"application/x-amz-json-1.1"}}, Body: []byte(body)})
			response, err := definition().Protocol.Encode(&frame.Request{ID: "1", Operation: operation.Name}, shipped)
			Expect(err).NotTo(HaveOccurred())
			Expect(numbers(response.Body)).To(Equal(numbers([]byte(body))))
		})
	}

	It("writes errors as the SDK reads them", func(ctx SpecContext) {
		response := definition().Protocol.EncodeError("the-id", frame.Errorf("ResourceInUseException", "Certificate %q is in use.", "x"))
		_, err := clientOf(codectest.Answering(response)).DeleteCertificate(ctx, &sdk.DeleteCertificateInput{CertificateArn: aws.String("x")})
		var refused *types.ResourceInUseException
		Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
		Expect(*refused.Message).To(Equal(`Certificate "x" is in use.`))
		Expect(err).To(MatchError(ContainSubstring("the-id")))
		Expect(response.Body).To(MatchJSON(`{"__type": "ResourceInUseException", "message": "Certificate \"x\" is in use."}`))
	})
})

// numbers is JSON as a tree in which 1 and 1.000 are the same.
func numbers(raw []byte) any {
	GinkgoHelper()
	var tree any
	Expect(json.Unmarshal(raw, &tree)).To(Succeed())
	return tree
}
