package autoscaling

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func inRefresh(g *group) error {
	return frameError(refreshRunning, "An Instance Refresh is already in progress and blocks the execution of this Instance Refresh for AutoScalingGroup %s.", g.Name)
}

func startRefresh(w *write, in *sdk.StartInstanceRefreshInput) (*sdk.StartInstanceRefreshOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.running() != nil {
		return nil, inRefresh(g)
	}
	r := refresh{ID: w.service.env.Random.RequestID(), Status: types.InstanceRefreshStatusPending, Start: w.moment, Progressed: w.moment, Strategy: in.Strategy}
	if r.Strategy == "" {
		r.Strategy = types.RefreshStrategyRolling
	}
	if in.Preferences != nil {
		r.Preferences = *in.Preferences
	}
	var v frame.Violations
	frame.Enum(&v, r.Strategy, "strategy", r.Strategy.Values())
	if err := v.Err(validationError); err != nil {
		return nil, err
	}
	if err := g.completePreferences(&r.Preferences); err != nil {
		return nil, err
	}
	if err := w.desired(g, &r, in.DesiredConfiguration); err != nil {
		return nil, err
	}
	if r.Strategy == types.RefreshStrategyReplaceRootVolume {
		if err := replacesRoots(r.Desired); err != nil {
			return nil, err
		}
	}
	if aws.ToBool(r.Preferences.AutoRollback) {
		if why := w.irreversible(g, &r); why != "" {
			return nil, invalid("The AutoRollback parameter cannot be set to true when %s", why)
		}
	}
	g.Refreshes = slices.Insert(g.Refreshes, 0, r)
	g.Refreshes = slices.DeleteFunc(g.Refreshes, func(r refresh) bool { return !r.active() && w.moment.Sub(r.End) > keepActivities })
	return &sdk.StartInstanceRefreshOutput{InstanceRefreshId: &r.ID}, nil
}

// completePreferences checks the preferences of a refresh and fills in the defaults.
func (g *group) completePreferences(p *types.RefreshPreferences) error {
	var v frame.Violations
	frame.Between(&v, p.MinHealthyPercentage, "preferences.minHealthyPercentage", 0, 100)
	frame.Between(&v, p.MaxHealthyPercentage, "preferences.maxHealthyPercentage", 100, 200)
	frame.Between(&v, p.InstanceWarmup, "preferences.instanceWarmup", 0, 1<<30)
	frame.Between(&v, p.CheckpointDelay, "preferences.checkpointDelay", 0, 172800)
	frame.Between(&v, p.BakeTime, "preferences.bakeTime", 0, 172800)
	frame.Enum(&v, p.ScaleInProtectedInstances, "preferences.scaleInProtectedInstances", p.ScaleInProtectedInstances.Values())
	frame.Enum(&v, p.StandbyInstances, "preferences.standbyInstances", p.StandbyInstances.Values())
	if err := v.Err(validationError); err != nil {
		return err
	}
	switch {
	case p.MaxHealthyPercentage != nil && p.MinHealthyPercentage == nil:
		return invalid("The MinHealthyPercentage must be specified when the MaxHealthyPercentage is specified")
	case p.MaxHealthyPercentage != nil && *p.MaxHealthyPercentage-*p.MinHealthyPercentage > 100:
		return invalid("The difference between MinHealthyPercentage and MaxHealthyPercentage cannot be greater than 100")
	case p.AlarmSpecification != nil && len(p.AlarmSpecification.Alarms) > 10:
		return invalid("At most 10 alarms can be specified")
	case p.CheckpointDelay != nil && len(p.CheckpointPercentages) == 0:
		return invalid("CheckpointDelay cannot be specified without CheckpointPercentages")
	}
	if err := checkCheckpoints(p.CheckpointPercentages); err != nil {
		return err
	}
	g.fillPreferences(p)
	return nil
}

func checkCheckpoints(percentages []int32) error {
	for i, percent := range percentages {
		if percent < 1 || percent > 100 || i > 0 && percent <= percentages[i-1] {
			return invalid("CheckpointPercentages must be between 1 and 100, unique and in ascending order")
		}
	}
	return nil
}

func (g *group) fillPreferences(p *types.RefreshPreferences) {
	if len(p.CheckpointPercentages) > 0 {
		p.CheckpointDelay = either(p.CheckpointDelay, 3600)
	}
	if p.MinHealthyPercentage == nil && g.Settings.InstanceMaintenancePolicy == nil {
		p.MinHealthyPercentage = aws.Int32(90)
	}
	if p.ScaleInProtectedInstances == "" {
		p.ScaleInProtectedInstances = types.ScaleInProtectedInstancesWait
	}
	if p.StandbyInstances == "" {
		p.StandbyInstances = types.StandbyInstancesWait
	}
	p.SkipMatching, p.AutoRollback = either(p.SkipMatching, false), either(p.AutoRollback, false)
}

// desired checks and completes the desired configuration of a refresh.
func (w *write) desired(g *group, r *refresh, given *types.DesiredConfiguration) error {
	if given == nil || given.LaunchTemplate == nil && given.MixedInstancesPolicy == nil {
		return nil
	}
	if given.LaunchTemplate != nil && given.MixedInstancesPolicy != nil {
		return invalid("The DesiredConfiguration must contain either a LaunchTemplate or a MixedInstancesPolicy")
	}
	trial := g.clone()
	trial.Settings.LaunchTemplate, trial.Settings.MixedInstancesPolicy, trial.Settings.LaunchConfigurationName = given.LaunchTemplate, given.MixedInstancesPolicy, nil
	if err := w.checkLaunchSource(trial); err != nil {
		return err
	}
	r.Desired = &types.DesiredConfiguration{LaunchTemplate: trial.Settings.LaunchTemplate, MixedInstancesPolicy: trial.Settings.MixedInstancesPolicy}
	return nil
}

// irreversible tells why a refresh cannot be rolled back, or nothing.
func (w *write) irreversible(g *group, r *refresh) string {
	if r.Desired == nil {
		return "the DesiredConfiguration parameter is empty"
	}
	if g.Settings.LaunchConfigurationName != nil {
		return "the AutoScalingGroup uses a launch configuration"
	}
	for _, one := range []*types.LaunchTemplateSpecification{
		specificationOf(r.Desired.LaunchTemplate, r.Desired.MixedInstancesPolicy), specificationOf(g.Settings.LaunchTemplate, g.Settings.MixedInstancesPolicy),
	} {
		if one == nil {
			continue
		}
		if strings.HasPrefix(text(one.Version), "$") {
			return "the launch template version is " + text(one.Version)
		}
		found, err := w.service.needs.Templates.ResolveTemplate(g.Account, g.Region, text(one.LaunchTemplateId), text(one.Version))
		if err == nil && strings.HasPrefix(text(found.Data.ImageId), "resolve:ssm:") {
			return "the launch template uses an AWS Systems Manager parameter instead of an AMI ID"
		}
	}
	return ""
}

func specificationOf(single *types.LaunchTemplateSpecification, mixed *types.MixedInstancesPolicy) *types.LaunchTemplateSpecification {
	if single == nil && mixed != nil && mixed.LaunchTemplate != nil {
		return mixed.LaunchTemplate.LaunchTemplateSpecification
	}
	return single
}

func noActiveRefresh(g *group) error {
	return frameError(noRefresh, "No in progress or pending Instance Refresh found for Auto Scaling group %s", g.Name)
}

func cancelRefresh(w *write, in *sdk.CancelInstanceRefreshInput) (*sdk.CancelInstanceRefreshOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	r := g.running()
	if r == nil || r.Status == types.InstanceRefreshStatusCancelling {
		return nil, noActiveRefresh(g)
	}
	r.Status = types.InstanceRefreshStatusCancelling
	r.CancelAtOnce = in.WaitForTransitioningInstances != nil && !*in.WaitForTransitioningInstances
	return &sdk.CancelInstanceRefreshOutput{InstanceRefreshId: &r.ID}, nil
}

func rollbackRefresh(w *write, in *sdk.RollbackInstanceRefreshInput) (*sdk.RollbackInstanceRefreshOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	r := g.running()
	if r == nil || r.rollingBack() || r.Status == types.InstanceRefreshStatusCancelling {
		return nil, noActiveRefresh(g)
	}
	if why := w.irreversible(g, r); why != "" {
		return nil, frameError(irreversible, "The instance refresh cannot be rolled back when %s", why)
	}
	t := &turn{group: g, content: w.content, service: w.service, needs: &w.service.needs, now: w.moment}
	t.rollBack(r, "Rollback was requested by the user.")
	return &sdk.RollbackInstanceRefreshOutput{InstanceRefreshId: &r.ID}, nil
}

// rollback turns a refresh around.
func (r *refresh) rollback(why string, now time.Time) {
	r.Status, r.RollbackReason, r.RollbackStart = types.InstanceRefreshStatusRollbackInProgress, why, now
	r.Reason, r.Forward, r.Percent, r.Progressed, r.Paused = why, r.Percent, 0, now, time.Time{}
}

func describeRefreshes(r *reading, in *sdk.DescribeInstanceRefreshesInput) (*sdk.DescribeInstanceRefreshesOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	place, found := map[string]string{}, []types.InstanceRefresh{}
	for i := range g.Refreshes {
		one := g.Refreshes[i].described(g)
		if len(in.InstanceRefreshIds) == 0 || slices.Contains(in.InstanceRefreshIds, *one.InstanceRefreshId) {
			place[*one.InstanceRefreshId] = newestFirst(*one.StartTime)
			found = append(found, one)
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(one *types.InstanceRefresh) string { return place[*one.InstanceRefreshId] })
	return &sdk.DescribeInstanceRefreshesOutput{InstanceRefreshes: cut, NextToken: next}, err
}

func (r *refresh) described(g *group) types.InstanceRefresh {
	left := int32(len(r.Todo))
	reason := r.Reason
	if reason == "" && r.active() {
		reason = r.Waiting
	}
	shown := types.InstanceRefresh{
		AutoScalingGroupName: &g.Name, InstanceRefreshId: &r.ID, Status: r.Status, StatusReason: optional(reason), StartTime: &r.Start,
		DesiredConfiguration: r.Desired, Preferences: &r.Preferences, Strategy: r.Strategy,
	}
	if !r.End.IsZero() {
		shown.EndTime = &r.End
	}
	progress := &types.InstanceRefreshProgressDetails{LivePoolProgress: &types.InstanceRefreshLivePoolProgress{InstancesToUpdate: &left, PercentageComplete: &r.Percent}}
	if r.WarmTotal > 0 {
		progress.WarmPoolProgress = &types.InstanceRefreshWarmPoolProgress{InstancesToUpdate: aws.Int32(0), PercentageComplete: aws.Int32(100)}
	}
	if r.RollbackStart.IsZero() {
		shown.PercentageComplete, shown.InstancesToUpdate = &r.Percent, &left
		shown.ProgressDetails = progress
		return shown
	}
	shown.PercentageComplete, shown.InstancesToUpdate = &r.Forward, aws.Int32(0)
	shown.RollbackDetails = &types.RollbackDetails{
		RollbackReason: &r.RollbackReason, RollbackStartTime: &r.RollbackStart, PercentageCompleteOnRollback: &r.Percent,
		InstancesToUpdateOnRollback: &left, ProgressDetailsOnRollback: progress,
	}
	return shown
}
