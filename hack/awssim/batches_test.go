package awssim_test

import (
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("Change batches", func() {
	var (
		s    *sim
		zone string
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(awssim.Options{})
		s.named()
		zone = s.zone(ctx, "example.com")
	})

	DescribeTable("take every type's value", func(ctx SpecContext, rrtype types.RRType, values ...string) {
		s.mustChange(ctx, zone, create(rrset("x.example.com", rrtype, values)))
		found, _ := s.Zone(zone)
		stored := found.RecordSets[len(found.RecordSets)-1]
		for i, text := range values {
			Expect(*stored.ResourceRecords[i].Value).To(Equal(text), "values are echoed as written")
		}
	},
		Entry(nil, types.RRTypeA, "192.0.2.1", "192.0.2.2"),
		Entry(nil, types.RRTypeAaaa, "2001:0db8:85a3:0:0:8a2e:0370:7334", "::1"),
		Entry(nil, types.RRTypeCname, "Target.example.ORG"),
		Entry(nil, types.RRTypeNs, "ns1.example.org", "ns2.example.org."),
		Entry(nil, types.RRTypePtr, "www.example.com."),
		Entry(nil, types.RRTypeMx, "10 mail1.example.com.", "0 ."),
		Entry(nil, types.RRTypeSrv, "10 60 5060 sip.example.com."),
		Entry(nil, types.RRTypeTxt, `"Hello \"you\"" "\303\244 "`, `""`),
		Entry(nil, types.RRTypeSpf, `"v=spf1 -all"`),
		Entry(nil, types.RRTypeCaa, `0 issue "amazon.com"`, `128 issuewild ";"`),
		Entry(nil, types.RRTypeNaptr, `100 50 "u" "E2U+sip" "!^.*$!sip:i@example.com!" .`, `10 10 "s" "" "" x.example.com`),
		Entry(nil, types.RRTypeDs, "12345 3 1 123456789abcdef67890123456789abcdef67890"),
		Entry(nil, types.RRTypeTlsa, "3 1 1 0123456789abcdef"),
		Entry(nil, types.RRTypeSshfp, "4 2 123456789abcdef67890123456789abcdef678901234567890abcdef12345678"),
		Entry(nil, types.RRTypeSvcb, "0 svc.example.com"),
		Entry(nil, types.RRTypeHttps, `1 . alpn="h2,h3" port=443 no-default-alpn`),
	)

	It("keep every policy's siblings", func(ctx SpecContext) {
		for _, pair := range [][]func(*types.ResourceRecordSet){
			{weight("one", 0), weight("two", 255)},
			{latencyIn("one", types.ResourceRecordSetRegionUsEast1), latencyIn("two", types.ResourceRecordSetRegionEuWest1)},
			{failoverAs("one", types.ResourceRecordSetFailoverPrimary), failoverAs("two", types.ResourceRecordSetFailoverSecondary)},
			{geo("one", types.GeoLocation{CountryCode: aws.String("*")}), geo("two", types.GeoLocation{CountryCode: aws.String("US"), SubdivisionCode: aws.String("CA")})},
			{near("one", types.GeoProximityLocation{AWSRegion: aws.String("us-east-1")}), near("two", types.GeoProximityLocation{Coordinates: &types.Coordinates{Latitude: aws.String("-33.8"), Longitude: aws.String("151.2")}})},
			{answer("one"), answer("two")},
			{cidr("one", collectionA, "*"), cidr("two", collectionA, "office")},
		} {
			one, two := a("x.example.com", "192.0.2.1", pair[0]), a("x.example.com", "192.0.2.2", pair[1])
			s.mustChange(ctx, zone, create(one), create(two))
			Expect(s.listed(zone)[2:]).To(Equal([]string{"x.example.com. A one", "x.example.com. A two"}))
			s.mustChange(ctx, zone, remove(two), remove(one))
		}
	})

	It("swap what excludes each other", func(ctx SpecContext) {
		cname := rrset("x.example.com", types.RRTypeCname, []string{"a.b"})
		s.mustChange(ctx, zone, create(x))
		s.mustChange(ctx, zone, remove(x), create(cname))
		s.mustChange(ctx, zone, remove(cname), create(a("x.example.com", "192.0.2.1", weight("one", 1))))
		Expect(s.listed(zone)[2:]).To(Equal([]string{"x.example.com. A one"}))
	})

	It("change the TTL of weighted siblings together", func(ctx SpecContext) {
		longer := func(set *types.ResourceRecordSet) { set.TTL = aws.Int64(600) }
		s.mustChange(ctx, zone, create(a("x.example.com", "192.0.2.1", weight("one", 1))), create(a("x.example.com", "192.0.2.2", weight("two", 1))))
		s.mustChange(ctx, zone, upsert(a("x.example.com", "192.0.2.1", weight("one", 1), longer)), upsert(a("x.example.com", "192.0.2.2", weight("two", 1), longer)))
	})

	It("delete whatever the order of the values", func(ctx SpecContext) {
		s.mustChange(ctx, zone, create(rrset("X.example.com", types.RRTypeA, []string{"192.0.2.1", "192.0.2.2"})))
		s.mustChange(ctx, zone, remove(rrset("x.example.com.", types.RRTypeA, []string{"192.0.2.2", "192.0.2.1"})))
	})

	It("keep the zone's own NS and SOA", func(ctx SpecContext) {
		found, _ := s.Zone(zone)
		err := s.change(ctx, zone, remove(found.RecordSets[0]), remove(found.RecordSets[1]))
		Expect(messageOf(err)).To(Equal("[A HostedZone must contain exactly one SOA record., " +
			"A HostedZone must contain at least one NS record for the zone itself.]"))
		s.mustChange(ctx, zone, upsert(rrset("example.com", types.RRTypeNs, []string{"ns1.example.org"})))
	})

	It("take aliases to the own zone, to load balancers and to other services", func(ctx SpecContext) {
		s.mustChange(ctx, zone,
			create(alias("example.com", types.RRTypeA, zone, "WWW.example.com")), create(a(www, "192.0.2.1")),
			create(alias("lb.example.com", types.RRTypeA, "Z35SXDOTRQ7X7K", "dualstack.LB-1.us-east-1.elb.amazonaws.com")),
			create(alias("nlb.example.com", types.RRTypeA, "Z26RNL4JYFTOTI", "nlb-1.elb.us-east-1.amazonaws.com")),
			create(alias("cdn.example.com", types.RRTypeA, "Z2FDTNDATAQYW2", "d1.cloudfront.net")),
			create(alias("s3.example.com", types.RRTypeA, "Z3AQBSTGFYJSTF", "s3-website-us-east-1.amazonaws.com")))
		found, _ := s.Zone(zone)
		Expect(*found.RecordSets[0].AliasTarget.DNSName).To(Equal("www.example.com."))
		Expect(*found.RecordSets[0].AliasTarget.HostedZoneId).NotTo(ContainSubstring("/"))
	})

	It("refuse what private zones do not have", func(ctx SpecContext) {
		private := s.privateZone(ctx, "example.com")
		err := s.change(ctx, private,
			create(a("x.example.com", "192.0.2.1", near("s", types.GeoProximityLocation{AWSRegion: aws.String("us-east-1")}))),
			create(a("y.example.com", "192.0.2.1", cidr("s", collectionA, "*"))),
			create(alias("z.example.com", types.RRTypeA, "Z2FDTNDATAQYW2", "d1.cloudfront.net")))
		Expect(messageOf(err)).To(SatisfyAll(ContainSubstring("geoproximity"), ContainSubstring("ip-based"), ContainSubstring("CloudFront")))
	})

	It("count an UPSERT twice against 1,000 values and 32,000 characters", func(ctx SpecContext) {
		var creates, upserts []types.Change
		for i := range 501 {
			set := a(name(i), "192.0.2.1")
			creates, upserts = append(creates, create(set)), append(upserts, upsert(set))
		}
		s.mustChange(ctx, zone, creates...)
		Expect(messageOf(s.change(ctx, zone, upserts...))).To(Equal("[Number of records limit of 1000 exceeded.]"))
		s.mustChange(ctx, zone, upserts[:500]...)
		long := func(i int) types.Change {
			return upsert(rrset(name(i), types.RRTypeTxt, []string{strings.TrimSpace(strings.Repeat(`"`+strings.Repeat("a", 250)+`" `, 15))}))
		}
		var texts []types.Change
		for i := range 5 {
			texts = append(texts, long(i))
		}
		Expect(messageOf(s.change(ctx, zone, texts...))).To(Equal("[Number of characters limit of 32000 exceeded.]"))
		s.mustChange(ctx, zone, texts[:4]...)
	})

	It("make the zone busy for a while", func(ctx SpecContext) {
		busy := frame.Exactly(time.Second)
		s := start(awssim.Options{Busy: &busy})
		zone := s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(x))
		err := s.change(ctx, zone, remove(x))
		Expect(codeOf(err)).To(Equal("PriorRequestNotComplete"))
		Expect(messageOf(err)).To(Equal("The request was rejected because Route 53 was still processing a prior request."))
		s.clock.Advance(time.Second)
		Expect(codeOf(s.change(ctx, zone, remove(a("x.example.com", "192.0.2.9"))))).To(Equal("InvalidChangeBatch"))
		Expect(s.change(ctx, zone, remove(x))).To(Succeed(), "a refused change does not make the zone busy")
	})
})

// name spreads records over a zone.
func name(i int) string {
	return "r" + strings.Repeat("x", i%7) + string(rune('a'+i%26)) + strconv.Itoa(i) + ".example.com"
}
