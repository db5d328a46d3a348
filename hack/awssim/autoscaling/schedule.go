package autoscaling

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// mostBatch bounds the scheduled actions and instances of one call.
const mostBatch = 50

func putScheduled(w *write, in *sdk.PutScheduledUpdateGroupActionInput) (*sdk.PutScheduledUpdateGroupActionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if in.Time != nil && in.StartTime == nil {
		in.StartTime = in.Time
	}
	var request types.ScheduledUpdateGroupActionRequest
	merge(&request, in)
	return &sdk.PutScheduledUpdateGroupActionOutput{}, w.schedule(g, request)
}

// schedule makes a scheduled action, or replaces it.
func (w *write) schedule(g *group, in types.ScheduledUpdateGroupActionRequest) error {
	var v frame.Violations
	v.Required(in.ScheduledActionName, "scheduledActionName")
	v.Length(in.ScheduledActionName, "scheduledActionName", 1, 255)
	if err := v.Err(validationError); err != nil {
		return err
	}
	name := *in.ScheduledActionName
	former, known := g.Scheduled[name]
	if !known && len(g.Scheduled) >= w.service.quotas.ScheduledActions {
		return frameError(limitExceeded, "A group can have at most %d scheduled actions", w.service.quotas.ScheduledActions)
	}
	zone, err := time.LoadLocation(text(in.TimeZone))
	if err != nil {
		return invalid("The time zone %s is not valid: it must be a name of the IANA time zone database", text(in.TimeZone))
	}
	action := types.ScheduledUpdateGroupAction{AutoScalingGroupName: &g.Name, ScheduledActionARN: former.ScheduledActionARN}
	merge(&action, &in)
	if err := w.checkScheduled(&action, zone); err != nil {
		return err
	}
	for other, one := range g.Scheduled {
		if other != name && one.StartTime != nil && action.StartTime != nil && one.StartTime.Equal(*action.StartTime) {
			return frameError(alreadyExists, "Scheduled action with the start time %s already exists: %s", action.StartTime.UTC().Format(time.RFC3339), other)
		}
	}
	if action.ScheduledActionARN == nil {
		action.ScheduledActionARN = aws.String(fmt.Sprintf("arn:aws:autoscaling:%s:%s:scheduledUpdateGroupAction:%s:autoScalingGroupName/%s:scheduledActionName/%s",
			g.Region, g.Account, w.service.env.Random.RequestID(), g.Name, name))
	}
	action.Time = action.StartTime
	g.Scheduled[name] = action
	return nil
}

func (w *write) checkScheduled(a *types.ScheduledUpdateGroupAction, zone *time.Location) error {
	switch {
	case a.MinSize == nil && a.MaxSize == nil && a.DesiredCapacity == nil:
		return invalid("At least one of MinSize, MaxSize and DesiredCapacity must be specified")
	case a.StartTime == nil && a.Recurrence == nil:
		return invalid("Either StartTime or Recurrence must be specified")
	case a.TimeZone != nil && a.Recurrence == nil:
		return invalid("TimeZone can only be specified with Recurrence")
	}
	if err := w.checkScheduledTimes(a); err != nil {
		return err
	}
	if err := checkScheduledSizes(a); err != nil || a.Recurrence == nil {
		return err
	}
	return w.checkRecurrence(a, zone)
}

// checkRecurrence checks when an action recurs, and finds its first time.
func (w *write) checkRecurrence(a *types.ScheduledUpdateGroupAction, zone *time.Location) error {
	recurrence, err := parseCron(*a.Recurrence)
	if err != nil {
		return invalid("Given recurrence string: %s is invalid: %s", *a.Recurrence, err)
	}
	if a.StartTime == nil {
		first := recurrence.next(w.moment, zone)
		if first.IsZero() {
			return invalid("Given recurrence string: %s never occurs", *a.Recurrence)
		}
		a.StartTime = &first
	}
	return nil
}

func (w *write) checkScheduledTimes(a *types.ScheduledUpdateGroupAction) error {
	switch {
	case a.StartTime != nil && a.StartTime.Before(w.moment):
		return invalid("Given start time is in the past")
	case a.EndTime != nil && a.EndTime.Before(w.moment):
		return invalid("Given end time is in the past")
	case a.StartTime != nil && a.EndTime != nil && !a.StartTime.Before(*a.EndTime):
		return invalid("Start time must be before end time")
	}
	return nil
}

func checkScheduledSizes(a *types.ScheduledUpdateGroupAction) error {
	desired := a.DesiredCapacity
	switch {
	case a.MinSize != nil && a.MaxSize != nil && *a.MinSize > *a.MaxSize:
		return invalid("Max bound, %d, must be greater than or equal to min bound, %d", *a.MaxSize, *a.MinSize)
	case desired != nil && (*desired > *either(a.MaxSize, *desired) || *desired < *either(a.MinSize, *desired)):
		return invalid("Desired capacity:%d must be between the specified min size and max size", *desired)
	}
	return nil
}

func batchPutScheduled(w *write, in *sdk.BatchPutScheduledUpdateGroupActionInput) (*sdk.BatchPutScheduledUpdateGroupActionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if n := len(in.ScheduledUpdateGroupActions); n < 1 || n > mostBatch {
		return nil, invalid("The number of scheduled actions must be between 1 and %d", mostBatch)
	}
	out := &sdk.BatchPutScheduledUpdateGroupActionOutput{FailedScheduledUpdateGroupActions: []types.FailedScheduledUpdateGroupActionRequest{}}
	for _, one := range in.ScheduledUpdateGroupActions {
		if err := w.schedule(g, one); err != nil {
			out.FailedScheduledUpdateGroupActions = append(out.FailedScheduledUpdateGroupActions, failedAction(one.ScheduledActionName, err))
		}
	}
	return out, nil
}

func failedAction(name *string, err error) types.FailedScheduledUpdateGroupActionRequest {
	failed := types.FailedScheduledUpdateGroupActionRequest{ScheduledActionName: name, ErrorCode: aws.String("InternalFailure"), ErrorMessage: aws.String(err.Error())}
	var known *frame.Error
	if errors.As(err, &known) {
		failed.ErrorCode, failed.ErrorMessage = &known.Code, &known.Message
	}
	return failed
}

func noScheduled(name string) error {
	return invalid("Scheduled action name not found - %s", name)
}

func deleteScheduled(w *write, in *sdk.DeleteScheduledActionInput) (*sdk.DeleteScheduledActionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if _, ok := g.Scheduled[text(in.ScheduledActionName)]; !ok {
		return nil, noScheduled(text(in.ScheduledActionName))
	}
	delete(g.Scheduled, *in.ScheduledActionName)
	return &sdk.DeleteScheduledActionOutput{}, nil
}

func batchDeleteScheduled(w *write, in *sdk.BatchDeleteScheduledActionInput) (*sdk.BatchDeleteScheduledActionOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if n := len(in.ScheduledActionNames); n < 1 || n > mostBatch {
		return nil, invalid("The number of scheduled actions must be between 1 and %d", mostBatch)
	}
	out := &sdk.BatchDeleteScheduledActionOutput{FailedScheduledActions: []types.FailedScheduledUpdateGroupActionRequest{}}
	for _, name := range in.ScheduledActionNames {
		if _, ok := g.Scheduled[name]; !ok {
			out.FailedScheduledActions = append(out.FailedScheduledActions, failedAction(&name, noScheduled(name)))
		}
		delete(g.Scheduled, name)
	}
	return out, nil
}

func describeScheduled(r *reading, in *sdk.DescribeScheduledActionsInput) (*sdk.DescribeScheduledActionsOutput, error) {
	groups := r.own(r.Request)
	if in.AutoScalingGroupName != nil {
		g, err := r.find(in.AutoScalingGroupName)
		if err != nil {
			return nil, err
		}
		groups = []*group{g}
	}
	var found []types.ScheduledUpdateGroupAction
	for _, g := range groups {
		for _, name := range slices.Sorted(maps.Keys(g.Scheduled)) {
			a := g.Scheduled[name]
			named := len(in.ScheduledActionNames) == 0 || slices.Contains(in.ScheduledActionNames, name) || slices.Contains(in.ScheduledActionNames, *a.ScheduledActionARN)
			early := len(in.ScheduledActionNames) == 0 && in.StartTime != nil && a.StartTime.Before(*in.StartTime)
			late := len(in.ScheduledActionNames) == 0 && in.EndTime != nil && a.StartTime.After(*in.EndTime)
			if named && !early && !late {
				found = append(found, a)
			}
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(a *types.ScheduledUpdateGroupAction) string {
		return *a.AutoScalingGroupName + "/" + *a.ScheduledActionName
	})
	return &sdk.DescribeScheduledActionsOutput{ScheduledUpdateGroupActions: cut, NextToken: next}, err
}

// nextScheduled is when the next scheduled action is due, or the zero time.
func (g *group) nextScheduled(now time.Time) time.Time {
	var first time.Time
	for _, a := range g.Scheduled {
		if at := *a.StartTime; first.IsZero() || at.Before(first) {
			first = at
		}
	}
	if !first.IsZero() && first.Before(now) {
		return now
	}
	return first
}

// runScheduled runs the scheduled actions that are due, in the order of their
// times, and plans the next run of those that recur.
func (t *turn) runScheduled() {
	due := slices.SortedFunc(maps.Values(t.Scheduled), func(a, b types.ScheduledUpdateGroupAction) int { return a.StartTime.Compare(*b.StartTime) })
	for _, a := range due {
		if a.StartTime.After(t.now) {
			return
		}
		t.planAgain(a)
		if t.Suspended["ScheduledActions"] == "" && !t.Deleting {
			t.runAction(a)
		}
	}
}

func (t *turn) planAgain(a types.ScheduledUpdateGroupAction) {
	delete(t.Scheduled, *a.ScheduledActionName)
	if a.Recurrence == nil {
		return
	}
	zone, err := time.LoadLocation(text(a.TimeZone))
	recurrence, invalidCron := parseCron(*a.Recurrence)
	if err != nil || invalidCron != nil { // neither can be: they were checked
		return
	}
	next := recurrence.next(t.now, zone)
	if next.IsZero() || a.EndTime != nil && next.After(*a.EndTime) {
		return
	}
	a.StartTime, a.Time = &next, &next
	t.Scheduled[*a.ScheduledActionName] = a
}

func (t *turn) runAction(a types.ScheduledUpdateGroupAction) {
	s := &t.Settings
	least, most := *either(a.MinSize, *s.MinSize), *either(a.MaxSize, *s.MaxSize)
	if least > most {
		id := t.begin(t.service, t.now, "Executing scheduled action "+*a.ScheduledActionName, t.at("the time of the scheduled action was reached."), "")
		t.progress(id, types.ScalingActivityStatusCodeFailed, 100, fmt.Sprintf("Max bound, %d, must be greater than or equal to min bound, %d", most, least), t.now)
		return
	}
	desired := min(most, max(least, *either(a.DesiredCapacity, *s.DesiredCapacity)))
	s.MinSize, s.MaxSize = &least, &most
	if desired != *s.DesiredCapacity {
		t.desire(desired, fmt.Sprintf("a scheduled action update of AutoScalingGroup constraints by %s changing the desired capacity", *a.ScheduledActionName)+" from %d to %d.")
	}
}
