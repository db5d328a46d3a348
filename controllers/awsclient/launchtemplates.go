package awsclient

import (
	"context"
	"fmt"
	"maps"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// LaunchTemplateVersionsPerDeletion is how many versions one DeleteLaunchTemplateVersions takes.
const LaunchTemplateVersionsPerDeletion = 200

// templatesPerCall is how many ids or names of launch templates one DescribeLaunchTemplates takes.
const templatesPerCall = 200

// templateKey says by what launch templates are asked for.
type templateKey bool

const (
	templateByID   templateKey = false
	templateByName templateKey = true
)

// LaunchTemplates reads launch templates by their ids, with their tags and the numbers of their default and latest versions.
// What does not exist is left out. Reads due at the same time share one DescribeLaunchTemplates.
func (c *Clients) LaunchTemplates(ctx context.Context, ids ...string) (map[string]types.LaunchTemplate, error) {
	return c.describedTemplates(ctx, templateByID, ids)
}

// LaunchTemplatesByName reads launch templates by their names, which are unique in an account and region.
func (c *Clients) LaunchTemplatesByName(ctx context.Context, names ...string) (map[string]types.LaunchTemplate, error) {
	return c.describedTemplates(ctx, templateByName, names)
}

func (c *Clients) describedTemplates(ctx context.Context, by templateKey, keys []string) (map[string]types.LaunchTemplate, error) {
	results, err := c.launchTemplates[by].GetAll(ctx, keys)
	if err != nil {
		return nil, fmt.Errorf("reading launch templates: %w", err)
	}
	found := map[string]types.LaunchTemplate{}
	for key, result := range results {
		switch Classify(result.Err) {
		case "":
			found[key] = result.Value
		case NotFound:
		default:
			return nil, fmt.Errorf("reading launch template %s: %w", key, result.Err)
		}
	}
	return found, nil
}

func (c *Clients) launchTemplateBatchers(delay time.Duration) map[templateKey]*Batcher[string, types.LaunchTemplate] {
	return map[templateKey]*Batcher[string, types.LaunchTemplate]{
		templateByID:   NewBatcher(templatesPerCall, delay, c.describeTemplatesByID),
		templateByName: NewBatcher(templatesPerCall, delay, c.describeTemplatesByName),
	}
}

// describeTemplatesByName reads one batch, by a filter: a name given as such would fail the call when it is unknown.
func (c *Clients) describeTemplatesByName(ctx context.Context, names []string) (map[string]Result[types.LaunchTemplate], error) {
	results := map[string]Result[types.LaunchTemplate]{}
	pages := ec2.NewDescribeLaunchTemplatesPaginator(c.EC2, &ec2.DescribeLaunchTemplatesInput{
		Filters: []types.Filter{{Name: aws.String("launch-template-name"), Values: names}}, MaxResults: aws.Int32(templatesPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, template := range page.LaunchTemplates {
			results[aws.ToString(template.LaunchTemplateName)] = Result[types.LaunchTemplate]{Value: template}
		}
	}
	return results, nil
}

// describeTemplatesByID reads one batch. There is no filter for ids, and one that is missing fails the whole call; then
// each half is asked for by itself.
func (c *Clients) describeTemplatesByID(ctx context.Context, ids []string) (map[string]Result[types.LaunchTemplate], error) {
	results := map[string]Result[types.LaunchTemplate]{}
	pages := ec2.NewDescribeLaunchTemplatesPaginator(c.EC2, &ec2.DescribeLaunchTemplatesInput{LaunchTemplateIds: ids})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		switch {
		case err == nil:
		case len(ids) == 1:
			return map[string]Result[types.LaunchTemplate]{ids[0]: {Err: err}}, nil
		case Classify(err) == NotFound || Classify(err) == Invalid:
			return c.describeTemplateHalves(ctx, ids)
		default:
			return nil, err
		}
		for _, template := range page.LaunchTemplates {
			results[aws.ToString(template.LaunchTemplateId)] = Result[types.LaunchTemplate]{Value: template}
		}
	}
	return results, nil
}

func (c *Clients) describeTemplateHalves(ctx context.Context, ids []string) (map[string]Result[types.LaunchTemplate], error) {
	results := map[string]Result[types.LaunchTemplate]{}
	for _, half := range [][]string{ids[:len(ids)/2], ids[len(ids)/2:]} {
		part, err := c.describeTemplatesByID(ctx, half)
		if err != nil {
			return nil, err
		}
		maps.Copy(results, part)
	}
	return results, nil
}

// LaunchTemplateVersions lists all versions of a launch template, in no order. One that does not exist has the class
// NotFound.
func (c *Clients) LaunchTemplateVersions(ctx context.Context, id string) ([]types.LaunchTemplateVersion, error) {
	var versions []types.LaunchTemplateVersion
	pages := ec2.NewDescribeLaunchTemplateVersionsPaginator(c.EC2, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &id, MaxResults: aws.Int32(templatesPerCall),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, fmt.Errorf("listing the versions of launch template %s: %w", id, err)
		}
		versions = append(versions, page.LaunchTemplateVersions...)
	}
	return versions, nil
}

// LaunchTemplateVersion reads one version of a launch template.
func (c *Clients) LaunchTemplateVersion(ctx context.Context, id string, number int64) (types.LaunchTemplateVersion, error) {
	answer, err := c.EC2.DescribeLaunchTemplateVersions(ctx, &ec2.DescribeLaunchTemplateVersionsInput{
		LaunchTemplateId: &id, Versions: []string{strconv.FormatInt(number, 10)},
	})
	if err == nil && len(answer.LaunchTemplateVersions) == 0 {
		err = ErrAbsent
	}
	if err != nil {
		return types.LaunchTemplateVersion{}, fmt.Errorf("reading version %d of launch template %s: %w", number, id, err)
	}
	return answer.LaunchTemplateVersions[0], nil
}
