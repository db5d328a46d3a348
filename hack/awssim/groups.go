package awssim

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
)

// startGroups makes EC2 Auto Scaling, which hears of instances that change and
// of alarms that act on its policies.
func (s *Server) startGroups(options Options) {
	s.groups = autoscaling.New(s.env, options.AutoScalingQuotas, autoscaling.Needs{
		Network: s.ec2, Instances: s.ec2, Templates: s.ec2, TargetGroups: s.elbv2, Alarms: s.cloudwatch, Topics: s.sns,
	})
	s.ec2.OnInstances(s.groups.Wake)
	s.cloudwatch.OnAction(func(a cloudwatch.Action) {
		if a.Alarm.StateValue == "ALARM" && strings.HasPrefix(a.ARN, "arn:aws:autoscaling:") {
			s.groups.Alarmed(a.ARN, a.Value, aws.ToFloat64(a.Alarm.Threshold))
		}
	})
}

// Groups lists the Auto Scaling groups of all accounts and regions, neither metered nor throttled.
func (s *Server) Groups() []autoscaling.Group { return s.groups.Groups() }
