package awssim_test

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("Instances that answer", func() {
	var (
		server *awssim.Server
		clock  *frame.ManualClock
		id     string
	)
	control := func(path, body string) (int, string) {
		w := httptest.NewRecorder()
		server.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/_sim/"+path, bytes.NewReader([]byte(body))))
		return w.Code, w.Body.String()
	}
	get := func() (int, map[string]any) {
		GinkgoHelper()
		address, ok := server.InstanceAddress(id)
		Expect(ok).To(BeTrue())
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address+"/x", nil)
		Expect(err).NotTo(HaveOccurred())
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return 0, nil
		}
		defer func() { _ = response.Body.Close() }()
		raw, err := io.ReadAll(response.Body)
		Expect(err).NotTo(HaveOccurred())
		var said map[string]any
		Expect(json.Unmarshal(raw, &said)).To(Succeed())
		return response.StatusCode, said
	}
	BeforeEach(func(ctx SpecContext) {
		clock = frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
		none := frame.Exactly(0)
		var err error
		server, err = awssim.New(awssim.Options{
			Clock: clock, Limits: awssim.LimitsOff, Latency: &none, Profile: awssim.ProfileFast, DataPlane: true, MappedListeners: true,
		})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		client := ec2.New(ec2.Options{
			Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), Retryer: aws.NopRetryer{}, HTTPClient: codectest.Direct{Handler: server},
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
			}),
		})
		out, err := client.RunInstances(ctx, &ec2.RunInstancesInput{
			MinCount: aws.Int32(1), MaxCount: aws.Int32(1), ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: types.InstanceTypeT3Micro,
			SubnetId: aws.String("subnet-0a"),
		})
		Expect(err).NotTo(HaveOccurred())
		id = *out.Instances[0].InstanceId
	})

	It("say who they are once they run, and nothing after they were killed", func() {
		_, ok := server.InstanceAddress(id)
		Expect(ok).To(BeFalse(), "it is pending")
		clock.Advance(50 * time.Millisecond)
		status, said := get()
		Expect(status).To(Equal(http.StatusOK))
		Expect(said).To(And(HaveKeyWithValue("instanceId", id), HaveKeyWithValue("zone", "us-east-1a")))
		address, _ := server.InstanceAddress(id)
		code, _ := control("instances/"+id+"/kill", "")
		Expect(code).To(Equal(http.StatusOK))
		request, err := http.NewRequestWithContext(context.Background(), http.MethodGet, "http://"+address, nil)
		Expect(err).NotTo(HaveOccurred())
		response, err := http.DefaultClient.Do(request)
		if err == nil {
			_ = response.Body.Close()
		}
		Expect(err).To(HaveOccurred())
		Expect(server.Instances()[0].State).To(Equal("shutting-down"))
		code, text := control("instances/i-0none/kill", "")
		Expect(code).To(Equal(http.StatusBadRequest))
		Expect(text).To(ContainSubstring("there is no instance"))
	})

	It("answer as they are told, and report their load", func() {
		clock.Advance(50 * time.Millisecond)
		control("instances/"+id+"/impair", `{"statusCode": 503}`)
		status, _ := get()
		Expect(status).To(Equal(http.StatusServiceUnavailable))
		Expect(server.Instances()[0].Impaired).To(BeFalse())
		control("instances/"+id+"/impair", "")
		Expect(server.Instances()[0].Impaired).To(BeTrue())
		code, _ := control("instances/"+id+"/load", `{"cpu": 95}`)
		Expect(code).To(Equal(http.StatusOK))
		_, said := get()
		Expect(said).To(HaveKeyWithValue("cpu", 95.0))
		code, _ = control("instances/"+id+"/load", `{}`)
		Expect(code).To(Equal(http.StatusBadRequest))
		clock.Advance(time.Second)
		form := "Action=ListMetrics&Version=2010-08-01&Namespace=AWS%2FEC2"
		r := httptest.NewRequest(http.MethodPost, "/", bytes.NewReader([]byte(form)))
		r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20260801/us-east-1/monitoring/aws4_request, Signature=0")
		w := httptest.NewRecorder()
		server.ServeHTTP(w, r)
		Expect(w.Body.String()).To(And(ContainSubstring("CPUUtilization"), ContainSubstring(id)))
	})

	It("do not answer while their zone is out", func() {
		clock.Advance(50 * time.Millisecond)
		code, _ := control("zones/us-east-1a/fail", "")
		Expect(code).To(Equal(http.StatusOK))
		status, _ := get()
		Expect(status).To(BeZero())
		Expect(server.Instances()[0].Impaired).To(BeTrue())
		control("zones/us-east-1a/heal", "")
		status, _ = get()
		Expect(status).To(Equal(http.StatusOK))
	})
})
