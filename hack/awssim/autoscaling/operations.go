package autoscaling

import (
	"context"
	"slices"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

// The buckets of request-rate limits. AWS does not publish them.
const (
	reads  = "reads"
	writes = "writes"
)

func rates() frame.Rates {
	return frame.Rates{Code: "Throttling", Shared: map[string]frame.Bucket{
		reads:  {Capacity: 20, Refill: 10},
		writes: {Capacity: 10, Refill: 3},
	}}
}

func reader[In, Out any](s *Service, name string, handle func(*reading, *In) (*Out, error)) frame.Operation {
	return charged(reads, name, read(s, handle))
}

func writer[In, Out any](s *Service, name string, handle func(*write, *In) (*Out, error)) frame.Operation {
	return charged(writes, name, commit(s, handle))
}

func charged[In, Out any](bucket, name string, handle func(context.Context, *frame.Request, *In) (*Out, error)) frame.Operation {
	return frame.Charging(name, func(*In) []frame.Charge { return []frame.Charge{{Bucket: bucket, Tokens: 1}} }, handle)
}

// Definition tells the server how to serve EC2 Auto Scaling.
func (s *Service) Definition() frame.Definition {
	operations := slices.Concat(s.groupOperations(), s.instanceOperations(), s.scalingOperations(), s.sourceOperations(), s.typeOperations())
	names := make([]string, len(operations))
	for i, operation := range operations {
		names[i] = operation.Name
	}
	return frame.Definition{
		Name: "autoscaling",
		Protocol: query.New("http://autoscaling.amazonaws.com/doc/2011-01-01/", "2011-01-01", names...).WithEmptyResults().
			WithItems("CpuPerformanceFactorRequest.References", "Reference", "item"),
		Rates:      rates(),
		Operations: operations,
	}
}

func (s *Service) groupOperations() []frame.Operation {
	return []frame.Operation{
		writer(s, "CreateAutoScalingGroup", createGroup),
		writer(s, "UpdateAutoScalingGroup", updateGroup),
		writer(s, "DeleteAutoScalingGroup", deleteGroup),
		writer(s, "SetDesiredCapacity", setDesiredCapacity),
		reader(s, "DescribeAutoScalingGroups", describeGroups),
		reader(s, "DescribeScalingActivities", describeActivities),
		reader(s, "DescribeAccountLimits", describeAccountLimits),
		writer(s, "CreateOrUpdateTags", createOrUpdateTags),
		writer(s, "DeleteTags", deleteTags),
		reader(s, "DescribeTags", describeTags),
		writer(s, "SuspendProcesses", suspendProcesses),
		writer(s, "ResumeProcesses", resumeProcesses),
		writer(s, "EnableMetricsCollection", enableMetrics),
		writer(s, "DisableMetricsCollection", disableMetrics),
		writer(s, "PutNotificationConfiguration", putNotification),
		writer(s, "DeleteNotificationConfiguration", deleteNotification),
		reader(s, "DescribeNotificationConfigurations", describeNotifications),
		writer(s, "CreateLaunchConfiguration", createConfiguration),
		writer(s, "DeleteLaunchConfiguration", deleteConfiguration),
		reader(s, "DescribeLaunchConfigurations", describeConfigurations),
	}
}

func (s *Service) instanceOperations() []frame.Operation {
	return []frame.Operation{
		reader(s, "DescribeAutoScalingInstances", describeInstances),
		writer(s, "SetInstanceHealth", setInstanceHealth),
		writer(s, "SetInstanceProtection", setInstanceProtection),
		writer(s, "TerminateInstanceInAutoScalingGroup", terminateInstance),
		writer(s, "LaunchInstances", launchInstances),
		writer(s, "AttachInstances", attachInstances),
		writer(s, "DetachInstances", detachInstances),
		writer(s, "EnterStandby", enterStandby),
		writer(s, "ExitStandby", exitStandby),
		writer(s, "PutLifecycleHook", putLifecycleHook),
		writer(s, "DeleteLifecycleHook", deleteLifecycleHook),
		reader(s, "DescribeLifecycleHooks", describeLifecycleHooks),
		writer(s, "CompleteLifecycleAction", completeLifecycleAction),
		writer(s, "RecordLifecycleActionHeartbeat", recordHeartbeat),
		writer(s, "PutWarmPool", putWarmPool),
		writer(s, "DeleteWarmPool", deleteWarmPool),
		reader(s, "DescribeWarmPool", describeWarmPool),
		writer(s, "StartInstanceRefresh", startRefresh),
		writer(s, "CancelInstanceRefresh", cancelRefresh),
		writer(s, "RollbackInstanceRefresh", rollbackRefresh),
		reader(s, "DescribeInstanceRefreshes", describeRefreshes),
	}
}

func (s *Service) scalingOperations() []frame.Operation {
	return []frame.Operation{
		writer(s, "PutScalingPolicy", putPolicy),
		writer(s, "DeletePolicy", deletePolicy),
		reader(s, "DescribePolicies", describePolicies),
		writer(s, "ExecutePolicy", executePolicy),
		reader(s, "GetPredictiveScalingForecast", getForecast),
		writer(s, "PutScheduledUpdateGroupAction", putScheduled),
		writer(s, "BatchPutScheduledUpdateGroupAction", batchPutScheduled),
		writer(s, "DeleteScheduledAction", deleteScheduled),
		writer(s, "BatchDeleteScheduledAction", batchDeleteScheduled),
		reader(s, "DescribeScheduledActions", describeScheduled),
	}
}

func (s *Service) sourceOperations() []frame.Operation {
	return []frame.Operation{
		writer(s, "AttachTrafficSources", attachTrafficSources),
		writer(s, "DetachTrafficSources", detachTrafficSources),
		reader(s, "DescribeTrafficSources", describeTrafficSources),
		writer(s, "AttachLoadBalancerTargetGroups", attachTargetGroups),
		writer(s, "DetachLoadBalancerTargetGroups", detachTargetGroups),
		reader(s, "DescribeLoadBalancerTargetGroups", describeTargetGroups),
		writer(s, "AttachLoadBalancers", attachClassic),
		writer(s, "DetachLoadBalancers", detachClassic),
		reader(s, "DescribeLoadBalancers", describeClassic),
	}
}

func (s *Service) typeOperations() []frame.Operation {
	return []frame.Operation{
		reader(s, "DescribeAdjustmentTypes", describeAdjustmentTypes),
		reader(s, "DescribeAutoScalingNotificationTypes", describeNotificationTypes),
		reader(s, "DescribeLifecycleHookTypes", describeHookTypes),
		reader(s, "DescribeMetricCollectionTypes", describeMetricTypes),
		reader(s, "DescribeScalingProcessTypes", describeProcesses),
		reader(s, "DescribeTerminationPolicyTypes", describeTerminationPolicies),
	}
}
