package ec2_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestEC2(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "EC2")
}

func definition() frame.Definition {
	return ec2.New(codectest.Environment(), ec2.Quotas{}).Definition()
}

// clientOf is a real client whose requests go to a handler.
func clientOf(handler http.Handler) *sdk.Client { return sdk.NewFromConfig(codectest.Config(handler)) }

// The SDK's module ships what its client sends with all members filled in.
// Decoding that and sending it through the real client must give the same again.
var _ = Describe("Decoding requests", func() {
	for _, operation := range definition().Operations {
		It("reads "+operation.Name+" as the SDK writes it", func(ctx SpecContext) {
			body := codectest.Body("github.com/aws/aws-sdk-go-v2/service/ec2", "request_snapshot/"+operation.Name+".request.snap")
			request := &frame.Request{HTTP: httptest.NewRequest(http.MethodPost, "/", nil), Body: []byte(body)}
			protocol := definition().Protocol
			Expect(protocol.Route(request)).To(Equal(operation.Name))
			in := operation.NewInput()
			Expect(protocol.Decode(request, in)).To(Succeed())
			var sent string
			client := clientOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				read, _ := io.ReadAll(r.Body)
				sent = string(read)
				w.WriteHeader(http.StatusTeapot)
			}))
			_, err := codectest.Call(ctx, client, operation.Name, in)
			Expect(err).To(HaveOccurred())
			Expect(formOf(sent)).To(Equal(formOf(body)))
		})
	}
})

func formOf(body string) url.Values {
	GinkgoHelper()
	form, err := url.ParseQuery(body)
	Expect(err).NotTo(HaveOccurred())
	return form
}

// What the codec writes of an output with all members set, the real client
// must read as the same.
var _ = Describe("Encoding responses", func() {
	for _, operation := range definition().Operations {
		It("writes "+operation.Name+" as the SDK reads it", func(ctx SpecContext) {
			method, found := reflect.TypeFor[*sdk.Client]().MethodByName(operation.Name)
			Expect(found).To(BeTrue())
			out := reflect.New(method.Type.Out(0).Elem())
			codectest.Fill(out.Interface())
			response, err := definition().Protocol.Encode(&frame.Request{ID: "1", Operation: operation.Name}, out.Interface())
			Expect(err).NotTo(HaveOccurred())
			client := clientOf(codectest.Answering(response))
			in := reflect.New(method.Type.In(2).Elem())
			codectest.Fill(in.Interface())
			got, err := codectest.Call(ctx, client, operation.Name, in.Interface())
			Expect(err).NotTo(HaveOccurred())
			read := reflect.ValueOf(got).Elem()
			read.FieldByName("ResultMetadata").SetZero()
			Expect(got).To(Equal(out.Interface()), string(response.Body))
		})
	}
})

var _ = Describe("Errors", func() {
	It("are read with code, message and request id", func(ctx SpecContext) {
		client := clientOf(codectest.Answering(definition().Protocol.EncodeError("the-id",
			frame.Errorf("InvalidGroup.NotFound", "The security group '%s' does not exist", "sg-<1>"))))
		_, err := client.DescribeSecurityGroups(ctx, &sdk.DescribeSecurityGroupsInput{})
		var read smithy.APIError
		Expect(err).To(BeAssignableToTypeOf(&smithy.OperationError{}))
		Expect(err).To(MatchError(ContainSubstring("RequestID: the-id")))
		Expect(errors.As(err, &read)).To(BeTrue())
		Expect(read.ErrorCode() + " " + read.ErrorMessage()).To(Equal("InvalidGroup.NotFound The security group 'sg-<1>' does not exist"))
	})
})
