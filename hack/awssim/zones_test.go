package awssim_test

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	simroute53 "github.com/evenkeel/evenkeel/hack/awssim/route53"
)

var _ = Describe("Hosted zones", func() {
	It("are created with name servers, SOA, change and location", func(ctx SpecContext) {
		s := start(awssim.Options{})
		out, err := s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
			Name: aws.String("Example.COM"), CallerReference: aws.String("one"),
			HostedZoneConfig: &types.HostedZoneConfig{Comment: aws.String("a <comment> & more")},
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(*out.HostedZone.Name).To(Equal("example.com."))
		Expect(*out.HostedZone.Id).To(HavePrefix("/hostedzone/Z"))
		Expect(*out.HostedZone.Config.Comment).To(Equal("a <comment> & more"))
		Expect(*out.HostedZone.CallerReference).To(Equal("one"))
		Expect(*out.HostedZone.ResourceRecordSetCount).To(BeEquivalentTo(2))
		Expect(*out.ChangeInfo.Id).To(HavePrefix("/change/C"))
		Expect(out.ChangeInfo.Status).To(Equal(types.ChangeStatusPending))
		Expect(*out.ChangeInfo.SubmittedAt).To(Equal(s.clock.Now()))
		Expect(*out.Location).To(HaveSuffix(*out.HostedZone.Id))
		Expect(out.DelegationSet.NameServers).To(ConsistOf(MatchRegexp(`^ns-\d+\.awsdns-\d\d\.com$`),
			HaveSuffix(".net"), HaveSuffix(".org"), HaveSuffix(".co.uk")))

		got, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: out.HostedZone.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(got.HostedZone).To(Equal(out.HostedZone))
		Expect(got.DelegationSet).To(Equal(out.DelegationSet))
		sets, err := s.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: out.HostedZone.Id})
		Expect(err).NotTo(HaveOccurred())
		Expect(sets.ResourceRecordSets).To(HaveLen(2))
		Expect(sets.ResourceRecordSets[0].Type).To(Equal(types.RRTypeNs))
		Expect(*sets.ResourceRecordSets[0].TTL).To(BeEquivalentTo(172800))
		Expect(*sets.ResourceRecordSets[1].ResourceRecords[0].Value).To(
			HaveSuffix(". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"))
	})

	It("become INSYNC when their change has propagated", func(ctx SpecContext) {
		propagation := frame.Exactly(30 * time.Second)
		s := start(awssim.Options{Propagation: &propagation})
		out, err := s.route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
			Name: aws.String("example.com"), CallerReference: aws.String("one"),
		})
		Expect(err).NotTo(HaveOccurred())
		status := func() types.ChangeStatus {
			got, err := s.route53.GetChange(ctx, &route53.GetChangeInput{Id: out.ChangeInfo.Id})
			Expect(err).NotTo(HaveOccurred())
			return got.ChangeInfo.Status
		}
		s.clock.Advance(29 * time.Second)
		Expect(status()).To(Equal(types.ChangeStatusPending))
		s.clock.Advance(time.Second)
		Expect(status()).To(Equal(types.ChangeStatusInsync))
	})

	It("list by pages of at most 100", func(ctx SpecContext) {
		s := start(awssim.Options{})
		for i := range 103 {
			s.zone(ctx, fmt.Sprintf("z%d.example.com", i))
		}
		seen := map[string]bool{}
		pages := route53.NewListHostedZonesPaginator(s.route53, &route53.ListHostedZonesInput{MaxItems: aws.Int32(1000)})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			Expect(err).NotTo(HaveOccurred())
			for _, zone := range page.HostedZones {
				seen[*zone.Id] = true
			}
		}
		Expect(seen).To(HaveLen(103))
		Expect(s.Meter().Calls).To(HaveKeyWithValue("route53/ListHostedZones", 2))
		count, err := s.route53.GetHostedZoneCount(ctx, &route53.GetHostedZoneCountInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(*count.HostedZoneCount).To(BeEquivalentTo(103))
	})

	It("list by name from a position on, in the order of reversed labels", func(ctx SpecContext) {
		s := start(awssim.Options{})
		for _, name := range []string{"b.example.com", "example.org", "a.example.com", "example.com"} {
			s.zone(ctx, name)
		}
		out, err := s.route53.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{
			DNSName: aws.String("A.example.com"), MaxItems: aws.Int32(2),
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(out.HostedZones).To(HaveLen(2))
		Expect(*out.HostedZones[0].Name).To(Equal("a.example.com."))
		Expect(*out.HostedZones[1].Name).To(Equal("b.example.com."))
		Expect(out.IsTruncated).To(BeTrue())
		Expect(*out.NextDNSName).To(Equal("example.org."))
		rest, err := s.route53.ListHostedZonesByName(ctx, &route53.ListHostedZonesByNameInput{
			DNSName: out.NextDNSName, HostedZoneId: out.NextHostedZoneId,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(rest.HostedZones).To(HaveLen(1))
		Expect(rest.IsTruncated).To(BeFalse())
	})

	It("take comments, tags and limits", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone, other := s.zone(ctx, "example.com"), s.zone(ctx, "example.org")
		updated, err := s.route53.UpdateHostedZoneComment(ctx, &route53.UpdateHostedZoneCommentInput{Id: &zone, Comment: aws.String("new")})
		Expect(err).NotTo(HaveOccurred())
		Expect(*updated.HostedZone.Config.Comment).To(Equal("new"))
		tag := func(key, value string) types.Tag { return types.Tag{Key: &key, Value: &value} }
		_, err = s.route53.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
			ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zone,
			AddTags: []types.Tag{tag("b", "2"), tag("a", ""), tag("c", "3")},
		})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.route53.ChangeTagsForResource(ctx, &route53.ChangeTagsForResourceInput{
			ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zone,
			AddTags: []types.Tag{tag("b", "two")}, RemoveTagKeys: []string{"c"},
		})
		Expect(err).NotTo(HaveOccurred())
		one, err := s.route53.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
			ResourceType: types.TagResourceTypeHostedzone, ResourceId: &zone,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(one.ResourceTagSet.Tags).To(Equal([]types.Tag{tag("a", ""), tag("b", "two")}))
		many, err := s.route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
			ResourceType: types.TagResourceTypeHostedzone, ResourceIds: []string{zone, other},
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(many.ResourceTagSets).To(HaveLen(2))
		Expect(many.ResourceTagSets[1].Tags).To(BeEmpty())
		limit, err := s.route53.GetHostedZoneLimit(ctx, &route53.GetHostedZoneLimitInput{
			HostedZoneId: &zone, Type: types.HostedZoneLimitTypeMaxRrsetsByZone,
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(limit.Count).To(BeEquivalentTo(2))
		Expect(*limit.Limit.Value).To(BeEquivalentTo(10_000))
		quota, err := s.route53.GetAccountLimit(ctx, &route53.GetAccountLimitInput{Type: types.AccountLimitTypeMaxHostedZonesByOwner})
		Expect(err).NotTo(HaveOccurred())
		Expect(quota.Count).To(BeEquivalentTo(2))
		Expect(*quota.Limit.Value).To(BeEquivalentTo(500))
	})

	It("are deleted when nothing but their own records is left", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		record := a("www.example.com", "192.0.2.1")
		s.mustChange(ctx, zone, create(record))
		_, err := s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &zone})
		Expect(codeOf(err)).To(Equal("HostedZoneNotEmpty"))
		s.mustChange(ctx, zone, remove(record))
		deleted, err := s.route53.DeleteHostedZone(ctx, &route53.DeleteHostedZoneInput{Id: &zone})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.route53.GetChange(ctx, &route53.GetChangeInput{Id: deleted.ChangeInfo.Id})
		Expect(err).NotTo(HaveOccurred())
		_, err = s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
		Expect(codeOf(err)).To(Equal("NoSuchHostedZone"))
	})

	It("are private when they have VPCs, which come and go", func(ctx SpecContext) {
		s := start(awssim.Options{})
		s.AddVPC(frame.VPC{ID: "vpc-0two", Region: "eu-west-1", Account: frame.DefaultAccount})
		zone := s.privateZone(ctx, "corp.internal")
		second := &types.VPC{VPCId: aws.String("vpc-0two"), VPCRegion: types.VPCRegionEuWest1}
		_, err := s.route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zone, VPC: second})
		Expect(err).NotTo(HaveOccurred())
		got, err := s.route53.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
		Expect(err).NotTo(HaveOccurred())
		Expect(got.HostedZone.Config.PrivateZone).To(BeTrue())
		Expect(got.VPCs).To(Equal([]types.VPC{*mainVPC(), *second}))
		Expect(got.DelegationSet).To(BeNil())
		_, err = s.route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &zone, VPC: mainVPC()})
		Expect(err).NotTo(HaveOccurred())
		listed, err := s.route53.ListHostedZones(ctx, &route53.ListHostedZonesInput{HostedZoneType: types.HostedZoneTypePrivateHostedZone})
		Expect(err).NotTo(HaveOccurred())
		Expect(listed.HostedZones).To(HaveLen(1))
	})

	It("belong to the account of the credentials", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		role, err := s.sts.AssumeRole(ctx, &sts.AssumeRoleInput{
			RoleArn: aws.String("arn:aws:iam::222222222222:role/team/dns"), RoleSessionName: aws.String("spec"),
		})
		Expect(err).NotTo(HaveOccurred())
		other, otherSTS := s.clients(*role.Credentials.AccessKeyId)
		who, err := otherSTS.GetCallerIdentity(ctx, &sts.GetCallerIdentityInput{})
		Expect(err).NotTo(HaveOccurred())
		Expect(*who.Account).To(Equal("222222222222"))
		Expect(*who.Arn).To(Equal("arn:aws:sts::222222222222:assumed-role/dns/spec"))
		Expect(*who.UserId).To(Equal(*role.AssumedRoleUser.AssumedRoleId))
		_, err = other.GetHostedZone(ctx, &route53.GetHostedZoneInput{Id: &zone})
		Expect(codeOf(err)).To(Equal("NoSuchHostedZone"))
		s.clock.Advance(time.Hour)
		_, err = other.ListHostedZones(ctx, &route53.ListHostedZonesInput{})
		Expect(codeOf(err)).To(Equal("ExpiredToken"))
	})

	It("answer TestDNSAnswer as the DNS server does, or a given resolver", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		s.mustChange(ctx, zone, create(a("*.w.example.com", "192.0.2.1")))
		ask := func(name string) *route53.TestDNSAnswerOutput {
			out, err := s.route53.TestDNSAnswer(ctx, &route53.TestDNSAnswerInput{
				HostedZoneId: &zone, RecordName: &name, RecordType: types.RRTypeA,
				EDNS0ClientSubnetIP: aws.String("198.51.100.7"),
			})
			Expect(err).NotTo(HaveOccurred())
			return out
		}
		Expect(ask("x.y.w.example.com").RecordData).To(Equal([]string{"192.0.2.1"}))
		Expect(*ask("x.example.com").ResponseCode).To(Equal("NXDOMAIN"))
		Expect(*ask("example.com").ResponseCode).To(Equal("NOERROR"))
		s.SetResolver(func(_ context.Context, q simroute53.Question) (simroute53.Answer, error) {
			return simroute53.Answer{ResponseCode: "NOERROR", Protocol: "TCP", RecordData: []string{q.Name, q.Subnet.String()}}, nil
		})
		Expect(ask("x.example.com").RecordData).To(Equal([]string{"x.example.com.", "198.51.100.0/24"}))
	})
})
