package route53

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// mostTagsPerCall bounds the tags added, the keys removed and the resources
// listed by one call.
const mostTagsPerCall = 10

func (s *Service) changeTags(_ context.Context, r *frame.Request, in *sdk.ChangeTagsForResourceInput,
) (*sdk.ChangeTagsForResourceOutput, error) {
	added, err := validateTags(in)
	if err != nil {
		return nil, err
	}
	next := s.now()
	_, tags, err := next.tagged(r, in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	tags = tags.With(added, in.RemoveTagKeys)
	if len(tags) > s.quotas.TagsPerResource {
		return nil, frame.Errorf(invalidInput, "Invalid request: a resource can have at most %d tags.", s.quotas.TagsPerResource)
	}
	switch id := bareID(*in.ResourceId); in.ResourceType {
	case types.TagResourceTypeHealthcheck:
		changed := *next.checks[id]
		changed.tags = tags
		next.checks = with(next.checks, id, &changed)
	default:
		changed := *next.zones[id]
		changed.tags = tags
		next.zones = with(next.zones, id, &changed)
	}
	s.publish(next)
	return &sdk.ChangeTagsForResourceOutput{}, nil
}

func validateTags(in *sdk.ChangeTagsForResourceInput) (map[string]string, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.ResourceType, "resourceType", in.ResourceType.Values())
	checkCount(&broken, "addTags", in.AddTags != nil, len(in.AddTags))
	checkCount(&broken, "removeTagKeys", in.RemoveTagKeys != nil, len(in.RemoveTagKeys))
	added := map[string]string{}
	for i, tag := range in.AddTags {
		path := fmt.Sprintf("addTags.%d.member", i+1)
		broken.Required(tag.Key, path+".key")
		broken.Length(tag.Key, path+".key", 1, 128)
		broken.Length(tag.Value, path+".value", 0, 256)
		added[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	if len(in.AddTags)+len(in.RemoveTagKeys) == 0 {
		return nil, frame.Errorf(invalidInput, "Invalid request: at least one of AddTags and RemoveTagKeys must be specified.")
	}
	if len(added) < len(in.AddTags) {
		return nil, frame.Errorf(invalidInput, "Invalid request: AddTags has the same key more than once.")
	}
	for key := range added {
		if frame.ReservedTagKey(key) {
			return nil, frame.Errorf(invalidInput, "Invalid request: the tag key %s starts with aws:, which is reserved.", key)
		}
	}
	return added, nil
}

func checkCount(broken *frame.Violations, path string, given bool, n int) {
	switch {
	case given && n == 0:
		broken.Add("[]", path, "Member must have length greater than or equal to 1")
	case n > mostTagsPerCall:
		broken.Add(n, path, "Member must have length less than or equal to %d", mostTagsPerCall)
	}
}

// tagged finds a tagged resource by its kind and id.
func (c content) tagged(r *frame.Request, kind types.TagResourceType, id *string) (bare string, tags frame.Tags, err error) {
	if kind == types.TagResourceTypeHealthcheck {
		check, err := c.check(r, id)
		if err != nil {
			return "", nil, err
		}
		return check.id, check.tags, nil
	}
	z, err := c.zones.find(r, id)
	if err != nil {
		return "", nil, err
	}
	return z.id, z.tags, nil
}

func tagSet(id string, tags frame.Tags, kind types.TagResourceType) types.ResourceTagSet {
	return types.ResourceTagSet{ResourceId: &id, ResourceType: kind, Tags: listed(tags)}
}

// listed are tags in the order of their keys.
func listed(tags frame.Tags) []types.Tag {
	list := make([]types.Tag, 0, len(tags))
	for _, key := range tags.Keys() {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}

func (s *Service) listTags(_ context.Context, r *frame.Request, in *sdk.ListTagsForResourceInput,
) (*sdk.ListTagsForResourceOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.ResourceType, "resourceType", in.ResourceType.Values())
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	id, tags, err := s.view(r).tagged(r, in.ResourceType, in.ResourceId)
	if err != nil {
		return nil, err
	}
	set := tagSet(id, tags, in.ResourceType)
	return &sdk.ListTagsForResourceOutput{ResourceTagSet: &set}, nil
}

func (s *Service) listTagsOfMany(_ context.Context, r *frame.Request, in *sdk.ListTagsForResourcesInput,
) (*sdk.ListTagsForResourcesOutput, error) {
	var broken frame.Violations
	frame.Enum(&broken, in.ResourceType, "resourceType", in.ResourceType.Values())
	checkCount(&broken, "resourceIds", true, len(in.ResourceIds))
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	seen := s.view(r)
	out := &sdk.ListTagsForResourcesOutput{ResourceTagSets: []types.ResourceTagSet{}}
	for _, id := range in.ResourceIds {
		bare, tags, err := seen.tagged(r, in.ResourceType, &id)
		if err != nil {
			return nil, err
		}
		out.ResourceTagSets = append(out.ResourceTagSets, tagSet(bare, tags, in.ResourceType))
	}
	return out, nil
}
