package autoscalinggroup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// resourceType is what tags of Auto Scaling can be on.
const resourceType = "auto-scaling-group"

// propagates marks, in the text of a tag, that instances get it too.
const propagates = " (propagated)"

// tag is what a tag of a group says.
type tag struct {
	value     string
	propagate bool
}

func (t tag) String() string {
	if t.propagate {
		return t.value + propagates
	}
	return t.value
}

// tagSet are tags by key.
type tagSet map[string]tag

// texts are the tags as they are compared and told.
func (s tagSet) texts() map[string]string {
	texts := map[string]string{}
	for key, tag := range s {
		texts[key] = tag.String()
	}
	return texts
}

// sdk are the tags of a group as Auto Scaling takes them.
func (s tagSet) sdk(group string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(s)) {
		list = append(list, types.Tag{
			Key: aws.String(key), Value: aws.String(s[key].value), PropagateAtLaunch: aws.Bool(s[key].propagate),
			ResourceId: aws.String(group), ResourceType: aws.String(resourceType),
		})
	}
	return list
}

// tagsOf are the tags that a group has.
func tagsOf(g *group) tagSet {
	tags := tagSet{}
	for i := range g.sdk.Tags {
		t := &g.sdk.Tags[i]
		tags[aws.ToString(t.Key)] = tag{aws.ToString(t.Value), aws.ToBool(t.PropagateAtLaunch)}
	}
	return tags
}

// ownershipTags mark whose a group is. Instances do not get them: they are the group's.
func ownershipTags(owner awsclient.Owner) tagSet {
	tags := tagSet{}
	for key, value := range owner.Tags() {
		tags[key] = tag{value: value}
	}
	return tags
}

// desiredTags are the tags of the group, with those that mark whose it is unless it is only watched.
func (k *Kind) desiredTags(obj *v1alpha1.AutoScalingGroup) tagSet {
	tags := tagSet{}
	if !lifecycle.Observes(obj) {
		tags = ownershipTags(k.owner(obj))
	}
	for _, t := range obj.Spec.Tags {
		tags[t.Key] = tag{string(t.Value), aws.ToBool(t.PropagateAtLaunch)}
	}
	return tags
}

// declaredTags are the keys that the spec declares, as status.managedFields has them.
func declaredTags(obj *v1alpha1.AutoScalingGroup) []string {
	var fields []string
	for _, t := range obj.Spec.Tags {
		fields = append(fields, fieldTag+t.Key)
	}
	return fields
}

// tagChanges returns the change that sets the tags of the group and removes those no longer declared. Auto Scaling tells
// the tags of a group with it; a new one is made with them.
func (k *Kind) tagChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.group == nil {
		return nil, nil
	}
	desired, live := k.desiredTags(obj), tagsOf(o.group)
	if !o.ours && !lifecycle.Observes(obj) { // the adoption that comes before marks it
		maps.Copy(live, ownershipTags(k.owner(obj)))
	}
	has := live.texts()
	set, remove := awsclient.DiffTags(desired.texts(), has, lifecycle.ManagedUnder(obj, fieldTag))
	if len(set)+len(remove) == 0 {
		return nil, nil
	}
	var plan []v1alpha1.PlannedChange
	changed := tagSet{}
	for _, key := range slices.Sorted(maps.Keys(set)) {
		changed[key] = desired[key]
		plan = append(plan, planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), fieldTag+key, has[key], set[key])...)
	}
	for _, key := range remove {
		plan = append(plan, planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), fieldTag+key, has[key], "")...)
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		if err := k.removeTags(ctx, o.group, remove); err != nil { // first, since a group has room for 50
			return err
		}
		return k.setTags(ctx, o.group, changed)
	}}}, nil
}

// setTags sets tags of a group, as many a call as AWS takes.
func (k *Kind) setTags(ctx context.Context, g *group, set tagSet) error {
	for part := range slices.Chunk(set.sdk(g.name()), awsclient.AutoScalingTagsPerChange) {
		if _, err := k.clients.AutoScaling.CreateOrUpdateTags(ctx, &autoscaling.CreateOrUpdateTagsInput{Tags: part}); err != nil {
			return fmt.Errorf("setting tags of Auto Scaling group %s: %w", g.name(), err)
		}
	}
	tags := tagsOf(g)
	maps.Copy(tags, set)
	g.keepTags(tags)
	return nil
}

// removeTags removes tags of a group.
func (k *Kind) removeTags(ctx context.Context, g *group, keys []string) error {
	for part := range slices.Chunk(keys, awsclient.AutoScalingTagsPerChange) {
		input := &autoscaling.DeleteTagsInput{}
		for _, key := range part {
			input.Tags = append(input.Tags, types.Tag{Key: aws.String(key), ResourceId: aws.String(g.name()), ResourceType: aws.String(resourceType)})
		}
		if _, err := k.clients.AutoScaling.DeleteTags(ctx, input); err != nil {
			return fmt.Errorf("removing the tags %s of Auto Scaling group %s: %w", strings.Join(part, ", "), g.name(), err)
		}
	}
	tags := tagsOf(g)
	maps.DeleteFunc(tags, func(key string, _ tag) bool { return slices.Contains(keys, key) })
	g.keepTags(tags)
	return nil
}

func (g *group) keepTags(tags tagSet) {
	g.sdk.Tags = nil
	for _, t := range tags.sdk(g.name()) {
		g.sdk.Tags = append(g.sdk.Tags, types.TagDescription{
			Key: t.Key, Value: t.Value, PropagateAtLaunch: t.PropagateAtLaunch, ResourceId: t.ResourceId, ResourceType: t.ResourceType,
		})
	}
}
