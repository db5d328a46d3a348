package hostedzone

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// maxTagChanges is the most tags that one ChangeTagsForResource adds, and the most that it removes.
const maxTagChanges = 10

// Apply makes one change in Route 53.
func (k *Kind) Apply(ctx context.Context, obj *v1alpha1.HostedZone, o *observed, c change) error {
	err := c.run(ctx, k, obj, o)
	o.incomplete = err != nil
	return err
}

// create makes the zone. A caller reference that is taken means that an earlier call took effect unseen: look for it.
func (k *Kind) create(ctx context.Context, obj *v1alpha1.HostedZone, o *observed, desired *zone) error {
	input := &route53.CreateHostedZoneInput{Name: &desired.name, CallerReference: aws.String(k.references.next(obj))}
	if desired.comment != "" || desired.private {
		input.HostedZoneConfig = &types.HostedZoneConfig{Comment: &desired.comment, PrivateZone: desired.private}
	}
	if desired.private {
		input.VPC = sdkVPC(firstVPC(obj))
	}
	if desired.delegationSetID != "" {
		input.DelegationSetId = &desired.delegationSetID
	}
	answer, err := k.clients.Route53.CreateHostedZone(ctx, input)
	if class := awsclient.Classify(err); class == awsclient.AlreadyExists || class == awsclient.Conflict {
		if err := k.findByName(ctx, obj, o); err != nil {
			return err
		}
		if o.zone != nil && o.ours {
			return nil
		}
	}
	if err != nil {
		return k.creationError(obj, desired, err)
	}
	k.references.forget(obj)
	o.zone, o.ours = zoneOf(answer.HostedZone), true
	o.zone.complete(answer.DelegationSet, nil)
	if answer.VPC != nil {
		o.zone.vpcs = []types.VPC{*answer.VPC}
	}
	o.submitted(answer.ChangeInfo)
	return nil
}

// creationError says how an object stands whose zone could not be made.
func (k *Kind) creationError(obj *v1alpha1.HostedZone, desired *zone, err error) error {
	var noSet *types.NoSuchDelegationSet
	var exists *types.HostedZoneAlreadyExists
	switch {
	case errors.As(err, &exists):
		return lifecycle.AsError(k.references.taken(obj, k.clock.Now()))
	case errors.As(err, &noSet):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "%s", judge.Sentence(err))
	case desired.private:
		return vpcError(err, firstVPC(obj).ID)
	}
	return fmt.Errorf("creating the hosted zone: %w", err)
}

// submitted notes a change that has to propagate.
func (o *observed) submitted(info *types.ChangeInfo) {
	o.changeID, o.inSync = awsclient.BareID(aws.ToString(info.Id)), info.Status == types.ChangeStatusInsync
}

// adopt takes over a zone: the ownership tags that follow make it so.
func (k *Kind) adopt(ctx context.Context, _ *v1alpha1.HostedZone, o *observed) error {
	o.ours = true
	return k.readWhole(ctx, o.zone)
}

func (k *Kind) updateComment(ctx context.Context, o *observed, comment string) error {
	input := &route53.UpdateHostedZoneCommentInput{Id: &o.zone.id, Comment: &comment}
	if _, err := k.clients.Route53.UpdateHostedZoneComment(ctx, input); err != nil {
		return fmt.Errorf("updating the comment of hosted zone %s: %w", o.zone.id, err)
	}
	o.zone.comment = comment
	return nil
}

// changeTags sets and removes tags, as many a call as Route 53 takes.
func (k *Kind) changeTags(ctx context.Context, z *zone, set map[string]string, remove []string) error {
	for _, part := range awsclient.SplitTagChange(set, remove, maxTagChanges) {
		input := &route53.ChangeTagsForResourceInput{ResourceId: &z.id, ResourceType: types.TagResourceTypeHostedzone, RemoveTagKeys: part.Remove}
		for _, tagKey := range slices.Sorted(maps.Keys(part.Set)) {
			input.AddTags = append(input.AddTags, types.Tag{Key: aws.String(tagKey), Value: aws.String(part.Set[tagKey])})
		}
		if _, err := k.clients.Route53.ChangeTagsForResource(ctx, input); err != nil {
			return fmt.Errorf("changing the tags of hosted zone %s: %w", z.id, err)
		}
	}
	return nil
}
