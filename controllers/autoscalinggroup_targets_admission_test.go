package controllers_test

import (
	. "github.com/onsi/ginkgo/v2"
)

const balancedGroup = "minSize: 1, maxSize: 2, subnetIDs: [subnet-0a], launchTemplateRef: {name: web}, "

var _ = Describe("Admission of what connects groups with load balancers and names", func() {
	DescribeTable("refuses an AutoScalingGroup", refuses("AutoScalingGroup"),
		Entry("attached to nothing", balancedGroup+"targetGroups: [{}]", "give exactly one of targetGroups.loadBalancerRef"),
		Entry("attached to a target group by both ways", balancedGroup+"targetGroups: [{loadBalancerRef: {name: web}, targetGroup: http, arn: "+targetGroupARN+"}]",
			"give exactly one of targetGroups.loadBalancerRef"),
		Entry("attached to a whole LoadBalancer", balancedGroup+"targetGroups: [{loadBalancerRef: {name: web}}]", "which of its target groups is meant"),
		Entry("attached to a target group of no LoadBalancer", balancedGroup+"targetGroups: [{targetGroup: http}]", "give exactly one of targetGroups.loadBalancerRef"),
		Entry("attached to a target group of an ARN and a name", balancedGroup+"targetGroups: [{targetGroup: http, arn: "+targetGroupARN+"}]", "go together"),
		Entry("attached to what is no target group", balancedGroup+"targetGroups: [{arn: \"arn:aws:sns:us-east-1:123456789012:ops\"}]", "targetGroups[0].arn in body should match"),
		Entry("attached to a target group whose name is none", balancedGroup+"targetGroups: [{loadBalancerRef: {name: web}, targetGroup: \"a b\"}]", "targetGroup"),
	)

	DescribeTable("accepts an AutoScalingGroup", accepts("AutoScalingGroup"),
		Entry("attached to both kinds", balancedGroup+"targetGroups: [{loadBalancerRef: {name: web}, targetGroup: http}, {arn: "+targetGroupARN+"}]"),
		Entry("attached to none", balancedGroup+"targetGroups: []"),
	)

	const instances = "name: workers, ttl: 15, "
	DescribeTable("refuses a RecordSet", refuses("RecordSet"),
		Entry("of instances and values", simple+", instancesOf: {autoScalingGroupRef: {name: w}, address: PrivateIPv4}", "not both"),
		Entry("of instances and an alias", inZone+"name: w, type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PrivateIPv4}, aliasTarget: {recordSetRef: {name: other}}", "not both"),
		Entry("of instances without a TTL", inZone+"name: w, type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PrivateIPv4}", "spec.ttl is required"),
		Entry("of instances of no group", inZone+instances+"type: A, instancesOf: {address: PrivateIPv4}", "autoScalingGroupRef"),
		Entry("of instances without saying which address", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}}", "address"),
		Entry("of another address than there is", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: MAC}", "Unsupported value"),
		Entry("of type A with IPv6 addresses", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: IPv6}", "fits the type of the record"),
		Entry("of type AAAA with IPv4 addresses", inZone+instances+"type: AAAA, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4}", "fits the type of the record"),
		Entry("of type CNAME with instances", inZone+instances+"type: CNAME, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4}", "fits the type of the record"),
		Entry("of instances with multivalue answers", inZone+instances+
			"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4}, setIdentifier: a, routingPolicy: {multivalueAnswer: {}}", "exactly one value"),
		Entry("of instances that does something else when empty", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4, whenEmpty: Fail}", "Unsupported value"),
	)

	DescribeTable("accepts a RecordSet", accepts("RecordSet"),
		Entry("of private addresses", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PrivateIPv4}"),
		Entry("of public addresses", inZone+instances+"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4, whenEmpty: KeepLast}"),
		Entry("of IPv6 addresses that goes when empty", inZone+instances+"type: AAAA, instancesOf: {autoScalingGroupRef: {name: w}, address: IPv6, whenEmpty: Remove}"),
		Entry("of instances among weighted records", inZone+instances+
			"type: A, instancesOf: {autoScalingGroupRef: {name: w}, address: PublicIPv4}, setIdentifier: a, routingPolicy: {weighted: {weight: 1}}"),
	)
})
