package autoscalinggroup

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const (
	// refreshesPerPage is the most refreshes that one call tells of: what is older has ended long since.
	refreshesPerPage = 100
	// fingerprintDigits are enough of a hash to tell sources and specs of one object apart.
	fingerprintDigits = 16
)

// refreshes is what was observed of a group's instance refreshes.
type refreshes struct {
	// rollOut decides what is to be done next; nil while there is no group, or it is not known what it launches.
	rollOut *rollOut
	// newest is the newest refresh; nil when there is none, or nothing made it worth a look.
	newest *types.InstanceRefresh
	// held names the changes that wait for the end of the refresh under way.
	held []string
}

// refreshing reports whether an instance refresh is known to be under way, whoever started it. AWS refuses some calls then.
func (r *refreshes) refreshing() bool { return r.newest != nil && seenAs(r.newest).active() }

// holds keeps a change back that AWS refuses while a refresh is under way, whoever started it: attaching target groups, and
// setting the warm pool. It takes everything else.
func (o *observed) holds(obj *v1alpha1.AutoScalingGroup, what string) bool {
	if !o.refreshing() || !lifecycle.Manages(obj) {
		return false
	}
	o.held = append(o.held, what)
	o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "It waits for the end of an instance refresh: "+what+".", 0))
	return true
}

// broughtSource is the source that the refresh under way brings: what it launches is in use.
func (r *refreshes) broughtSource() launchSource {
	if !r.refreshing() {
		return launchSource{}
	}
	return sourceBrought(r.newest)
}

// beginRollOut compares the group, which may have been made just now, with what is declared and remembered.
func (o *observed) beginRollOut(obj *v1alpha1.AutoScalingGroup) {
	o.rollOut = &rollOut{}
	o.rollOut.recall(obj, o)
}

// observeRefreshes reads the group's instance refreshes when something speaks for there being a new one: a call for each
// group at each look would be many.
func observeRefreshes(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if o.group == nil || o.group.hidden {
		return nil
	}
	if lifecycle.Deleting(obj) {
		return k.observeLastRefresh(ctx, obj, o)
	}
	if !o.desiredSource(obj).known() {
		return nil
	}
	o.beginRollOut(obj)
	if o.rollOut.worthALook() || inMotion(o.group.sdk.Instances) || refreshOf(obj).Status != "" && statusSeen(obj).active() {
		if err := k.readRefreshes(ctx, o); err != nil {
			o.rollOut = nil
			return o.Optional(err)
		}
	}
	o.rollOut.learn()
	return nil
}

// observeLastRefresh looks, before a group that is being deleted is drained, for a refresh that would launch instances
// meanwhile. Whether somebody has started one cannot be told from the group.
func (k *Kind) observeLastRefresh(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if _, blocked := protection(obj, &o.group.sdk); blocked || !o.mayDelete() || o.group.deleting() || forced(obj) || scaledToZero(&o.group.sdk) {
		return nil
	}
	o.rollOut = &rollOut{attempt: refreshOf(obj).Attempt}
	return o.Optional(k.readRefreshes(ctx, o))
}

// readRefreshes asks AWS for the refreshes of the group.
func (k *Kind) readRefreshes(ctx context.Context, o *observed) error {
	answer, err := k.clients.AutoScaling.DescribeInstanceRefreshes(ctx, &autoscaling.DescribeInstanceRefreshesInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, MaxRecords: aws.Int32(refreshesPerPage),
	})
	if err != nil {
		return fmt.Errorf("reading the instance refreshes of %s: %w", o.group.name(), err)
	}
	o.see(answer.InstanceRefreshes)
	return nil
}

// see takes over what AWS tells of refreshes.
func (r *refreshes) see(found []types.InstanceRefresh) {
	slices.SortStableFunc(found, func(a, b types.InstanceRefresh) int {
		return aws.ToTime(b.StartTime).Compare(aws.ToTime(a.StartTime))
	})
	r.rollOut.refreshes = nil
	for i := range found {
		r.rollOut.refreshes = append(r.rollOut.refreshes, seenAs(&found[i]))
	}
	if len(found) > 0 {
		r.newest = &found[0]
	}
}

// seenAs is what of a refresh counts for what is to be done next.
func seenAs(found *types.InstanceRefresh) refreshSeen {
	seen := refreshSeen{id: aws.ToString(found.InstanceRefreshId), status: found.Status, reason: aws.ToString(found.StatusReason)}
	seen.desired = sourceBrought(found).fingerprint()
	if found.RollbackDetails != nil && aws.ToString(found.RollbackDetails.RollbackReason) != "" {
		seen.reason = *found.RollbackDetails.RollbackReason
	}
	return seen
}

// sourceBrought is the source that a refresh brings; not known when it replaces instances by the group's own.
func sourceBrought(found *types.InstanceRefresh) launchSource {
	if found.DesiredConfiguration == nil {
		return launchSource{}
	}
	return launchSource{template: found.DesiredConfiguration.LaunchTemplate, mixed: found.DesiredConfiguration.MixedInstancesPolicy}
}

// refreshOf is what the status remembers; empty when it does not yet.
func refreshOf(obj *v1alpha1.AutoScalingGroup) v1alpha1.InstanceRefreshStatus {
	if obj.Status.InstanceRefresh == nil {
		return v1alpha1.InstanceRefreshStatus{}
	}
	return *obj.Status.InstanceRefresh
}

// statusSeen is the refresh that the status tells of.
func statusSeen(obj *v1alpha1.AutoScalingGroup) refreshSeen {
	return refreshSeen{status: types.InstanceRefreshStatus(refreshOf(obj).Status)}
}

// recall takes over what the status remembers. A group that is seen for the first time is taken as it is found: only a
// change after that makes its instances be replaced.
func (r *rollOut) recall(obj *v1alpha1.AutoScalingGroup, o *observed) {
	r.compare(obj, o)
	status := refreshOf(obj)
	r.settled, r.attempt = status.SettledSource, status.Attempt.DeepCopy()
	if obj.Status.InstanceRefresh == nil {
		r.settled = r.group
	}
}

// compare takes over how the declared source, the group and its instances stand at the moment.
func (r *rollOut) compare(obj *v1alpha1.AutoScalingGroup, o *observed) {
	g, desired := &o.group.sdk, o.desiredSource(obj)
	r.desired, r.made, r.group = desired.fingerprint(), desired.made(), sourceOf(g).fingerprint()
	r.spec, r.automatic = specHash(obj), automatic(obj)
	r.outdated, r.warm = len(outdated(desired, g.Instances)), int(aws.ToInt32(g.WarmPoolSize))
}

// automatic reports whether changes reach the instances by refreshes.
func automatic(obj *v1alpha1.AutoScalingGroup) bool {
	return obj.Spec.InstanceRefresh != nil && obj.Spec.InstanceRefresh.Mode != v1alpha1.InstanceRefreshManual
}

// fingerprint tells a source from others, in normal form; empty while there is none.
func (s launchSource) fingerprint() string {
	if !s.known() {
		return ""
	}
	text := ""
	for _, f := range s.normal() {
		text += fmt.Sprintf("%s=%q\n", f.field, f.value)
	}
	return hashText(text)
}

// specHash tells the spec from former ones, but for the sizes, which scalers change, and for what does not bear on AWS.
func specHash(obj *v1alpha1.AutoScalingGroup) string {
	spec := obj.Spec.DeepCopy()
	spec.MinSize, spec.MaxSize, spec.DesiredCapacity, spec.Policies = 0, 0, nil, v1alpha1.Policies{}
	text, err := json.Marshal(spec)
	if err != nil { // which a spec that came as JSON does not meet
		return hashText(fmt.Sprint(*spec))
	}
	return hashText(string(text))
}

func hashText(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])[:fingerprintDigits]
}

// outdated are the instances that were not launched as a source has it. Those on their way out do not count.
func outdated(source launchSource, instances []types.Instance) []string {
	var ids []string
	for i := range instances {
		if !leaves(&instances[i]) && !source.launched(&instances[i]) {
			ids = append(ids, aws.ToString(instances[i].InstanceId))
		}
	}
	return ids
}

func leaves(i *types.Instance) bool {
	return strings.HasPrefix(string(i.LifecycleState), "Terminat") || strings.HasPrefix(string(i.LifecycleState), "Detach")
}

// inMotion reports whether an instance is on its way in or out, as they are during a refresh.
func inMotion(instances []types.Instance) bool {
	return slices.ContainsFunc(instances, func(i types.Instance) bool {
		return i.LifecycleState != types.LifecycleStateInService && i.LifecycleState != types.LifecycleStateStandby
	})
}

// launched reports whether an instance is one that the source would launch.
func (s launchSource) launched(i *types.Instance) bool {
	if s.mixed == nil || s.mixed.LaunchTemplate == nil || len(s.mixed.LaunchTemplate.Overrides) == 0 {
		return s.configuration == aws.ToString(i.LaunchConfigurationName) && sameTemplate(s.main(), i.LaunchTemplate)
	}
	return slices.ContainsFunc(s.mixed.LaunchTemplate.Overrides, func(o types.LaunchTemplateOverrides) bool {
		template := s.main()
		if o.LaunchTemplateSpecification != nil {
			template = o.LaunchTemplateSpecification
		}
		sameType := o.InstanceType == nil || *o.InstanceType == aws.ToString(i.InstanceType)
		sameImage := o.ImageId == nil || *o.ImageId == aws.ToString(i.ImageId)
		return sameType && sameImage && sameTemplate(template, i.LaunchTemplate)
	})
}

// sameTemplate compares a version of a launch template, by its number, with the one that an instance has.
func sameTemplate(declared, has *types.LaunchTemplateSpecification) bool {
	if declared == nil || has == nil {
		return declared == has
	}
	if aws.ToString(declared.Version) != aws.ToString(has.Version) {
		return false
	}
	if declared.LaunchTemplateId != nil {
		return *declared.LaunchTemplateId == aws.ToString(has.LaunchTemplateId)
	}
	return aws.ToString(declared.LaunchTemplateName) == aws.ToString(has.LaunchTemplateName)
}
