package controllers_test

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	gomegatypes "github.com/onsi/gomega/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

// routed gives a record a routing policy.
func routed(identifier string, policy v1alpha1.RoutingPolicy) func(*v1alpha1.RecordSet) {
	return func(r *v1alpha1.RecordSet) { r.Spec.SetIdentifier, r.Spec.RoutingPolicy = identifier, &policy }
}

// makeCollection makes a CIDR collection with the locations office and home.
func makeCollection(ctx context.Context, s *Story) string {
	GinkgoHelper()
	out, err := s.Route53.CreateCidrCollection(ctx, &route53.CreateCidrCollectionInput{Name: aws.String("places"), CallerReference: aws.String("story")})
	Expect(err).NotTo(HaveOccurred())
	_, err = s.Route53.ChangeCidrCollection(ctx, &route53.ChangeCidrCollectionInput{Id: out.Collection.Id, Changes: []types.CidrCollectionChange{
		{Action: types.CidrCollectionChangeActionPut, LocationName: aws.String("office"), CidrList: []string{"192.0.2.0/24"}},
		{Action: types.CidrCollectionChangeActionPut, LocationName: aws.String("home"), CidrList: []string{"198.51.100.0/24"}},
	}})
	Expect(err).NotTo(HaveOccurred())
	return *out.Collection.Id
}

var _ = Describe("A routing policy", func() {
	s := newStory()
	// only is the one record of the zone.
	only := func() types.ResourceRecordSet {
		zone, _ := s.Sim.Zone(s.OnlyZone())
		for _, set := range zone.RecordSets {
			if set.SetIdentifier != nil {
				return set
			}
		}
		return types.ResourceRecordSet{}
	}

	DescribeTable("is written once, followed and read back", func(ctx context.Context, before, after v1alpha1.RoutingPolicy, first, then gomegatypes.GomegaMatcher) {
		m := s.StartManager(ctx)
		record := RecordSet("record", "www", routed("one", before))
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		Expect(only()).To(first)
		s.ExpectQuiet(ctx)
		Edit(ctx, s, record, routed("one", after))
		Eventually(only).Should(then)
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
		Expect(m.Endpoint.Batches()).To(Equal([]Batch{{"CREATE www.example.com. A one"}, {"UPSERT www.example.com. A one"}}))
	},
		Entry("weighted", v1alpha1.RoutingPolicy{Weighted: &v1alpha1.WeightedPolicy{Weight: 1}}, v1alpha1.RoutingPolicy{Weighted: &v1alpha1.WeightedPolicy{Weight: 255}},
			HaveField("Weight", HaveValue(BeEquivalentTo(1))), HaveField("Weight", HaveValue(BeEquivalentTo(255)))),
		Entry("latency", v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: "us-east-1"}}, v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: "eu-west-1"}},
			HaveField("Region", BeEquivalentTo("us-east-1")), HaveField("Region", BeEquivalentTo("eu-west-1"))),
		Entry("geolocation", v1alpha1.RoutingPolicy{Geolocation: &v1alpha1.GeolocationPolicy{ContinentCode: "EU"}},
			v1alpha1.RoutingPolicy{Geolocation: &v1alpha1.GeolocationPolicy{CountryCode: "US", SubdivisionCode: "WA"}},
			HaveField("GeoLocation.ContinentCode", HaveValue(Equal("EU"))),
			And(HaveField("GeoLocation.ContinentCode", BeNil()), HaveField("GeoLocation.SubdivisionCode", HaveValue(Equal("WA"))))),
		Entry("geoproximity", v1alpha1.RoutingPolicy{Geoproximity: &v1alpha1.GeoproximityPolicy{AWSRegion: "eu-west-1", Bias: aws.Int32(10)}},
			v1alpha1.RoutingPolicy{Geoproximity: &v1alpha1.GeoproximityPolicy{Coordinates: &v1alpha1.Coordinates{Latitude: "49.20", Longitude: "-74.0"}}},
			HaveField("GeoProximityLocation.Bias", HaveValue(BeEquivalentTo(10))), HaveField("GeoProximityLocation.Coordinates.Latitude", HaveValue(HavePrefix("49.2")))),
	)

	It("multivalue is left for failover", func(ctx context.Context) {
		s.StartManager(ctx)
		record := RecordSet("record", "www", routed("one", v1alpha1.RoutingPolicy{MultivalueAnswer: &v1alpha1.MultivalueAnswerPolicy{}}))
		s.Create(ctx, Zone(), record)
		s.ExpectReady(ctx, record)
		Expect(only().MultiValueAnswer).To(HaveValue(BeTrue()))
		Edit(ctx, s, record, failover("SECONDARY"))
		Eventually(only).Should(And(HaveField("MultiValueAnswer", BeNil()), HaveField("Failover", BeEquivalentTo("SECONDARY"))))
		s.ExpectReady(ctx, record)
		s.ExpectQuiet(ctx)
	})

	It("by a CIDR collection knows its locations, and waits for what is not there", func(ctx context.Context) {
		collection := makeCollection(ctx, s)
		at := func(identifier, location string) func(*v1alpha1.RecordSet) {
			return routed(identifier, v1alpha1.RoutingPolicy{CIDR: &v1alpha1.CIDRPolicy{CollectionID: collection, LocationName: location}})
		}
		m := s.StartManager(ctx, ManagerOptions{Resync: soon})
		office, rest := RecordSet("office", "www", at("office", "office")), RecordSet("rest", "www", at("rest", "*"))
		s.Create(ctx, Zone(), office, rest)
		s.ExpectReady(ctx, office, rest)
		s.ExpectQuiet(ctx)

		By("comparing siblings before Route 53 does")
		sent := len(m.Endpoint.Batches())
		twin := RecordSet("twin", "www", at("twin", "office"))
		s.Create(ctx, twin)
		Eventually(Live(ctx, s, twin)).Should(BeStalled(v1alpha1.ReasonConflict, s.Namespace+"/office", "the location office"))
		Expect(m.Endpoint.Batches()).To(HaveLen(sent))

		By("waiting for a location, alone")
		good := RecordSet("good", "good")
		Edit(ctx, s, twin, at("twin", "nowhere"))
		s.Create(ctx, good)
		Eventually(Live(ctx, s, twin)).Should(BeWaiting(v1alpha1.ReasonReferenceNotFound, "nowhere"))
		s.ExpectReady(ctx, good, office, rest)
		Edit(ctx, s, twin, at("twin", "home"))
		s.ExpectReady(ctx, twin)
		s.ExpectQuiet(ctx)
	})

	It("changes for all records of a name in one batch", func(ctx context.Context) {
		m := s.StartManager(ctx)
		blue, green := RecordSet("blue", "www", WithWeight("blue", 1)), RecordSet("green", "www", WithWeight("green", 1), WithValues("192.0.2.2"))
		s.Create(ctx, Zone(), blue, green)
		s.ExpectReady(ctx, blue, green)
		sent := len(m.Endpoint.Batches())
		Edit(ctx, s, blue, routed("blue", v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: "us-east-1"}}))
		Eventually(Live(ctx, s, blue)).Should(BeStalled(v1alpha1.ReasonConflict, s.Namespace+"/green"))
		Expect(m.Endpoint.Batches()).To(HaveLen(sent))
		Edit(ctx, s, green, routed("green", v1alpha1.RoutingPolicy{Latency: &v1alpha1.LatencyPolicy{Region: "eu-west-1"}}))
		s.ExpectReady(ctx, blue, green)
		Expect(m.Endpoint.Batches()[sent:]).To(ConsistOf(ConsistOf("UPSERT www.example.com. A blue", "UPSERT www.example.com. A green")))
		s.ExpectQuiet(ctx)
	})
})
