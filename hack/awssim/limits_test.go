package awssim_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

// until counts the calls that pass before the first one that does not, which
// it gives too.
func until(call func() error) (int, error) {
	for passed := 0; ; passed++ {
		if err := call(); err != nil || passed > 5000 {
			return passed, err
		}
	}
}

var _ = Describe("Request-rate limits", func() {
	count := func(ctx context.Context, s *sim) func() error {
		return func() error {
			_, err := s.route53.GetHostedZoneCount(ctx, &route53.GetHostedZoneCountInput{})
			return err
		}
	}

	It("let 50 calls of an account pass at once and 10 a second after", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		passed, err := until(count(ctx, s))
		Expect(passed).To(Equal(50))
		Expect(codeOf(err)).To(Equal("Throttling"))
		Expect(messageOf(err)).To(Equal("Rate exceeded"))
		s.clock.Advance(time.Second)
		Expect(first(until(count(ctx, s)))).To(Equal(10))
		Expect(s.Meter().Calls).To(HaveKeyWithValue("route53/GetHostedZoneCount", 62), "throttled attempts are calls too")
		Expect(s.Meter().Throttled).To(HaveKeyWithValue("route53/GetHostedZoneCount", 2))
		s.clock.Advance(time.Hour)
		Expect(first(until(count(ctx, s)))).To(Equal(50), "a bucket holds no more than its capacity")
	})

	It("are per account", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		role, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::222222222222:role/dns"), RoleSessionName: aws.String("spec"),
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(first(until(count(ctx, s)))).To(Equal(50))
		s.route53, _ = s.clients(*role.Credentials.AccessKeyId)
		Expect(first(until(count(ctx, s)))).To(Equal(50))
	})

	It("are tighter for some operations", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		passed, _ := until(func() error {
			_, err := s.route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{
				HostedZoneId: aws.String("Z404"), VPC: mainVPC(),
			})
			if codeOf(err) == "NoSuchHostedZone" {
				return nil
			}
			return err
		})
		Expect(passed).To(Equal(10), "a refused call costs its token too")
	})

	It("bound the changes of an account, an UPSERT counting twice", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		zone := s.zone(ctx, "example.com") // costs 2
		batch := func(n int, of func(types.ResourceRecordSet) types.Change) []types.Change {
			var changes []types.Change
			for i := range n {
				changes = append(changes, of(a(name(i), "192.0.2.1")))
			}
			return changes
		}
		s.mustChange(ctx, zone, batch(500, upsert)...)
		s.mustChange(ctx, zone, batch(249, upsert)...) // 1500 = 2 + 1000 + 498
		Expect(codeOf(s.change(ctx, zone, upsert(a(name(1), "192.0.2.1"))))).To(Equal("Throttling"))
		s.clock.Advance(time.Second)
		Expect(codeOf(s.change(ctx, zone, batch(51, upsert)...))).To(Equal("Throttling"))
		s.mustChange(ctx, zone, batch(50, upsert)...)
	})

	It("have another code for tags", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		zone := s.zone(ctx, "example.com")
		_, err := until(func() error {
			_, err := s.route53.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
				ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zone,
			})
			return err
		})
		Expect(codeOf(err)).To(Equal("ThrottlingException"))
	})

	It("were five a second in the past", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsLegacy5RPS})
		Expect(first(until(count(ctx, s)))).To(Equal(5))
		s.clock.Advance(time.Second)
		Expect(first(until(count(ctx, s)))).To(Equal(5))
	})
})

func first(n int, _ error) int { return n }
