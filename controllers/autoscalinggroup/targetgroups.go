package autoscalinggroup

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldTargetGroups is the list of target groups in status.managedFields, and in plans.
const fieldTargetGroups = "targetGroups"

const (
	// sourceType is what AWS calls target groups among the traffic sources of a group. Attached and detached as such, and
	// never as target groups: what one family of operations attaches the other does not detach.
	sourceType = "elbv2"
	// sourcesPerCall is how many traffic sources one call attaches or detaches.
	sourcesPerCall = 10
)

// attachments is what is known of the target groups that are attached, while they are managed.
type attachments struct {
	targets targets
	// states of the attached target groups by ARN, as the status has them.
	states map[string]string
}

// managesTargetGroups reports whether the attached target groups are the object's business: they are declared, or were.
func managesTargetGroups(obj *v1alpha1.AutoScalingGroup) bool {
	return obj.Spec.TargetGroups != nil || lifecycle.Managed(obj, fieldTargetGroups)
}

func declaredTargetGroups(obj *v1alpha1.AutoScalingGroup) []string {
	if obj.Spec.TargetGroups == nil {
		return nil
	}
	return []string{fieldTargetGroups}
}

// observeTargetGroups resolves the target groups that are declared, and reads which are attached.
func observeTargetGroups(ctx context.Context, k *Kind, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	if !managesTargetGroups(obj) || o.rival != nil || lifecycle.Deleting(obj) {
		return nil
	}
	var err error
	if o.targets, err = resolveTargets(ctx, k.reader, obj); err != nil || o.group == nil || o.group.hidden {
		return err
	}
	o.states = map[string]string{}
	for _, source := range o.group.sdk.TrafficSources {
		if aws.ToString(source.Type) == sourceType {
			o.states[aws.ToString(source.Identifier)] = v1alpha1.TargetGroupAttached
		}
	}
	if err := k.observeDead(ctx, o); err != nil || o.settledAs(obj.Status.TargetGroups) {
		return err
	}
	return k.observeSources(ctx, o)
}

// settledAs reports whether everything is attached as declared and was found so before, so that nothing can be under way:
// then the group itself tells enough.
func (a *attachments) settledAs(known []v1alpha1.AttachedTargetGroupStatus) bool {
	attach, detach := a.differences()
	if len(attach)+len(detach) > 0 || len(known) != len(a.states) {
		return false
	}
	for _, one := range known {
		if _, attached := a.states[one.ARN]; !attached || one.State != v1alpha1.TargetGroupAttached {
			return false
		}
	}
	return true
}

// observeSources reads how the attached target groups are.
func (k *Kind) observeSources(ctx context.Context, o *observed) error {
	states := map[string]string{}
	pages := autoscaling.NewDescribeTrafficSourcesPaginator(k.clients.AutoScaling, &autoscaling.DescribeTrafficSourcesInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, TrafficSourceType: aws.String(sourceType),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return fmt.Errorf("listing the target groups of Auto Scaling group %s: %w", o.group.name(), err)
		}
		for i := range page.TrafficSources {
			states[aws.ToString(page.TrafficSources[i].Identifier)] = sourceState(aws.ToString(page.TrafficSources[i].State))
		}
	}
	delete(states, "")
	o.states = states
	return nil
}

// sourceState is a state as the status has it. InService comes and goes with the health of instances; it is no more than
// Added to whom a target group is attached.
func sourceState(state string) string {
	switch state {
	case "Added", "InService":
		return v1alpha1.TargetGroupAttached
	case "Removed":
		return v1alpha1.TargetGroupRemoving
	}
	return state
}

// differences are the target groups to attach, and those to detach.
//
// What is attached waits for what is still being removed; what is detached waits until all that is declared is there and
// attached, so that instances are never without. What does not exist any more, or is about to go, is detached at once.
func (a *attachments) differences() (attach, detach []string) {
	complete := !a.targets.waits()
	for _, arn := range a.targets.wanted {
		state, known := a.states[arn]
		if !known {
			attach = append(attach, arn)
		}
		complete = complete && state == v1alpha1.TargetGroupAttached
	}
	for _, arn := range slices.Sorted(maps.Keys(a.states)) {
		wanted := slices.Contains(a.targets.wanted, arn) || slices.Contains(a.targets.kept, arn)
		if a.states[arn] != v1alpha1.TargetGroupRemoving && !wanted && (complete || slices.Contains(a.targets.leaving, arn)) {
			detach = append(detach, arn)
		}
	}
	return attach, detach
}

// createWithTargetGroups attaches target groups in the call that makes the group, so that no instance is ever without.
func createWithTargetGroups(_ *v1alpha1.AutoScalingGroup, o *observed, call *autoscaling.CreateAutoScalingGroupInput) {
	wanted := o.targets.wanted
	call.TrafficSources = asSources(wanted[:min(len(wanted), sourcesPerCall)])
}

func asSources(arns []string) []types.TrafficSourceIdentifier {
	var sources []types.TrafficSourceIdentifier
	for i := range arns {
		sources = append(sources, types.TrafficSourceIdentifier{Identifier: &arns[i], Type: aws.String(sourceType)})
	}
	return sources
}

// targetGroupChanges returns what attaches the declared target groups, and detaches the others.
func (k *Kind) targetGroupChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	if outcome, waits := o.targets.outcome(); waits {
		o.Wait(outcome)
	}
	if o.states == nil {
		return nil, nil
	}
	attach, detach := o.differences()
	if len(attach) > 0 && o.holds(obj, "attaching target groups "+arnTails(attach)) {
		attach = nil
	}
	var changes []change
	for _, part := range attachmentCalls(attach, obj.Status.TargetGroups) {
		changes = append(changes, change{plan: k.attachmentPlan(obj, o, "", arnTails(part.arns)), follows: !part.known, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.attach(ctx, o, part.arns)
		}})
	}
	for _, part := range attachmentCalls(detach, obj.Status.TargetGroups) {
		changes = append(changes, change{plan: k.attachmentPlan(obj, o, arnTails(part.arns), ""), follows: part.known, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.detach(ctx, o, part.arns)
		}})
	}
	return changes, nil
}

// part is what one call attaches or detaches: known ones were attached when the object was last looked at, so that
// who detaches them is the LoadBalancer that has replaced them, and who has detached them is somebody else.
type part struct {
	arns  []string
	known bool
}

func attachmentCalls(arns []string, status []v1alpha1.AttachedTargetGroupStatus) []part {
	var parts []part
	for _, known := range []bool{true, false} {
		alike := slices.DeleteFunc(slices.Clone(arns), func(arn string) bool {
			return known != slices.ContainsFunc(status, func(one v1alpha1.AttachedTargetGroupStatus) bool { return one.ARN == arn })
		})
		for chunk := range slices.Chunk(alike, sourcesPerCall) {
			parts = append(parts, part{chunk, known})
		}
	}
	return parts
}

func (k *Kind) attachmentPlan(obj *v1alpha1.AutoScalingGroup, o *observed, from, to string) []v1alpha1.PlannedChange {
	return planned(lifecycle.VerbUpdate, k.resourceOf(obj, o), fieldTargetGroups, lifecycle.Shorten(from), lifecycle.Shorten(to))
}

// arnTails tells target groups by what makes their ARNs unlike: "web/0123456789abcdef".
func arnTails(arns []string) string {
	tails := make([]string, len(arns))
	for i, arn := range arns {
		_, tails[i], _ = strings.Cut(arn, ":targetgroup/")
	}
	return strings.Join(tails, ", ")
}

// attach attaches target groups. AWS refuses that while an instance refresh runs, which may have been started just now;
// nothing else waits for it.
func (k *Kind) attach(ctx context.Context, o *observed, arns []string) error {
	_, err := k.clients.AutoScaling.AttachTrafficSources(ctx, &autoscaling.AttachTrafficSourcesInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, TrafficSources: asSources(arns),
	})
	switch awsclient.Classify(err) {
	case "":
		for _, arn := range arns {
			o.states[arn] = v1alpha1.TargetGroupAdding
		}
		return nil
	case awsclient.Busy:
		o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "Target groups are attached later: "+judge.Sentence(err), busyRecheck))
		return nil
	}
	return fmt.Errorf("attaching target groups %s: %w", arnTails(arns), err)
}

// detach detaches target groups. One that somebody else has detached meanwhile makes AWS refuse all of them.
func (k *Kind) detach(ctx context.Context, o *observed, arns []string) error {
	_, err := k.clients.AutoScaling.DetachTrafficSources(ctx, &autoscaling.DetachTrafficSourcesInput{
		AutoScalingGroupName: o.group.sdk.AutoScalingGroupName, TrafficSources: asSources(arns),
	})
	if awsclient.Classify(err) == awsclient.Invalid {
		if lookup := k.observeSources(ctx, o); lookup != nil {
			return lookup
		}
		attached := func(arn string) bool {
			state, known := o.states[arn]
			return known && state != v1alpha1.TargetGroupRemoving
		}
		if left := slices.DeleteFunc(slices.Clone(arns), func(arn string) bool { return !attached(arn) }); len(left) < len(arns) {
			return nil // what is left is for the next turn
		}
	}
	if err != nil {
		return fmt.Errorf("detaching target groups %s: %w", arnTails(arns), err)
	}
	for _, arn := range arns {
		o.states[arn] = v1alpha1.TargetGroupRemoving
	}
	return nil
}
