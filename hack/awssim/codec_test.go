package awssim_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdkautoscaling "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	sdkelbv2 "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	sdkroute53 "github.com/aws/aws-sdk-go-v2/service/route53"
	sdksts "github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/route53"
	"github.com/evenkeel/evenkeel/hack/awssim/sts"
)

// The SDK's modules ship request_snapshot/<Op>.request.snap: what their client
// sends with all members filled in. Decoding one and sending the result through
// the real client must give the same bytes again.
var _ = Describe("Decoding requests", func() {
	env := &frame.Environment{
		Clock:      frame.RealClock{},
		Random:     frame.NewRandom(1),
		Identities: frame.NewIdentities(frame.RealClock{}),
		VPCs:       frame.NewVPCs(),
		Changed:    func() {},
	}
	roundTrip := func(module string, newClient func(aws.Config) any, definition frame.Definition) {
		for _, operation := range definition.Operations {
			It("reads "+definition.Name+" "+operation.Name+" as the SDK writes it", func(ctx SpecContext) {
				snapshot := readSnapshot(module, operation.Name)
				in := operation.NewInput()
				request := &frame.Request{Service: definition.Name, HTTP: snapshot.request(), Body: []byte(snapshot.body)}
				name, err := definition.Protocol.Route(request)
				Expect(err).NotTo(HaveOccurred())
				Expect(name).To(Equal(operation.Name))
				request.Operation = name
				Expect(definition.Protocol.Decode(request, in)).To(Succeed())
				Expect(resent(ctx, newClient, name, in)).To(Equal(snapshot))
			})
		}
	}
	Context("rest-xml", func() {
		roundTrip("github.com/aws/aws-sdk-go-v2/service/route53",
			func(c aws.Config) any { return sdkroute53.NewFromConfig(c) },
			route53.New(env, route53.Quotas{}).Definition())
	})
	Context("query", func() {
		roundTrip("github.com/aws/aws-sdk-go-v2/service/sts",
			func(c aws.Config) any { return sdksts.NewFromConfig(c) },
			sts.New(env).Definition())
		roundTrip("github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2",
			func(c aws.Config) any { return sdkelbv2.NewFromConfig(c) },
			elbv2.New(env, elbv2.Quotas{}, nil, nil).Definition())
		roundTrip("github.com/aws/aws-sdk-go-v2/service/autoscaling",
			func(c aws.Config) any { return sdkautoscaling.NewFromConfig(c) },
			autoscaling.New(env, autoscaling.Quotas{}, autoscaling.Needs{}).Definition())
	})
})

// snapshot is a request as the snapshots hold it.
type snapshot struct{ method, target, contentType, body string }

func readSnapshot(module, operation string) snapshot {
	GinkgoHelper()
	directory, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	Expect(err).NotTo(HaveOccurred())
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(directory)), "request_snapshot", operation+".request.snap"))
	Expect(err).NotTo(HaveOccurred())
	head, rest, _ := strings.Cut(string(raw), "\n\n")
	headers, body, _ := strings.Cut(rest, "\n\n")
	method, target, _ := strings.Cut(head, " ")
	contentType, _ := strings.CutPrefix(headers, "Content-Type: ")
	return snapshot{method, target, strings.TrimSpace(contentType), strings.TrimSpace(body)}
}

func (s snapshot) request() *http.Request {
	return httptest.NewRequest(s.method, s.target, strings.NewReader(s.body))
}

// resent is what the real client sends for an input.
func resent(ctx context.Context, newClient func(aws.Config) any, operation string, in any) snapshot {
	GinkgoHelper()
	var sent snapshot
	capture := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		sent = snapshot{r.Method, r.RequestURI, r.Header.Get("Content-Type"), string(bytes.TrimSpace(body))}
		w.WriteHeader(http.StatusTeapot)
	}))
	defer capture.Close()
	client := newClient(aws.Config{
		Region: "us-east-1",
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
		BaseEndpoint: &capture.URL,
		Retryer:      func() aws.Retryer { return aws.NopRetryer{} },
	})
	reflect.ValueOf(client).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in)})
	return sent
}
