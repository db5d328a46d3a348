package awssim_test

import (
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("Faults", func() {
	var (
		s    *sim
		zone string
	)
	BeforeEach(func(ctx SpecContext) {
		s = start(awssim.Options{Seed: 1})
		zone = s.zone(ctx, "example.com")
	})
	fault := func(kind awssim.Kind, count int) awssim.Fault {
		return awssim.Fault{Service: "route53", Operation: "ChangeResourceRecordSets", Kind: kind, Count: count}
	}
	exists := func() bool { return slices.Contains(s.listed(zone), "x.example.com. A") }

	DescribeTable("break a call before or after it took effect",
		func(ctx SpecContext, kind awssim.Kind, code string, effect bool) {
			Expect(s.AddFault(fault(kind, 1))).To(Succeed())
			err := s.change(ctx, zone, create(x))
			Expect(err).To(HaveOccurred())
			if code != "" {
				Expect(codeOf(err)).To(Equal(code))
			}
			Expect(exists()).To(Equal(effect))
			Expect(s.Faults()).To(BeEmpty())
			s.mustChange(ctx, zone, upsert(x))
		},
		Entry(nil, awssim.Throttle, "Throttling", false),
		Entry(nil, awssim.Before500, "InternalFailure", false),
		Entry(nil, awssim.After500, "InternalFailure", true),
		Entry(nil, awssim.Drop, "", true),
	)

	It("let calls pass first, and strike as often as they count", func(ctx SpecContext) {
		f := fault(awssim.Throttle, 2)
		f.Service, f.Operation, f.Skip = "*", "*", 1
		Expect(s.AddFault(f)).To(Succeed())
		var codes []string
		for range 4 {
			codes = append(codes, codeOf(s.change(ctx, zone, upsert(x))))
		}
		Expect(codes).To(Equal([]string{"no error", "Throttling", "Throttling", "no error"}))
		Expect(s.Meter().Throttled).To(HaveKeyWithValue("route53/ChangeResourceRecordSets", 2))
	})

	It("strike a share of the calls until they are cleared", func(ctx SpecContext) {
		f := fault(awssim.Before500, 0)
		f.Share = 0.5
		Expect(s.AddFault(f)).To(Succeed())
		failed := 0
		for range 100 {
			if s.change(ctx, zone, upsert(x)) != nil {
				failed++
			}
		}
		Expect(failed).To(BeNumerically("~", 50, 20))
		s.ClearFaults()
		s.mustChange(ctx, zone, upsert(x))
	})

	It("delay a call, together with another fault", func(ctx SpecContext) {
		f := fault(awssim.SlowDown, 1)
		f.Milliseconds = 60
		Expect(s.AddFault(f)).To(Succeed())
		Expect(s.AddFault(fault(awssim.Before500, 1))).To(Succeed())
		began := time.Now()
		Expect(codeOf(s.change(ctx, zone, create(x)))).To(Equal("InternalFailure"))
		Expect(time.Since(began)).To(BeNumerically(">=", 60*time.Millisecond))
	})

	It("show a read what was there before the newest write", func(ctx SpecContext) {
		Expect(s.AddFault(awssim.Fault{Service: "route53", Operation: "ListResourceRecordSets", Kind: awssim.Stale, Count: 2})).To(Succeed())
		list := func() int {
			out, err := s.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone})
			Expect(err).NotTo(HaveOccurred())
			return len(out.ResourceRecordSets)
		}
		Expect(list()).To(Equal(2), "nothing was written yet")
		s.mustChange(ctx, zone, create(x))
		Expect(list()).To(Equal(2))
		Expect(list()).To(Equal(3))
	})

	It("show a read what was there some time ago", func(ctx SpecContext) {
		Expect(s.AddFault(awssim.Fault{Service: "route53", Operation: "*", Kind: awssim.Stale, Share: 1, Milliseconds: 1500})).To(Succeed())
		s.mustChange(ctx, zone, create(x))
		count := func() int64 {
			out, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
			Expect(err).NotTo(HaveOccurred())
			return *out.HostedZone.ResourceRecordSetCount
		}
		s.clock.Advance(time.Second)
		s.mustChange(ctx, zone, create(a("y.example.com", "192.0.2.1")))
		Expect(count()).To(BeEquivalentTo(2))
		s.clock.Advance(time.Second)
		Expect(count()).To(BeEquivalentTo(3))
		s.clock.Advance(time.Second)
		Expect(count()).To(BeEquivalentTo(4))
	})

	DescribeTable("are refused when they make no sense", func(f awssim.Fault, why string) {
		Expect(s.AddFault(f)).To(MatchError(ContainSubstring(why)))
	},
		Entry(nil, awssim.Fault{Kind: awssim.Drop, Count: 1}, `"service" and "operation"`),
		Entry(nil, awssim.Fault{Service: "*", Operation: "*", Kind: "fire", Count: 1}, `no fault of kind "fire"`),
		Entry(nil, awssim.Fault{Service: "*", Operation: "*", Kind: awssim.Drop}, "either"),
		Entry(nil, awssim.Fault{Service: "*", Operation: "*", Kind: awssim.Drop, Count: 1, Share: 0.5}, "either"),
		Entry(nil, awssim.Fault{Service: "*", Operation: "*", Kind: awssim.Drop, Share: 2}, "(0,1]"),
		Entry(nil, awssim.Fault{Service: "*", Operation: "*", Kind: awssim.SlowDown, Count: 1}, "milliseconds"),
	)
})

var _ = Describe("The hook", func() {
	It("sees each call before and after, with what became of it", func(ctx SpecContext) {
		s := start(awssim.Options{})
		var seen []awssim.Call
		s.SetHook(func(c awssim.Call) { seen = append(seen, c) })
		_, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: aws.String("Z404")})
		Expect(err).To(HaveOccurred())
		Expect(seen).To(HaveLen(2))
		Expect(seen[0].Service + "/" + seen[0].Operation).To(Equal("route53/GetHostedZone"))
		Expect(seen[0].Phase).To(Equal(awssim.Before))
		Expect(seen[0].Err).NotTo(HaveOccurred())
		Expect(seen[1].Phase).To(Equal(awssim.After))
		Expect(seen[1].Err).To(MatchError(HavePrefix("NoSuchHostedZone: ")))
	})

	DescribeTable("cuts a call off", func(ctx SpecContext, phase awssim.Phase, effect bool) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		s.SetHook(func(c awssim.Call) {
			if c.Phase == phase {
				c.Abort()
			}
		})
		Expect(s.change(ctx, zone, types.Change{Action: types.ChangeActionCreate, ResourceRecordSet: &x})).NotTo(Succeed())
		Expect(slices.Contains(s.listed(zone), "x.example.com. A")).To(Equal(effect))
		s.SetHook(nil)
		s.mustChange(ctx, zone, upsert(x))
	},
		Entry("before it took effect", awssim.Before, false),
		Entry("after it took effect", awssim.After, true),
	)
})

var _ = Describe("Stale reads", func() {
	It("are of everything, not of zones alone", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		Expect(s.AddFault(awssim.Fault{Service: "*", Operation: "GetHealthCheckCount", Kind: awssim.Stale, Count: 1})).To(Succeed())
		Expect(s.AddFault(awssim.Fault{Service: "*", Operation: "GetDNSSEC", Kind: awssim.Stale, Count: 1})).To(Succeed())
		count := func() int64 {
			GinkgoHelper()
			out, err := s.route53.GetHealthCheckCount(ctx, &route53.GetHealthCheckCountInput{})
			Expect(err).NotTo(HaveOccurred())
			return *out.HealthCheckCount
		}
		s.check(ctx, check("HTTP", at("192.0.2.1", 80)))
		Expect([]int64{count(), count()}).To(Equal([]int64{0, 1}))
		_, err := s.createKey(ctx, zone, "key", kmsKey(1), "ACTIVE")
		Expect(err).NotTo(HaveOccurred())
		Expect(s.dnssec(ctx, zone).KeySigningKeys).To(BeEmpty())
		Expect(s.dnssec(ctx, zone).KeySigningKeys).To(HaveLen(1))
	})
})
