package autoscaling

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// processes are those that can be suspended.
var processes = []string{
	"AZRebalance", "AddToLoadBalancer", "AlarmNotification", "HealthCheck", "InstanceRefresh", "Launch", "ReplaceUnhealthy", "ScheduledActions", "Terminate",
}

// chosen are the names that a call gives, or all without any.
func chosen(given, known []string, what string) ([]string, error) {
	if len(given) == 0 {
		return known, nil
	}
	for _, one := range given {
		if !slices.Contains(known, one) {
			return nil, invalid("Invalid %s: %s", what, one)
		}
	}
	return given, nil
}

func suspendProcesses(w *write, in *sdk.SuspendProcessesInput) (*sdk.SuspendProcessesOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	names, err := chosen(in.ScalingProcesses, processes, "scaling process")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		if g.Suspended[name] == "" {
			g.Suspended[name] = "User suspended at " + w.moment.Format(causeTime)
		}
	}
	return &sdk.SuspendProcessesOutput{}, nil
}

func resumeProcesses(w *write, in *sdk.ResumeProcessesInput) (*sdk.ResumeProcessesOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	names, err := chosen(in.ScalingProcesses, processes, "scaling process")
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		delete(g.Suspended, name)
	}
	g.RetryAt = w.moment
	return &sdk.ResumeProcessesOutput{}, nil
}

func describeProcesses(_ *reading, _ *sdk.DescribeScalingProcessTypesInput) (*sdk.DescribeScalingProcessTypesOutput, error) {
	out := &sdk.DescribeScalingProcessTypesOutput{}
	for i := range processes {
		out.Processes = append(out.Processes, types.ProcessType{ProcessName: &processes[i]})
	}
	return out, nil
}
