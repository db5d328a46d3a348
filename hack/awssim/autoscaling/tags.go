package autoscaling

import (
	"cmp"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	groupResource = "auto-scaling-group"
	mostTags      = 25 // in one call
)

// checkTag tells what is wrong with a tag. Group is the name it must have as its
// resource, where it says one; empty is any.
func (w *write) checkTag(t *types.Tag, group string) error {
	var v frame.Violations
	v.Required(t.Key, "tags.key")
	v.Length(t.Key, "tags.key", 1, 128)
	v.Length(t.Value, "tags.value", 0, 256)
	if err := v.Err(validationError); err != nil {
		return err
	}
	switch {
	case frame.ReservedTagKey(*t.Key):
		return invalid("The tag key %s is reserved: keys cannot begin with aws:", *t.Key)
	case t.ResourceType != nil && *t.ResourceType != groupResource:
		return invalid("The resource type %s is not valid: it must be %s", *t.ResourceType, groupResource)
	case group != "" && t.ResourceId != nil && *t.ResourceId != group:
		return invalid("The tag's resource ID %s is not the Auto Scaling group %s", *t.ResourceId, group)
	}
	return nil
}

func (g *group) setTag(t *types.Tag) {
	set := tag{Key: *t.Key, Value: text(t.Value), Propagate: aws.ToBool(t.PropagateAtLaunch)}
	at, known := slices.BinarySearchFunc(g.Tags, set, func(a, b tag) int { return cmp.Compare(a.Key, b.Key) })
	if known {
		g.Tags[at] = set
		return
	}
	g.Tags = slices.Insert(g.Tags, at, set)
}

func createOrUpdateTags(w *write, in *sdk.CreateOrUpdateTagsInput) (*sdk.CreateOrUpdateTagsOutput, error) {
	if n := len(in.Tags); n == 0 || n > mostTags {
		return nil, invalid("The number of tags must be between 1 and %d", mostTags)
	}
	for i := range in.Tags {
		t := &in.Tags[i]
		if err := w.checkTag(t, ""); err != nil {
			return nil, err
		}
		g, err := w.changing(t.ResourceId)
		if err != nil {
			return nil, err
		}
		g.setTag(t)
		if len(g.Tags) > w.service.quotas.Tags {
			return nil, frameError(limitExceeded, "A group can have at most %d tags", w.service.quotas.Tags)
		}
	}
	return &sdk.CreateOrUpdateTagsOutput{}, nil
}

func deleteTags(w *write, in *sdk.DeleteTagsInput) (*sdk.DeleteTagsOutput, error) {
	if n := len(in.Tags); n == 0 || n > mostTags {
		return nil, invalid("The number of tags must be between 1 and %d", mostTags)
	}
	for i := range in.Tags {
		given := &in.Tags[i]
		if err := w.checkTag(given, ""); err != nil {
			return nil, err
		}
		g, err := w.changing(given.ResourceId)
		if err != nil {
			return nil, err
		}
		g.Tags = slices.DeleteFunc(g.Tags, func(t tag) bool { return t.Key == *given.Key && (given.Value == nil || *given.Value == t.Value) })
	}
	return &sdk.DeleteTagsOutput{}, nil
}

func (g *group) describedTags() []types.TagDescription {
	shown := []types.TagDescription{}
	for _, t := range g.Tags {
		shown = append(shown, types.TagDescription{
			Key: aws.String(t.Key), Value: aws.String(t.Value), PropagateAtLaunch: aws.Bool(t.Propagate),
			ResourceId: &g.Name, ResourceType: aws.String(groupResource),
		})
	}
	return shown
}

func describeTags(r *reading, in *sdk.DescribeTagsInput) (*sdk.DescribeTagsOutput, error) {
	if err := checkFilters(in.Filters, "auto-scaling-group", "key", "value", "propagate-at-launch"); err != nil {
		return nil, err
	}
	found := []types.TagDescription{}
	for _, g := range r.own(r.Request) {
		for _, t := range g.describedTags() {
			values := map[string]string{"auto-scaling-group": g.Name, "key": *t.Key, "value": *t.Value, "propagate-at-launch": strconv.FormatBool(*t.PropagateAtLaunch)}
			if !slices.ContainsFunc(in.Filters, func(f types.Filter) bool { return !slices.Contains(f.Values, values[text(f.Name)]) }) {
				found = append(found, t)
			}
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(t *types.TagDescription) string { return *t.ResourceId + "/" + *t.Key })
	return &sdk.DescribeTagsOutput{Tags: cut, NextToken: next}, err
}
