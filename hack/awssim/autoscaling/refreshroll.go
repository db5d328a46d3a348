package autoscaling

import (
	"math"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// allowed is how many more instances may be begun before the next checkpoint.
func (t *turn) allowed(r *refresh) int {
	points := r.Preferences.CheckpointPercentages
	if r.rollingBack() || r.Checkpoint >= len(points) {
		return len(r.Todo)
	}
	leaving := 0
	for _, id := range r.Todo {
		if one := t.instance(id); one.Leaving {
			leaving++
		}
	}
	return t.upTo(r, points[r.Checkpoint]) - (r.Total - len(r.Todo)) - leaving
}

// percentages are the least and the most of the desired capacity that is healthy while a refresh runs.
func (t *turn) percentages(r *refresh) (least, most int32) {
	least, most = 90, 100
	if p := t.Settings.InstanceMaintenancePolicy; p != nil {
		least, most = *p.MinHealthyPercentage, *p.MaxHealthyPercentage
	}
	if r.Preferences.MinHealthyPercentage != nil {
		least, most = *r.Preferences.MinHealthyPercentage, 100
	}
	if r.Preferences.MaxHealthyPercentage != nil {
		most = *r.Preferences.MaxHealthyPercentage
	}
	return least, most
}

// replaceSome begins to replace instances, and ends those whose replacements are there.
func (t *turn) replaceSome(r *refresh, allowed int) {
	least, extra := t.limits(r)
	healthy, leaving := t.healthyAndLeaving(r)
	for _, id := range t.eligible(r) {
		one := t.instance(id)
		weight := int(one.Weight)
		standby := one.State == types.LifecycleStateStandby
		ready := healthy-weight >= least || one.Unhealthy || standby
		switch {
		case one.Leaving && ready, allowed > 0 && ready && (standby || leaving >= extra):
			if !one.Leaving {
				allowed--
			}
			if t.warmed(r, one) {
				healthy -= weight
			}
			t.terminate(one, "an instance was taken out of service in response to an instance refresh")
		case !one.Leaving && allowed > 0 && leaving < extra:
			one.Leaving = true
			leaving++
			allowed--
		}
	}
}

// limits are how much must stay healthy, and how many instances may be there beyond the desired capacity.
func (t *turn) limits(r *refresh) (least, extra int) {
	desired := int(*t.Settings.DesiredCapacity)
	leastPercent, mostPercent := t.percentages(r)
	least = int(math.Ceil(float64(desired) * float64(leastPercent) / 100))
	// A most of 100 that is asked for, where nothing could go first, has a new one come first all the same.
	explicit := r.Preferences.MaxHealthyPercentage != nil || r.Preferences.MinHealthyPercentage == nil && t.Settings.InstanceMaintenancePolicy != nil
	if mostPercent > 100 || explicit && least > desired-1 {
		return least, max(1, int(float64(desired)*float64(mostPercent)/100)-desired)
	}
	// Without room for more, one must be able to go.
	return min(least, desired-1), 0
}

func (t *turn) healthyAndLeaving(r *refresh) (healthy, leaving int) {
	for _, one := range t.living() {
		if t.warmed(r, one) {
			healthy += int(one.Weight)
		}
		if one.Leaving {
			leaving++
		}
	}
	return healthy, leaving
}

// eligible lists what may be replaced now: the unhealthy first, and neither
// protected nor standby instances unless the preferences say so.
func (t *turn) eligible(r *refresh) []string {
	var ids []string
	for _, unhealthy := range []bool{true, false} {
		for _, id := range r.Todo {
			one := t.instance(id)
			standby := one.State == types.LifecycleStateStandby
			switch {
			case one.Unhealthy != unhealthy, one.State != types.LifecycleStateInService && !standby:
			case standby && r.Preferences.StandbyInstances != types.StandbyInstancesTerminate:
			case one.Protected && r.Preferences.ScaleInProtectedInstances != types.ScaleInProtectedInstancesRefresh:
			default:
				ids = append(ids, id)
			}
		}
	}
	return ids
}
