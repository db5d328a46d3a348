package hostedzone

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Names of VPCs in status.managedFields: "vpcs.ID", and beside it "vpcs.ID.authorizeOnly" when the zone authorises it.
const (
	fieldVPC      = "vpcs."
	authorizeOnly = ".authorizeOnly"
)

// isPrivate reports whether the object declares a private zone.
func isPrivate(obj *v1alpha1.HostedZone) bool { return len(obj.Spec.VPCs) > 0 }

// firstVPC is the VPC that a private zone is created with.
func firstVPC(obj *v1alpha1.HostedZone) v1alpha1.HostedZoneVPC {
	i := slices.IndexFunc(obj.Spec.VPCs, func(v v1alpha1.HostedZoneVPC) bool { return !authorized(v) })
	return obj.Spec.VPCs[max(i, 0)]
}

func authorized(v v1alpha1.HostedZoneVPC) bool { return aws.ToBool(v.AuthorizeOnly) }

func sdkVPC(v v1alpha1.HostedZoneVPC) *types.VPC {
	return &types.VPC{VPCId: aws.String(v.ID), VPCRegion: types.VPCRegion(v.Region)}
}

func hasVPC(vpcs []types.VPC, id string) bool {
	return slices.ContainsFunc(vpcs, func(v types.VPC) bool { return aws.ToString(v.VPCId) == id })
}

// declaredVPCs returns how status.managedFields names the VPCs of the spec.
func declaredVPCs(obj *v1alpha1.HostedZone) []string {
	var fields []string
	for _, v := range obj.Spec.VPCs {
		fields = append(fields, fieldVPC+v.ID)
		if authorized(v) {
			fields = append(fields, fieldVPC+v.ID+authorizeOnly)
		}
	}
	return fields
}

// knowsAuthorizations reports whether authorisations of the zone can be the object's business.
func knowsAuthorizations(obj *v1alpha1.HostedZone) bool {
	return isPrivate(obj) && (obj.Spec.VPCsPolicy == v1alpha1.VPCsExclusive || slices.ContainsFunc(obj.Spec.VPCs, authorized) ||
		slices.ContainsFunc(obj.Status.ManagedFields, func(field string) bool {
			return strings.HasPrefix(field, fieldVPC) && strings.HasSuffix(field, authorizeOnly)
		}))
}

// observeAuthorizations reads which VPCs of other accounts may be associated, where that matters.
func (k *Kind) observeAuthorizations(ctx context.Context, obj *v1alpha1.HostedZone, z *zone) error {
	if !z.private || !knowsAuthorizations(obj) {
		return nil
	}
	input := &route53.ListVPCAssociationAuthorizationsInput{HostedZoneId: &z.id}
	for {
		page, err := k.clients.Route53.ListVPCAssociationAuthorizations(ctx, input)
		if err != nil {
			return fmt.Errorf("listing the VPC authorisations of hosted zone %s: %w", z.id, err)
		}
		z.authorized = append(z.authorized, page.VPCs...)
		if aws.ToString(page.NextToken) == "" {
			return nil
		}
		input.NextToken = page.NextToken
	}
}

// onOurVPC reports whether a private zone answers in a VPC that the object declares: then Route 53 allows no second
// zone of the name there. Other private zones of the name are none of the object's business.
func onOurVPC(obj *v1alpha1.HostedZone, z *zone) bool {
	return slices.ContainsFunc(obj.Spec.VPCs, func(v v1alpha1.HostedZoneVPC) bool { return hasVPC(z.vpcs, v.ID) })
}

// hasVPCs reports whether a zone answers in all VPCs that the object declares.
func hasVPCs(obj *v1alpha1.HostedZone, z *zone) bool {
	return !slices.ContainsFunc(obj.Spec.VPCs, func(v v1alpha1.HostedZoneVPC) bool { return !hasVPC(z.vpcs, v.ID) })
}

// vpcChanges returns the changes that make the zone answer where it should: what is added comes before what goes, since
// a private zone cannot be without a VPC.
func vpcChanges(obj *v1alpha1.HostedZone, resource string, z *zone, verb string) []change {
	var changes []change
	add := func(v types.VPC, field, from, to string, run func(context.Context, *Kind, *zone, *types.VPC) (*types.ChangeInfo, error)) {
		changes = append(changes, change{
			plan: []v1alpha1.PlannedChange{{Verb: verb, Resource: resource, Field: field, From: from, To: to}},
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.HostedZone, o *observed) error {
				info, err := run(ctx, k, o.zone, &v)
				if err == nil && info != nil {
					o.submitted(info)
				}
				return err
			},
		})
	}
	for _, v := range obj.Spec.VPCs {
		switch {
		case hasVPC(z.vpcs, v.ID):
		case !authorized(v):
			add(*sdkVPC(v), fieldVPC+v.ID, "", v1alpha1.VPCAssociated, associate)
		case !hasVPC(z.authorized, v.ID):
			add(*sdkVPC(v), fieldVPC+v.ID, "", v1alpha1.VPCAuthorized, authorize)
		}
	}
	verb = lifecycle.VerbUpdate
	for _, v := range z.authorized {
		if mayWithdraw(obj, z, *v.VPCId) {
			add(v, fieldVPC+*v.VPCId+authorizeOnly, v1alpha1.VPCAuthorized, "", withdraw)
		}
	}
	for _, v := range z.vpcs {
		if !declaresVPC(obj, *v.VPCId) && manages(obj, fieldVPC+*v.VPCId) {
			add(v, fieldVPC+*v.VPCId, v1alpha1.VPCAssociated, "", disassociate)
		}
	}
	return changes
}

// mayWithdraw reports whether an authorisation is the object's and has served its purpose.
func mayWithdraw(obj *v1alpha1.HostedZone, z *zone, id string) bool {
	i := slices.IndexFunc(obj.Spec.VPCs, func(v v1alpha1.HostedZoneVPC) bool { return v.ID == id })
	if i >= 0 && authorized(obj.Spec.VPCs[i]) {
		return hasVPC(z.vpcs, id)
	}
	return manages(obj, fieldVPC+id+authorizeOnly)
}

func declaresVPC(obj *v1alpha1.HostedZone, id string) bool {
	return slices.ContainsFunc(obj.Spec.VPCs, func(v v1alpha1.HostedZoneVPC) bool { return v.ID == id })
}

// manages reports whether a VPC that the spec does not name is the object's to remove.
func manages(obj *v1alpha1.HostedZone, field string) bool {
	return obj.Spec.VPCsPolicy == v1alpha1.VPCsExclusive || lifecycle.Managed(obj, field)
}

// associate makes the zone answer in a VPC. A conflict may be the echo of an earlier call that took effect unseen.
func associate(ctx context.Context, k *Kind, z *zone, v *types.VPC) (*types.ChangeInfo, error) {
	answer, err := k.clients.Route53.AssociateVPCWithHostedZone(ctx, &route53.AssociateVPCWithHostedZoneInput{HostedZoneId: &z.id, VPC: v})
	if awsclient.Classify(err) == awsclient.Conflict {
		if err := k.readWhole(ctx, z); err != nil {
			return nil, err
		}
		if hasVPC(z.vpcs, *v.VPCId) {
			return nil, nil
		}
	}
	if err != nil {
		return nil, vpcError(err, *v.VPCId)
	}
	z.vpcs = append(z.vpcs, *v)
	return answer.ChangeInfo, nil
}

func authorize(ctx context.Context, k *Kind, z *zone, v *types.VPC) (*types.ChangeInfo, error) {
	input := &route53.CreateVPCAssociationAuthorizationInput{HostedZoneId: &z.id, VPC: v}
	if _, err := k.clients.Route53.CreateVPCAssociationAuthorization(ctx, input); err != nil {
		return nil, fmt.Errorf("authorising VPC %s: %w", *v.VPCId, err)
	}
	z.authorized = append(z.authorized, *v)
	return nil, nil
}

func withdraw(ctx context.Context, k *Kind, z *zone, v *types.VPC) (*types.ChangeInfo, error) {
	input := &route53.DeleteVPCAssociationAuthorizationInput{HostedZoneId: &z.id, VPC: v}
	_, err := k.clients.Route53.DeleteVPCAssociationAuthorization(ctx, input)
	if err != nil && awsclient.Classify(err) != awsclient.NotFound {
		return nil, fmt.Errorf("withdrawing the authorisation of VPC %s: %w", *v.VPCId, err)
	}
	z.authorized = without(z.authorized, *v.VPCId)
	return nil, nil
}

func disassociate(ctx context.Context, k *Kind, z *zone, v *types.VPC) (*types.ChangeInfo, error) {
	answer, err := k.clients.Route53.DisassociateVPCFromHostedZone(ctx, &route53.DisassociateVPCFromHostedZoneInput{HostedZoneId: &z.id, VPC: v})
	if err != nil && awsclient.Classify(err) != awsclient.NotFound {
		return nil, fmt.Errorf("disassociating VPC %s: %w", *v.VPCId, err)
	}
	z.vpcs = without(z.vpcs, *v.VPCId)
	if err != nil {
		return nil, nil //nolint:nilerr // it was not associated any more
	}
	return answer.ChangeInfo, nil
}

func without(vpcs []types.VPC, id string) []types.VPC {
	return slices.DeleteFunc(slices.Clone(vpcs), func(v types.VPC) bool { return aws.ToString(v.VPCId) == id })
}

// vpcError says of a VPC of another account what can be done about it.
func vpcError(err error, id string) error {
	var notAuthorized *types.NotAuthorizedException
	if errors.As(err, &notAuthorized) {
		return lifecycle.Refuse(v1alpha1.ReasonAccessDenied, "VPC %s is of another AWS account, so only its owner can associate it with the zone: set authorizeOnly of this VPC to true, then let the owner associate it.", id)
	}
	return fmt.Errorf("associating VPC %s: %w", id, err)
}

// vpcStatus lists the VPCs of a private zone as the status has them.
func vpcStatus(obj *v1alpha1.HostedZone, z *zone) ([]v1alpha1.HostedZoneVPCStatus, int64) {
	var list []v1alpha1.HostedZoneVPCStatus
	for _, v := range z.vpcs {
		list = append(list, v1alpha1.HostedZoneVPCStatus{ID: *v.VPCId, Region: string(v.VPCRegion), State: v1alpha1.VPCAssociated})
	}
	for _, v := range z.authorized {
		if declaresVPC(obj, *v.VPCId) && !hasVPC(z.vpcs, *v.VPCId) {
			list = append(list, v1alpha1.HostedZoneVPCStatus{ID: *v.VPCId, Region: string(v.VPCRegion), State: v1alpha1.VPCAuthorized})
		}
	}
	slices.SortFunc(list, func(a, b v1alpha1.HostedZoneVPCStatus) int { return strings.Compare(a.ID, b.ID) })
	if len(list) > v1alpha1.MaxListed {
		return list[:v1alpha1.MaxListed], int64(len(list))
	}
	return list, 0
}

// pendingVPCs names the declared VPCs that their owners have yet to associate.
func pendingVPCs(obj *v1alpha1.HostedZone, z *zone) []string {
	var ids []string
	for _, v := range obj.Spec.VPCs {
		if authorized(v) && !hasVPC(z.vpcs, v.ID) {
			ids = append(ids, v.ID)
		}
	}
	return ids
}
