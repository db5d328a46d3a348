package autoscaling

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// troubled ends a refresh, or rolls it back, when an alarm of it is in ALARM or
// it has waited for too long; it tells whether it did.
func (t *turn) troubled(r *refresh) bool {
	if why := t.alarmed(r); why != "" && !r.rollingBack() {
		t.fail(r, why)
		return true
	}
	patience := t.service.env.Timing.AutoScaling.Patience + t.service.seconds(t.warmup(r)) // warming up is no trouble
	if t.now.Sub(r.Progressed) <= patience || len(r.Todo) == 0 && t.replaced(r) {
		return false
	}
	t.fail(r, t.stuckOn(r))
	return true
}

// alarmed tells which alarm of a refresh is in ALARM.
func (t *turn) alarmed(r *refresh) string {
	if r.Preferences.AlarmSpecification == nil {
		return ""
	}
	for _, name := range r.Preferences.AlarmSpecification.Alarms {
		if found, ok := t.needs.Alarms.AlarmState(t.Account, t.Region, name); ok && found.State == "ALARM" {
			return fmt.Sprintf("Amazon CloudWatch alarm %s went into the ALARM state.", name)
		}
	}
	return ""
}

// stuckOn tells what a refresh has waited for in vain.
func (t *turn) stuckOn(r *refresh) string {
	var standby, protected []string
	for _, id := range r.Todo {
		one := t.instance(id)
		switch {
		case one.State == types.LifecycleStateStandby && r.Preferences.StandbyInstances == types.StandbyInstancesWait:
			standby = append(standby, id)
		case one.Protected && r.Preferences.ScaleInProtectedInstances == types.ScaleInProtectedInstancesWait:
			protected = append(protected, id)
		}
	}
	switch {
	case len(standby) > 0:
		return fmt.Sprintf("Failed to replace all instances because the following instances are in the Standby state: %s.", strings.Join(standby, ", "))
	case len(protected) > 0:
		return fmt.Sprintf("Failed to replace all instances because the following instances are protected from scale in: %s.", strings.Join(protected, ", "))
	case len(t.Activities) > 0 && t.Activities[0].StatusCode == types.ScalingActivityStatusCodeFailed:
		return "Failed to launch instances: " + text(t.Activities[0].StatusMessage)
	}
	return "Failed to replace all instances because the new instances did not become healthy within the allowed time."
}

// fail ends a refresh that cannot go on, or rolls it back when it was told to.
func (t *turn) fail(r *refresh, why string) {
	switch {
	case r.rollingBack():
		t.unmark()
		r.finish(types.InstanceRefreshStatusRollbackFailed, why, t.now)
	case aws.ToBool(r.Preferences.AutoRollback):
		t.rollBack(r, why)
	default:
		t.unmark()
		t.shed(r)
		r.finish(types.InstanceRefreshStatusFailed, why, t.now)
	}
}

// rollBack has a refresh replace what it launched by what was there before.
func (t *turn) rollBack(r *refresh, why string) {
	t.unmark()
	t.shed(r)
	r.rollback(why, t.now)
	t.listTodo(r, "an instance was taken out of the warm pool in response to the rollback of an instance refresh")
	// What is not in service has nothing to lose: it is replaced at once.
	for _, id := range r.Todo {
		if one := t.instance(id); strings.HasPrefix(one.base(), statePending) || one.Unhealthy {
			t.terminate(one, "an instance was taken out of service in response to the rollback of an instance refresh")
		}
	}
	surplus := t.staying() - *t.Settings.DesiredCapacity
	for _, id := range r.Todo { // what it came from stays
		if one := t.instance(id); surplus >= one.Weight && one.State == types.LifecycleStateInService {
			one.Leaving = true
			surplus -= one.Weight
		}
	}
	t.Failures, t.RetryAt = 0, t.now
}

// shed ends what a refresh has launched beyond the desired capacity and that is not healthy, before scaling in would end
// what is.
func (t *turn) shed(r *refresh) {
	surplus := t.staying() - *t.Settings.DesiredCapacity
	for _, one := range t.living() {
		if surplus >= one.Weight && r.made(one) && !t.warmed(r, one) {
			surplus -= one.Weight
			t.terminate(one, "an instance was taken out of service in response to the end of an instance refresh")
		}
	}
}

// complete ends a refresh, or begins to bake it, once everything is replaced.
func (t *turn) complete(r *refresh) {
	bake := aws.ToInt32(r.Preferences.BakeTime)
	switch {
	case r.rollingBack():
		r.Percent = 100
		r.finish(types.InstanceRefreshStatusRollbackSuccessful, r.RollbackReason, t.now)
	case bake > 0:
		r.Status, r.BakedAt = types.InstanceRefreshStatusBaking, t.now.Add(t.service.seconds(bake))
		r.Percent = 100
	default:
		t.succeed(r)
	}
}

func (t *turn) bake(r *refresh) {
	if why := t.alarmed(r); why != "" {
		t.fail(r, why)
	} else if !r.BakedAt.After(t.now) {
		t.succeed(r)
	}
}

// succeed makes the desired configuration that of the group.
func (t *turn) succeed(r *refresh) {
	if points := r.Preferences.CheckpointPercentages; len(points) == 0 || points[len(points)-1] == 100 {
		r.Percent = 100
	}
	if r.Desired != nil {
		s := &t.Settings
		s.LaunchTemplate, s.MixedInstancesPolicy, s.LaunchConfigurationName = r.Desired.LaunchTemplate, r.Desired.MixedInstancesPolicy, nil
	}
	r.finish(types.InstanceRefreshStatusSuccessful, "", t.now)
}

// passesELB tells whether all target groups find an instance healthy, where
// load balancers decide about the health of the group's instances.
func (t *turn) passesELB(i *instance) bool {
	if !strings.Contains(text(t.Settings.HealthCheckType), "ELB") {
		return true
	}
	for _, s := range t.Sources {
		health, there := t.needs.TargetGroups.InstanceHealth(s.Identifier, i.ID)
		if !s.Removing && there && health.State != elbtypes.TargetHealthStateEnumUnused && health.State != elbtypes.TargetHealthStateEnumHealthy {
			return false
		}
	}
	return true
}
