package sns_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/sns"
)

func TestSNS(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "SNS")
}

func definition() frame.Definition {
	return sns.New(&frame.Environment{Clock: frame.RealClock{}, Random: frame.NewRandom(1), Changed: func() {}}).Definition()
}

func clientOf(handler http.Handler) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), Retryer: aws.NopRetryer{}, HTTPClient: codectest.Direct{Handler: handler},
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

func formOf(body string) url.Values {
	GinkgoHelper()
	form, err := url.ParseQuery(body)
	Expect(err).NotTo(HaveOccurred())
	return form
}

// What the SDK's client sends with all members filled in must be read, and an
// output with all members filled in must be read by the client as it was.
var _ = Describe("The protocol", func() {
	for _, operation := range definition().Operations {
		It("reads "+operation.Name+" as the SDK writes it, and is read by it", func(ctx SpecContext) {
			body := codectest.Body("github.com/aws/aws-sdk-go-v2/service/sns", "request_snapshot/"+operation.Name+".request.snap")
			request := &frame.Request{ID: "1", Operation: operation.Name, HTTP: httptest.NewRequest(http.MethodPost, "/", nil), Body: []byte(body)}
			protocol := definition().Protocol
			Expect(protocol.Route(request)).To(Equal(operation.Name))
			in := operation.NewInput()
			Expect(protocol.Decode(request, in)).To(Succeed())

			method, _ := reflect.TypeFor[*sdk.Client]().MethodByName(operation.Name)
			out := reflect.New(method.Type.Out(0).Elem()).Interface()
			codectest.Fill(out)
			response, err := protocol.Encode(request, out)
			Expect(err).NotTo(HaveOccurred())
			var sent string
			got, err := call(ctx, clientOf(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				read, _ := io.ReadAll(r.Body)
				sent = string(read)
				_, _ = w.Write(response.Body)
			})), operation.Name, in)
			Expect(err).NotTo(HaveOccurred())
			Expect(formOf(sent)).To(Equal(formOf(body)))
			reflect.ValueOf(got).Elem().FieldByName("ResultMetadata").SetZero()
			Expect(got).To(Equal(out), string(response.Body))
		})
	}
})

var _ = Describe("Topics", func() {
	var (
		server *awssim.Server
		client *sdk.Client
	)
	BeforeEach(func() {
		none := frame.Exactly(0)
		var err error
		server, err = awssim.New(awssim.Options{Limits: awssim.LimitsOff, Latency: &none, Profile: awssim.ProfileFast})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		client = clientOf(server)
	})
	create := func(ctx context.Context, attributes map[string]string) (string, error) {
		out, err := client.CreateTopic(ctx, &sdk.CreateTopicInput{
			Name: aws.String("alerts"), Attributes: attributes, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
		})
		if err != nil {
			return "", err
		}
		return *out.TopicArn, nil
	}
	codeOf := func(err error) string {
		GinkgoHelper()
		var refused smithy.APIError
		Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
		return refused.ErrorCode()
	}

	It("are made once, and refused with other attributes", func(ctx SpecContext) {
		first, err := create(ctx, map[string]string{"DisplayName": "Alerts"})
		Expect(err).NotTo(HaveOccurred())
		Expect(create(ctx, map[string]string{"DisplayName": "Alerts"})).To(Equal(first))
		_, err = create(ctx, map[string]string{"DisplayName": "Other"})
		Expect(codeOf(err)).To(Equal("InvalidParameter"))
		shown, err := client.GetTopicAttributes(ctx, &sdk.GetTopicAttributesInput{TopicArn: &first})
		Expect(err).NotTo(HaveOccurred())
		Expect(shown.Attributes).To(HaveKeyWithValue("DisplayName", "Alerts"))
		tagged, err := client.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceArn: &first})
		Expect(err).NotTo(HaveOccurred())
		Expect(*tagged.Tags[0].Value).To(Equal("v"))
	})

	It("keep what is published until they are deleted, and in a save", func(ctx SpecContext) {
		arn, err := create(ctx, nil)
		Expect(err).NotTo(HaveOccurred())
		for range 105 {
			_, err = client.Publish(ctx, &sdk.PublishInput{TopicArn: &arn, Subject: aws.String("s"), Message: aws.String("m")})
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(server.Messages()).To(HaveLen(100))
		state, err := server.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		server.Reset()
		Expect(server.Messages()).To(BeEmpty())
		Expect(server.LoadState(state)).To(Succeed())
		Expect(server.Messages()).To(HaveLen(100))
		for range 2 {
			_, err = client.DeleteTopic(ctx, &sdk.DeleteTopicInput{TopicArn: &arn})
			Expect(err).NotTo(HaveOccurred())
		}
		_, err = client.Publish(ctx, &sdk.PublishInput{TopicArn: &arn, Message: aws.String("m")})
		Expect(codeOf(err)).To(Equal("NotFound"))
	})

	It("have subscriptions, one for an endpoint", func(ctx SpecContext) {
		arn, err := create(ctx, nil)
		Expect(err).NotTo(HaveOccurred())
		subscribe := func(protocol, endpoint string) string {
			out, err := client.Subscribe(ctx, &sdk.SubscribeInput{TopicArn: &arn, Protocol: &protocol, Endpoint: &endpoint})
			Expect(err).NotTo(HaveOccurred())
			return *out.SubscriptionArn
		}
		queue := subscribe("sqs", "arn:aws:sqs:us-east-1:123456789012:q")
		Expect(subscribe("sqs", "arn:aws:sqs:us-east-1:123456789012:q")).To(Equal(queue))
		Expect(subscribe("email", "a@example.com")).To(Equal("pending confirmation"))
		listed, err := client.ListSubscriptionsByTopic(ctx, &sdk.ListSubscriptionsByTopicInput{TopicArn: &arn})
		Expect(err).NotTo(HaveOccurred())
		Expect(listed.Subscriptions).To(HaveLen(2))
		Expect(*listed.Subscriptions[1].SubscriptionArn).To(Equal("PendingConfirmation"))
		_, err = client.Unsubscribe(ctx, &sdk.UnsubscribeInput{SubscriptionArn: &queue})
		Expect(err).NotTo(HaveOccurred())
		all, err := client.ListSubscriptions(ctx, &sdk.ListSubscriptionsInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(all.Subscriptions).To(HaveLen(1))
	})
})
