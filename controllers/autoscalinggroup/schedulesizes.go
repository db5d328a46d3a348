package autoscalinggroup

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// scheduledSizes is a spec whose sizes are those that the group has, as far as something else that the spec declares may
// have set them: a scheduled action, or a predictive policy that raises the maximum. To set them back would undo it.
func scheduledSizes(s *spec, g *live) *spec {
	sized := *s
	if setByAction(s, g.MinSize, func(a *v1alpha1.ScheduledAction) *int32 { return a.MinSize }) {
		sized.MinSize = *g.MinSize
	}
	if setByAction(s, g.MaxSize, func(a *v1alpha1.ScheduledAction) *int32 { return a.MaxSize }) || raised(s, g) {
		sized.MaxSize = *g.MaxSize
	}
	if sized.MinSize > sized.MaxSize { // the spec has changed since, and both do not go together
		sized.MinSize, sized.MaxSize = s.MinSize, s.MaxSize
	}
	if s.DesiredCapacity != nil {
		desired := *s.DesiredCapacity
		if setByAction(s, g.DesiredCapacity, func(a *v1alpha1.ScheduledAction) *int32 { return a.DesiredCapacity }) {
			desired = *g.DesiredCapacity
		}
		sized.DesiredCapacity = aws.Int32(max(sized.MinSize, min(sized.MaxSize, desired)))
	}
	return &sized
}

// setByAction reports whether a size is one that a scheduled action sets.
func setByAction(s *spec, size *int32, of func(*v1alpha1.ScheduledAction) *int32) bool {
	return size != nil && slices.ContainsFunc(s.ScheduledActions, func(a v1alpha1.ScheduledAction) bool {
		set := of(&a)
		return set != nil && *set == *size
	})
}

// raised reports whether the maximum is above the declared one, and a predictive policy may have raised it.
func raised(s *spec, g *live) bool {
	return g.MaxSize != nil && *g.MaxSize > s.MaxSize && slices.ContainsFunc(s.ScalingPolicies, func(p v1alpha1.ScalingPolicy) bool {
		return p.Predictive != nil && (p.Enabled == nil || *p.Enabled) &&
			p.Predictive.MaxCapacityBreachBehavior == string(types.PredictiveScalingMaxCapacityBreachBehaviorIncreaseMaxCapacity)
	})
}
