package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldPolicy stands before the name of a scaling policy in status.managedFields.
const fieldPolicy = "scalingPolicies."

// scaling is what was observed of policies and their alarms.
type scaling struct {
	// policies are those of the group, by name: at least those that are, or were, declared. They are not known while
	// policiesUnseen is set.
	policies       map[string]types.ScalingPolicy
	policiesUnseen bool
	// labels are those of target groups that policies name.
	labels labels
	// alarms are those of the names that the object's alarms have or had; not known while alarmsUnseen is set.
	alarms       map[string]*alarm
	alarmsUnseen bool
}

func declaredPolicies(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for i := range obj.Spec.ScalingPolicies {
		names = append(names, fieldPolicy+obj.Spec.ScalingPolicies[i].Name)
	}
	return slices.Concat(names, declaredAlarms(obj))
}

// policySpec finds a declared policy; nil when there is none of the name.
func policySpec(obj *v1alpha1.AutoScalingGroup, name string) *v1alpha1.ScalingPolicy {
	for i := range obj.Spec.ScalingPolicies {
		if obj.Spec.ScalingPolicies[i].Name == name {
			return &obj.Spec.ScalingPolicies[i]
		}
	}
	return nil
}

// policyNames are the names of the policies that are, or were, declared.
func policyNames(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for i := range obj.Spec.ScalingPolicies {
		names = append(names, obj.Spec.ScalingPolicies[i].Name)
	}
	return namesOf(names, lifecycle.ManagedUnder(obj, fieldPolicy))
}

// observePolicies reads the policies of the group, when the object has or had any.
func observePolicies(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	names := policyNames(obj)
	if len(names) == 0 {
		return nil
	}
	var err error
	if o.labels, err = k.resolveLabels(ctx, obj); err != nil {
		return err
	}
	o.policies = map[string]types.ScalingPolicy{}
	if o.group == nil || o.group.hidden || lifecycle.Deleting(obj) {
		return nil
	}
	found, err := k.readPolicies(ctx, obj, o.group.name(), names)
	if err != nil {
		o.policiesUnseen = true
		return o.Optional(err)
	}
	for _, policy := range found {
		o.policies[aws.ToString(policy.PolicyName)] = policy
	}
	return nil
}

// readPolicies reads policies by the ARNs in the status, with those of other groups in one call. All of the group's are
// listed when one of the names has none, or is gone: somebody may have made another one of its name.
func (k *Kind) readPolicies(ctx context.Context, obj *v1alpha1.AutoScalingGroup, group string, names []string) ([]types.ScalingPolicy, error) {
	var arns []string
	for _, status := range obj.Status.ScalingPolicies {
		if status.ARN != "" && slices.Contains(names, status.Name) {
			arns = append(arns, status.ARN)
		}
	}
	if len(arns) == len(names) {
		found, err := k.clients.ScalingPolicies(ctx, arns...)
		if err != nil || len(found) == len(arns) {
			return found, err
		}
	}
	return k.clients.ScalingPoliciesOf(ctx, group)
}

// policyRemovals deletes the policies that are not declared any more.
func (k *Kind) policyRemovals(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	var changes []change
	for _, name := range lifecycle.ManagedUnder(obj, fieldPolicy) {
		policy, exists := o.policies[name]
		if !exists || policySpec(obj, name) != nil {
			continue
		}
		changes = append(changes, change{
			plan: planned(lifecycle.VerbDelete, policyResource(name), "", "", ""),
			run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
				return k.deletePolicy(ctx, o, &policy)
			},
		})
	}
	return changes, nil
}

// policyChanges makes the declared policies, and makes those that differ as declared.
func (k *Kind) policyChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.policiesUnseen {
		return nil, nil
	}
	var changes []change
	for i := range obj.Spec.ScalingPolicies {
		declared := &obj.Spec.ScalingPolicies[i]
		if wait := labelsReady(declared, o); wait != nil {
			o.Wait(*wait)
			continue
		}
		desired := desiredPolicy(declared, o.labels)
		former, exists := o.policies[declared.Name]
		plan, replaced := policyPlan(declared.Name, &desired, &former, exists)
		if len(plan) == 0 {
			continue
		}
		changes = append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			if replaced {
				if err := k.deletePolicy(ctx, o, &former); err != nil {
					return err
				}
			}
			return k.putPolicy(ctx, o, desired)
		}})
	}
	return changes, nil
}

// policyPlan tells how a policy differs from the one that is there. AWS cannot change its type: it is replaced then.
func policyPlan(name string, desired, observed *types.ScalingPolicy, exists bool) (plan []v1alpha1.PlannedChange, replaced bool) {
	resource := policyResource(name)
	before, after := aws.ToString(observed.PolicyType), aws.ToString(desired.PolicyType)
	switch {
	case !exists:
		return planned(lifecycle.VerbCreate, resource, "", "", ""), false
	case before != after:
		return planned(lifecycle.VerbReplace, resource, "type", before, after), true
	}
	return updates(resource, normalScalingPolicy(desired), normalScalingPolicy(observed)), false
}

// awaitShown waits for a group that was made just now: calls that name it may be refused.
func (k *Kind) awaitShown(o *observed) error {
	return lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("AWS does not show Auto Scaling group %s yet.", o.group.name()), k.Poll))
}

func policyResource(name string) string { return "scaling policy " + name }

// putPolicy makes a policy, or makes the one of its name like it.
func (k *Kind) putPolicy(ctx context.Context, o *observed, policy types.ScalingPolicy) error {
	if o.group.hidden {
		return k.awaitShown(o)
	}
	answer, err := k.clients.AutoScaling.PutScalingPolicy(ctx, putting(o.group.name(), &policy))
	if awsclient.Classify(err) == awsclient.Invalid {
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "Scaling policy %s: %s", *policy.PolicyName, judge.Sentence(err))
	}
	if err != nil {
		return fmt.Errorf("putting scaling policy %s: %w", *policy.PolicyName, err)
	}
	policy.PolicyARN, policy.Alarms = answer.PolicyARN, answer.Alarms
	o.policies[*policy.PolicyName] = policy
	return nil
}

// deletePolicy deletes a policy; that it is gone already is as good.
func (k *Kind) deletePolicy(ctx context.Context, o *observed, policy *types.ScalingPolicy) error {
	_, err := k.clients.AutoScaling.DeletePolicy(ctx, &autoscaling.DeletePolicyInput{AutoScalingGroupName: aws.String(o.group.name()), PolicyName: policy.PolicyName})
	if err != nil && awsclient.Classify(err) != awsclient.NotFound {
		return fmt.Errorf("deleting scaling policy %s: %w", *policy.PolicyName, err)
	}
	delete(o.policies, *policy.PolicyName)
	return nil
}

// reportPolicies writes down the policies that the object keeps.
func (k *Kind) reportPolicies(obj *v1alpha1.AutoScalingGroup, o *observed) {
	if o.policiesUnseen || o.alarmsUnseen {
		return
	}
	var list []v1alpha1.ScalingPolicyStatus
	for i := range obj.Spec.ScalingPolicies {
		declared := &obj.Spec.ScalingPolicies[i]
		policy, exists := o.policies[declared.Name]
		if !exists {
			continue
		}
		status := v1alpha1.ScalingPolicyStatus{Name: declared.Name, ARN: aws.ToString(policy.PolicyARN), Type: aws.ToString(policy.PolicyType)}
		if status.Type == policyTracking {
			for _, one := range policy.Alarms {
				status.TargetTrackingAlarmNames = append(status.TargetTrackingAlarmNames, aws.ToString(one.AlarmName))
			}
			slices.Sort(status.TargetTrackingAlarmNames)
			status.TargetTrackingAlarmNames = slices.Compact(status.TargetTrackingAlarmNames)
		}
		if alarmOf(declared) != nil {
			name := k.alarmName(obj, declared.Name)
			if a := o.alarms[name]; a != nil && a.ours {
				status.AlarmName = name
			}
		}
		list = append(list, status)
	}
	obj.Status.ScalingPolicies = list
}
