package awsclient

import (
	"context"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
)

const identity = `<GetCallerIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><GetCallerIdentityResult>` +
	`<Arn>arn:aws:iam::123456789012:user/eve</Arn><UserId>U</UserId><Account>123456789012</Account></GetCallerIdentityResult>` +
	`<ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></GetCallerIdentityResponse>`

const noZones = `<ListHostedZonesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><HostedZones/>` +
	`<IsTruncated>false</IsTruncated><MaxItems>100</MaxItems></ListHostedZonesResponse>`

func always(a answer) func(int, *http.Request) answer {
	return func(int, *http.Request) answer { return a }
}

func listZones(ctx context.Context, c *Clients) error {
	_, err := c.Route53.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
	return err
}

// counted sums a metric over all label sets that hold the pairs.
func counted(registry *prometheus.Registry, name string, pairs ...string) float64 {
	GinkgoHelper()
	families, err := registry.Gather()
	Expect(err).NotTo(HaveOccurred())
	sum := 0.0
	for _, family := range families {
		for _, m := range family.GetMetric() {
			var labels []string
			for _, label := range m.GetLabel() {
				labels = append(labels, label.GetName()+"="+label.GetValue())
			}
			if family.GetName() == name && hasAll(labels, pairs) {
				sum += m.GetCounter().GetValue() + float64(m.GetHistogram().GetSampleCount())
			}
		}
	}
	return sum
}

func hasAll(labels, pairs []string) bool {
	for _, pair := range pairs {
		if !slices.Contains(labels, pair) {
			return false
		}
	}
	return true
}

var _ = Describe("Permit", func() {
	forbidden := errors.New("not now")

	It("is asked before every attempt, and keeps calls from being sent", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{200, noZones}))
		permitted := true
		c := clientsFor(ctx, f, Options{Permit: func() error {
			if permitted {
				return nil
			}
			return forbidden
		}})
		Expect(listZones(ctx, c)).To(Succeed())
		permitted = false
		Expect(listZones(ctx, c)).To(MatchError(forbidden))
		Expect(f.requests()).To(HaveLen(1))
	})

	It("ends a call between its attempts, and the first one's error is told too", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{500, ""}))
		asked := 0
		c := clientsFor(ctx, f, Options{Permit: func() error {
			if asked++; asked > 1 {
				return forbidden
			}
			return nil
		}})
		err := listZones(ctx, c)
		Expect(err).To(MatchError(forbidden))
		Expect(Classify(err)).To(Equal(Unavailable))
		Expect(f.requests()).To(HaveLen(1))
	})
})

var _ = Describe("New", func() {
	It("knows who we are and says who is calling", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{200, identity}))
		c := clientsFor(ctx, f, Options{UserAgent: "evenkeel/1.2.3"})
		account, arn, err := c.Identity(ctx)
		Expect(err).NotTo(HaveOccurred())
		Expect(account).To(Equal("123456789012"))
		Expect(arn).To(Equal("arn:aws:iam::123456789012:user/eve"))
		Expect(c.Region).To(Equal("eu-west-1"))
		Expect(f.agents[0]).To(ContainSubstring("evenkeel/1.2.3"))
	})

	It("demands a region", func(ctx SpecContext) {
		isolate("http://127.0.0.1:1")
		GinkgoT().Setenv("AWS_REGION", "")
		_, err := New(ctx, Options{})
		Expect(err).To(MatchError(ContainSubstring("AWS_REGION")))
		c, err := New(ctx, Options{Region: "us-east-1"})
		Expect(err).NotTo(HaveOccurred())
		Expect(c.Region).To(Equal("us-east-1"))
	})

	It("says that there are no credentials, without trying again", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{200, identity}))
		isolate(f.URL)
		GinkgoT().Setenv("AWS_ACCESS_KEY_ID", "")
		GinkgoT().Setenv("AWS_SECRET_ACCESS_KEY", "")
		c, err := New(ctx, Options{})
		Expect(err).NotTo(HaveOccurred())
		_, _, err = c.Identity(ctx)
		Expect(Classify(err)).To(Equal(Denied))
		Expect(Message(err)).To(HavePrefix("No AWS credentials were found"))
		Expect(f.requests()).To(BeEmpty())
	})

	It("trusts AWS_CA_BUNDLE", func(ctx SpecContext) {
		f := &fakeAWS{}
		f.Server = httptest.NewUnstartedServer(f.handler(always(answer{200, identity})))
		f.Config.ErrorLog = log.New(io.Discard, "", 0)
		f.StartTLS()
		DeferCleanup(f.Close)

		stranger := clientsFor(ctx, f, Options{})
		_, _, err := stranger.Identity(ctx)
		Expect(Classify(err)).To(Equal(Unavailable))
		Expect(Message(err)).To(ContainSubstring("is not trusted"))

		bundle := filepath.Join(GinkgoT().TempDir(), "ca.pem")
		block := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.Certificate().Raw})
		Expect(os.WriteFile(bundle, block, 0o600)).To(Succeed())
		GinkgoT().Setenv("AWS_CA_BUNDLE", bundle)
		_, _, err = clientsFor(ctx, f, Options{}).Identity(ctx)
		Expect(err).NotTo(HaveOccurred())
	})

	It("shares its metrics with other clients of the process", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{200, identity}))
		registry := prometheus.NewRegistry()
		for range 2 {
			_, _, err := clientsFor(ctx, f, Options{Registerer: registry}).Identity(ctx)
			Expect(err).NotTo(HaveOccurred())
		}
		Expect(counted(registry, "evenkeel_aws_requests_total",
			"service=sts", "operation=GetCallerIdentity", "code=OK")).To(Equal(2.0))
		Expect(counted(registry, "evenkeel_aws_request_duration_seconds", "service=sts")).To(Equal(2.0))
	})
})

var _ = Describe("a call", func() {
	var (
		registry *prometheus.Registry
		clock    *fakeClock
	)
	BeforeEach(func() { registry, clock = prometheus.NewRegistry(), newFakeClock() })
	options := func() Options { return Options{Registerer: registry, Clock: clock, Share: 1} }

	It("is tried three times when AWS fails, each attempt through the budget", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{503, ""}))
		o := options()
		o.Budgets = map[string]Budget{ServiceRoute53: {Account: Rate{5, 0.1}}}
		c := clientsFor(ctx, f, o)
		err := listZones(ctx, c)
		Expect(Classify(err)).To(Equal(Unavailable))
		Expect(Message(err)).To(Equal("Route 53 ListHostedZones: AWS answered with HTTP status 503 Service Unavailable and no explanation."))
		Expect(f.requests()).To(HaveLen(3))

		By("running out of budget between two attempts, it still tells what the first met")
		err = listZones(ctx, c)
		Expect(f.requests()).To(HaveLen(5))
		Expect(Classify(err)).To(Equal(Unavailable))
		Expect(RetryAfter(err)).To(BeNumerically(">", 0))

		By("running out before the first, it makes no request")
		err = listZones(ctx, c)
		Expect(Classify(err)).To(Equal(Throttled))
		Expect(f.requests()).To(HaveLen(5))
		Expect(counted(registry, "evenkeel_aws_requests_total", "code=Unavailable")).To(Equal(5.0))
		Expect(counted(registry, "evenkeel_aws_budget_refusals_total", "service=route53")).To(Equal(2.0))
	})

	It("is tried again when the connection breaks", func(ctx SpecContext) {
		f := newFakeAWS(func(n int, _ *http.Request) answer {
			if n < 3 {
				return answer{}
			}
			return answer{200, noZones}
		})
		Expect(listZones(ctx, clientsFor(ctx, f, options()))).To(Succeed())
		Expect(f.requests()).To(HaveLen(3))
	})

	It("has the same message however often the connection breaks", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{}))
		c := clientsFor(ctx, f, options())
		first, second := listZones(ctx, c), listZones(ctx, c)
		Expect(Message(first)).To(Equal(Message(second)))
		Expect(Message(first)).To(MatchRegexp(`^Route 53 ListHostedZones: The connection to 127\.0\.0\.1:\d+ broke before an answer came\.$`))

		f.Close()
		refused := listZones(ctx, c)
		Expect(Classify(refused)).To(Equal(Unavailable))
		Expect(Message(refused)).To(Equal("Route 53 ListHostedZones: " + strings.TrimPrefix(f.URL, "http://") + " refused the connection."))
	})

	It("is not made again after a throttle, and slows everyone down", func(ctx SpecContext) {
		f := newFakeAWS(always(refusal(400, "Throttling", "Rate exceeded")))
		c := clientsFor(ctx, f, options())
		err := listZones(ctx, c)
		Expect(Classify(err)).To(Equal(Throttled))
		Expect(Code(err)).To(Equal("Throttling"))
		Expect(Message(err)).To(Equal("Route 53 ListHostedZones: Rate exceeded"))
		Expect(RetryAfter(err)).To(Equal(time.Second))
		Expect(f.requests()).To(HaveLen(1))

		_, err = c.Route53.GetChange(ctx, &route53.GetChangeInput{Id: aws.String("C1")})
		Expect(Classify(err)).To(Equal(Throttled))
		Expect(RetryAfter(err)).To(BeNumerically(">=", time.Second))
		Expect(Message(err)).To(Equal("Route 53 ListHostedZones: Rate exceeded"), "what AWS said is what holds this call back too")
		Expect(f.requests()).To(HaveLen(1))
		Expect(counted(registry, "evenkeel_aws_throttles_total", "operation=ListHostedZones")).To(Equal(1.0))

		By("leaving other services alone")
		_, _, err = c.Identity(ctx)
		Expect(Code(err)).To(Equal("Throttling"))
		Expect(f.requests()).To(HaveLen(2))
	})

	It("is not made again while AWS is busy with the zone", func(ctx SpecContext) {
		f := newFakeAWS(always(refusal(400, "PriorRequestNotComplete", "The request was rejected.")))
		err := listZones(ctx, clientsFor(ctx, f, options()))
		Expect(Classify(err)).To(Equal(Busy))
		Expect(f.requests()).To(HaveLen(1))
	})

	It("pays for what its batch changes", func(ctx SpecContext) {
		f := newFakeAWS(always(answer{200, `<ChangeResourceRecordSetsResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">` +
			`<ChangeInfo><Id>/change/C1</Id><Status>PENDING</Status><SubmittedAt>2026-01-01T00:00:00Z</SubmittedAt></ChangeInfo></ChangeResourceRecordSetsResponse>`}))
		c := clientsFor(ctx, f, options())
		batch := changes()
		batch.HostedZoneId = aws.String("Z1")
		for i := range 500 {
			batch.ChangeBatch.Changes = append(batch.ChangeBatch.Changes, types.Change{Action: types.ChangeActionUpsert,
				ResourceRecordSet: &types.ResourceRecordSet{Name: aws.String(fmt.Sprint("n", i)), Type: types.RRTypeA}})
		}
		_, err := c.Route53.ChangeResourceRecordSets(ctx, batch)
		Expect(err).NotTo(HaveOccurred())
		_, err = c.Route53.ChangeResourceRecordSets(ctx, batch)
		Expect(Classify(err)).To(Equal(Throttled))
		Expect(RetryAfter(err)).To(Equal(5 * time.Second))
		Expect(f.requests()).To(HaveLen(1))
	})

	DescribeTable("tells the problems of a refused batch in both forms AWS sends", func(ctx SpecContext, body func() string) {
		f := newFakeAWS(always(answer{400, body()}))
		batch := changes()
		batch.HostedZoneId = aws.String("Z1")
		batch.ChangeBatch.Changes = []types.Change{}
		_, err := clientsFor(ctx, f, options()).Route53.ChangeResourceRecordSets(ctx, batch)
		Expect(Classify(err)).To(Equal(Invalid))
		Expect(Code(err)).To(Equal("InvalidChangeBatch"))
		Expect(BatchMessages(err)).To(Equal([]string{exists, illegal}))
		Expect(Message(err)).To(Equal("Route 53 ChangeResourceRecordSets: " + exists + "; " + illegal))
	},
		Entry("bracketed", func() string { return refusal(400, "InvalidChangeBatch", "["+exists+", "+illegal+"]").body }),
		Entry("listed", func() string {
			return `<InvalidChangeBatch xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><Messages><Message>` + escape(exists) +
				`</Message><Message>` + escape(illegal) + `</Message></Messages><RequestId>r</RequestId></InvalidChangeBatch>`
		}),
	)

	It("ends with its context, before or while it waits for AWS", func(ctx SpecContext) {
		release := make(chan struct{})
		f := newFakeAWS(func(int, *http.Request) answer {
			<-release
			return answer{200, noZones}
		})
		c := clientsFor(ctx, f, options())
		brief, cancel := context.WithTimeout(ctx, 50*time.Millisecond)
		defer cancel()
		err := listZones(brief, c)
		close(release)
		Expect(err).To(MatchError(context.DeadlineExceeded))
		Expect(Classify(err)).To(Equal(Unknown))
		Expect(f.requests()).To(HaveLen(1))
		Expect(counted(registry, "evenkeel_aws_requests_total", "code=Canceled")).To(Equal(1.0))
	})
})

var zoneIDs = regexp.MustCompile(`<ResourceId>([^<]+)</ResourceId>`)

// zoneTags answers the tag reads: each zone has one tag, its id; zones named X… do not exist.
func zoneTags(_ int, r *http.Request) answer {
	set := func(id string) string {
		return fmt.Sprintf(`<ResourceTagSet><ResourceId>%[1]s</ResourceId><ResourceType>hostedzone</ResourceType>`+
			`<Tags><Tag><Key>id</Key><Value>%[1]s</Value></Tag></Tags></ResourceTagSet>`, id)
	}
	id := filepath.Base(r.URL.Path)
	if r.Method == http.MethodGet {
		if strings.HasPrefix(id, "X") {
			return refusal(404, "NoSuchHostedZone", "No hosted zone found with ID: "+id)
		}
		return answer{200, `<ListTagsForResourceResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/">` + set(id) + `</ListTagsForResourceResponse>`}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return answer{}
	}
	sets := ""
	for _, match := range zoneIDs.FindAllStringSubmatch(string(body), -1) {
		if strings.HasPrefix(match[1], "X") {
			return refusal(404, "NoSuchHostedZone", "No hosted zone found with ID: "+match[1])
		}
		sets += set(match[1])
	}
	return answer{200, `<ListTagsForResourcesResponse xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ResourceTagSets>` + sets +
		`</ResourceTagSets></ListTagsForResourcesResponse>`}
}

var _ = Describe("HostedZoneTags", func() {
	readAll := func(ctx context.Context, c *Clients, ids []string) map[string]error {
		var (
			mu   sync.Mutex
			all  sync.WaitGroup
			errs = map[string]error{}
		)
		for _, id := range ids {
			all.Go(func() {
				defer GinkgoRecover()
				tags, err := c.HostedZoneTags(ctx, id)
				if err == nil {
					Expect(tags).To(Equal(map[string]string{"id": strings.TrimPrefix(id, "/hostedzone/")}))
				}
				mu.Lock()
				defer mu.Unlock()
				errs[id] = err
			})
		}
		all.Wait()
		return errs
	}

	It("reads ten zones with one request", func(ctx SpecContext) {
		f := newFakeAWS(zoneTags)
		c := clientsFor(ctx, f, Options{})
		c.zoneTags.delay = time.Hour
		ids := []string{"/hostedzone/Z1", "Z2", "Z3", "Z4", "Z5", "Z6", "Z7", "Z8", "Z9", "Z10"}
		Expect(readAll(ctx, c, ids)).To(HaveEach(BeNil()))
		Expect(f.requests()).To(Equal([]string{"POST /2013-04-01/tags/hostedzone"}))
	})

	It("answers for the known zones when one is unknown", func(ctx SpecContext) {
		f := newFakeAWS(zoneTags)
		c := clientsFor(ctx, f, Options{})
		c.zoneTags.delay = 300 * time.Millisecond
		errs := readAll(ctx, c, []string{"Z1", "X2", "Z3"})
		Expect(errs["Z1"]).NotTo(HaveOccurred())
		Expect(errs["Z3"]).NotTo(HaveOccurred())
		Expect(Classify(errs["X2"])).To(Equal(NotFound))
		Expect(Message(errs["X2"])).To(Equal("Route 53 ListTagsForResource: No hosted zone found with ID: X2"))
		Expect(f.requests()).To(HaveLen(4))
	})

	It("asks once for a single unknown zone", func(ctx SpecContext) {
		f := newFakeAWS(zoneTags)
		_, err := clientsFor(ctx, f, Options{}).HostedZoneTags(ctx, "X1")
		Expect(Classify(err)).To(Equal(NotFound))
		Expect(f.requests()).To(HaveLen(1))
	})
})
