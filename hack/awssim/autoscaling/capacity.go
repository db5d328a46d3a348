package autoscaling

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// living lists the instances that count towards the size of a group: all but
// those of the warm pool and those that end.
func (g *group) living() []*instance {
	var list []*instance
	for i := range g.Instances {
		one := &g.Instances[i]
		if one.warm() || strings.HasPrefix(string(one.State), stateTerminating) || one.State == types.LifecycleStateDetaching ||
			one.State == types.LifecycleStateTerminated || one.State == types.LifecycleStateDetached {
			continue
		}
		list = append(list, one)
	}
	return list
}

// serving tells whether an instance counts towards the desired capacity.
func (i *instance) serving() bool {
	return i.State != types.LifecycleStateStandby && i.State != types.LifecycleStateEnteringStandby
}

// staying is the capacity of the instances that are in service or on their way
// to it, and that nothing is to replace.
func (g *group) staying() int32 {
	var sum int32
	for _, one := range g.living() {
		if one.serving() && !one.Leaving {
			sum += one.Weight
		}
	}
	return sum
}

// inService is the capacity of the instances that are in service and healthy.
func (g *group) inService() int32 {
	var sum int32
	for _, one := range g.living() {
		if one.State == types.LifecycleStateInService && !one.Unhealthy && !one.Leaving {
			sum += one.Weight
		}
	}
	return sum
}

// followDesired launches what is missing and terminates what is too much.
func (t *turn) followDesired() {
	desired := *t.Settings.DesiredCapacity
	switch staying := t.staying(); {
	case t.Deleting:
		return
	case staying < desired && t.Suspended["Launch"] == "" && !t.RetryAt.After(t.now):
		t.scaleOut(desired - staying)
	case staying > desired && t.Suspended["Terminate"] == "":
		t.scaleIn(staying - desired)
	}
	t.endLeaving(desired)
	t.rebalance()
}

// scaleOut brings capacity into service: from the warm pool first.
func (t *turn) scaleOut(missing int32) {
	cause := t.cause("an instance was started in response to a difference between desired and actual capacity, increasing the capacity from %d to %d.",
		t.staying(), t.staying()+missing)
	for missing > 0 {
		if pooled := t.fromPool(cause); pooled != nil {
			missing -= pooled.Weight
			continue
		}
		launched, err := t.launch(cause, false)
		if err != nil {
			t.launchHasFailed()
			return
		}
		missing -= launched.Weight
	}
	t.Why = ""
}

// launchHasFailed has the next launch wait, longer each time.
func (t *turn) launchHasFailed() {
	t.Failures = min(t.Failures+1, 4)
	t.RetryAt = t.now.Add(t.service.env.Timing.AutoScaling.Retry << (t.Failures - 1))
}

// cause tells why the size changes: who changed the desired capacity, and the difference.
func (t *turn) cause(format string, args ...any) string {
	told := t.at(format, args...)
	if t.Why != "" {
		told = t.at("%s  ", t.Why) + told
	}
	return told
}

// scaleIn ends as much capacity as is too much, but not more.
func (t *turn) scaleIn(surplus int32) {
	before := t.staying()
	cause := fmt.Sprintf("%s an instance was taken out of service in response to a difference between desired and actual capacity, shrinking the capacity from %d to %d",
		strings.TrimSpace(t.Why), before, before-surplus)
	for surplus > 0 {
		victim := t.choose(surplus)
		if victim == nil {
			return
		}
		surplus -= victim.Weight
		if t.reuse(victim) {
			continue
		}
		t.terminate(victim, cause)
	}
	t.Why = ""
}

// endLeaving ends the instances whose replacements are in service. A refresh
// ends its own.
func (t *turn) endLeaving(desired int32) {
	if t.running() != nil || t.Suspended["Terminate"] != "" || t.inService() < desired {
		return
	}
	for _, one := range t.living() {
		if one.Leaving {
			t.terminate(one, "an instance was taken out of service after its replacement came into service")
		}
	}
}

// choose picks the instance that is to go: from the zone with the most
// instances, then by the group's termination policies.
func (t *turn) choose(most int32) *instance {
	counts := t.zoneCounts()
	var best *instance
	for _, one := range t.living() {
		if !one.serving() || one.Leaving || one.Protected || one.Weight > most {
			continue
		}
		if best == nil || t.goesBefore(one, best, counts) {
			best = one
		}
	}
	return best
}

func (t *turn) zoneCounts() map[string]int {
	counts := map[string]int{}
	for _, one := range t.living() {
		if one.serving() && !one.Leaving {
			counts[one.Zone]++
		}
	}
	return counts
}

func (t *turn) goesBefore(a, b *instance, counts map[string]int) bool {
	if a.Unhealthy != b.Unhealthy {
		return a.Unhealthy
	}
	if counts[a.Zone] != counts[b.Zone] {
		return counts[a.Zone] > counts[b.Zone]
	}
	for _, policy := range t.Settings.TerminationPolicies {
		if order := t.compare(policy, a, b); order != 0 {
			return order < 0
		}
	}
	return a.Launched.Before(b.Launched)
}

// compare orders two instances by a termination policy: negative has a go first.
func (t *turn) compare(policy string, a, b *instance) int {
	switch policy {
	case "OldestInstance":
		return a.Launched.Compare(b.Launched)
	case "NewestInstance":
		return b.Launched.Compare(a.Launched)
	case "OldestLaunchTemplate":
		return a.version() - b.version()
	case "OldestLaunchConfiguration":
		return t.configurationAge(a) - t.configurationAge(b)
	case "ClosestToNextInstanceHour":
		return t.restOfHour(a) - t.restOfHour(b)
	case "AllocationStrategy":
		return t.allocation(a) - t.allocation(b)
	case "Default":
		if order := t.allocation(a) - t.allocation(b); order != 0 {
			return order
		}
		if order := a.version() - b.version(); order != 0 {
			return order
		}
		return t.restOfHour(a) - t.restOfHour(b)
	}
	return 0 // a Lambda function, which is not called
}

// restOfHour is how many seconds an instance has until its next hour of running.
func (t *turn) restOfHour(i *instance) int {
	return 3600 - int(math.Mod(t.now.Sub(i.Launched).Seconds(), 3600))
}

// allocation is lower for the purchase option that the group has too much of.
func (t *turn) allocation(i *instance) int {
	if t.Settings.MixedInstancesPolicy == nil {
		return 0
	}
	if wantsSpot := t.surplusSpot(); i.Spot == wantsSpot {
		return 0
	}
	return 1
}

// rebalance replaces an instance of the fullest zone when zones are unequal: by one in the emptiest zone, which is launched
// first. When there is no capacity there, all stay where they are, and it is tried again later.
func (t *turn) rebalance() {
	places := t.places()
	if len(places) == 0 || !t.mayRebalance() {
		return
	}
	counts := t.zoneCounts()
	emptiest := slices.MinFunc(places, func(a, b place) int { return cmp.Compare(counts[a.Zone], counts[b.Zone]) })
	for zone, count := range counts {
		known := slices.ContainsFunc(places, func(p place) bool { return p.Zone == zone })
		if known && count < counts[emptiest.Zone]+2 || t.leaver(zone) == nil {
			continue
		}
		cause := t.at("an instance was launched to balance instances in zone %s with zone %s.", zone, emptiest.Zone)
		if _, err := t.launchAt(emptiest, cause, false); err != nil {
			t.Unbalanced = t.now.Add(10 * t.service.env.Timing.AutoScaling.Retry)
			return
		}
		t.leaver(zone).Leaving = true
		return
	}
}

// mayRebalance tells whether a group is at rest, and may be moved between zones.
func (t *turn) mayRebalance() bool {
	suspended := t.Suspended["AZRebalance"] != "" || t.Suspended["Launch"] != "" || t.Suspended["Terminate"] != ""
	return !suspended && !t.Unbalanced.After(t.now) && !t.RetryAt.After(t.now) && t.running() == nil &&
		t.inService() == *t.Settings.DesiredCapacity && !t.anyLeaving()
}

// leaver is an instance of a zone that may go, nil when there is none.
func (t *turn) leaver(zone string) *instance {
	for _, one := range t.living() {
		if one.Zone == zone && one.State == types.LifecycleStateInService && !one.Protected {
			return one
		}
	}
	return nil
}
