package autoscaling

import (
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func putWarmPool(w *write, in *sdk.PutWarmPoolInput) (*sdk.PutWarmPoolOutput, error) {
	g, err := w.unlessRefreshing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var v frame.Violations
	frame.Enum(&v, in.PoolState, "poolState", in.PoolState.Values())
	frame.Between(&v, in.MinSize, "minSize", 0, 10000)
	frame.Between(&v, in.MaxGroupPreparedCapacity, "maxGroupPreparedCapacity", -1, 10000)
	if err := v.Err(validationError); err != nil {
		return nil, err
	}
	if g.WarmPool != nil && g.WarmPool.Status == types.WarmPoolStatusPendingDelete {
		return nil, frameError(scalingActivity, "The warm pool of the Auto Scaling group %s is being deleted", g.Name)
	}
	if err := w.checkPoolSource(g); err != nil {
		return nil, err
	}
	pool := types.WarmPoolConfiguration{}
	if g.WarmPool != nil {
		pool = *g.WarmPool
	}
	merge(&pool, in)
	pool.MinSize = either(pool.MinSize, 0)
	if pool.PoolState == "" {
		pool.PoolState = types.WarmPoolStateStopped
	}
	if aws.ToInt32(pool.MaxGroupPreparedCapacity) == -1 {
		pool.MaxGroupPreparedCapacity = nil
	}
	if most := pool.MaxGroupPreparedCapacity; most != nil && *most < *pool.MinSize {
		return nil, invalid("The MaxGroupPreparedCapacity must be greater than or equal to the MinSize of the warm pool")
	}
	g.WarmPool = &pool
	return &sdk.PutWarmPoolOutput{}, nil
}

// checkPoolSource tells why what the group launches cannot rest in a warm pool: AWS keeps neither Spot Instances there nor
// such as count for several.
func (w *write) checkPoolSource(g *group) error {
	policy, spot, weighted := g.Settings.MixedInstancesPolicy, false, false
	if policy != nil {
		spot = aws.ToInt32(policy.InstancesDistribution.OnDemandPercentageAboveBaseCapacity) < 100
		weighted = slices.ContainsFunc(policy.LaunchTemplate.Overrides, func(o types.LaunchTemplateOverrides) bool { return o.WeightedCapacity != nil })
	} else if g.Settings.LaunchTemplate != nil {
		_, found, err := w.completeTemplate(g, g.Settings.LaunchTemplate)
		if err != nil {
			return err
		}
		spot = found.spot()
	}
	if spot || weighted {
		return invalid("You can't add a warm pool to an Auto Scaling group that requests Spot Instances or that uses a mixed instances policy with Spot Instances or instance weights.")
	}
	return nil
}

func deleteWarmPool(w *write, in *sdk.DeleteWarmPoolInput) (*sdk.DeleteWarmPoolOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if g.WarmPool == nil {
		return nil, invalid("No warm pool found for Auto Scaling group %s", g.Name)
	}
	busy := slices.ContainsFunc(g.Instances, func(i instance) bool {
		return i.warm() && i.base() != "Stopped" && i.base() != "Running" && i.base() != "Hibernated"
	})
	if busy && !aws.ToBool(in.ForceDelete) {
		return nil, frameError(scalingActivity, "The warm pool of the Auto Scaling group %s has scaling activities in progress", g.Name)
	}
	pool := *g.WarmPool
	pool.Status = types.WarmPoolStatusPendingDelete
	g.WarmPool = &pool
	return &sdk.DeleteWarmPoolOutput{}, nil
}

func describeWarmPool(r *reading, in *sdk.DescribeWarmPoolInput) (*sdk.DescribeWarmPoolOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	cut, next, err := page(g.describedInstances(true), in.NextToken, in.MaxRecords, normalPage, normalPage, func(i *types.Instance) string { return *i.InstanceId })
	return &sdk.DescribeWarmPoolOutput{Instances: cut, WarmPoolConfiguration: g.WarmPool, NextToken: next}, err
}

// poolSize is how many instances the warm pool is to hold.
func (t *turn) poolSize() int32 {
	prepared := *t.Settings.MaxSize
	if t.WarmPool.MaxGroupPreparedCapacity != nil {
		prepared = *t.WarmPool.MaxGroupPreparedCapacity
	}
	return max(*t.WarmPool.MinSize, prepared-*t.Settings.DesiredCapacity)
}

// pooled lists the instances of the warm pool that do not end.
func (t *turn) pooled() []*instance {
	var list []*instance
	for i := range t.Instances {
		if one := &t.Instances[i]; one.warm() && !strings.HasPrefix(one.base(), stateTerminating) {
			list = append(list, one)
		}
	}
	return list
}

// fillWarmPool launches or terminates instances of the warm pool.
func (t *turn) fillWarmPool() {
	if t.WarmPool == nil || t.Deleting {
		return
	}
	pooled := t.pooled()
	if t.WarmPool.Status == types.WarmPoolStatusPendingDelete {
		for _, one := range pooled {
			t.terminate(one, "an instance was taken out of the warm pool in response to a user request that deleted the warm pool")
		}
		if !slices.ContainsFunc(t.Instances, func(i instance) bool { return i.warm() }) {
			t.WarmPool = nil
		}
		return
	}
	size := int(t.poolSize())
	for n := len(pooled); n > size && t.Suspended["Terminate"] == ""; n-- {
		t.terminate(pooled[n-1], "an instance was taken out of the warm pool in response to a difference between desired and actual capacity")
	}
	missing := size - len(pooled) - t.returning()
	if t.staying() < *t.Settings.DesiredCapacity || t.Suspended["Launch"] != "" || t.RetryAt.After(t.now) {
		return // the group comes first
	}
	for range max(0, missing) {
		if _, err := t.launch(t.at("an instance was started in response to a difference between desired and actual capacity, increasing the warm pool capacity."), true); err != nil {
			t.launchHasFailed()
			return
		}
	}
}

// returning counts the instances that are on their way back into the pool.
func (t *turn) returning() int {
	count := 0
	for i := range t.Instances {
		if !t.Instances[i].warm() && t.Instances[i].Next != "" {
			count++
		}
	}
	return count
}

// restInPool brings an instance to rest as the pool's state asks.
func (t *turn) restInPool(i *instance) {
	state := "Running"
	if t.WarmPool != nil && t.WarmPool.PoolState != "" {
		state = string(t.WarmPool.PoolState)
	}
	found, ok := t.needs.Instances.Instance(i.ID)
	if state != "Running" && ok && found.State == ec2Running {
		t.needs.Instances.StopInstance(i.ID, state == string(types.WarmPoolStateHibernated))
		found, ok = t.needs.Instances.Instance(i.ID)
	}
	if state != "Running" && (!ok || found.State != ec2Stopped) {
		t.become(i, statePending+proceed)
		return
	}
	t.become(i, state)
	t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "", t.now)
	t.notify(launchSucceeded, i.ID, "")
}

// fromPool takes an instance that rests in the warm pool into the group.
func (t *turn) fromPool(cause string) *instance {
	for i := range t.Instances {
		one := &t.Instances[i]
		rests := one.State == types.LifecycleStateWarmedStopped || one.State == types.LifecycleStateWarmedRunning || one.State == types.LifecycleStateWarmedHibernated
		if !rests || !t.alive(one) {
			continue
		}
		t.needs.Instances.StartInstance(one.ID)
		one.State, one.Since, one.Next, one.Waits = statePending, t.now, "", nil
		one.Activity = t.begin(t.service, t.now, "Launching a new EC2 instance from warm pool: "+one.ID, cause, t.details(one))
		t.progress(one.Activity, types.ScalingActivityStatusCodePreInService, 30, "", t.now)
		return one
	}
	return nil
}

// reuse returns an instance to the warm pool instead of ending it, where the pool says so.
func (t *turn) reuse(i *instance) bool {
	p := t.WarmPool
	if p == nil || p.Status == types.WarmPoolStatusPendingDelete || p.InstanceReusePolicy == nil || !aws.ToBool(p.InstanceReusePolicy.ReuseOnScaleIn) ||
		i.State != types.LifecycleStateInService || len(t.pooled())+t.returning() >= int(t.poolSize()) {
		return false
	}
	i.Activity = t.begin(t.service, t.now, "Moving EC2 instance back to the warm pool: "+i.ID, t.at("an instance was taken out of service in response to a difference between desired and actual capacity."), t.details(i))
	i.Waits, i.Next = nil, types.LifecycleStateWarmedPending
	t.become(i, stateTerminating)
	t.deregister(i)
	return true
}
