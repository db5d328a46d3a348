package autoscaling

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// replacesRoots checks what AWS asks of a refresh that replaces root volumes.
func replacesRoots(desired *types.DesiredConfiguration) error {
	if desired == nil || desired.MixedInstancesPolicy == nil {
		return invalid("The ReplaceRootVolume strategy requires a DesiredConfiguration with a MixedInstancesPolicy")
	}
	overrides := desired.MixedInstancesPolicy.LaunchTemplate.Overrides
	if len(overrides) == 0 || slices.ContainsFunc(overrides, func(o types.LaunchTemplateOverrides) bool { return text(o.ImageId) == "" }) {
		return invalid("The ReplaceRootVolume strategy requires an ImageId in all overrides of the MixedInstancesPolicy")
	}
	return nil
}

// replaceRoots takes instances out of service to replace their root volumes, as many as may be missing.
func (t *turn) replaceRoots(r *refresh, allowed int) {
	least, _ := t.limits(r)
	healthy, _ := t.healthyAndLeaving(r)
	for _, id := range t.eligible(r) {
		one := t.instance(id)
		if weight := int(one.Weight); allowed > 0 && (healthy-weight >= min(least, int(*t.Settings.DesiredCapacity)-1) || one.Unhealthy) {
			if t.warmed(r, one) {
				healthy -= weight
			}
			allowed--
			one.Activity = t.begin(t.service, t.now, "Replacing root volume for EC2 instance: "+id,
				t.at("an instance was chosen for root volume replacement in response to an instance refresh."), t.details(one))
			t.become(one, string(types.LifecycleStateReplacingRootVolume))
		}
	}
}

// advanceRootVolume replaces the root volume of an instance and brings it back into service. One whose volume cannot be
// replaced is itself.
func (t *turn) advanceRootVolume(i *instance) {
	if i.State == types.LifecycleStateRootVolumeReplaced {
		i.InService = t.now
		t.become(i, string(types.LifecycleStateInService))
		t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "", t.now)
		return
	}
	p, ok := t.planFor(i)
	if !ok || !t.alive(i) || !t.needs.Instances.ReplaceRootVolume(i.ID, p.image, p.template) {
		t.terminate(i, "an instance was taken out of service because its root volume could not be replaced")
		return
	}
	i.ImageID, i.Template, i.Renewed = p.image, p.from(), t.now
	t.become(i, string(types.LifecycleStateRootVolumeReplaced))
}

// planFor is the way to launch an instance that goes with the type of one.
func (t *turn) planFor(i *instance) (plan, bool) {
	plans, err := t.plans()
	if err != nil {
		return plan{}, false
	}
	at := slices.IndexFunc(plans, func(p plan) bool { return p.kind == i.Type && p.image != "" })
	if at < 0 {
		return plan{}, false
	}
	return plans[at], true
}
