package autoscalinggroup

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"k8s.io/apimachinery/pkg/api/meta"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// maxTemplateName is the most characters that EC2 allows the name of a launch template.
const maxTemplateName = 128

// template is a launch template in EC2 that the object keeps. Changes keep it up to date.
type template struct {
	sdk  types.LaunchTemplate
	tags map[string]string
	// versions are all there are, once listed is set.
	versions []types.LaunchTemplateVersion
	listed   bool
	// current is the number of the version that has what is declared; 0 while there is none.
	current int64
}

func (t *template) id() string   { return aws.ToString(t.sdk.LaunchTemplateId) }
func (t *template) name() string { return aws.ToString(t.sdk.LaunchTemplateName) }

// templateName is the name of the object's launch template in EC2.
func (k *Kind) templateName(obj *v1alpha1.AutoScalingGroup) string {
	return derivedName(maxTemplateName, obj.Namespace+"-"+obj.Name, k.clusterID, obj.Namespace, obj.Name)
}

// templateResource is how the launch template is called in plans and events.
func (k *Kind) templateResource(obj *v1alpha1.AutoScalingGroup) string {
	return "launch template " + k.templateName(obj)
}

// ownTemplateStatus is what the status says of a template that the controller made; nil when it says nothing.
func ownTemplateStatus(obj *v1alpha1.AutoScalingGroup) *v1alpha1.LaunchTemplateStatus {
	if status := obj.Status.LaunchTemplate; status != nil && status.DataHash != "" {
		return status
	}
	return nil
}

// form is the normal form of what the launch template is to hold.
func (k *Kind) form(obj *v1alpha1.AutoScalingGroup, o *observed) (templateForm, error) {
	return formOf(k.render(obj, o))
}

// render is what the launch template is to hold, as far as that is known.
func (k *Kind) render(obj *v1alpha1.AutoScalingGroup, o *observed) *types.RequestLaunchTemplateData {
	return renderTemplate(obj.Spec.LaunchTemplate, ingredients{userData: o.userData, securityGroup: o.securityGroupID(obj)})
}

// keyedHash tells one content from another in the status, and reveals nothing of it: it is keyed and cut short.
func keyedHash(obj *v1alpha1.AutoScalingGroup, form templateForm) string {
	mac := hmac.New(sha256.New, []byte(obj.UID))
	mac.Write([]byte(form.hash()))
	return hex.EncodeToString(mac.Sum(nil)[:hashDigits])
}

// observeVersion looks for the version that has what is declared. Versions are listed only when it is not certain that the
// one in the status still is: versions do not change, and numbers are given once.
func (k *Kind) observeVersion(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	form, err := k.form(obj, o)
	if err != nil {
		return err
	}
	status := ownTemplateStatus(obj)
	made := status != nil && status.DataHash == keyedHash(obj, form) // there was one
	switch {
	case o.own == nil:
		if made {
			return k.awaitTemplate(obj, "launch template "+status.Name)
		}
		return nil
	case made && status.ID == o.own.id() && status.Version == aws.ToInt64(o.own.sdk.LatestVersionNumber):
		o.own.current = status.Version
		return nil
	}
	if err := k.listVersions(ctx, o, form); err != nil {
		return err
	}
	if made && status.ID == o.own.id() && o.own.current == 0 {
		return k.awaitTemplate(obj, "version of launch template "+status.Name)
	}
	return nil
}

// placeTemplate tells whose a launch template of the object's name is. It is ours by its tags or, when those are gone, by
// the status.
func (k *Kind) placeTemplate(obj *v1alpha1.AutoScalingGroup, o *observed, found types.LaunchTemplate) {
	o.own, o.stranger = nil, nil
	tags := map[string]string{}
	for _, tag := range found.Tags {
		tags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	owner, owned := awsclient.OwnerOf(tags)
	status := ownTemplateStatus(obj)
	known := !owned && status != nil && status.ID == aws.ToString(found.LaunchTemplateId) && lifecycle.HasFinalizer(obj)
	if owned && owner == k.owner(obj) || known {
		o.own = &template{sdk: found, tags: tags}
		return
	}
	o.stranger = &found
}

// awaitTemplate waits a moment for something that was made just now and is not to be seen: EC2 does not show it everywhere
// at once, and to take it for gone would make it twice.
func (k *Kind) awaitTemplate(obj *v1alpha1.AutoScalingGroup, what string) error {
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	if ready == nil || k.Clock.Since(ready.LastTransitionTime.Time) > visibleWithin {
		return nil
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS does not show the "+what+", which was made just now.", k.Poll))
}

// awaitTemplateDeleting waits a moment, before a deletion ends, for a template that may have been made just now and is not
// to be seen, so that it is not left behind.
func (k *Kind) awaitTemplateDeleting(obj *v1alpha1.AutoScalingGroup) error {
	ready := meta.FindStatusCondition(obj.Status.Conditions, v1alpha1.ConditionReady)
	if !lifecycle.Deleting(obj) || ready == nil || ready.Reason != v1alpha1.ReasonCreating || ownTemplateStatus(obj) != nil ||
		k.Clock.Since(obj.GetDeletionTimestamp().Time) > visibleWithin {
		return nil
	}
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonDeleting, "AWS does not show the launch template, which may have been made just now.", k.Poll))
}

// listVersions reads all versions, and finds the one that has what is declared by the hash in its description: the one
// that the group uses already, if there are several, else the newest.
func (k *Kind) listVersions(ctx context.Context, o *observed, form templateForm) error {
	versions, err := k.clients.LaunchTemplateVersions(ctx, o.own.id())
	if err != nil {
		return err
	}
	slices.SortFunc(versions, func(a, b types.LaunchTemplateVersion) int { // the newest first
		return int(aws.ToInt64(b.VersionNumber) - aws.ToInt64(a.VersionNumber))
	})
	o.own.versions, o.own.listed, o.own.current = versions, true, 0
	inUse := o.versionsInUse()
	for i := range versions {
		number := aws.ToInt64(versions[i].VersionNumber)
		if hashOf(versions[i].VersionDescription) == form.hash() && (o.own.current == 0 || inUse[number] && !inUse[o.own.current]) {
			o.own.current = number
		}
	}
	return nil
}

// reportTemplate writes down the launch template that the instances are to come from. While something is left to do the
// status is not sure of the version, so that the next look lists all of them, and old ones go for certain.
func (k *Kind) reportTemplate(obj *v1alpha1.AutoScalingGroup, o *observed) {
	switch {
	case obj.Spec.LaunchTemplateRef != nil:
		obj.Status.LaunchTemplate = namedStatus(o, *obj.Spec.LaunchTemplateRef)
	case o.own == nil:
		if obj.Spec.LaunchTemplate == nil {
			obj.Status.LaunchTemplate = nil
		}
	case obj.Spec.LaunchTemplate != nil && o.own.current > 0 && !o.incomplete:
		status := &v1alpha1.LaunchTemplateStatus{ID: o.own.id(), Name: o.own.name(), Version: o.own.current}
		if form, err := k.form(obj, o); err == nil && lifecycle.Manages(obj) {
			status.DataHash = keyedHash(obj, form)
		}
		obj.Status.LaunchTemplate = status
	}
}
