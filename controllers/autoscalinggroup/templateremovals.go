package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// templateRemovals returns what deletes versions that nothing uses any more, and the object's template itself once
// nothing needs it: when the object is being deleted and its group is gone, or when another template is declared and
// neither the group nor any instance of it has this one.
func (k *Kind) templateRemovals(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	switch {
	case o.own == nil || lifecycle.Observes(obj):
		return nil, nil
	case lifecycle.Deleting(obj):
		if o.group != nil && o.ours {
			return nil, nil
		}
		return []change{k.templateDeletion(obj)}, nil
	case obj.Spec.LaunchTemplate != nil:
		return k.pruning(obj, o), nil
	case declaresSource(obj) && o.unusedTemplate(obj):
		return []change{k.templateDeletion(obj)}, nil
	}
	return nil, nil
}

// unusedTemplate reports whether neither the group nor an instance of it has a version of the object's template.
func (o *observed) unusedTemplate(obj *v1alpha1.AutoScalingGroup) bool {
	return len(o.versionsInUse()) == 0 && !o.launchesElsewhere(obj)
}

func (k *Kind) templateDeletion(obj *v1alpha1.AutoScalingGroup) change {
	return change{
		plan: planned(lifecycle.VerbDelete, k.templateResource(obj), "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			_, err := k.clients.EC2.DeleteLaunchTemplate(ctx, &ec2.DeleteLaunchTemplateInput{LaunchTemplateId: aws.String(o.own.id())})
			if err != nil && awsclient.Classify(err) != awsclient.NotFound {
				return fmt.Errorf("deleting launch template %s: %w", o.own.name(), err)
			}
			o.own = nil
			return nil
		},
	}
}

// pruning returns what deletes old versions, when all of them have been read.
func (k *Kind) pruning(obj *v1alpha1.AutoScalingGroup, o *observed) []change {
	old := o.oldVersions()
	var changes []change
	for part := range slices.Chunk(old, awsclient.LaunchTemplateVersionsPerDeletion) {
		changes = append(changes, change{
			plan: planned(lifecycle.VerbDelete, k.templateResource(obj), "versions", strings.Join(part, ", "), ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.deleteVersions(ctx, o, part)
			},
		})
	}
	return changes
}

// oldVersions are the numbers of versions that the controller made and that nothing needs: not the newest few, not those
// that the group or its instances have, and not the default one, which EC2 does not delete. Those of others stay.
func (o *observed) oldVersions() []string {
	if !o.own.listed {
		return nil
	}
	inUse := o.versionsInUse()
	kept := 0
	if o.own.current == 0 {
		kept = 1 // the one that is about to be made
	}
	var old []string
	for i := range o.own.versions {
		version := &o.own.versions[i]
		number := aws.ToInt64(version.VersionNumber)
		if hashOf(version.VersionDescription) == "" {
			continue
		}
		if kept++; kept <= keptVersions || inUse[number] || number == o.own.current || number == aws.ToInt64(o.own.sdk.DefaultVersionNumber) {
			continue
		}
		old = append(old, strconv.FormatInt(number, 10))
	}
	return old
}

// deleteVersions deletes versions; those that are gone already are no error.
func (k *Kind) deleteVersions(ctx context.Context, o *observed, numbers []string) error {
	answer, err := k.clients.EC2.DeleteLaunchTemplateVersions(ctx, &ec2.DeleteLaunchTemplateVersionsInput{LaunchTemplateId: aws.String(o.own.id()), Versions: numbers})
	if err != nil {
		return fmt.Errorf("deleting old versions of launch template %s: %w", o.own.name(), err)
	}
	for _, refused := range answer.UnsuccessfullyDeletedLaunchTemplateVersions {
		if reason := refused.ResponseError; reason != nil && reason.Code != types.LaunchTemplateErrorCodeLaunchTemplateVersionDoesNotExist {
			return fmt.Errorf("deleting version %d of launch template %s: AWS answered %s: %s",
				aws.ToInt64(refused.VersionNumber), o.own.name(), reason.Code, aws.ToString(reason.Message))
		}
	}
	return nil
}

// namedStatus tells of the template of others that is declared.
func namedStatus(o *observed, ref v1alpha1.LaunchTemplateReference) *v1alpha1.LaunchTemplateStatus {
	found, exists := o.named[ref]
	if !exists {
		return nil
	}
	status := &v1alpha1.LaunchTemplateStatus{ID: aws.ToString(found.LaunchTemplateId), Name: aws.ToString(found.LaunchTemplateName)}
	if number, err := strconv.ParseInt(aws.ToString(o.specificationOf(ref).Version), 10, 64); err == nil {
		status.Version = number
	}
	return status
}
