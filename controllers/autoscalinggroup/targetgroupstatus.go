package autoscalinggroup

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// busyRecheck is how soon it is tried again what AWS refuses while an instance refresh runs.
const busyRecheck = 10 * time.Second

// reportTargetGroups lists the attached target groups in the status, and notes what is under way with them.
func (k *Kind) reportTargetGroups(obj *v1alpha1.AutoScalingGroup, o *observed) {
	obj.Status.TargetGroups = nil
	if !managesTargetGroups(obj) {
		return
	}
	adding, removing := 0, 0
	for _, arn := range slices.Sorted(maps.Keys(o.states)) {
		state := o.states[arn]
		obj.Status.TargetGroups = append(obj.Status.TargetGroups, v1alpha1.AttachedTargetGroupStatus{ARN: arn, State: state})
		if state == v1alpha1.TargetGroupRemoving {
			removing++
		}
	}
	obj.Status.TargetGroups = obj.Status.TargetGroups[:min(len(obj.Status.TargetGroups), v1alpha1.MaxListed)]
	for _, arn := range o.targets.wanted {
		if state := o.states[arn]; state != v1alpha1.TargetGroupAttached && state != v1alpha1.TargetGroupRemoving {
			adding++
		}
	}
	if adding+removing == 0 || !lifecycle.Manages(obj) {
		return
	}
	message := fmt.Sprintf("%s being attached to the group.", targetGroupsAre(adding))
	if adding == 0 {
		message = fmt.Sprintf("%s being detached from the group: its instances finish their requests there.", targetGroupsAre(removing))
	}
	o.Wait(lifecycle.Wait(v1alpha1.ReasonUpdating, message, k.PauseSince(obj, v1alpha1.ConditionReady)))
}

func targetGroupsAre(n int) string {
	if n == 1 {
		return "1 target group is"
	}
	return fmt.Sprintf("%d target groups are", n)
}
