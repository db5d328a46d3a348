package awssim_test

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"net/netip"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

func vpc(id string) *types.VPC { return &types.VPC{VPCId: &id, VPCRegion: types.VPCRegionUsEast1} }

func authorize(ctx context.Context, client *route53.Client, zone, id string) error {
	_, err := client.CreateVPCAssociationAuthorization(ctx, &route53.CreateVPCAssociationAuthorizationInput{HostedZoneId: &zone, VPC: vpc(id)})
	return err
}

func join(ctx context.Context, client *route53.Client, zone, id string) error {
	_, err := client.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zone, VPC: vpc(id)})
	return err
}

func leave(ctx context.Context, client *route53.Client, zone, id string) error {
	_, err := client.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &zone, VPC: vpc(id)})
	return err
}

func unauthorize(ctx context.Context, client *route53.Client, zone, id string) error {
	_, err := client.DeleteVPCAssociationAuthorization(ctx, &route53.DeleteVPCAssociationAuthorizationInput{HostedZoneId: &zone, VPC: vpc(id)})
	return err
}

var _ = Describe("VPCs of another account", func() {
	It("join a private zone when its owner lets them, and leave by either side", func(ctx SpecContext) {
		s := start(awssim.Options{})
		s.AddVPC(frame.VPC{ID: "vpc-0other", Region: "us-east-1", Account: "222222222222"})
		zone, other := s.privateZone(ctx, "corp.internal"), s.otherAccount(ctx)
		Expect(codeOf(join(ctx, other, zone, "vpc-0other"))).To(Equal("NotAuthorizedException"))
		Expect(authorize(ctx, s.route53, zone, "vpc-0other")).To(Succeed())
		Expect(authorize(ctx, s.route53, zone, "vpc-0other")).To(Succeed(), "once more")
		listed, err := s.route53.ListVPCAssociationAuthorizations(ctx, &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone})
		Expect(err).NotTo(HaveOccurred())
		Expect(listed.VPCs).To(Equal([]types.VPC{*vpc("vpc-0other")}))
		Expect(codeOf(join(ctx, s.route53, zone, "vpc-0other"))).To(Equal("NotAuthorizedException"), "the owner of the zone is not that of the VPC")
		Expect(join(ctx, other, zone, "vpc-0other")).To(Succeed())
		Expect(unauthorize(ctx, s.route53, zone, "vpc-0other")).To(Succeed())
		found, err := other.ListHostedZonesByVPC(ctx, &route53.ListHostedZonesByVPCInput{VPCId: aws.String("vpc-0other"), VPCRegion: types.VPCRegionUsEast1})
		Expect(err).NotTo(HaveOccurred())
		Expect(found.HostedZoneSummaries).To(HaveLen(1))
		Expect(*found.HostedZoneSummaries[0].Name + *found.HostedZoneSummaries[0].Owner.OwningAccount).To(Equal("corp.internal.123456789012"))
		_, err = other.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
		Expect(codeOf(err)).To(Equal("NoSuchHostedZone"))
		Expect(leave(ctx, other, zone, "vpc-0other")).To(Succeed())
		Expect(authorize(ctx, s.route53, zone, "vpc-0other")).To(Succeed())
		Expect(join(ctx, other, zone, "vpc-0other")).To(Succeed())
		Expect(leave(ctx, s.route53, zone, "vpc-0other")).To(Succeed())
	})

	It("list by pages", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.privateZone(ctx, "corp.internal")
		for i := range 60 {
			id := fmt.Sprintf("vpc-%03d", i)
			s.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: "222222222222"})
			Expect(authorize(ctx, s.route53, zone, id)).To(Succeed())
		}
		seen := map[string]bool{}
		authorizations := &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &zone}
		for more := true; more; more = authorizations.NextToken != nil {
			page, err := s.route53.ListVPCAssociationAuthorizations(ctx, authorizations)
			Expect(err).NotTo(HaveOccurred())
			for _, listed := range page.VPCs {
				seen[*listed.VPCId] = true
			}
			authorizations.NextToken = page.NextToken
		}
		Expect(seen).To(HaveLen(60))
		Expect(s.Meter().Calls).To(HaveKeyWithValue("route53/ListVPCAssociationAuthorizations", 2))
		for i := range 3 {
			s.privateZone(ctx, fmt.Sprintf("z%d.internal", i))
		}
		in := &route53.ListHostedZonesByVPCInput{VPCId: aws.String("vpc-0main"), VPCRegion: types.VPCRegionUsEast1, MaxItems: aws.Int32(3)}
		page, err := s.route53.ListHostedZonesByVPC(ctx, in)
		Expect(err).NotTo(HaveOccurred())
		in.NextToken = page.NextToken
		rest, err := s.route53.ListHostedZonesByVPC(ctx, in)
		Expect(err).NotTo(HaveOccurred())
		Expect([]int{len(page.HostedZoneSummaries), len(rest.HostedZoneSummaries)}).To(Equal([]int{3, 1}))
	})

	It("see private zones by their clients' addresses", func(ctx SpecContext) {
		s := start(awssim.Options{})
		s.AddVPC(frame.VPC{ID: "vpc-0main", Region: "us-east-1", Account: frame.DefaultAccount, CIDR: netip.MustParsePrefix("127.0.0.0/8")})
		zone := s.privateZone(ctx, "corp.internal")
		s.mustChange(ctx, zone, create(a("x.corp.internal", "10.0.0.1")))
		server := s.serveDNS(ctx)
		ask := func() int {
			reply, err := dns.ExchangeContext(ctx, new(dns.Msg).SetQuestion("x.corp.internal.", dns.TypeA), server)
			Expect(err).NotTo(HaveOccurred())
			return len(reply.Answer)
		}
		Expect(ask()).To(Equal(1))
		s.AddVPC(frame.VPC{ID: "vpc-0near", Region: "us-east-1", Account: frame.DefaultAccount, CIDR: netip.MustParsePrefix("127.0.0.0/16")})
		Expect(ask()).To(Equal(0), "the client is in the VPC with the longer prefix")
	})
})

var _ = DescribeTable("A refused authorization",
	func(ctx SpecContext, try attempt, code, message string) {
		s := start(awssim.Options{Quotas: simroute53.Quotas{AuthorizationsPerZone: 1}})
		for _, id := range []string{"vpc-0one", "vpc-0two"} {
			s.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: "222222222222"})
		}
		public, private := s.zone(ctx, "example.com"), s.privateZone(ctx, "corp.internal")
		err := try(ctx, s, public, private)
		Expect(codeOf(err)).To(Equal(code))
		Expect(messageOf(err)).To(ContainSubstring(message))
		Expect(statusOf(err)).To(Equal(cmp.Or(statuses[code], http.StatusBadRequest)))
	},
	Entry("for a public zone", func(ctx context.Context, s *sim, public, _ string) error {
		return authorize(ctx, s.route53, public, "vpc-0one")
	}, "InvalidInput", "public"),
	Entry("of an unknown VPC", func(ctx context.Context, s *sim, _, private string) error {
		return authorize(ctx, s.route53, private, "vpc-0none")
	}, "InvalidVPCId", "vpc-0none"),
	Entry("for an unknown zone", func(ctx context.Context, s *sim, _, _ string) error {
		return authorize(ctx, s.route53, "Z404", "vpc-0one")
	}, "NoSuchHostedZone", "Z404"),
	Entry("for the zone of another account", func(ctx context.Context, s *sim, _, private string) error {
		return authorize(ctx, s.otherAccount(ctx), private, "vpc-0one")
	}, "NoSuchHostedZone", "Z"),
	Entry("beyond the quota", func(ctx context.Context, s *sim, _, private string) error {
		Expect(authorize(ctx, s.route53, private, "vpc-0one")).To(Succeed())
		return authorize(ctx, s.route53, private, "vpc-0two")
	}, "TooManyVPCAssociationAuthorizations", "maximum"),
	Entry("that is not there", func(ctx context.Context, s *sim, _, private string) error {
		return unauthorize(ctx, s.route53, private, "vpc-0one")
	}, "VPCAssociationAuthorizationNotFound", "vpc-0one"),
	Entry("by which a stranger joins", func(ctx context.Context, s *sim, _, private string) error {
		Expect(authorize(ctx, s.route53, private, "vpc-0one")).To(Succeed())
		return join(ctx, s.otherAccount(ctx), private, "vpc-0two")
	}, "NotAuthorizedException", "222222222222"),
	Entry("by which a stranger leaves", func(ctx context.Context, s *sim, _, private string) error {
		return leave(ctx, s.otherAccount(ctx), private, "vpc-0main")
	}, "NotAuthorizedException", "222222222222"),
	Entry("seen through the VPC of another account", func(ctx context.Context, s *sim, _, _ string) error {
		_, err := s.route53.ListHostedZonesByVPC(ctx, &route53.ListHostedZonesByVPCInput{VPCId: aws.String("vpc-0one"), VPCRegion: types.VPCRegionUsEast1})
		return err
	}, "InvalidInput", "vpc-0one"),
	Entry("on a page of nothing", func(ctx context.Context, s *sim, _, private string) error {
		_, err := s.route53.ListVPCAssociationAuthorizations(ctx, &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &private, NextToken: aws.String("!")})
		return err
	}, "InvalidPaginationToken", "page"),
)
