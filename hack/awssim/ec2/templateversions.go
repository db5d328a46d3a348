package ec2

import (
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// mostTemplates bounds a page of templates or versions, and a deletion of versions.
const mostTemplates = 200

var templateFilters = filters[launchTemplate]{
	"launch-template-name": of(func(l launchTemplate) *string { return l.LaunchTemplateName }),
	"create-time":          func(l launchTemplate) []string { return []string{l.CreateTime.Format(time.RFC3339)} },
}

var versionFilters = filters[types.LaunchTemplateVersion]{
	"create-time":        func(v types.LaunchTemplateVersion) []string { return []string{v.CreateTime.Format(time.RFC3339)} },
	"is-default-version": flag(func(v types.LaunchTemplateVersion) bool { return aws.ToBool(v.DefaultVersion) }),
	"ebs-optimized":      flag(func(v types.LaunchTemplateVersion) bool { return aws.ToBool(v.LaunchTemplateData.EbsOptimized) }),
	"image-id":           of(func(v types.LaunchTemplateVersion) *string { return v.LaunchTemplateData.ImageId }),
	"kernel-id":          of(func(v types.LaunchTemplateVersion) *string { return v.LaunchTemplateData.KernelId }),
	"ram-disk-id":        of(func(v types.LaunchTemplateVersion) *string { return v.LaunchTemplateData.RamDiskId }),
	"instance-type": func(v types.LaunchTemplateVersion) []string {
		return []string{string(v.LaunchTemplateData.InstanceType)}
	},
	"iam-instance-profile": func(v types.LaunchTemplateVersion) []string {
		profile := v.LaunchTemplateData.IamInstanceProfile
		if profile == nil {
			return nil
		}
		return []string{aws.ToString(profile.Arn), aws.ToString(profile.Name)}
	},
	"http-tokens": func(v types.LaunchTemplateVersion) []string {
		if v.LaunchTemplateData.MetadataOptions == nil {
			return nil
		}
		return []string{string(v.LaunchTemplateData.MetadataOptions.HttpTokens)}
	},
	"http-endpoint": func(v types.LaunchTemplateVersion) []string {
		if v.LaunchTemplateData.MetadataOptions == nil {
			return nil
		}
		return []string{string(v.LaunchTemplateData.MetadataOptions.HttpEndpoint)}
	},
}

func checkTemplatePage(most *int32) error {
	if most != nil && (*most < 1 || *most > mostTemplates) {
		return invalidValue("Value ( %d ) for parameter maxResults is invalid. Expecting a value between 1 and %d.", *most, mostTemplates)
	}
	return nil
}

func (s *Service) describeTemplates(t *turn, in *sdk.DescribeLaunchTemplatesInput) (*sdk.DescribeLaunchTemplatesOutput, error) {
	if err := checkTemplatePage(in.MaxResults); err != nil {
		return nil, err
	}
	if len(in.LaunchTemplateIds) > 0 && len(in.LaunchTemplateNames) > 0 {
		return nil, frame.Errorf("InvalidParameterCombination",
			"Only one of launch template IDs and launch template names may be specified in the request.")
	}
	ids := slices.Clone(in.LaunchTemplateIds)
	for _, id := range ids {
		if _, err := t.template(&id, nil); err != nil {
			return nil, err
		}
	}
	for _, name := range in.LaunchTemplateNames {
		l, err := t.template(nil, &name)
		if err != nil {
			return nil, err
		}
		ids = append(ids, *l.LaunchTemplateId)
	}
	most := in.MaxResults
	if most == nil {
		most = aws.Int32(mostTemplates)
	}
	found, next, err := describe(t, t.LaunchTemplates, templateKind, templateFilters,
		question{ids: ids, filters: in.Filters, most: most, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeLaunchTemplatesOutput{LaunchTemplates: []types.LaunchTemplate{}, NextToken: next}
	for _, l := range found {
		out.LaunchTemplates = append(out.LaunchTemplates, *t.shownTemplate(l))
	}
	return out, nil
}

// describeTemplateVersions lists the newest versions first.
func (s *Service) describeTemplateVersions(t *turn, in *sdk.DescribeLaunchTemplateVersionsInput) (*sdk.DescribeLaunchTemplateVersionsOutput, error) {
	if err := checkTemplatePage(in.MaxResults); err != nil {
		return nil, err
	}
	asked, err := t.askedVersions(in)
	if err != nil {
		return nil, err
	}
	byKey := map[string]types.LaunchTemplateVersion{}
	var keys []string
	for _, v := range asked {
		matches, err := matchesAll(nil, v, versionFilters, in.Filters)
		if err != nil {
			return nil, err
		}
		// Keys that sort the newest version of a template first.
		key := fmt.Sprintf("%s %019d", *v.LaunchTemplateId, 1<<62-*v.VersionNumber)
		if matches {
			keys = append(keys, key)
			byKey[key] = v
		}
	}
	slices.Sort(keys)
	most := in.MaxResults
	if most == nil {
		most = aws.Int32(mostTemplates)
	}
	page, next, err := pageOf(slices.Compact(keys), question{most: most, token: in.NextToken})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeLaunchTemplateVersionsOutput{LaunchTemplateVersions: []types.LaunchTemplateVersion{}, NextToken: next}
	for _, key := range page {
		v := byKey[key]
		if aws.ToBool(in.ResolveAlias) && v.LaunchTemplateData.ImageId != nil {
			data := *v.LaunchTemplateData
			image, err := imageOf(*data.ImageId)
			if err != nil {
				return nil, err
			}
			data.ImageId = &image
			v.LaunchTemplateData = &data
		}
		out.LaunchTemplateVersions = append(out.LaunchTemplateVersions, v)
	}
	return out, nil
}

// askedVersions are the versions of one template, or the latest and default
// ones of all templates.
func (t *turn) askedVersions(in *sdk.DescribeLaunchTemplateVersionsInput) ([]types.LaunchTemplateVersion, error) {
	if in.LaunchTemplateId == nil && in.LaunchTemplateName == nil {
		return t.versionsOfAll(in.Versions)
	}
	l, err := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if len(in.Versions) > 0 && (in.MinVersion != nil || in.MaxVersion != nil) {
		return nil, frame.Errorf("InvalidParameterCombination", "Versions cannot be specified together with MinVersion or MaxVersion.")
	}
	least, err := bound(in.MinVersion, 1)
	if err != nil {
		return nil, err
	}
	most, err := bound(in.MaxVersion, *l.LatestVersionNumber)
	if err != nil {
		return nil, err
	}
	numbers := in.Versions
	if len(numbers) == 0 {
		for _, v := range l.Versions {
			if *v.VersionNumber >= least && *v.VersionNumber <= most {
				numbers = append(numbers, strconv.FormatInt(*v.VersionNumber, 10))
			}
		}
	}
	var asked []types.LaunchTemplateVersion
	for _, number := range numbers {
		v, err := l.version(number)
		if err != nil {
			return nil, err
		}
		asked = append(asked, v)
	}
	return asked, nil
}

func bound(text *string, otherwise int64) (int64, error) {
	if text == nil {
		return otherwise, nil
	}
	number, err := strconv.ParseInt(*text, 10, 64)
	if err != nil {
		return 0, invalidValue("Invalid launch template version: %s", *text)
	}
	return number, nil
}

func (t *turn) versionsOfAll(wanted []string) ([]types.LaunchTemplateVersion, error) {
	if len(wanted) == 0 {
		return nil, frame.Errorf("MissingParameter",
			"Either a launch template ID or a launch template name must be specified in the request.")
	}
	var asked []types.LaunchTemplateVersion
	for _, id := range sortedIDs(t.LaunchTemplates) {
		if !owns(t, t.LaunchTemplates[id]) {
			continue
		}
		for _, version := range wanted {
			if version != versionLatest && version != versionDefault {
				return nil, frame.Errorf("MissingParameter",
					"A launch template ID or name must be specified for the version %s.", version)
			}
			v, err := t.LaunchTemplates[id].Is.version(version)
			if err != nil {
				return nil, err
			}
			asked = append(asked, v)
		}
	}
	return asked, nil
}

// deleteTemplateVersions deletes what can be deleted, and tells of each version that cannot.
func (s *Service) deleteTemplateVersions(t *turn, in *sdk.DeleteLaunchTemplateVersionsInput) (*sdk.DeleteLaunchTemplateVersionsOutput, error) {
	l, err := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	switch {
	case len(in.Versions) == 0:
		return nil, missingParameter("LaunchTemplateVersion")
	case len(in.Versions) > mostTemplates:
		return nil, invalidValue("You can specify up to %d launch template version numbers.", mostTemplates)
	}
	out := &sdk.DeleteLaunchTemplateVersionsOutput{
		SuccessfullyDeletedLaunchTemplateVersions:   []types.DeleteLaunchTemplateVersionsResponseSuccessItem{},
		UnsuccessfullyDeletedLaunchTemplateVersions: []types.DeleteLaunchTemplateVersionsResponseErrorItem{},
	}
	for _, text := range in.Versions {
		number, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return nil, invalidValue("Invalid launch template version: %s", text)
		}
		if refused := l.refusesDeletion(number); refused != nil {
			out.UnsuccessfullyDeletedLaunchTemplateVersions = append(out.UnsuccessfullyDeletedLaunchTemplateVersions,
				types.DeleteLaunchTemplateVersionsResponseErrorItem{
					LaunchTemplateId: l.LaunchTemplateId, LaunchTemplateName: l.LaunchTemplateName, VersionNumber: &number, ResponseError: refused,
				})
			continue
		}
		l.Versions = slices.DeleteFunc(slices.Clone(l.Versions), func(v types.LaunchTemplateVersion) bool { return *v.VersionNumber == number })
		out.SuccessfullyDeletedLaunchTemplateVersions = append(out.SuccessfullyDeletedLaunchTemplateVersions,
			types.DeleteLaunchTemplateVersionsResponseSuccessItem{
				LaunchTemplateId: l.LaunchTemplateId, LaunchTemplateName: l.LaunchTemplateName, VersionNumber: &number,
			})
	}
	// The default version is always left.
	l.LatestVersionNumber = l.Versions[len(l.Versions)-1].VersionNumber
	put(t.LaunchTemplates, *l.LaunchTemplateId, l)
	return out, nil
}

func (l launchTemplate) refusesDeletion(number int64) *types.ResponseError {
	if number == *l.DefaultVersionNumber {
		return &types.ResponseError{
			Code:    types.LaunchTemplateErrorCodeUnexpectedError,
			Message: aws.String("The default version of a launch template cannot be deleted."),
		}
	}
	if !slices.ContainsFunc(l.Versions, func(v types.LaunchTemplateVersion) bool { return *v.VersionNumber == number }) {
		return &types.ResponseError{
			Code: types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist,
			Message: aws.String(fmt.Sprintf("Could not find the specified version %d for the launch template with ID %s.",
				number, *l.LaunchTemplateId)),
		}
	}
	return nil
}
