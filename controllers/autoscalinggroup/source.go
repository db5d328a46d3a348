package autoscalinggroup

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	ec2 "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldTemplate is the launch template in status.managedFields and in plans.
const fieldTemplate = "launchTemplate"

// Versions of launch templates that have no number.
const (
	versionLatest  = "$Latest"
	versionDefault = "$Default"
	// newVersion stands for one that is about to be made.
	newVersion = "(new)"
)

// source is what is known of where instances come from.
type source struct {
	// own is the launch template that the object keeps, or kept; nil when there is none.
	own *template
	// stranger is a launch template of the name that own has, or is to have, and that belongs to somebody else.
	stranger *ec2.LaunchTemplate
	// named are the templates of others that the spec names; those that do not exist are not among them.
	named map[v1alpha1.LaunchTemplateReference]ec2.LaunchTemplate
	// userData is the content of the object that userDataFrom names; missing says why it cannot be used.
	userData []byte
	missing  error
}

// declaresSource reports whether the spec says where instances come from.
func declaresSource(obj *v1alpha1.AutoScalingGroup) bool {
	return obj.Spec.LaunchTemplate != nil || obj.Spec.LaunchTemplateRef != nil
}

// declaredSource returns the optional fields of the launch source that the spec declares, as status.managedFields has them.
func declaredSource(obj *v1alpha1.AutoScalingGroup) []string {
	fields := declaredMixed(obj)
	if obj.Spec.LaunchTemplate != nil {
		fields = append(fields, fieldTemplate)
	}
	return fields
}

// observeSource finds out where the object's instances are to come from.
func observeSource(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	deleting := lifecycle.Deleting(obj)
	if o.rival != nil && !deleting {
		return nil
	}
	if err := k.observeTemplates(ctx, obj, o); err != nil || deleting {
		return err
	}
	if err := k.observeUserData(ctx, obj, o); err != nil {
		return err
	}
	if obj.Spec.LaunchTemplate == nil || o.missing != nil || o.stranger != nil {
		return nil
	}
	return k.observeVersion(ctx, obj, o)
}

// references are the templates of others that the spec names.
func references(obj *v1alpha1.AutoScalingGroup) []v1alpha1.LaunchTemplateReference {
	var refs []v1alpha1.LaunchTemplateReference
	if obj.Spec.LaunchTemplateRef != nil {
		refs = append(refs, *obj.Spec.LaunchTemplateRef)
	}
	if mixed := obj.Spec.MixedInstances; mixed != nil {
		for i := range mixed.Overrides {
			if ref := mixed.Overrides[i].LaunchTemplateRef; ref != nil && !slices.Contains(refs, *ref) {
				refs = append(refs, *ref)
			}
		}
	}
	return refs
}

// observeTemplates reads, in as few calls as that takes, the templates of others that the spec names, and with them which
// versions are the latest and the default, and the object's own, which is looked for whatever is declared: so none is left
// behind.
func (k *Kind) observeTemplates(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	var ids []string
	names := []string{k.templateName(obj)}
	refs := references(obj)
	if lifecycle.Deleting(obj) {
		refs = nil
	}
	for _, ref := range refs {
		if ref.ID != "" {
			ids = append(ids, ref.ID)
		} else {
			names = append(names, ref.Name)
		}
	}
	byName, err := k.clients.LaunchTemplatesByName(ctx, names...)
	if err != nil {
		return err
	}
	var byID map[string]ec2.LaunchTemplate
	if len(ids) > 0 {
		if byID, err = k.clients.LaunchTemplates(ctx, ids...); err != nil {
			return err
		}
	}
	o.named = map[v1alpha1.LaunchTemplateReference]ec2.LaunchTemplate{}
	for _, ref := range refs {
		found, exists := byName[ref.Name]
		if ref.ID != "" {
			found, exists = byID[ref.ID]
		}
		if exists {
			o.named[ref] = found
		}
	}
	own, exists := byName[k.templateName(obj)]
	if !exists {
		return k.awaitTemplateDeleting(obj)
	}
	k.placeTemplate(obj, o, own)
	return nil
}

// specificationOf is the version of a template of others that a reference names, by its number; nil when it is not there.
func (o *observed) specificationOf(ref v1alpha1.LaunchTemplateReference) *types.LaunchTemplateSpecification {
	found, exists := o.named[ref]
	if !exists {
		return nil
	}
	version := ref.Version
	switch version {
	case versionLatest:
		version = strconv.FormatInt(aws.ToInt64(found.LatestVersionNumber), 10)
	case versionDefault, "":
		version = strconv.FormatInt(aws.ToInt64(found.DefaultVersionNumber), 10)
	}
	return &types.LaunchTemplateSpecification{LaunchTemplateId: found.LaunchTemplateId, Version: &version}
}

// desiredSource is where instances are to come from, as far as that is known: while the object's own template, or the
// version that it declares, is about to be made, newVersion stands for its number. A source that is not declared, or that
// cannot be had yet, is not known.
func (o *observed) desiredSource(obj *v1alpha1.AutoScalingGroup) launchSource {
	var template *types.LaunchTemplateSpecification
	switch {
	case obj.Spec.LaunchTemplateRef != nil:
		template = o.specificationOf(*obj.Spec.LaunchTemplateRef)
	case obj.Spec.LaunchTemplate != nil && o.missing == nil && o.stranger == nil:
		template = o.ownSpecification()
	}
	if template == nil {
		return launchSource{}
	}
	if obj.Spec.MixedInstances == nil {
		return launchSource{template: template}
	}
	for _, ref := range references(obj) {
		if _, exists := o.named[ref]; !exists {
			return launchSource{}
		}
	}
	var has *types.MixedInstancesPolicy
	if o.group != nil {
		has = o.group.sdk.MixedInstancesPolicy
	}
	return launchSource{mixed: policyFor(obj, template, o.specificationOf, has)}
}

// ownSpecification is the version of the object's own template that has what is declared.
func (o *observed) ownSpecification() *types.LaunchTemplateSpecification {
	spec := &types.LaunchTemplateSpecification{Version: aws.String(newVersion)}
	if o.own == nil {
		return spec
	}
	spec.LaunchTemplateId = o.own.sdk.LaunchTemplateId
	if o.own.current > 0 {
		spec.Version = aws.String(strconv.FormatInt(o.own.current, 10))
	}
	return spec
}

// made reports whether all versions of a source exist, so that instances can be launched from it.
func (s launchSource) made() bool {
	return s.known() && !slices.ContainsFunc(s.templates(), func(t *types.LaunchTemplateSpecification) bool {
		return aws.ToString(t.Version) == newVersion
	})
}

// launchable reports whether it is known what instances are to be launched from, so that the group can be made.
func (o *observed) launchable(obj *v1alpha1.AutoScalingGroup) bool {
	return o.desiredSource(obj).known()
}

// launchesElsewhere reports whether the group launches instances from another source than the declared one: then they may
// still come into a security group that is to go.
func (o *observed) launchesElsewhere(obj *v1alpha1.AutoScalingGroup) bool {
	if o.group == nil || !declaresSource(obj) {
		return false
	}
	return !sameSource(o.desiredSource(obj), sourceOf(&o.group.sdk))
}

// createWithSource gives the call that makes the group its launch source.
func createWithSource(obj *v1alpha1.AutoScalingGroup, o *observed, call *autoscaling.CreateAutoScalingGroupInput) {
	desired := o.desiredSource(obj)
	call.LaunchTemplate, call.MixedInstancesPolicy = desired.template, desired.mixed
}

// checkSource tells of what stands against the declared source.
func (k *Kind) checkSource(obj *v1alpha1.AutoScalingGroup, o *observed) error {
	for _, ref := range references(obj) {
		if _, exists := o.named[ref]; !exists {
			return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The launch template %s, which the spec names, does not exist.", cmp.Or(ref.ID, ref.Name))
		}
	}
	switch {
	case obj.Spec.LaunchTemplate != nil && o.stranger != nil:
		return k.templateConflict(o.stranger)
	case o.missing != nil:
		return o.missing
	case o.group == nil && !declaresSource(obj):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Nothing is declared that instances could be launched from: give spec.launchTemplate or spec.launchTemplateRef.")
	}
	return nil
}

// sourceChanges returns what makes the group launch from what is declared.
func (k *Kind) sourceChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if err := k.checkSource(obj, o); err != nil {
		o.WaitFor(err)
		return nil, nil
	}
	changes := k.rollOutChanges(obj, o)
	for i := range changes {
		changes[i].follows = k.contentChanged(obj, o)
	}
	return changes, nil
}

// updateSource makes the group launch from what is declared, whose versions have been made by now. Instances that run
// stay as they are.
func (k *Kind) updateSource(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	desired := o.desiredSource(obj)
	if !desired.made() {
		return fmt.Errorf("the launch template of Auto Scaling group %s has not been made", o.group.name())
	}
	call := &update{AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, LaunchTemplate: desired.template, MixedInstancesPolicy: desired.mixed}
	return k.update(ctx, o.group, call)
}
