package autoscaling

import (
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// Instance states of EC2.
const (
	ec2Pending      = "pending"
	ec2Running      = "running"
	ec2Stopped      = "stopped"
	ec2Stopping     = "stopping"
	ec2ShuttingDown = "shutting-down"
	ec2Terminated   = "terminated"
)

const (
	statePending       = "Pending"
	stateTerminating   = "Terminating"
	wait, proceed      = ":Wait", ":Proceed"
	warmedPrefix       = "Warmed:"
	launchTransition   = "autoscaling:EC2_INSTANCE_LAUNCHING"
	endTransition      = "autoscaling:EC2_INSTANCE_TERMINATING"
	launchSucceeded    = "autoscaling:EC2_INSTANCE_LAUNCH"
	launchFailed       = "autoscaling:EC2_INSTANCE_LAUNCH_ERROR"
	terminateSucceeded = "autoscaling:EC2_INSTANCE_TERMINATE"
	terminateFailed    = "autoscaling:EC2_INSTANCE_TERMINATE_ERROR"
	testNotification   = "autoscaling:TEST_NOTIFICATION"
)

// base is a lifecycle state without what tells the warm pool.
func (i *instance) base() string { return strings.TrimPrefix(string(i.State), warmedPrefix) }

// become brings an instance into a state, of the warm pool when it is there.
func (t *turn) become(i *instance, base string) {
	state := types.LifecycleState(base)
	if i.warm() {
		state = types.LifecycleState(warmedPrefix + base)
	}
	i.State, i.Since = state, t.now
}

// advance does the next step of an instance's lifecycle, if it is due.
func (t *turn) advance(i *instance) {
	switch i.base() {
	case statePending:
		t.advancePending(i)
	case statePending + wait:
		if !t.alive(i) {
			t.failLaunch(i)
		} else if done, abandoned := t.waited(i); done {
			t.launchHooksDone(i, abandoned)
		}
	case statePending + proceed:
		t.enter(i)
	case stateTerminating:
		t.advanceTerminating(i)
	case stateTerminating + wait:
		if done, abandoned := t.waited(i); done || !t.alive(i) {
			t.endHooksDone(i, abandoned != "")
		}
	case stateTerminating + proceed:
		t.advanceEnd(i)
	case string(types.LifecycleStateReplacingRootVolume), string(types.LifecycleStateRootVolumeReplaced):
		t.advanceRootVolume(i)
	case string(types.LifecycleStateEnteringStandby), string(types.LifecycleStateDetaching):
		t.advanceLeaving(i)
	case "Stopped", "Running", "Hibernated":
		if !t.alive(i) {
			t.endHooksDone(i, false)
		}
	}
}

// advanceLeaving ends the way of an instance to standby or out of the group, once it has drained.
func (t *turn) advanceLeaving(i *instance) {
	if !t.drained(i) {
		return
	}
	next := types.LifecycleStateStandby
	if i.State == types.LifecycleStateDetaching {
		next = types.LifecycleStateDetached
		t.needs.Instances.TagInstance(i.ID, nil, []string{groupTag})
	}
	t.become(i, string(next))
	t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "", t.now)
}

// alive tells whether EC2 has an instance that is not at its end.
func (t *turn) alive(i *instance) bool {
	found, ok := t.needs.Instances.Instance(i.ID)
	return ok && found.State != ec2ShuttingDown && found.State != ec2Terminated
}

func (t *turn) advancePending(i *instance) {
	found, ok := t.needs.Instances.Instance(i.ID)
	switch {
	case !ok || found.State == ec2ShuttingDown || found.State == ec2Terminated:
		t.failLaunch(i)
	case i.Next != "" && i.warm(): // it has come back from the group
		i.Next = ""
		t.enter(i)
	case found.State == ec2Stopped:
		t.needs.Instances.StartInstance(i.ID)
	case found.State != ec2Running:
	case t.startHooks(i, launchTransition):
		t.become(i, statePending+wait)
		t.progress(i.Activity, types.ScalingActivityStatusCodeMidLifecycleAction, 70, "", t.now)
	default:
		t.become(i, statePending+proceed)
		t.enter(i)
	}
}

func (t *turn) launchHooksDone(i *instance, abandoned string) {
	if abandoned == "" {
		t.become(i, statePending+proceed)
		t.enter(i)
		return
	}
	message := "Instance failed to complete user's Lifecycle Action: " + abandoned
	t.progress(i.Activity, types.ScalingActivityStatusCodeCancelled, 100, message, t.now)
	t.notify(launchFailed, i.ID, message)
	t.terminate(i, "an instance was taken out of service in response to a launch lifecycle action that was abandoned")
}

// failLaunch ends an instance that EC2 has ended before it was in service.
func (t *turn) failLaunch(i *instance) {
	reason := "the instance was terminated"
	if found, ok := t.needs.Instances.Instance(i.ID); ok && found.Reason != "" {
		reason = found.Reason
	}
	message := "Instance became unhealthy while waiting for instance to be in InService state. Termination Reason: " + reason
	t.progress(i.Activity, types.ScalingActivityStatusCodeCancelled, 100, message, t.now)
	t.notify(launchFailed, i.ID, message)
	t.launchHasFailed()
	t.needs.Instances.TerminateInstance(i.ID)
	t.become(i, string(types.LifecycleStateTerminated))
}

// enter brings an instance into service, or into the rest of the warm pool.
func (t *turn) enter(i *instance) {
	if i.warm() {
		t.restInPool(i)
		return
	}
	message := ""
	if err := t.register(i); err != nil {
		message = err.Error()
	}
	i.InService = t.now
	t.become(i, string(types.LifecycleStateInService))
	t.Failures = 0
	t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, message, t.now)
	t.notify(launchSucceeded, i.ID, "")
}

// terminate begins the end of an instance, unless it has begun.
func (t *turn) terminate(i *instance, cause string) {
	switch base := i.base(); {
	case strings.HasPrefix(base, stateTerminating) && base != string(types.LifecycleStateTerminatingRetained):
		return
	case base == string(types.LifecycleStateTerminated), base == string(types.LifecycleStateDetached):
		return
	}
	t.progress(i.Activity, types.ScalingActivityStatusCodeCancelled, 100, "", t.now)
	i.Activity = t.begin(t.service, t.now, "Terminating EC2 instance: "+i.ID, t.at("%s.", cause), t.details(i))
	i.Waits, i.Next, i.Leaving = nil, "", false
	t.become(i, stateTerminating)
	t.deregister(i)
	if t.Forced {
		t.end(i)
	}
}

func (t *turn) advanceTerminating(i *instance) {
	switch {
	case t.alive(i) && !t.drained(i):
		t.progress(i.Activity, types.ScalingActivityStatusCodeWaitingForELBConnectionDraining, 30, "Waiting for ELB Connection Draining.", t.now)
	case t.alive(i) && t.startHooks(i, endTransition):
		t.become(i, stateTerminating+wait)
		t.progress(i.Activity, types.ScalingActivityStatusCodeMidLifecycleAction, 60, "", t.now)
	default:
		t.endHooksDone(i, false)
	}
}

func (t *turn) endHooksDone(i *instance, abandoned bool) {
	policy := t.Settings.InstanceLifecyclePolicy
	if abandoned && policy != nil && policy.RetentionTriggers != nil && policy.RetentionTriggers.TerminateHookAbandon == types.RetentionActionRetain && t.alive(i) {
		t.become(i, string(types.LifecycleStateTerminatingRetained))
		t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "The instance was retained because its lifecycle action was abandoned", t.now)
		return
	}
	if i.Next != "" && t.alive(i) && !t.Deleting {
		t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "", t.now)
		i.State, i.Since, i.Waits = i.Next, t.now, nil
		return
	}
	t.end(i)
}

// end has EC2 terminate an instance.
func (t *turn) end(i *instance) {
	t.needs.Instances.TerminateInstance(i.ID)
	t.become(i, stateTerminating+proceed)
	t.advanceEnd(i)
}

func (t *turn) advanceEnd(i *instance) {
	if found, ok := t.needs.Instances.Instance(i.ID); ok && found.State != ec2Terminated {
		return
	}
	t.become(i, string(types.LifecycleStateTerminated))
	t.progress(i.Activity, types.ScalingActivityStatusCodeSuccessful, 100, "", t.now)
	t.notify(terminateSucceeded, i.ID, "")
}

// details are what activities tell of where an instance is.
func (t *turn) details(i *instance) string {
	found, _ := t.needs.Instances.Instance(i.ID)
	return fmt.Sprintf(`{"Subnet ID":%q,"Availability Zone":%q}`, found.SubnetID, i.Zone)
}
