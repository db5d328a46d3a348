package ec2

import (
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// launchTemplate is a launch template with its versions, the oldest first.
type launchTemplate struct {
	types.LaunchTemplate
	Versions []types.LaunchTemplateVersion `json:"versions"`
	// Numbered is the number given last; numbers are never given again.
	Numbered int64 `json:"numbered"`
	// Tokens are the client tokens that were used on the template.
	Tokens map[string]tokenUse `json:"tokens,omitempty"`
}

// tokenUse is what a client token was used for: the request and the version made.
type tokenUse struct {
	Request string `json:"request"`
	Version int64  `json:"version"`
}

const (
	versionLatest  = "$Latest"
	versionDefault = "$Default"
)

var templateName = regexp.MustCompile(`^[a-zA-Z0-9().\-/_]{3,128}$`)

// version finds a version by its number, $Latest or $Default.
func (l launchTemplate) version(text string) (types.LaunchTemplateVersion, error) {
	number, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text == versionLatest:
		number = *l.LatestVersionNumber
	case text == versionDefault || text == "":
		number = *l.DefaultVersionNumber
	case err != nil:
		return types.LaunchTemplateVersion{}, invalidValue(
			"Invalid launch template version: either '$Default', '$Latest', or a numeric version are allowed.")
	}
	for _, v := range l.Versions {
		if *v.VersionNumber == number {
			v.DefaultVersion = aws.Bool(number == *l.DefaultVersionNumber)
			return v, nil
		}
	}
	return types.LaunchTemplateVersion{}, frame.Errorf("InvalidLaunchTemplateId.VersionNotFound",
		"Could not find the specified version %s for the launch template with ID %s.", text, *l.LaunchTemplateId)
}

// template finds a template by exactly one of id and name.
func (t *turn) template(id, name *string) (launchTemplate, error) {
	switch {
	case id != nil && name != nil:
		return launchTemplate{}, frame.Errorf("InvalidParameterCombination",
			"Only one of launch template ID and launch template name may be specified in the request.")
	case id == nil && name == nil:
		return launchTemplate{}, frame.Errorf("MissingParameter",
			"Either a launch template ID or a launch template name must be specified in the request.")
	case id != nil:
		if !strings.HasPrefix(*id, templateKind.prefix+"-") {
			return launchTemplate{}, frame.Errorf("InvalidLaunchTemplateId.Malformed", `Invalid id: "%s" (expecting "lt-...")`, *id)
		}
		held, ok := t.LaunchTemplates[*id]
		if !ok || !owns(t, held) {
			return launchTemplate{}, frame.Errorf(templateKind.code,
				"The specified launch template, with template ID %s, does not exist.", *id)
		}
		return held.Is, nil
	}
	for _, held := range t.LaunchTemplates {
		if owns(t, held) && *held.Is.LaunchTemplateName == *name {
			return held.Is, nil
		}
	}
	return launchTemplate{}, frame.Errorf("InvalidLaunchTemplateName.NotFoundException",
		"The specified launch template, with template name %s, does not exist.", *name)
}

// replayed is what an earlier request with the same client token made.
func (l launchTemplate) replayed(token *string, request string) (version int64, found bool, err error) {
	if aws.ToString(token) == "" {
		return 0, false, nil
	}
	use, found := l.Tokens[*token]
	if found && use.Request != request {
		return 0, true, frame.Errorf("IdempotentParameterMismatch",
			"The client token %s was used with different parameters before.", *token)
	}
	return use.Version, found, nil
}

// used is the template after a client token was used for a version of it.
func (l launchTemplate) used(token *string, request string, version int64) launchTemplate {
	if aws.ToString(token) != "" {
		tokens := maps.Clone(l.Tokens)
		if tokens == nil {
			tokens = map[string]tokenUse{}
		}
		tokens[*token] = tokenUse{Request: request, Version: version}
		l.Tokens = tokens
	}
	return l
}

func (s *Service) createTemplate(t *turn, in *sdk.CreateLaunchTemplateInput) (*sdk.CreateLaunchTemplateOutput, error) {
	unmarked := *in
	unmarked.ClientToken = nil
	request := fingerprint(unmarked)
	for _, held := range t.LaunchTemplates {
		if !owns(t, held) {
			continue
		}
		if version, found, err := held.Is.replayed(in.ClientToken, request); err != nil {
			return nil, err
		} else if found && version == 1 {
			return &sdk.CreateLaunchTemplateOutput{LaunchTemplate: t.shownTemplate(held.Is)}, nil
		}
	}
	name := aws.ToString(in.LaunchTemplateName)
	switch {
	case in.LaunchTemplateName == nil:
		return nil, missingParameter("LaunchTemplateName")
	case in.LaunchTemplateData == nil:
		return nil, missingParameter("LaunchTemplateData")
	case !templateName.MatchString(name):
		return nil, frame.Errorf("InvalidLaunchTemplateName.MalformedException", "A launch template name must be between 3 and 128 characters, "+
			"and may contain letters, numbers, and the following characters: - ( ) . / _.")
	case len(aws.ToString(in.VersionDescription)) > 255:
		return nil, invalidValue("The version description exceeds the maximum length of 255 characters.")
	case t.nameTaken(name):
		return nil, frame.Errorf("InvalidLaunchTemplateName.AlreadyExistsException", "Launch template name already in use.")
	case count(t, t.LaunchTemplates) >= s.quotas.LaunchTemplates:
		return nil, frame.Errorf("LaunchTemplateLimitExceeded", "You have reached the maximum number of launch templates.")
	}
	data := templateData(in.LaunchTemplateData)
	if err := t.checkData(data); err != nil {
		return nil, err
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeLaunchTemplate)
	if err != nil {
		return nil, err
	}
	id := s.newID(templateKind.prefix)
	created := launchTemplate{LaunchTemplate: types.LaunchTemplate{
		LaunchTemplateId: &id, LaunchTemplateName: &name, CreateTime: aws.Time(t.now.UTC()), CreatedBy: aws.String(t.creator()),
		DefaultVersionNumber: aws.Int64(1), LatestVersionNumber: aws.Int64(0),
	}}.used(in.ClientToken, request, 1)
	created = t.withVersion(created, data, in.VersionDescription)
	t.LaunchTemplates[id] = made(t, created)
	t.tag(id, tagged)
	return &sdk.CreateLaunchTemplateOutput{LaunchTemplate: t.shownTemplate(created), Warning: s.warned(t, data)}, nil
}

func (t *turn) nameTaken(name string) bool {
	for _, held := range t.LaunchTemplates {
		if owns(t, held) && *held.Is.LaunchTemplateName == name {
			return true
		}
	}
	return false
}

func (t *turn) creator() string { return "arn:aws:iam::" + t.Caller.Account + ":root" }

// withVersion is a template with one more version.
func (t *turn) withVersion(l launchTemplate, data *types.ResponseLaunchTemplateData, description *string) launchTemplate {
	number := l.Numbered + 1
	l.Numbered, l.LatestVersionNumber = number, &number
	l.Versions = append(slices.Clone(l.Versions), types.LaunchTemplateVersion{
		LaunchTemplateId: l.LaunchTemplateId, LaunchTemplateName: l.LaunchTemplateName, VersionNumber: &number, VersionDescription: description,
		LaunchTemplateData: data, CreateTime: aws.Time(t.now.UTC()), CreatedBy: aws.String(t.creator()),
	})
	return l
}

func (t *turn) shownTemplate(l launchTemplate) *types.LaunchTemplate {
	shown := l.LaunchTemplate
	shown.Tags = t.Tags[*l.LaunchTemplateId].list()
	return &shown
}

func (s *Service) createTemplateVersion(t *turn, in *sdk.CreateLaunchTemplateVersionInput) (*sdk.CreateLaunchTemplateVersionOutput, error) {
	l, err := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	unmarked := *in
	unmarked.ClientToken = nil
	request := fingerprint(unmarked)
	if number, found, err := l.replayed(in.ClientToken, request); err != nil {
		return nil, err
	} else if found {
		v, err := l.version(strconv.FormatInt(number, 10))
		return &sdk.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: &v}, err
	}
	switch {
	case in.LaunchTemplateData == nil:
		return nil, missingParameter("LaunchTemplateData")
	case len(aws.ToString(in.VersionDescription)) > 255:
		return nil, invalidValue("The version description exceeds the maximum length of 255 characters.")
	case len(l.Versions) >= s.quotas.TemplateVersions:
		return nil, frame.Errorf("LaunchTemplateVersionLimitExceeded", "You have reached the maximum number of versions of a launch template.")
	}
	data := templateData(in.LaunchTemplateData)
	if in.SourceVersion != nil {
		source, err := l.version(*in.SourceVersion)
		if err != nil {
			return nil, err
		}
		data = overlaid(source.LaunchTemplateData, data)
	}
	if err := t.checkData(data); err != nil {
		return nil, err
	}
	l = t.withVersion(l, data, in.VersionDescription).used(in.ClientToken, request, l.Numbered+1)
	put(t.LaunchTemplates, *l.LaunchTemplateId, l)
	v, err := l.version(versionLatest)
	return &sdk.CreateLaunchTemplateVersionOutput{LaunchTemplateVersion: &v, Warning: s.warned(t, data)}, err
}

func (s *Service) modifyTemplate(t *turn, in *sdk.ModifyLaunchTemplateInput) (*sdk.ModifyLaunchTemplateOutput, error) {
	l, err := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	if in.DefaultVersion == nil {
		return nil, missingParameter("SetDefaultVersion")
	}
	v, err := l.version(*in.DefaultVersion)
	if err != nil {
		return nil, err
	}
	l.DefaultVersionNumber = v.VersionNumber
	put(t.LaunchTemplates, *l.LaunchTemplateId, l)
	return &sdk.ModifyLaunchTemplateOutput{LaunchTemplate: t.shownTemplate(l)}, nil
}

func (s *Service) deleteTemplate(t *turn, in *sdk.DeleteLaunchTemplateInput) (*sdk.DeleteLaunchTemplateOutput, error) {
	l, err := t.template(in.LaunchTemplateId, in.LaunchTemplateName)
	if err != nil {
		return nil, err
	}
	shown := t.shownTemplate(l)
	delete(t.LaunchTemplates, *l.LaunchTemplateId)
	delete(t.Tags, *l.LaunchTemplateId)
	return &sdk.DeleteLaunchTemplateOutput{LaunchTemplate: shown}, nil
}
