package ec2

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// tagSpecifications are the tags for a resource that is being created.
func (t *turn) tagSpecifications(specified []types.TagSpecification, of types.ResourceType) (frame.Tags, error) {
	all := frame.Tags{}
	for _, specification := range specified {
		if specification.ResourceType != of {
			return nil, invalidValue("'%s' is not a valid taggable resource type for this operation.", specification.ResourceType)
		}
		for key, value := range tagMap(specification.Tags) {
			if _, twice := all[key]; twice {
				return nil, invalidValue("Duplicate tag key '%s' specified.", key)
			}
			all[key] = value
		}
	}
	return all, t.checkTags(all)
}

func (t *turn) checkTags(all frame.Tags) error {
	for key, value := range all {
		switch {
		case frame.ReservedTagKey(key):
			return invalidValue("Tag keys starting with 'aws:' are reserved for internal use")
		case key == "" || len([]rune(key)) > 127:
			return invalidValue("Tag key exceeds the maximum length of 127 characters")
		case len([]rune(value)) > 255:
			return invalidValue("Tag value exceeds the maximum length of 255 characters")
		}
	}
	if len(all) > t.service.quotas.TagsPerResource {
		return frame.Errorf("TagLimitExceeded", "The maximum number of Tags for a resource has been reached.")
	}
	return nil
}

// tag sets tags of a resource.
func (t *turn) tag(id string, set frame.Tags) {
	if len(set) > 0 {
		t.Tags[id] = tags(frame.Tags(t.Tags[id]).With(set, nil))
	}
}

// resource tells whether the caller has a resource with an id.
func (t *turn) resource(id string) error {
	k, ok := kindOf(id)
	if !ok {
		return frame.Errorf("InvalidID", "The ID '%s' is not valid", id)
	}
	if known := t.resources()[k.prefix]; known(id) {
		return nil
	}
	return k.missing(id)
}

// resources look ids up, by what the ids begin with.
func (t *turn) resources() map[string]func(id string) bool {
	return map[string]func(string) bool{
		vpcKind.prefix:        within(t, t.VPCs),
		subnetKind.prefix:     within(t, t.Subnets),
		gatewayKind.prefix:    within(t, t.Gateways),
		routeTableKind.prefix: within(t, t.RouteTables),
		groupKind.prefix:      within(t, t.Groups),
		interfaceKind.prefix:  within(t, t.Interfaces),
		addressKind.prefix:    within(t, t.Addresses),
		prefixListKind.prefix: within(t, t.PrefixLists),
		templateKind.prefix:   within(t, t.LaunchTemplates),
		instanceKind.prefix:   within(t, t.Instances),
		ruleKind.prefix: func(id string) bool {
			for _, held := range t.Groups {
				if owns(t, held) && slices.ContainsFunc(held.Is.Rules, func(r rule) bool { return r.ID == id }) {
					return true
				}
			}
			return false
		},
	}
}

func within[T any](t *turn, in table[T]) func(string) bool {
	return func(id string) bool {
		held, ok := in[id]
		return ok && owns(t, held)
	}
}

func (s *Service) createTags(t *turn, in *sdk.CreateTagsInput) (*sdk.CreateTagsOutput, error) {
	if len(in.Resources) == 0 {
		return nil, missingParameter("resourceIdSet")
	}
	if len(in.Tags) == 0 {
		return nil, missingParameter("tagSet")
	}
	set := tagMap(in.Tags)
	for _, id := range in.Resources {
		if err := t.resource(id); err != nil {
			return nil, err
		}
		if err := t.checkTags(set); err != nil {
			return nil, err
		}
		if err := t.checkTags(frame.Tags(t.Tags[id]).With(set, nil)); err != nil {
			return nil, err
		}
		t.tag(id, set)
	}
	return &sdk.CreateTagsOutput{}, nil
}

// deleteTags removes keys, those with a value only where the tag has it. Without keys all go.
func (s *Service) deleteTags(t *turn, in *sdk.DeleteTagsInput) (*sdk.DeleteTagsOutput, error) {
	for _, id := range in.Resources {
		if err := t.resource(id); err != nil {
			return nil, err
		}
		var gone []string
		for key, value := range t.Tags[id] {
			if len(in.Tags) == 0 || slices.ContainsFunc(in.Tags, func(tag types.Tag) bool {
				return aws.ToString(tag.Key) == key && (tag.Value == nil || *tag.Value == value)
			}) {
				gone = append(gone, key)
			}
		}
		t.Tags[id] = tags(frame.Tags(t.Tags[id]).With(nil, gone))
	}
	return &sdk.DeleteTagsOutput{}, nil
}

var tagFilters = filters[types.TagDescription]{
	"key":           of(func(d types.TagDescription) *string { return d.Key }),
	"value":         of(func(d types.TagDescription) *string { return d.Value }),
	"resource-id":   of(func(d types.TagDescription) *string { return d.ResourceId }),
	"resource-type": func(d types.TagDescription) []string { return []string{string(d.ResourceType)} },
}

func (s *Service) describeTags(t *turn, in *sdk.DescribeTagsInput) (*sdk.DescribeTagsOutput, error) {
	all := table[types.TagDescription]{}
	known := t.resources()
	for id, tagged := range t.Tags {
		k, ok := kindOf(id)
		if !ok || !known[k.prefix](id) {
			continue
		}
		for key, value := range tagged {
			all[id+"\x00"+key] = item[types.TagDescription]{Account: t.Caller.Account, Region: t.Region, Is: types.TagDescription{
				Key: aws.String(key), Value: aws.String(value), ResourceId: aws.String(id), ResourceType: k.resource,
			}}
		}
	}
	asked := slices.Clone(in.Filters)
	for i, filter := range asked {
		// tag:KEY is here the value of that key.
		if key, ok := strings.CutPrefix(aws.ToString(filter.Name), "tag:"); ok {
			asked[i] = types.Filter{Name: aws.String("value"), Values: filter.Values}
			asked = append(asked, types.Filter{Name: aws.String("key"), Values: []string{key}})
		}
	}
	found, next, err := describe(t, all, kind{}, tagFilters, question{filters: asked, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeTagsOutput{Tags: found, NextToken: next}, nil
}
