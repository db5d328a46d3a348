package awsclient

import "time"

// regionalReadPatience lets as many looks as there are workers go on side by side at the pace of the smallest bucket.
const regionalReadPatience = 5 * time.Second

// Keys of the regional services in Options.Budgets and in the metrics' service label.
const (
	ServiceELBV2 = "elasticloadbalancingv2"
	ServiceEC2   = "ec2"
	ServiceACM   = "acm"

	ServiceAutoScaling = "autoscaling"
)

// ELBV2Budget is the set of limits Elastic Load Balancing documents as of 2026: categories of operations, each with one
// bucket that its operations share. An operation that no category names has a modest bucket of its own.
func ELBV2Budget() Budget {
	return Budget{
		ReadPatience:  regionalReadPatience,
		EachOperation: Rate{20, 3},
		Groups: []Group{
			{Name: "resource-intensive", Rate: Rate{10, 0.2}, Operations: []string{"CreateLoadBalancer", "SetSubnets"}},
			{Name: "registration", Rate: Rate{20, 4}, Operations: []string{"RegisterTargets", "DeregisterTargets"}},
			{Name: "non-mutating", Rate: Rate{40, 10}, Operations: []string{
				"DescribeLoadBalancers", "DescribeLoadBalancerAttributes", "DescribeCapacityReservation", "DescribeListeners",
				"DescribeListenerAttributes", "DescribeListenerCertificates", "DescribeRules", "DescribeTargetGroups",
				"DescribeTargetGroupAttributes", "DescribeTargetHealth", "DescribeTags", "DescribeAccountLimits", "DescribeSSLPolicies",
			}},
			{Name: "mutating", Rate: Rate{20, 3}, Operations: []string{
				"DeleteLoadBalancer", "ModifyLoadBalancerAttributes", "ModifyCapacityReservation", "ModifyIpPools", "SetIpAddressType",
				"SetSecurityGroups", "CreateListener", "ModifyListener", "ModifyListenerAttributes", "DeleteListener",
				"AddListenerCertificates", "RemoveListenerCertificates", "CreateRule", "ModifyRule", "SetRulePriorities", "DeleteRule",
				"CreateTargetGroup", "ModifyTargetGroup", "ModifyTargetGroupAttributes", "DeleteTargetGroup", "AddTags", "RemoveTags",
			}},
			{Name: "trust-store-writes", Rate: Rate{10, 0.2}, Operations: []string{
				"ModifyTrustStore", "DeleteTrustStore", "AddTrustStoreRevocations", "RemoveTrustStoreRevocations",
				"DeleteSharedTrustStoreAssociation",
			}},
			{Name: "trust-store-content", Rate: Rate{20, 4}, Operations: []string{
				"GetTrustStoreCaCertificatesBundle", "GetTrustStoreRevocationContent", "GetResourcePolicy",
			}},
			{Name: "trust-store-reads", Rate: Rate{40, 10}, Operations: []string{
				"DescribeTrustStores", "DescribeTrustStoreAssociations", "DescribeTrustStoreRevocations",
			}},
		},
		Operations: map[string]Rate{"CreateTrustStore": {10, 0.2}},
	}
}

// EC2Budget is the set of limits EC2 documents as of 2026: each operation has a bucket of its own.
func EC2Budget() Budget {
	return Budget{
		ReadPatience:  regionalReadPatience,
		EachOperation: Rate{50, 5},
		EachRead:      Rate{100, 20},
		Operations: map[string]Rate{
			"CreateTags":                  {100, 10},
			"DeleteTags":                  {100, 10},
			"CreateLaunchTemplateVersion": {100, 5},
			"ModifyLaunchTemplate":        {100, 5},
			"CreateNetworkInterface":      {100, 5},
			"TerminateInstances":          {100, 5},
			"RunInstances":                {5, 2},
			"StartInstances":              {5, 2},
		},
	}
}

// ACMBudget is the set of limits Certificate Manager documents: requests a second, for each operation.
func ACMBudget() Budget {
	return Budget{
		ReadPatience:  regionalReadPatience,
		EachOperation: Rate{5, 5},
		EachRead:      Rate{10, 10},
		Operations:    map[string]Rate{"DeleteCertificate": {10, 10}, "ListCertificates": {1, 1}},
	}
}

// AutoScalingBudget is what EC2 Auto Scaling is known to bear: AWS documents token buckets, and not their sizes. Reads
// share one bucket and writes another.
func AutoScalingBudget() Budget {
	return Budget{
		ReadPatience:  regionalReadPatience,
		EachOperation: Rate{10, 3},
		EachRead:      Rate{20, 10},
		Groups: []Group{
			{Name: "reads", Rate: Rate{20, 10}, Operations: []string{
				"DescribeAccountLimits", "DescribeAccountSettings", "DescribeAdjustmentTypes", "DescribeAutoScalingGroups",
				"DescribeAutoScalingInstances", "DescribeAutoScalingNotificationTypes",
				"DescribeInstanceRefreshes", "DescribeLaunchConfigurations", "DescribeLifecycleHookTypes",
				"DescribeLifecycleHooks", "DescribeLoadBalancerTargetGroups", "DescribeLoadBalancers",
				"DescribeMetricCollectionTypes", "DescribeNotificationConfigurations", "DescribePolicies",
				"DescribeScalingActivities", "DescribeScalingProcessTypes", "DescribeScheduledActions", "DescribeTags",
				"DescribeTerminationPolicyTypes", "DescribeTrafficSources", "DescribeWarmPool", "GetPredictiveScalingForecast",
			}},
			{Name: "writes", Rate: Rate{10, 3}, Operations: []string{
				"AttachInstances", "AttachLoadBalancerTargetGroups", "AttachLoadBalancers", "AttachTrafficSources",
				"BatchDeleteScheduledAction", "BatchPutScheduledUpdateGroupAction", "CancelInstanceRefresh",
				"CompleteLifecycleAction", "CreateAutoScalingGroup", "CreateLaunchConfiguration", "CreateOrUpdateTags",
				"DeleteAutoScalingGroup", "DeleteLaunchConfiguration", "DeleteLifecycleHook", "DeleteNotificationConfiguration",
				"DeletePolicy", "DeleteScheduledAction", "DeleteTags", "DeleteWarmPool", "DetachInstances",
				"DetachLoadBalancerTargetGroups", "DetachLoadBalancers", "DetachTrafficSources", "DisableMetricsCollection",
				"EnableMetricsCollection", "EnterStandby", "ExecutePolicy", "ExitStandby", "LaunchInstances",
				"PutAccountSetting", "PutLifecycleHook", "PutNotificationConfiguration", "PutScalingPolicy",
				"PutScheduledUpdateGroupAction", "PutWarmPool", "RecordLifecycleActionHeartbeat", "ResumeProcesses",
				"RollbackInstanceRefresh", "SetDesiredCapacity", "SetInstanceHealth", "SetInstanceProtection",
				"StartInstanceRefresh", "SuspendProcesses", "TerminateInstanceInAutoScalingGroup", "UpdateAutoScalingGroup",
			}},
		},
	}
}
