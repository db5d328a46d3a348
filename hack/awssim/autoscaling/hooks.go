package autoscaling

import (
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const (
	resultContinue = "CONTINUE"
	resultAbandon  = "ABANDON"
	// mostWait is how long heartbeats can extend a hook, in seconds, and mostHeartbeats how often.
	mostWait       = 48 * 3600
	mostHeartbeats = 100
)

var hookName = regexp.MustCompile(`^[A-Za-z0-9\-_/]{1,255}$`)

func putLifecycleHook(w *write, in *sdk.PutLifecycleHookInput) (*sdk.PutLifecycleHookOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &sdk.PutLifecycleHookOutput{}, w.putHook(g, in)
}

// putHook makes a hook, or changes what is given of it.
func (w *write) putHook(g *group, in *sdk.PutLifecycleHookInput) error {
	var v frame.Violations
	v.Required(in.LifecycleHookName, "lifecycleHookName")
	v.Length(in.NotificationMetadata, "notificationMetadata", 1, 4000)
	if err := v.Err(validationError); err != nil {
		return err
	}
	name := *in.LifecycleHookName
	hook, known := g.Hooks[name]
	if !known && len(g.Hooks) >= w.service.quotas.Hooks {
		return frameError(limitExceeded, "A group can have at most %d lifecycle hooks", w.service.quotas.Hooks)
	}
	merge(&hook, in)
	hook.AutoScalingGroupName, hook.LifecycleHookName = &g.Name, &name
	if text(hook.NotificationTargetARN) == "" {
		hook.NotificationTargetARN, hook.RoleARN = nil, nil
	}
	hook.DefaultResult = either(hook.DefaultResult, resultAbandon)
	hook.HeartbeatTimeout = either(hook.HeartbeatTimeout, 3600)
	hook.GlobalTimeout = aws.Int32(min(mostWait, mostHeartbeats**hook.HeartbeatTimeout))
	switch transition := text(hook.LifecycleTransition); {
	case !hookName.MatchString(name):
		return invalid("Lifecycle hook names can only contain letters, numbers, hyphens, underscores and slashes: %s", name)
	case transition != launchTransition && transition != endTransition:
		return invalid("Lifecycle Transition - Invalid lifecycle transition '%s': must be one of %s, %s", transition, launchTransition, endTransition)
	case *hook.HeartbeatTimeout < 30 || *hook.HeartbeatTimeout > 7200:
		return invalid("Heartbeat timeout must be between 30 and 7200 seconds")
	case *hook.DefaultResult != resultContinue && *hook.DefaultResult != resultAbandon:
		return invalid("Default result must be either CONTINUE or ABANDON")
	case hook.NotificationTargetARN != nil && text(hook.RoleARN) == "":
		return invalid("RoleARN must be specified with NotificationTargetARN")
	}
	g.Hooks[name] = hook
	return w.testHook(g, hook)
}

// testHook sends the message that AWS sends when a hook gets a target.
func (w *write) testHook(g *group, hook types.LifecycleHook) error {
	target := text(hook.NotificationTargetARN)
	switch {
	case target == "", strings.HasPrefix(target, "arn:aws:sqs:"):
		return nil
	case !strings.HasPrefix(target, "arn:aws:sns:"):
		return invalid("The notification target ARN '%s' is not valid: it must be that of an SNS topic or an SQS queue", target)
	}
	err := w.service.needs.Topics.Publish(target, "Auto Scaling: test notification for group \""+g.Name+"\"", message(map[string]any{
		"AutoScalingGroupName": g.Name, "Service": "AWS Auto Scaling", "Time": w.moment.Format(time.RFC3339Nano), "AccountId": g.Account,
		"Event": testNotification, "RequestId": w.ID, "AutoScalingGroupARN": g.ARN,
	}))
	if err != nil {
		return invalid("Unable to publish test message to notification target %s using IAM role %s. Please check your target and role configuration and try to put lifecycle hook again.", target, text(hook.RoleARN))
	}
	return nil
}

func message(fields map[string]any) string {
	raw, err := json.Marshal(fields)
	if err != nil { // texts, numbers and times cannot fail
		return err.Error()
	}
	return string(raw)
}

func deleteLifecycleHook(w *write, in *sdk.DeleteLifecycleHookInput) (*sdk.DeleteLifecycleHookOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	name := text(in.LifecycleHookName)
	if _, ok := g.Hooks[name]; !ok {
		return nil, invalid("No Lifecycle Hook found with name: %s", name)
	}
	delete(g.Hooks, name)
	// What waits for it goes on: instances that launch are abandoned, those that end continue.
	for i := range g.Instances {
		one := &g.Instances[i]
		for j := range one.Waits {
			if one.Waits[j].Hook != name {
				continue
			}
			one.Waits[j].Result = resultAbandon
			if strings.HasPrefix(one.base(), stateTerminating) {
				one.Waits[j].Result = resultContinue
			}
		}
	}
	return &sdk.DeleteLifecycleHookOutput{}, nil
}

func describeLifecycleHooks(r *reading, in *sdk.DescribeLifecycleHooksInput) (*sdk.DescribeLifecycleHooksOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeLifecycleHooksOutput{LifecycleHooks: []types.LifecycleHook{}}
	for _, name := range slices.Sorted(maps.Keys(g.Hooks)) {
		if len(in.LifecycleHookNames) == 0 || slices.Contains(in.LifecycleHookNames, name) {
			out.LifecycleHooks = append(out.LifecycleHooks, g.Hooks[name])
		}
	}
	return out, nil
}

// waiting finds the hook that an instance waits for.
func (g *group) waiting(hook, instanceID, token *string) (*hookWait, error) {
	if _, ok := g.Hooks[text(hook)]; !ok {
		return nil, invalid("No active Lifecycle Action found with instance ID %s", text(instanceID))
	}
	if instanceID == nil && token == nil {
		return nil, invalid("Either InstanceId or LifecycleActionToken must be specified")
	}
	for i := range g.Instances {
		one := &g.Instances[i]
		if instanceID != nil && one.ID != *instanceID {
			continue
		}
		for j := range one.Waits {
			w := &one.Waits[j]
			if w.Hook == text(hook) && w.Result == "" && (token == nil || *token == w.Token) {
				return w, nil
			}
		}
	}
	if token != nil {
		return nil, invalid("No active Lifecycle Action found with token %s", *token)
	}
	return nil, invalid("No active Lifecycle Action found with instance ID %s", text(instanceID))
}

func completeLifecycleAction(w *write, in *sdk.CompleteLifecycleActionInput) (*sdk.CompleteLifecycleActionOutput, error) {
	g, err := w.completing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	result := text(in.LifecycleActionResult)
	if result != resultContinue && result != resultAbandon {
		return nil, invalid("The lifecycle action result must be either CONTINUE or ABANDON")
	}
	found, err := g.waiting(in.LifecycleHookName, in.InstanceId, in.LifecycleActionToken)
	if err != nil {
		return nil, err
	}
	found.Result = result
	return &sdk.CompleteLifecycleActionOutput{}, nil
}

// completing is changing for a group that may be on its way out: its hooks still run.
func (w *write) completing(name *string) (*group, error) {
	found, err := w.find(name)
	if err != nil {
		return nil, err
	}
	g := found.clone()
	w.groups[g.key()] = g
	return g, nil
}

func recordHeartbeat(w *write, in *sdk.RecordLifecycleActionHeartbeatInput) (*sdk.RecordLifecycleActionHeartbeatOutput, error) {
	g, err := w.completing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	found, err := g.waiting(in.LifecycleHookName, in.InstanceId, in.LifecycleActionToken)
	if err != nil {
		return nil, err
	}
	found.Until = w.moment.Add(w.service.seconds(*g.Hooks[found.Hook].HeartbeatTimeout))
	if found.Until.After(found.Latest) {
		found.Until = found.Latest
	}
	return &sdk.RecordLifecycleActionHeartbeatOutput{}, nil
}

// startHooks begins the hooks of a transition and tells whether there are any.
func (t *turn) startHooks(i *instance, transition string) bool {
	i.Waits = nil
	for _, name := range slices.Sorted(maps.Keys(t.Hooks)) {
		hook := t.Hooks[name]
		if text(hook.LifecycleTransition) != transition {
			continue
		}
		one := hookWait{
			Hook: name, Token: t.service.env.Random.RequestID(),
			Until:  t.now.Add(t.service.seconds(*hook.HeartbeatTimeout)),
			Latest: t.now.Add(t.service.seconds(*hook.GlobalTimeout)),
		}
		i.Waits = append(i.Waits, one)
		t.tellHook(i, hook, one.Token)
	}
	return len(i.Waits) > 0
}

// tellHook sends what is to be done to the hook's topic. Queues are not simulated.
func (t *turn) tellHook(i *instance, hook types.LifecycleHook, token string) {
	target := text(hook.NotificationTargetARN)
	if !strings.HasPrefix(target, "arn:aws:sns:") {
		return
	}
	from, to := "EC2", "AutoScalingGroup"
	switch {
	case i.warm():
		to = "WarmPool"
	case text(hook.LifecycleTransition) == endTransition:
		from, to = to, from
	}
	err := t.needs.Topics.Publish(target, "Auto Scaling: Lifecycle action '"+strings.TrimPrefix(text(hook.LifecycleTransition), "autoscaling:EC2_INSTANCE_")+
		"' for instance "+i.ID+" in progress.", message(map[string]any{
		"LifecycleHookName": text(hook.LifecycleHookName), "AccountId": t.Account, "LifecycleTransition": text(hook.LifecycleTransition),
		"AutoScalingGroupName": t.Name, "Service": "AWS Auto Scaling", "Time": t.now.Format(time.RFC3339Nano), "EC2InstanceId": i.ID,
		"LifecycleActionToken": token, "NotificationMetadata": text(hook.NotificationMetadata), "Origin": from, "Destination": to,
	}))
	if err != nil {
		t.progress(i.Activity, types.ScalingActivityStatusCodeMidLifecycleAction, 60, fmt.Sprintf("The lifecycle notification could not be sent: %s", err), t.now)
	}
}

// waited tells whether all hooks of an instance are done, and why it is to be abandoned.
func (t *turn) waited(i *instance) (done bool, abandoned string) {
	done = true
	for j := range i.Waits {
		w := &i.Waits[j]
		reason := "was completed with " + resultAbandon + " Result"
		if w.Result == "" && !w.Until.After(t.now) {
			reason = "was abandoned: Heartbeat Timeout Elapsed"
			w.Result = resultAbandon
			if hook, ok := t.Hooks[w.Hook]; ok {
				w.Result = *hook.DefaultResult
			}
		}
		switch w.Result {
		case "":
			done = false
		case resultAbandon:
			// One that is abandoned ends the waiting of all.
			return true, "Lifecycle Action with token " + w.Token + " " + reason
		}
	}
	return done, ""
}
