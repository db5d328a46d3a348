package controllers_test

import (
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
)

// someGroup is an AutoScalingGroup to which a test adds.
const someGroup = "minSize: 0, maxSize: 4, subnetIDs: [subnet-0a, subnet-0b], launchTemplateRef: {name: theirs}, "

const (
	opsTopic  = "'arn:aws:sns:us-east-1:123456789012:ops'"
	jobsQueue = "'arn:aws:sqs:us-east-1:123456789012:jobs'"
	hookRole  = "'arn:aws:iam::123456789012:role/hooks'"
)

// hooked is an AutoScalingGroup with one lifecycle hook.
func hooked(settings string) string { return someGroup + "lifecycleHooks: [{" + settings + "}]" }

// told is an AutoScalingGroup with one topic.
func told(settings string) string { return someGroup + "notifications: [{" + settings + "}]" }

// spotPool is an AutoScalingGroup with a warm pool whose template asks for Spot instances.
const spotPool = "minSize: 0, maxSize: 4, subnetIDs: [subnet-0a], launchTemplate: {imageID: ami-0123456789abcdef0, instanceType: m6i.large, instanceMarketOptions: {marketType: spot}}, warmPool: {}"

// mixedPool is an AutoScalingGroup with a warm pool and mixed instances.
func mixedPool(mixed string) string {
	return someGroup + "warmPool: {}, mixedInstances: {" + mixed + "}"
}

var _ = Describe("Admission of an AutoScalingGroup's parts", func() {
	DescribeTable("refuses a lifecycle hook", refuses("AutoScalingGroup"),
		Entry("without a name", hooked("transition: Launching"), "name: Required value"),
		Entry("without a transition", hooked("name: drain"), "transition: Required value"),
		Entry("of another transition", hooked("name: drain, transition: autoscaling:EC2_INSTANCE_LAUNCHING"), `supported values: "Launching", "Terminating"`),
		Entry("with an empty name", hooked("name: '', transition: Launching"), "at least 1 chars"),
		Entry("with a dot in its name", hooked("name: a.b, transition: Launching"), "should match"),
		Entry("with too long a name", hooked("name: "+strings.Repeat("a", 256)+", transition: Launching"), "Too long"),
		Entry("with a name twice", someGroup+"lifecycleHooks: [{name: a, transition: Launching}, {name: a, transition: Terminating}]", "Duplicate value"),
		Entry("with too short a timeout", hooked("name: a, transition: Launching, heartbeatTimeoutSeconds: 29"), "greater than or equal to 30"),
		Entry("with too long a timeout", hooked("name: a, transition: Launching, heartbeatTimeoutSeconds: 7201"), "less than or equal to 7200"),
		Entry("with another result", hooked("name: a, transition: Launching, defaultResult: RETRY"), `supported values: "CONTINUE", "ABANDON"`),
		Entry("with a target and no role", hooked("name: a, transition: Launching, notificationTargetARN: "+opsTopic), "needs both notificationTargetARN and roleARN"),
		Entry("with a role and no target", hooked("name: a, transition: Launching, roleARN: "+hookRole), "needs both notificationTargetARN and roleARN"),
		Entry("with a target that is neither topic nor queue", hooked("name: a, transition: Launching, roleARN: "+hookRole+", notificationTargetARN: "+functionARN), "should match"),
		Entry("with a role that is none", hooked("name: a, transition: Launching, roleARN: hooks, notificationTargetARN: "+opsTopic), "should match"),
		Entry("with metadata for nobody", hooked("name: a, transition: Launching, notificationMetadata: x"), "give notificationTargetARN and roleARN too"),
		Entry("with too much metadata", hooked("name: a, transition: Launching, roleARN: "+hookRole+", notificationTargetARN: "+opsTopic+", notificationMetadata: "+strings.Repeat("a", 4001)), "Too long"),
	)
	DescribeTable("refuses notifications", refuses("AutoScalingGroup"),
		Entry("without a topic", told("types: [Launch]"), "topicARN: Required value"),
		Entry("without types", told("topicARN: "+opsTopic), "types: Required value"),
		Entry("of no type", told("topicARN: "+opsTopic+", types: []"), "at least 1 items"),
		Entry("of another type", told("topicARN: "+opsTopic+", types: [EC2_INSTANCE_LAUNCH]"), `supported values: "Launch"`),
		Entry("with a type twice", told("topicARN: "+opsTopic+", types: [Launch, Launch]"), "Duplicate value"),
		Entry("to a queue", told("topicARN: "+jobsQueue+", types: [Launch]"), "should match"),
		Entry("to a topic twice", someGroup+"notifications: [{topicARN: "+opsTopic+", types: [Launch]}, {topicARN: "+opsTopic+", types: [Terminate]}]", "Duplicate value"),
	)
	DescribeTable("refuses", refuses("AutoScalingGroup"),
		Entry("a warm pool in another state", someGroup+"warmPool: {poolState: Frozen}", `supported values: "Stopped", "Running", "Hibernated"`),
		Entry("a warm pool below zero", someGroup+"warmPool: {minSize: -1}", "greater than or equal to 0"),
		Entry("a warm pool that is too large", someGroup+"warmPool: {minSize: 10001}", "less than or equal to 10000"),
		Entry("a bound of AWS's own", someGroup+"warmPool: {maxGroupPreparedCapacity: -1}", "greater than or equal to 0"),
		Entry("a warm pool above its bound", someGroup+"warmPool: {minSize: 3, maxGroupPreparedCapacity: 2}", "must not be below warmPool.minSize"),
		Entry("a warm pool of Spot instances", spotPool, "set launchTemplate.instanceMarketOptions or mixedInstances.distribution to On-Demand only"),
		Entry("a warm pool of partly Spot instances", mixedPool("overrides: [{instanceType: m6i.large}], distribution: {onDemandPercentageAboveBaseCapacity: 99}"), "AWS keeps no warm pool of Spot instances"),
		Entry("a warm pool of instances with weights", mixedPool("overrides: [{instanceType: m6i.large, weightedCapacity: 2}]"), "remove weightedCapacity from mixedInstances.overrides, or remove spec.warmPool"),
		Entry("an unknown process", someGroup+"suspendedProcesses: [RemoveFromLoadBalancerLowPriority]", `supported values: "Launch"`),
		Entry("a process twice", someGroup+"suspendedProcesses: [Launch, Launch]", "Duplicate value"),
		Entry("an unknown metric", someGroup+"metricsCollection: {metrics: [CPUUtilization]}", `supported values: "GroupMinSize"`),
		Entry("a metric twice", someGroup+"metricsCollection: {metrics: [GroupMinSize, GroupMinSize]}", "Duplicate value"),
		Entry("no metrics at all", someGroup+"metricsCollection: {metrics: []}", "at least 1 items"),
		Entry("no time to drain", someGroup+"drainTimeoutSeconds: 0", "greater than or equal to 1"),
		Entry("too much time to drain", someGroup+"drainTimeoutSeconds: 172801", "less than or equal to 172800"),
	)
	DescribeTable("accepts", accepts("AutoScalingGroup"),
		Entry("all settings of a hook", hooked("name: a/b_c-1, transition: Launching, heartbeatTimeoutSeconds: 30, defaultResult: CONTINUE, roleARN: "+hookRole+
			", notificationTargetARN: "+jobsQueue+", notificationMetadata: hello")),
		Entry("as many hooks as a group can have", someGroup+"lifecycleHooks: ["+manyHooks(50)+"]"),
		Entry("all types of notifications", told("topicARN: "+opsTopic+", types: [Launch, LaunchError, Terminate, TerminateError, TestNotification]")),
		Entry("a warm pool of AWS's own settings", someGroup+"warmPool: {}"),
		Entry("a full warm pool", someGroup+"warmPool: {poolState: Hibernated, minSize: 2, maxGroupPreparedCapacity: 2, reuseOnScaleIn: true}"),
		Entry("a warm pool of several types", mixedPool("overrides: [{instanceType: m6i.large}, {instanceType: m5.large}], distribution: {onDemandPercentageAboveBaseCapacity: 100}")),
		Entry("a warm pool of types that are chosen by attributes", mixedPool("overrides: [{instanceRequirements: {vCPUCount: {min: 2}, memoryMiB: {min: 4096}}}]")),
		Entry("no suspended process", someGroup+"suspendedProcesses: []"),
		Entry("all suspended processes", someGroup+"suspendedProcesses: [Launch, Terminate, AddToLoadBalancer, AlarmNotification, AZRebalance, HealthCheck, InstanceRefresh, ReplaceUnhealthy, ScheduledActions]"),
		Entry("all metrics", someGroup+"metricsCollection: {}"),
		Entry("a forced deletion", someGroup+"forceDelete: true, drainTimeoutSeconds: 172800"),
	)
})

// manyHooks are some hooks with all that can be said of them.
func manyHooks(count int) string {
	var list []string
	for i := range count {
		list = append(list, fmt.Sprintf("{name: h%d, transition: Terminating, heartbeatTimeoutSeconds: 7200, defaultResult: ABANDON, roleARN: %s, notificationTargetARN: %s, notificationMetadata: %s}",
			i, hookRole, opsTopic, strings.Repeat("m", 100)))
	}
	return strings.Join(list, ", ")
}
