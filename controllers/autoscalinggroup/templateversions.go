package autoscalinggroup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	ctrl "sigs.k8s.io/controller-runtime"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// keptVersions is how many of the newest versions that the controller made are kept, beside those that are in use.
	keptVersions = 4
	// tokenDigits is how many digits of a hash make a token by which EC2 knows a call that is repeated.
	tokenDigits = 32
)

// templateConflict says whose a launch template is.
func (k *Kind) templateConflict(stranger *types.LaunchTemplate) error {
	name := aws.ToString(stranger.LaunchTemplateName)
	for _, tag := range stranger.Tags {
		if aws.ToString(tag.Key) == awsclient.TagObject {
			return lifecycle.Refuse(v1alpha1.ReasonConflict, "Launch template %s belongs to %s, as its tags say.", name, aws.ToString(tag.Value))
		}
	}
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "A launch template of the name %s exists and is not this object's. Delete it, or name it in spec.launchTemplateRef in place of spec.launchTemplate.", name)
}

// templateChanges returns what makes the object's launch template, and the version of it that has what is declared.
func (k *Kind) templateChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if obj.Spec.LaunchTemplate == nil || o.missing != nil || o.stranger != nil {
		return nil, nil // sourceChanges tells
	}
	form, err := k.form(obj, o)
	if err != nil {
		return nil, err
	}
	resource := k.templateResource(obj)
	if o.own == nil {
		return []change{{plan: planned(lifecycle.VerbCreate, resource, "", "", ""), run: ensureVersion}}, nil
	}
	changes := k.templateTagChanges(obj, o)
	if o.own.current > 0 {
		return changes, nil
	}
	return append(changes, change{plan: k.versionPlan(o, form, resource), run: ensureVersion, follows: k.contentChanged(obj, o)}), nil
}

// contentChanged reports whether the launch template is to have something else than when the object was last looked at:
// the user data in a ConfigMap or Secret may have changed.
func (k *Kind) contentChanged(obj *v1alpha1.AutoScalingGroup, o *observed) bool {
	status := ownTemplateStatus(obj)
	if status == nil || obj.Spec.LaunchTemplate == nil || o.missing != nil {
		return false
	}
	form, err := k.form(obj, o)
	return err == nil && status.DataHash != keyedHash(obj, form)
}

// templateTagChanges returns what marks the template as the object's again, when somebody has taken its tags away.
func (k *Kind) templateTagChanges(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	set, _ := awsclient.DiffTags(k.owner(obj).Tags(), o.own.tags, nil)
	if len(set) == 0 {
		return nil
	}
	var plan []v1alpha1.PlannedChange
	for _, key := range slices.Sorted(maps.Keys(set)) {
		plan = append(plan, planned(lifecycle.VerbUpdate, k.templateResource(obj), fieldTag+key, o.own.tags[key], set[key])...)
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		if _, err := k.clients.EC2.CreateTags(ctx, &ec2.CreateTagsInput{Resources: []string{o.own.id()}, Tags: templateTags(set)}); err != nil {
			return fmt.Errorf("tagging launch template %s: %w", o.own.name(), err)
		}
		maps.Copy(o.own.tags, set)
		return nil
	}}}
}

// versionPlan tells in what a new version differs from the one that the group launches, or else from the newest.
func (k *Kind) versionPlan(o *observed, form templateForm, resource string) []v1alpha1.PlannedChange {
	var base *types.LaunchTemplateVersion
	inUse := o.versionsInUse()
	for i := range o.own.versions {
		version := &o.own.versions[i]
		if hashOf(version.VersionDescription) != "" && (base == nil || o.launches(aws.ToInt64(version.VersionNumber)) && inUse[aws.ToInt64(version.VersionNumber)]) {
			base = version
		}
	}
	if base != nil {
		if earlier, err := formOf(base.LaunchTemplateData); err == nil {
			var plan []v1alpha1.PlannedChange
			for _, d := range form.differences(earlier) {
				plan = append(plan, planned(lifecycle.VerbUpdate, resource, d.field, lifecycle.Shorten(d.from), lifecycle.Shorten(d.to))...)
			}
			if len(plan) > 0 {
				return plan
			}
		}
	}
	return planned(lifecycle.VerbUpdate, resource, fieldTemplate, "", "")
}

// ensureVersion makes the template and the version of it that has what is declared, unless they are there by now: the
// security group that they name may have been made since they were looked for.
func ensureVersion(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	form, err := k.form(obj, o)
	if err != nil {
		return err
	}
	if o.own == nil {
		return k.createTemplate(ctx, obj, o, form)
	}
	if !o.own.listed || o.own.current == 0 {
		if err := k.listVersions(ctx, o, form); err != nil || o.own.current > 0 {
			return err
		}
	}
	return k.createVersion(ctx, obj, o, form)
}

// clientToken names a call that makes a version of a template, which is about to be made itself when it has no id, so that
// EC2 makes it once however often it is sent. It is another one when a version that was made before has been deleted by
// others.
func clientToken(obj *v1alpha1.AutoScalingGroup, form templateForm, name, id string) *string {
	known := ""
	if status := obj.Status.LaunchTemplate; status != nil {
		known = fmt.Sprintf("%s:%d", status.ID, status.Version)
	}
	sum := sha256.Sum256([]byte(strings.Join([]string{string(obj.UID), form.hash(), name, id, known}, "/")))
	return aws.String(hex.EncodeToString(sum[:])[:tokenDigits])
}

// createTemplate makes the template with its first version. A name that is taken means that an earlier call took effect
// unseen, or that the template is somebody else's.
func (k *Kind) createTemplate(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed, form templateForm) error {
	name := k.templateName(obj)
	answer, err := k.clients.EC2.CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
		LaunchTemplateName: &name, LaunchTemplateData: k.render(obj, o), VersionDescription: aws.String(form.describe()), ClientToken: clientToken(obj, form, name, ""),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeLaunchTemplate, Tags: templateTags(k.owner(obj).Tags())}},
	})
	if awsclient.Classify(err) == awsclient.AlreadyExists {
		return k.takeTemplateBack(ctx, obj, o)
	}
	if err != nil {
		return fmt.Errorf("creating launch template %s: %w", name, err)
	}
	if answer.LaunchTemplate == nil {
		return fmt.Errorf("creating launch template %s: AWS answered without one", name)
	}
	warn(ctx, name, answer.Warning)
	o.own = &template{sdk: *answer.LaunchTemplate, tags: k.owner(obj).Tags(), current: 1}
	return nil
}

// takeTemplateBack looks again for a template whose name is taken.
func (k *Kind) takeTemplateBack(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	name := k.templateName(obj)
	found, err := k.clients.LaunchTemplatesByName(ctx, name)
	if err != nil {
		return err
	}
	if taken, exists := found[name]; exists {
		if k.placeTemplate(obj, o, taken); o.own == nil {
			return k.templateConflict(&taken)
		}
		return ensureVersion(ctx, k, obj, o)
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS says that the launch template exists, and does not show it yet.", k.Poll))
}

// createVersion makes a version. It is not based on another one, whose members it would inherit.
func (k *Kind) createVersion(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed, form templateForm) error {
	answer, err := k.clients.EC2.CreateLaunchTemplateVersion(ctx, &ec2.CreateLaunchTemplateVersionInput{
		LaunchTemplateId: o.own.sdk.LaunchTemplateId, LaunchTemplateData: k.render(obj, o),
		VersionDescription: aws.String(form.describe()), ClientToken: clientToken(obj, form, o.own.name(), o.own.id()),
	})
	if err != nil {
		return fmt.Errorf("making a version of launch template %s: %w", o.own.name(), err)
	}
	if answer.LaunchTemplateVersion == nil {
		return fmt.Errorf("making a version of launch template %s: AWS answered without one", o.own.name())
	}
	warn(ctx, o.own.name(), answer.Warning)
	o.own.current = aws.ToInt64(answer.LaunchTemplateVersion.VersionNumber)
	o.own.sdk.LatestVersionNumber = answer.LaunchTemplateVersion.VersionNumber
	o.own.versions = slices.Insert(o.own.versions, 0, *answer.LaunchTemplateVersion)
	return nil
}

// warn logs what AWS expects to go wrong with launches, which the group's activities tell once they do.
func warn(ctx context.Context, name string, warning *types.ValidationWarning) {
	if warning == nil {
		return
	}
	for _, problem := range warning.Errors {
		ctrl.LoggerFrom(ctx).Info("AWS warns of a launch template", "name", name, "code", aws.ToString(problem.Code), "warning", aws.ToString(problem.Message))
	}
}

// launches reports whether the group launches a version of the object's own template.
func (o *observed) launches(number int64) bool {
	if o.group == nil || o.own == nil {
		return false
	}
	main := sourceOf(&o.group.sdk).main()
	return main != nil && aws.ToString(main.LaunchTemplateId) == o.own.id() && aws.ToString(main.Version) == strconv.FormatInt(number, 10)
}

// versionsInUse are the versions of the object's own template that the group or one of its instances has, that an
// instance refresh brings, or that the spec names as if they were those of others.
func (o *observed) versionsInUse() map[int64]bool {
	inUse := map[int64]bool{}
	if o.group == nil || o.own == nil {
		return inUse
	}
	specs := append(sourceOf(&o.group.sdk).templates(), o.broughtSource().templates()...)
	for ref := range o.named {
		specs = append(specs, o.specificationOf(ref))
	}
	for _, spec := range specs {
		if aws.ToString(spec.LaunchTemplateId) != o.own.id() && aws.ToString(spec.LaunchTemplateName) != o.own.name() {
			continue
		}
		switch version := aws.ToString(spec.Version); version {
		case versionLatest:
			inUse[aws.ToInt64(o.own.sdk.LatestVersionNumber)] = true
		case versionDefault, "":
			inUse[aws.ToInt64(o.own.sdk.DefaultVersionNumber)] = true
		default:
			note(inUse, version)
		}
	}
	for i := range o.group.sdk.Instances {
		if spec := o.group.sdk.Instances[i].LaunchTemplate; spec != nil && aws.ToString(spec.LaunchTemplateId) == o.own.id() {
			note(inUse, aws.ToString(spec.Version))
		}
	}
	return inUse
}

func note(numbers map[int64]bool, text string) {
	if number, err := strconv.ParseInt(text, 10, 64); err == nil {
		numbers[number] = true
	}
}

func templateTags(tags map[string]string) []types.Tag {
	var list []types.Tag
	for _, key := range slices.Sorted(maps.Keys(tags)) {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(tags[key])})
	}
	return list
}
