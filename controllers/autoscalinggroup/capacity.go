package autoscalinggroup

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// capacity is how much of a group is in service, in the unit of its sizes: instances, or the weights of mixed instances.
type capacity struct {
	minimum, desired, inService int32
	// weighted is set when instances count for more than one.
	weighted bool
	// launches tells that the process by which the group grows runs.
	launches bool
}

// capacityOf counts what is in service.
func capacityOf(group *types.AutoScalingGroup) capacity {
	c := capacity{minimum: aws.ToInt32(group.MinSize), desired: aws.ToInt32(group.DesiredCapacity), launches: !isSuspended(group, processLaunch)}
	for i := range group.Instances {
		instance := &group.Instances[i]
		weight := weightOf(instance)
		c.weighted = c.weighted || weight != 1
		if instance.LifecycleState == types.LifecycleStateInService {
			c.inService += weight
		}
	}
	return c
}

// weightOf is what an instance counts toward the capacity.
func weightOf(instance *types.Instance) int32 {
	weight, err := strconv.ParseInt(aws.ToString(instance.WeightedCapacity), 10, 32)
	if err != nil {
		return 1 // AWS gives none, which means one
	}
	return int32(weight)
}

// wanted is how much must be in service for the object to be Ready: the minimum at all times, and what is desired once for
// each generation. After that, a scaler that wants more does not make the object unready.
func (c capacity) wanted(obj *v1alpha1.AutoScalingGroup) int32 {
	if obj.Status.CapacityReachedGeneration == obj.Generation {
		return c.minimum
	}
	return max(c.minimum, c.desired)
}

// lacks reports whether less is in service than desired.
func (c capacity) lacks() bool { return c.inService < c.desired }

// text tells what is in service of what is desired: "3 of 5 instances are in service".
func (c capacity) text() string {
	unit, verb := "instances", "are"
	switch {
	case c.weighted:
		unit = "units of capacity"
	case c.desired == 1:
		unit, verb = "instance", "is"
	}
	return fmt.Sprintf("%d of %d %s %s in service", c.inService, c.desired, unit, verb)
}

// reportCapacity sets the condition CapacityReached, and says whether the object waits for instances.
func (k *Kind) reportCapacity(obj *v1alpha1.AutoScalingGroup, o *observed) lifecycle.Outcome {
	c := capacityOf(&o.group.sdk)
	reportFailure(obj, o, c)
	if c.inService >= max(c.minimum, c.desired) && !o.group.hidden && !o.incomplete && lifecycle.Manages(obj) {
		obj.Status.CapacityReachedGeneration = obj.Generation
	}
	message := c.message(obj, o)
	if c.inService >= c.wanted(obj) && !o.group.hidden {
		lifecycle.SetCondition(obj, v1alpha1.ConditionCapacityReached, true, v1alpha1.ReasonConverged, message)
		return lifecycle.Done(fmt.Sprintf("Auto Scaling group %s is as declared. %s", o.group.name(), message))
	}
	lifecycle.SetCondition(obj, v1alpha1.ConditionCapacityReached, false, v1alpha1.ReasonCapacityBelowMinimum, message)
	if o.group.hidden {
		return lifecycle.Wait(v1alpha1.ReasonWaitingForAWS, fmt.Sprintf("AWS does not show Auto Scaling group %s yet.", o.group.name()), k.Poll)
	}
	return lifecycle.Wait(v1alpha1.ReasonCapacityBelowMinimum, message, k.pauseMoving(obj))
}

// message tells how much is in service, and why that is not enough, as far as it is known.
func (c capacity) message(obj *v1alpha1.AutoScalingGroup, o *observed) string {
	sentences := []string{c.text()}
	if c.inService < c.minimum && c.minimum != c.desired {
		sentences[0] += fmt.Sprintf(", of which %d must be", c.minimum)
	}
	if c.lacks() && !c.launches {
		sentences = append(sentences, "The process Launch is suspended, so that none is launched")
	}
	if failure := obj.Status.FailedActivity; failure != nil {
		sentences = append(sentences, "The newest scaling activity failed: "+strings.TrimSuffix(failure.Message, "."))
	}
	if o.unexplained != "" {
		sentences = append(sentences, "Whether launches fail cannot be seen: "+strings.TrimSuffix(o.unexplained, "."))
	}
	return strings.Join(sentences, ". ") + "."
}
