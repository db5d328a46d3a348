package testenv

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// VPCs of stories: the first is there from the start, AddVPCs makes the others.
const (
	VPC1       = "vpc-0main"
	VPC2       = "vpc-0two"
	VPC3       = "vpc-0three"
	ForeignVPC = "vpc-0foreign"
	// Stranger is the account that ForeignVPC belongs to.
	Stranger = "999999999999"
)

// AddVPCs makes the VPCs of stories known.
func (s *Story) AddVPCs() {
	for _, id := range []string{VPC2, VPC3} {
		s.Sim.AddVPC(frame.VPC{ID: id, Region: "us-east-1", Account: frame.DefaultAccount})
	}
	s.Sim.AddVPC(frame.VPC{ID: ForeignVPC, Region: "us-east-1", Account: Stranger})
}

// WithVPCs makes a zone private.
func WithVPCs(ids ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		obj.Spec.VPCs = nil
		for _, id := range ids {
			obj.Spec.VPCs = append(obj.Spec.VPCs, v1alpha1.HostedZoneVPC{ID: id, Region: "us-east-1"})
		}
	}
}

// WithAuthorized adds VPCs that their owners are to associate.
func WithAuthorized(ids ...string) func(*v1alpha1.HostedZone) {
	return func(obj *v1alpha1.HostedZone) {
		for _, id := range ids {
			obj.Spec.VPCs = append(obj.Spec.VPCs, v1alpha1.HostedZoneVPC{ID: id, Region: "us-east-1", AuthorizeOnly: aws.Bool(true)})
		}
	}
}

// VPCsOf are the VPCs of a private zone, sorted.
func (s *Story) VPCsOf(zoneID string) []string {
	zone, _ := s.Sim.Zone(zoneID)
	ids := []string{}
	for _, vpc := range zone.VPCs {
		ids = append(ids, vpc)
	}
	slices.Sort(ids)
	return ids
}

// MakePrivateZone creates a private zone that is no object's.
func (s *Story) MakePrivateZone(ctx context.Context, name, vpc string) string {
	GinkgoHelper()
	out, err := s.Route53.CreateHostedZone(ctx, &route53.CreateHostedZoneInput{
		Name: &name, CallerReference: aws.String("private " + name + vpc), VPC: sdkVPC(vpc),
	})
	Expect(err).NotTo(HaveOccurred())
	return (*out.HostedZone.Id)[len("/hostedzone/"):]
}

// Associate associates a VPC by somebody else's hand.
func (s *Story) Associate(ctx context.Context, zoneID, vpc string) {
	GinkgoHelper()
	_, err := s.Route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

// Disassociate takes a VPC away by somebody else's hand.
func (s *Story) Disassociate(ctx context.Context, zoneID, vpc string) {
	GinkgoHelper()
	_, err := s.Route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &zoneID, VPC: sdkVPC(vpc)})
	Expect(err).NotTo(HaveOccurred())
}

func sdkVPC(id string) *types.VPC {
	return &types.VPC{VPCId: &id, VPCRegion: types.VPCRegionUsEast1}
}
