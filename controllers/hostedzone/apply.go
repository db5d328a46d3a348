package hostedzone

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// maxTagChanges is the most tags that one ChangeTagsForResource adds, and the most that it removes.
const maxTagChanges = 10

// Apply makes one change in Route 53.
func (k *Kind) Apply(ctx context.Context, obj *v1alpha1.HostedZone, o *observed, c change) error {
	switch c.action {
	case createZone:
		return k.create(ctx, obj, o, c)
	case adoptZone:
		o.ours = true // the ownership tags that follow make it so
		return k.readNameServers(ctx, o.zone)
	case updateComment:
		input := &route53.UpdateHostedZoneCommentInput{Id: &o.zone.id, Comment: &c.comment}
		if _, err := k.clients.Route53.UpdateHostedZoneComment(ctx, input); err != nil {
			return fmt.Errorf("updating the comment of hosted zone %s: %w", o.zone.id, err)
		}
		o.zone.comment = c.comment
	case changeTags:
		return k.changeTags(ctx, o.zone, c)
	case deleteZone:
		return k.delete(ctx, o)
	}
	return nil
}

// create makes the zone. A caller reference that is taken means that an earlier call took effect unseen: look for it.
func (k *Kind) create(ctx context.Context, obj *v1alpha1.HostedZone, o *observed, c change) error {
	input := &route53.CreateHostedZoneInput{Name: aws.String(canonicalName(obj.Spec.Name)), CallerReference: aws.String(callerReference(obj))}
	if c.comment != "" {
		input.HostedZoneConfig = &types.HostedZoneConfig{Comment: &c.comment}
	}
	answer, err := k.clients.Route53.CreateHostedZone(ctx, input)
	if awsclient.Classify(err) == awsclient.AlreadyExists {
		if err := k.findByName(ctx, obj, o); err != nil {
			return err
		}
		if o.zone != nil && o.ours {
			return nil
		}
	}
	if err != nil {
		return fmt.Errorf("creating the hosted zone: %w", err)
	}
	o.zone, o.ours = zoneOf(answer.HostedZone, answer.DelegationSet.NameServers), true
	o.changeID, o.inSync = bareID(aws.ToString(answer.ChangeInfo.Id)), answer.ChangeInfo.Status == types.ChangeStatusInsync
	return nil
}

// changeTags sets and removes tags, as many a call as Route 53 takes.
func (k *Kind) changeTags(ctx context.Context, z *zone, c change) error {
	for _, part := range awsclient.SplitTagChange(c.set, c.remove, maxTagChanges) {
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
