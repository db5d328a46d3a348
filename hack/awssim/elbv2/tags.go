package elbv2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// newTags reads the tags of a call; none is nil.
func (w *write) newTags(given []types.Tag) (frame.Tags, error) {
	var tags frame.Tags
	for _, tag := range given {
		var broken frame.Violations
		broken.Required(tag.Key, "tags.member.key")
		broken.Length(tag.Key, "tags.member.key", 1, 128)
		broken.Length(tag.Value, "tags.member.value", 0, 256)
		if err := broken.Err(validationError); err != nil {
			return nil, err
		}
		if frame.ReservedTagKey(*tag.Key) {
			return nil, invalid("Tag key '%s' is not valid: the prefix aws: is reserved", *tag.Key)
		}
		if _, twice := tags[*tag.Key]; twice {
			return nil, frame.Errorf("DuplicateTagKeys", "The tag key '%s' was specified more than once", *tag.Key)
		}
		if tags == nil {
			tags = frame.Tags{}
		}
		tags[*tag.Key] = aws.ToString(tag.Value)
	}
	return tags, w.checkTagCount(tags)
}

func (w *write) checkTagCount(tags frame.Tags) error {
	if most := w.service.quotas.TagsPerResource; len(tags) > most {
		return frame.Errorf("TooManyTags", "The maximum number of tags for a resource has been reached: %d", most)
	}
	return nil
}

func addTags(w *write, in *sdk.AddTagsInput) (*sdk.AddTagsOutput, error) {
	if len(in.Tags) == 0 {
		return nil, missing("Tags")
	}
	added, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	if err := w.retag(in.ResourceArns, func(tags frame.Tags) frame.Tags { return tags.With(added, nil) }); err != nil {
		return nil, err
	}
	return &sdk.AddTagsOutput{}, nil
}

func removeTags(w *write, in *sdk.RemoveTagsInput) (*sdk.RemoveTagsOutput, error) {
	if len(in.TagKeys) == 0 {
		return nil, missing("TagKeys")
	}
	for _, key := range in.TagKeys {
		if frame.ReservedTagKey(key) {
			return nil, invalid("Tag key '%s' is not valid: the prefix aws: is reserved", key)
		}
	}
	if err := w.retag(in.ResourceArns, func(tags frame.Tags) frame.Tags {
		if left := tags.With(nil, in.TagKeys); len(left) > 0 {
			return left
		}
		return nil
	}); err != nil {
		return nil, err
	}
	return &sdk.RemoveTagsOutput{}, nil
}

func (w *write) retag(arns []string, edit func(frame.Tags) frame.Tags) error {
	if err := checkTagged(arns); err != nil {
		return err
	}
	for _, arn := range arns {
		tags, err := w.tagsOf(w.Request, arn)
		if err != nil {
			return err
		}
		edited := edit(*tags)
		if err := w.checkTagCount(edited); err != nil {
			return err
		}
		w.setTags(arn, edited)
	}
	return nil
}

func checkTagged(arns []string) error {
	if len(arns) == 0 {
		return missing("ResourceArns")
	}
	if len(arns) > mostNamed {
		return invalid("The number of resource ARNs cannot exceed '%d'", mostNamed)
	}
	return nil
}

// tagsOf finds the tags of whatever an ARN names.
func (c *content) tagsOf(r *frame.Request, arn string) (*frame.Tags, error) {
	kind, _, _ := strings.Cut(resourceOf(arn), "/")
	switch kind {
	case "loadbalancer":
		if b, ok := own(c.balancers, r, &arn); ok {
			return &b.Tags, nil
		}
		return nil, noBalancers(arn)
	case "targetgroup":
		if g, ok := own(c.groups, r, &arn); ok {
			return &g.Tags, nil
		}
		return nil, noGroups()
	case "listener":
		if l, ok := own(c.listeners, r, &arn); ok {
			return &l.Tags, nil
		}
		return nil, noListeners()
	case "listener-rule":
		if one, ok := own(c.rules, r, &arn); ok {
			return &one.Tags, nil
		}
		if l := c.defaultOf(r, arn); l != nil {
			return &l.DefaultRuleTags, nil
		}
		return nil, noRules()
	case "truststore":
		if store, ok := own(c.trustStores, r, &arn); ok {
			return &store.Tags, nil
		}
		return nil, noTrustStore(&arn)
	}
	return nil, invalid("'%s' is not a valid ARN of a taggable resource", arn)
}

func resourceOf(arn string) string {
	parts := strings.SplitN(arn, ":", 6)
	if len(parts) < 6 {
		return ""
	}
	return parts[5]
}

// setTags replaces the tags of what tagsOf has found.
func (w *write) setTags(arn string, tags frame.Tags) {
	if b, ok := own(w.balancers, w.Request, &arn); ok {
		change(w.balancers, b).Tags = tags
	} else if g, ok := own(w.groups, w.Request, &arn); ok {
		change(w.groups, g).Tags = tags
	} else if l, ok := own(w.listeners, w.Request, &arn); ok {
		change(w.listeners, l).Tags = tags
	} else if r, ok := own(w.rules, w.Request, &arn); ok {
		change(w.rules, r).Tags = tags
	} else if l := w.defaultOf(w.Request, arn); l != nil {
		change(w.listeners, l).DefaultRuleTags = tags
	} else if store, ok := own(w.trustStores, w.Request, &arn); ok {
		change(w.trustStores, store).Tags = tags
	}
}

func describeTags(r *reading, in *sdk.DescribeTagsInput) (*sdk.DescribeTagsOutput, error) {
	if err := checkTagged(in.ResourceArns); err != nil {
		return nil, err
	}
	out := &sdk.DescribeTagsOutput{}
	for _, arn := range in.ResourceArns {
		tags, err := r.tagsOf(r.Request, arn)
		if err != nil {
			return nil, err
		}
		shown := types.TagDescription{ResourceArn: aws.String(arn), Tags: []types.Tag{}}
		for _, key := range tags.Keys() {
			shown.Tags = append(shown.Tags, types.Tag{Key: aws.String(key), Value: aws.String((*tags)[key])})
		}
		out.TagDescriptions = append(out.TagDescriptions, shown)
	}
	return out, nil
}
