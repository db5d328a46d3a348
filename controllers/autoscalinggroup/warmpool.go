package autoscalinggroup

import (
	"context"
	"fmt"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// fieldWarmPool names the warm pool in status.managedFields, and with a separator begins the names of its settings.
const fieldWarmPool = "warmPool"

// Settings of a warm pool.
const (
	poolState    = "poolState"
	poolMinSize  = "minSize"
	poolPrepared = "maxGroupPreparedCapacity"
	poolReuse    = "reuseOnScaleIn"
)

// poolDefaults are what AWS gives a warm pool that says nothing else.
var poolDefaults = partSettings{poolState: "Stopped", poolMinSize: "0", poolPrepared: "", poolReuse: "false"}

// noPrepared takes the bound off a warm pool.
const noPrepared = -1

// desiredPool are the settings that the spec gives the warm pool.
func desiredPool(pool *v1alpha1.WarmPool) partSettings {
	desired := partSettings{}
	desired.declare(poolState, string(pool.PoolState), pool.PoolState != "")
	desired.declare(poolMinSize, strconv.Itoa(int(aws.ToInt32(pool.MinSize))), pool.MinSize != nil)
	desired.declare(poolPrepared, strconv.Itoa(int(aws.ToInt32(pool.MaxGroupPreparedCapacity))), pool.MaxGroupPreparedCapacity != nil)
	desired.declare(poolReuse, strconv.FormatBool(aws.ToBool(pool.ReuseOnScaleIn)), pool.ReuseOnScaleIn != nil)
	return desired
}

// observedPool are the settings of a warm pool in AWS.
func observedPool(pool *types.WarmPoolConfiguration) partSettings {
	observed := poolDefaults.with(partSettings{poolMinSize: strconv.Itoa(int(aws.ToInt32(pool.MinSize)))})
	if pool.PoolState != "" {
		observed[poolState] = string(pool.PoolState)
	}
	if prepared := pool.MaxGroupPreparedCapacity; prepared != nil && *prepared != noPrepared {
		observed[poolPrepared] = strconv.Itoa(int(*prepared))
	}
	if reuse := pool.InstanceReusePolicy; reuse != nil {
		observed[poolReuse] = strconv.FormatBool(aws.ToBool(reuse.ReuseOnScaleIn))
	}
	return observed
}

func declaredPool(obj *v1alpha1.AutoScalingGroup) []string {
	if obj.Spec.WarmPool == nil {
		return nil
	}
	fields := []string{fieldWarmPool}
	for setting := range desiredPool(obj.Spec.WarmPool) {
		fields = append(fields, fieldWarmPool+settingSeparator+setting)
	}
	return fields
}

// pool is the warm pool of a group; nil when there is none.
func (o *observed) pool() *types.WarmPoolConfiguration {
	if o.group == nil {
		return nil
	}
	return o.group.sdk.WarmPoolConfiguration
}

func (o *observed) poolEnds() bool {
	pool := o.pool()
	return pool != nil && pool.Status == types.WarmPoolStatusPendingDelete
}

func (k *Kind) poolResource(obj *v1alpha1.AutoScalingGroup, o *observed) string {
	return "warm pool of " + k.resourceOf(obj, o)
}

// warmPoolChanges returns the call that makes the warm pool, sets what differs, or deletes it.
func (k *Kind) warmPoolChanges(obj *v1alpha1.AutoScalingGroup, o *observed) ([]change, error) {
	declared, pool := obj.Spec.WarmPool, o.pool()
	switch {
	case declared == nil && !lifecycle.Managed(obj, fieldWarmPool), declared == nil && pool == nil:
		return nil, nil
	case o.poolEnds():
		o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS is deleting the warm pool.", k.PauseSince(obj, v1alpha1.ConditionReady)))
		return nil, nil
	case declared == nil:
		return []change{k.poolRemoval(obj, o, false)}, nil
	}
	verb, have, resource := lifecycle.VerbUpdate, partSettings(nil), k.poolResource(obj, o)
	var set partSettings
	if pool == nil {
		verb, set = lifecycle.VerbCreate, poolDefaults.with(desiredPool(declared))
	} else {
		have = observedPool(pool)
		set = desiredPool(declared).diff(have, lifecycle.ManagedUnder(obj, fieldWarmPool+settingSeparator), poolDefaults)
	}
	if len(set) == 0 || o.holds(obj, "the warm pool") {
		return nil, nil
	}
	plan := set.plan(verb, resource, fieldWarmPool+settingSeparator, have)
	if pool == nil {
		plan = planned(verb, resource, "", "", "")
	}
	return []change{{plan: plan, run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
		return k.putPool(ctx, o, have.with(set))
	}}}, nil
}

// poolRemoval deletes the warm pool; with force, its instances end at once.
func (k *Kind) poolRemoval(obj *v1alpha1.AutoScalingGroup, o *observed, force bool) change {
	return change{
		plan: planned(lifecycle.VerbDelete, k.poolResource(obj, o), "", "", ""),
		run: func(ctx context.Context, k *Kind, _ *v1alpha1.AutoScalingGroup, o *observed) error {
			return k.deletePool(ctx, o, force)
		},
	}
}

// putPool sets all that can be set of the warm pool, so that it does not matter what AWS does about the rest.
func (k *Kind) putPool(ctx context.Context, o *observed, want partSettings) error {
	numbers := map[string]*int32{poolMinSize: nil, poolPrepared: aws.Int32(noPrepared)}
	for name := range numbers {
		if want[name] == "" {
			continue
		}
		number, err := strconv.ParseInt(want[name], 10, 32)
		if err != nil {
			return fmt.Errorf("reading %s of the warm pool: %w", name, err)
		}
		numbers[name] = aws.Int32(int32(number))
	}
	reuse := &types.InstanceReusePolicy{ReuseOnScaleIn: aws.Bool(want[poolReuse] == "true")}
	_, err := k.clients.AutoScaling.PutWarmPool(ctx, &autoscaling.PutWarmPoolInput{
		AutoScalingGroupName: aws.String(o.group.name()), PoolState: types.WarmPoolState(want[poolState]), MinSize: numbers[poolMinSize],
		MaxGroupPreparedCapacity: numbers[poolPrepared], InstanceReusePolicy: reuse,
	})
	if awsclient.Classify(err) == awsclient.Busy {
		return o.busy(err, k.Poll)
	}
	if err != nil {
		return fmt.Errorf("setting the warm pool of group %s: %w", o.group.name(), err)
	}
	o.group.sdk.WarmPoolConfiguration = &types.WarmPoolConfiguration{
		PoolState: types.WarmPoolState(want[poolState]), MinSize: numbers[poolMinSize], MaxGroupPreparedCapacity: numbers[poolPrepared], InstanceReusePolicy: reuse,
	}
	return nil
}

// deletePool deletes the warm pool. While it is busy AWS refuses to, and it is tried again; other changes need not wait
// for it. A pool that is gone already, because an earlier try took effect, is refused as well.
func (k *Kind) deletePool(ctx context.Context, o *observed, force bool) error {
	_, err := k.clients.AutoScaling.DeleteWarmPool(ctx, &autoscaling.DeleteWarmPoolInput{AutoScalingGroupName: aws.String(o.group.name()), ForceDelete: aws.Bool(force)})
	switch awsclient.Classify(err) {
	case "":
		ending := *o.group.sdk.WarmPoolConfiguration
		ending.Status = types.WarmPoolStatusPendingDelete
		o.group.sdk.WarmPoolConfiguration = &ending
		o.Wait(lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, "AWS is deleting the warm pool.", k.Poll))
		return nil
	case awsclient.Busy:
		return o.busy(err, k.Poll)
	case awsclient.Invalid:
		found, failed := k.clients.AutoScalingGroup(ctx, o.group.name())
		if failed != nil {
			return failed
		}
		if found.WarmPoolConfiguration == nil {
			o.group.sdk.WarmPoolConfiguration = nil
			return nil
		}
	}
	return fmt.Errorf("deleting the warm pool of group %s: %w", o.group.name(), err)
}
