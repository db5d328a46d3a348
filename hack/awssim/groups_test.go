package awssim_test

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var _ = Describe("Auto Scaling groups", func() {
	It("launch instances of EC2, and scale with their load", func(ctx SpecContext) {
		clock := frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
		none := frame.Exactly(0)
		server, err := awssim.New(awssim.Options{Clock: clock, Limits: awssim.LimitsOff, Latency: &none, Profile: awssim.ProfileFast})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		config := aws.Config{
			Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), HTTPClient: codectest.Direct{Handler: server},
			Retryer: func() aws.Retryer { return aws.NopRetryer{} },
			Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
				return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
			}),
		}
		_, err = ec2.NewFromConfig(config).CreateLaunchTemplate(ctx, &ec2.CreateLaunchTemplateInput{
			LaunchTemplateName: aws.String("web"), LaunchTemplateData: &ec2types.RequestLaunchTemplateData{
				ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: ec2types.InstanceTypeT3Micro,
			},
		})
		Expect(err).NotTo(HaveOccurred())
		client := autoscaling.NewFromConfig(config)
		_, err = client.CreateAutoScalingGroup(ctx, &autoscaling.CreateAutoScalingGroupInput{
			AutoScalingGroupName: aws.String("web"), MinSize: aws.Int32(1), MaxSize: aws.Int32(4), VPCZoneIdentifier: aws.String("subnet-0a"),
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web")},
		})
		Expect(err).NotTo(HaveOccurred())
		_, err = client.PutScalingPolicy(ctx, &autoscaling.PutScalingPolicyInput{
			AutoScalingGroupName: aws.String("web"), PolicyName: aws.String("cpu"), PolicyType: aws.String("TargetTrackingScaling"), EstimatedInstanceWarmup: aws.Int32(0),
			TargetTrackingConfiguration: &types.TargetTrackingConfiguration{
				TargetValue: aws.Float64(50), PredefinedMetricSpecification: &types.PredefinedMetricSpecification{PredefinedMetricType: types.MetricTypeASGAverageCPUUtilization},
			},
		})
		Expect(err).NotTo(HaveOccurred())
		clock.Advance(time.Second)
		Expect(server.Groups()[0].Instances).To(HaveExactElements(HaveField("LifecycleState", types.LifecycleStateInService)))
		Expect(server.LoadInstance(*server.Groups()[0].Instances[0].InstanceId, 95)).To(Succeed())
		clock.Advance(5 * time.Second)
		Expect(len(server.Groups()[0].Instances)).To(BeNumerically(">", 1))
		server.Reset()
		clock.Advance(time.Second)
		Expect(server.Groups()).To(BeEmpty())
		Expect(server.Instances()).To(BeEmpty())
	})
})
