package autoscalinggroup

import (
	"cmp"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// stateWaits ends the lifecycle state of an instance that a hook holds.
const stateWaits = ":Wait"

// settled are the states in which an instance stays until something happens to it.
var settled = []types.LifecycleState{
	types.LifecycleStateInService, types.LifecycleStateStandby, types.LifecycleStateTerminatingRetained,
}

// moving reports whether instances of a group come, go or are about to.
func moving(group *types.AutoScalingGroup) bool {
	if slices.ContainsFunc(group.Instances, func(i types.Instance) bool {
		return !slices.Contains(settled, i.LifecycleState) || isUnhealthy(&i) && !isSuspended(group, "ReplaceUnhealthy")
	}) {
		return true
	}
	c := capacityOf(group)
	return (c.lacks() || aws.ToInt32(group.WarmPoolSize) != poolSize(group)) && c.launches
}

// poolSize is how many instances the warm pool of a group is to hold.
func poolSize(group *types.AutoScalingGroup) int32 {
	pool := group.WarmPoolConfiguration
	if pool == nil || pool.Status == types.WarmPoolStatusPendingDelete {
		return 0
	}
	prepared := aws.ToInt32(group.MaxSize)
	if most := pool.MaxGroupPreparedCapacity; most != nil && *most != noPrepared {
		prepared = *most
	}
	return max(aws.ToInt32(pool.MinSize), prepared-aws.ToInt32(group.DesiredCapacity))
}

func isUnhealthy(instance *types.Instance) bool {
	return strings.EqualFold(aws.ToString(instance.HealthStatus), "Unhealthy")
}

func isSuspended(group *types.AutoScalingGroup, process string) bool {
	return slices.Contains(suspended(group), process)
}

// pauseMoving is how long to wait before looking again at instances that come and go.
func (k *Kind) pauseMoving(obj *v1alpha1.AutoScalingGroup) time.Duration {
	if changed := obj.Status.InstancesChanged; changed != nil {
		return k.Pause(changed.Time)
	}
	return k.Poll
}

// reportInstances writes down the instances, and when they were last seen to change.
func reportInstances(obj *v1alpha1.AutoScalingGroup, o *observed) {
	before := obj.Status.AutoScalingGroupInstances
	status, group := &obj.Status.AutoScalingGroupInstances, &o.group.sdk
	counts := map[string]int32{}
	var list []v1alpha1.GroupInstance
	for i := range group.Instances {
		instance := groupInstance(&group.Instances[i])
		counts[instance.LifecycleState]++
		list = append(list, instance)
	}
	status.InstanceStates = nil
	for _, state := range slices.Sorted(maps.Keys(counts)) {
		status.InstanceStates = append(status.InstanceStates, v1alpha1.InstanceStateCount{LifecycleState: state, Count: counts[state]})
	}
	status.Instances, status.InstancesTotal = bounded(list)
	status.WarmPool = nil
	if pool := group.WarmPoolConfiguration; pool != nil {
		status.WarmPool = &v1alpha1.WarmPoolStatus{Size: aws.ToInt32(group.WarmPoolSize), Status: string(pool.Status)}
	}
	if !reflect.DeepEqual(before, *status) {
		now := metav1.NewTime(o.now)
		status.InstancesChanged = &now
	}
}

func groupInstance(instance *types.Instance) v1alpha1.GroupInstance {
	shown := v1alpha1.GroupInstance{
		ID: aws.ToString(instance.InstanceId), AvailabilityZone: aws.ToString(instance.AvailabilityZone), InstanceType: aws.ToString(instance.InstanceType),
		LifecycleState: string(instance.LifecycleState), HealthStatus: aws.ToString(instance.HealthStatus),
		ProtectedFromScaleIn: aws.ToBool(instance.ProtectedFromScaleIn),
	}
	if template := instance.LaunchTemplate; template != nil {
		shown.LaunchTemplateVersion = aws.ToString(template.Version)
	}
	return shown
}

// bounded sorts instances and cuts the list, with the total when some do not fit. Those in service are cut off first.
func bounded(list []v1alpha1.GroupInstance) ([]v1alpha1.GroupInstance, int64) {
	serves := func(i v1alpha1.GroupInstance) int {
		if i.LifecycleState == string(types.LifecycleStateInService) && i.HealthStatus != "Unhealthy" {
			return 1
		}
		return 0
	}
	byID := func(a, b v1alpha1.GroupInstance) int { return cmp.Compare(a.ID, b.ID) }
	total := int64(0)
	if len(list) > v1alpha1.MaxListed {
		total = int64(len(list))
		slices.SortFunc(list, func(a, b v1alpha1.GroupInstance) int { return cmp.Or(serves(a)-serves(b), byID(a, b)) })
		list = slices.Clip(list[:v1alpha1.MaxListed])
	}
	slices.SortFunc(list, byID)
	return list, total
}

// few names some instances: the first of them, and how many more there are.
func few(ids []string) string {
	const shown = 5
	ids = slices.Sorted(slices.Values(ids))
	return lifecycle.FirstFew(ids, shown, len(ids))
}
