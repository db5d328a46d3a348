package awsclient

import (
	"context"
	"fmt"
	"maps"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// zoneTagsPerCall is how many ids ListTagsForResources takes.
const zoneTagsPerCall = 10

// HostedZoneTags reads the tags of a hosted zone, given by its id with or without "/hostedzone/".
// Reads due at the same time share one ListTagsForResources.
func (c *Clients) HostedZoneTags(ctx context.Context, zoneID string) (map[string]string, error) {
	id := BareID(zoneID)
	tags, err := c.zoneTags.Get(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("listing tags of hosted zone %s: %w", id, err)
	}
	return maps.Clone(tags), nil
}

// listZoneTags reads one batch. AWS refuses the whole request for one unknown zone; then each is asked
// for alone, so that the others get their answer.
func (c *Clients) listZoneTags(ctx context.Context, ids []string) (map[string]Result[map[string]string], error) {
	results := map[string]Result[map[string]string]{}
	out, err := c.Route53.ListTagsForResources(ctx, &route53.ListTagsForResourcesInput{
		ResourceIds: ids, ResourceType: types.TagResourceTypeHostedzone,
	})
	if err == nil {
		for _, set := range out.ResourceTagSets {
			results[aws.ToString(set.ResourceId)] = Result[map[string]string]{Value: tagMap(set.Tags)}
		}
		return results, nil
	}
	if Classify(err) != NotFound || len(ids) == 1 {
		return nil, err
	}
	for _, id := range ids {
		results[id] = c.listOneZonesTags(ctx, id)
	}
	return results, nil
}

func (c *Clients) listOneZonesTags(ctx context.Context, id string) Result[map[string]string] {
	out, err := c.Route53.ListTagsForResource(ctx, &route53.ListTagsForResourceInput{
		ResourceId: aws.String(id), ResourceType: types.TagResourceTypeHostedzone,
	})
	if err != nil {
		return Result[map[string]string]{Err: err}
	}
	if out.ResourceTagSet == nil {
		return Result[map[string]string]{Err: ErrAbsent}
	}
	return Result[map[string]string]{Value: tagMap(out.ResourceTagSet.Tags)}
}

func tagMap(tags []types.Tag) map[string]string {
	m := make(map[string]string, len(tags))
	for _, tag := range tags {
		m[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return m
}
