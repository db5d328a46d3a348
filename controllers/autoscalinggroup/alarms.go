package autoscalinggroup

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldAlarm stands before the name of a policy that has an alarm in status.managedFields.
const fieldAlarm = "scalingAlarms."

// alarm is a CloudWatch alarm of a name that the object's alarms have.
type alarm struct {
	sdk types.MetricAlarm
	// tags are read only where something hangs on them; nil otherwise.
	tags map[string]string
	// ours is set when it is known to belong to the object.
	ours bool
}

func declaredAlarms(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for _, policy := range alarmedPolicies(obj) {
		names = append(names, fieldAlarm+policy)
	}
	return names
}

// alarmedPolicies are the names of the policies that have an alarm declared in them.
func alarmedPolicies(obj *v1alpha1.AutoScalingGroup) []string {
	var names []string
	for i := range obj.Spec.ScalingPolicies {
		if alarmOf(&obj.Spec.ScalingPolicies[i]) != nil {
			names = append(names, obj.Spec.ScalingPolicies[i].Name)
		}
	}
	return names
}

// wantsAlarm reports whether the alarm of a policy is to be there.
func wantsAlarm(obj *v1alpha1.AutoScalingGroup, policy string) bool {
	return !lifecycle.Deleting(obj) && alarmOf(policySpec(obj, policy)) != nil
}

// observeAlarms reads the alarms of the names that the object's alarms have or had, with those of other groups in one
// call. Whose they are is asked where the status does not tell, and before anything is done to one.
func observeAlarms(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	policies := namesOf(alarmedPolicies(obj), lifecycle.ManagedUnder(obj, fieldAlarm))
	if len(policies) == 0 {
		return nil
	}
	if lifecycle.Deleting(obj) && o.mayDelete() { // they go after the group
		o.alarmsUnseen = true
		return nil
	}
	var names []string
	for _, policy := range policies {
		names = append(names, k.alarmName(obj, policy))
	}
	found, err := k.clients.Alarms(ctx, names...)
	if err != nil {
		o.alarmsUnseen = true
		return o.Optional(err)
	}
	o.alarms = map[string]*alarm{}
	for i, policy := range policies {
		sdk, exists := found[names[i]]
		if !exists {
			continue
		}
		a := &alarm{sdk: sdk}
		o.alarms[names[i]] = a
		known := slices.ContainsFunc(obj.Status.ScalingPolicies, func(s v1alpha1.ScalingPolicyStatus) bool { return s.AlarmName == names[i] })
		if a.ours = known; known && wantsAlarm(obj, policy) && len(k.alarmPlan(obj, o, policy)) == 0 {
			continue
		}
		if a.tags, err = k.clients.AlarmTags(ctx, aws.ToString(sdk.AlarmArn)); err != nil {
			o.alarmsUnseen = true
			return o.Optional(err)
		}
		owner, owned := awsclient.OwnerOf(a.tags)
		a.ours = owned && owner == k.owner(obj) || !owned && known
	}
	return nil
}

// alarmChanges makes the alarms that are declared in policies, and makes those that differ as declared.
func (k *Kind) alarmChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if o.alarmsUnseen || o.policiesUnseen {
		return nil, nil
	}
	var changes []change
	for _, policy := range alarmedPolicies(obj) {
		name := k.alarmName(obj, policy)
		a := o.alarms[name]
		if a != nil && !a.ours && !lifecycle.Observes(obj) {
			o.WaitFor(k.alarmConflict(a, policy))
			continue
		}
		if missing := k.missingMarks(obj, a); len(missing) > 0 {
			changes = append(changes, markAlarm(name, missing))
		}
		plan := k.alarmPlan(obj, o, policy)
		if len(plan) == 0 {
			continue
		}
		changes = append(changes, change{plan: plan, run: func(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.putAlarm(ctx, obj, o, policy)
		}})
	}
	return changes, nil
}

// alarmPlan tells how the alarm of a policy differs from what is declared.
func (k *Kind) alarmPlan(obj *v1alpha1.AutoScalingGroup, o *observed, policy string) []v1alpha1.PlannedChange {
	name := k.alarmName(obj, policy)
	a := o.alarms[name]
	if a == nil {
		return planned(lifecycle.VerbCreate, alarmResource(name), "", "", "")
	}
	desired := k.desiredAlarm(obj, policy, policyARN(obj, o, policy))
	return updates(alarmResource(name), normalAlarm(&desired), normalAlarm(&a.sdk))
}

// policyARN is what the alarm of a policy calls; as it is told in plans, while the policy is to be made or replaced.
func policyARN(obj *v1alpha1.AutoScalingGroup, o *observed, policy string) string {
	desired := desiredPolicy(policySpec(obj, policy), o.labels)
	if made, ok := o.policies[policy]; ok && made.PolicyARN != nil && aws.ToString(made.PolicyType) == *desired.PolicyType {
		return *made.PolicyARN
	}
	return "the ARN of scaling policy " + policy
}

func alarmResource(name string) string { return "CloudWatch alarm " + name }

// alarmConflict says whose an alarm is, and what can be done.
func (k *Kind) alarmConflict(a *alarm, policy string) error {
	name := aws.ToString(a.sdk.AlarmName)
	if owner, owned := awsclient.OwnerOf(a.tags); owned {
		return lifecycle.Refuse(v1alpha1.ReasonConflict, "CloudWatch alarm %s belongs to %s of the cluster %s, as its tags say. Give scaling policy %s another name.", name, owner.Object, owner.Cluster, policy)
	}
	return lifecycle.Refuse(v1alpha1.ReasonConflict, "A CloudWatch alarm of the name %s exists and is not this object's. Delete it, or give scaling policy %s another name.", name, policy)
}

// missingMarks are the ownership tags that an alarm of ours has lost, where its tags were read.
func (k *Kind) missingMarks(obj *v1alpha1.AutoScalingGroup, a *alarm) map[string]string {
	if a == nil || a.tags == nil || lifecycle.Observes(obj) {
		return nil
	}
	missing, _ := awsclient.DiffTags(k.owner(obj).Tags(), a.tags, nil)
	return missing
}

// markAlarm sets ownership tags that an alarm has lost.
func markAlarm(name string, missing map[string]string) change {
	var plan []v1alpha1.PlannedChange
	for _, tag := range alarmTags(missing) {
		plan = append(plan, planned(lifecycle.VerbUpdate, alarmResource(name), fieldTag+*tag.Key, "", *tag.Value)...)
	}
	return change{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		input := &cloudwatch.TagResourceInput{ResourceARN: o.alarms[name].sdk.AlarmArn, Tags: alarmTags(missing)}
		if _, err := k.clients.CloudWatch.TagResource(ctx, input); err != nil {
			return fmt.Errorf("tagging CloudWatch alarm %s: %w", name, err)
		}
		return nil
	}}
}

// putAlarm makes the alarm of a policy, or makes it as declared.
func (k *Kind) putAlarm(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed, policy string) error {
	made, ok := o.policies[policy]
	if !ok || made.PolicyARN == nil {
		return fmt.Errorf("scaling policy %s, which an alarm is to call, has no ARN", policy)
	}
	desired := k.desiredAlarm(obj, policy, *made.PolicyARN)
	name := *desired.AlarmName
	var tags map[string]string
	if before := o.alarms[name]; before == nil {
		tags = k.owner(obj).Tags()
	} else {
		desired.AlarmArn = before.sdk.AlarmArn
	}
	if _, err := k.clients.CloudWatch.PutMetricAlarm(ctx, puttingAlarm(&desired, tags)); err != nil {
		return fmt.Errorf("putting CloudWatch alarm %s: %w", name, err)
	}
	if o.alarms == nil {
		o.alarms = map[string]*alarm{}
	}
	o.alarms[name] = &alarm{sdk: desired, ours: true}
	return nil
}

// alarmRemovals deletes the alarms that are not declared any more; all of them once the object is being deleted.
func (k *Kind) alarmRemovals(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	var names []string
	var plan []v1alpha1.PlannedChange
	for _, policy := range lifecycle.ManagedUnder(obj, fieldAlarm) {
		name := k.alarmName(obj, policy)
		if a := o.alarms[name]; a == nil || !a.ours || wantsAlarm(obj, policy) {
			continue
		}
		names = append(names, name)
		plan = append(plan, planned(lifecycle.VerbDelete, alarmResource(name), "", "", "")...)
	}
	if len(names) == 0 || o.alarmsUnseen {
		return nil, nil
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		if err := k.clients.DeleteAlarms(ctx, names); err != nil {
			return err
		}
		for _, name := range names {
			delete(o.alarms, name)
		}
		return nil
	}}}, nil
}

// alarmsLeft reports whether alarms of the object are there, or may be.
func (o *observed) alarmsLeft() bool {
	if o.alarmsUnseen {
		return true
	}
	for _, a := range o.alarms {
		if a.ours {
			return true
		}
	}
	return false
}
