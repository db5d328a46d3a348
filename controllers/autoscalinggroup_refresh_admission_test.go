package controllers_test

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// refreshed is a group with an instance refresh.
func refreshed(settings string) string {
	return "minSize: 1, maxSize: 2, subnetIDs: [subnet-0a], launchTemplateRef: {id: lt-0123456789abcdef0}, instanceRefresh: {" + settings + "}"
}

// launchedBy is a group with a launch template of its own and an instance refresh.
func launchedBy(template, settings string) string {
	return "minSize: 1, maxSize: 2, subnetIDs: [subnet-0a], launchTemplate: {" + template + ", instanceType: m6i.large}, instanceRefresh: {" + settings + "}"
}

// alarmNames are the names of n alarms.
func alarmNames(n int) string {
	var names []string
	for i := range n {
		names = append(names, fmt.Sprint("alarm-", i))
	}
	return strings.Join(names, ", ")
}

var _ = Describe("Admission of an AutoScalingGroup's instance refresh", func() {
	DescribeTable("accepts", func(ctx context.Context, settings string) {
		Expect(admit(ctx, "AutoScalingGroup", "{"+refreshed(settings)+"}")).To(Succeed())
	},
		Entry("AWS's defaults", ""),
		Entry("mode Manual", "mode: Manual"),
		Entry("mode Automatic", "mode: Automatic"),
		Entry("all preferences", "mode: Automatic, strategy: Rolling, minHealthyPercentage: 90, maxHealthyPercentage: 110, instanceWarmupSeconds: 0, "+
			"checkpoints: {percentages: [20, 50, 100], delaySeconds: 0}, autoRollback: true, skipMatching: false, scaleInProtectedInstances: Refresh, "+
			"standbyInstances: Terminate, alarms: ["+alarmNames(10)+"], bakeTimeSeconds: 172800"),
		Entry("percentages as far apart as may be", "minHealthyPercentage: 0, maxHealthyPercentage: 100"),
		Entry("one checkpoint, after which the rest stays", "checkpoints: {percentages: [20]}"),
	)

	DescribeTable("accepts, beside what is launched", accepts("AutoScalingGroup"),
		Entry("a rollback to an AMI", launchedBy("imageID: ami-0123456789abcdef0", "autoRollback: true")),
		Entry("an AMI of an SSM parameter", launchedBy("imageID: 'resolve:ssm:/golden'", "autoRollback: false")),
		Entry("root volumes with AMIs of their own", launchedBy("imageID: ami-0123456789abcdef0", "strategy: ReplaceRootVolume")+
			", mixedInstances: {overrides: [{instanceType: m6i.large, imageID: ami-0123456789abcdef1}]}"),
	)

	DescribeTable("refuses, beside what is launched", refuses("AutoScalingGroup"),
		Entry("a rollback to an SSM parameter", launchedBy("imageID: 'resolve:ssm:/golden'", "autoRollback: true"), "AWS cannot roll back to an AMI that an SSM parameter names"),
		Entry("root volumes without mixed instances", launchedBy("imageID: ami-0123456789abcdef0", "strategy: ReplaceRootVolume"), "needs spec.mixedInstances with an imageID in each"),
		Entry("root volumes of a type without an AMI", launchedBy("imageID: ami-0123456789abcdef0", "strategy: ReplaceRootVolume")+
			", mixedInstances: {overrides: [{instanceType: m6i.large, imageID: ami-0123456789abcdef1}, {instanceType: m6a.large}]}", "needs spec.mixedInstances with an imageID in each"),
	)

	DescribeTable("refuses", func(ctx context.Context, settings, advice string) {
		refuses("AutoScalingGroup")(ctx, refreshed(settings), advice)
	},
		Entry("another mode", "mode: Sometimes", `supported values: "Automatic", "Manual"`),
		Entry("another strategy", "strategy: Quick", `supported values: "Rolling", "ReplaceRootVolume"`),
		Entry("preferences of what is not started", "mode: Manual, skipMatching: true", "remove the other fields of instanceRefresh, or set mode to Automatic"),
		Entry("checkpoints of what is not started", "mode: Manual, checkpoints: {percentages: [100]}", "remove the other fields of instanceRefresh"),
		Entry("less than none", "minHealthyPercentage: -1", "should be greater than or equal to 0"),
		Entry("a minimum of more than all", "minHealthyPercentage: 101", "should be less than or equal to 100"),
		Entry("a maximum of less than all", "minHealthyPercentage: 90, maxHealthyPercentage: 99", "should be greater than or equal to 100"),
		Entry("a maximum of more than twice all", "minHealthyPercentage: 100, maxHealthyPercentage: 201", "should be less than or equal to 200"),
		Entry("a maximum alone", "maxHealthyPercentage: 110", "needs minHealthyPercentage beside it"),
		Entry("percentages too far apart", "minHealthyPercentage: 9, maxHealthyPercentage: 110", "raise the one or lower the other"),
		Entry("a negative warm-up", "instanceWarmupSeconds: -1", "should be greater than or equal to 0"),
		Entry("checkpoints without percentages", "checkpoints: {delaySeconds: 10}", "percentages: Required value"),
		Entry("no checkpoint", "checkpoints: {percentages: []}", "at least 1 items"),
		Entry("a checkpoint at nothing", "checkpoints: {percentages: [0, 100]}", "should be greater than or equal to 1"),
		Entry("a checkpoint beyond all", "checkpoints: {percentages: [101]}", "should be less than or equal to 100"),
		Entry("checkpoints that fall", "checkpoints: {percentages: [50, 20, 100]}", "percentages must ascend"),
		Entry("a checkpoint twice", "checkpoints: {percentages: [50, 50, 100]}", "percentages must ascend"),
		Entry("too long a rest", "checkpoints: {percentages: [100], delaySeconds: 172801}", "should be less than or equal to 172800"),
		Entry("too long a bake", "bakeTimeSeconds: 172801", "should be less than or equal to 172800"),
		Entry("another behaviour towards protected instances", "scaleInProtectedInstances: Terminate", `supported values: "Wait", "Refresh", "Ignore"`),
		Entry("another behaviour towards instances in Standby", "standbyInstances: Refresh", `supported values: "Wait", "Terminate", "Ignore"`),
		Entry("too many alarms", "alarms: ["+alarmNames(11)+"]", "must have at most 10 items"),
		Entry("an alarm twice", "alarms: [a, a]", "Duplicate value"),
		Entry("an alarm without a name", `alarms: [""]`, "at least 1 chars long"),
	)
})
