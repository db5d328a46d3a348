package autoscalinggroup

import (
	"cmp"
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldSource is the launch template in plans.
const fieldSource = "launchTemplateRef"

// source is what instances are launched from.
type source struct {
	// declaredSource is what the object declares; nil while that is not known.
	declaredSource *types.LaunchTemplateSpecification
}

// launchable reports whether it is known what instances are to be launched from, so that the group can be made.
func (o *observed) launchable(*v1alpha1.AutoScalingGroup) bool { return o.declaredSource != nil }

// launchesInto reports whether instances are, or may still be, launched into a security group.
func (o *observed) launchesInto(string) bool { return false }

func declaredSource(*v1alpha1.AutoScalingGroup) []string { return nil }

// observeSource finds out what the object's instances are to be launched from.
func observeSource(_ context.Context, _ *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	ref := obj.Spec.LaunchTemplateRef
	if ref == nil {
		return nil
	}
	o.declaredSource = &types.LaunchTemplateSpecification{Version: aws.String(cmp.Or(ref.Version, "$Default"))}
	if ref.ID != "" {
		o.declaredSource.LaunchTemplateId = &ref.ID
	} else {
		o.declaredSource.LaunchTemplateName = &ref.Name
	}
	return nil
}

func createWithSource(_ *v1alpha1.AutoScalingGroup, o *observed, call *autoscaling.CreateAutoScalingGroupInput) {
	call.LaunchTemplate = o.declaredSource
}

// sameSource compares launch sources in normal form: AWS tells id and name of a template of which one is declared.
func sameSource(declared, live *types.LaunchTemplateSpecification) bool {
	if live == nil {
		return false
	}
	same := func(a, b *string) bool { return a == nil || aws.ToString(a) == aws.ToString(b) }
	return same(declared.LaunchTemplateId, live.LaunchTemplateId) && same(declared.LaunchTemplateName, live.LaunchTemplateName) &&
		aws.ToString(declared.Version) == cmp.Or(aws.ToString(live.Version), "$Default")
}

// sourceChanges returns what makes the group launch from what is declared.
func (k *Kind) sourceChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.declaredSource == nil {
		o.wait(lifecycle.Stall(v1alpha1.ReasonInvalidSpec, "Nothing is declared that instances could be launched from: give spec.launchTemplateRef."))
		return nil, nil
	}
	if o.group == nil || sameSource(o.declaredSource, o.group.sdk.LaunchTemplate) {
		return nil, nil
	}
	return []change{{
		plan: planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), fieldSource, sourceText(o.group.sdk.LaunchTemplate), sourceText(o.declaredSource)),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.update(ctx, o.group, &update{AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, LaunchTemplate: o.declaredSource})
		},
	}}, nil
}

func sourceText(spec *types.LaunchTemplateSpecification) string {
	if spec == nil {
		return ""
	}
	return cmp.Or(aws.ToString(spec.LaunchTemplateName), aws.ToString(spec.LaunchTemplateId)) + ":" + aws.ToString(spec.Version)
}
