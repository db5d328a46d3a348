package cloudwatch_test

import (
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	scaling "github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The history of a metric", func() {
	It("is read by the hour, and computed where a policy asks for that", func() {
		s, _ := alone()
		from := start.Add(-3 * time.Hour)
		for minute := range 60 {
			s.PutMetricAt(load(50), from.Add(time.Duration(minute)*time.Minute))
		}
		s.PutMetricAt(load(7), from.Add(2*time.Hour))
		query := []scaling.MetricDataQuery{
			{Id: aws.String("cpu"), ReturnData: aws.Bool(false), MetricStat: &scaling.MetricStat{Stat: aws.String("Sum"), Metric: &scaling.Metric{
				Namespace: aws.String("AWS/EC2"), MetricName: aws.String("CPUUtilization"),
				Dimensions: []scaling.MetricDimension{scalingDimension("AutoScalingGroupName", "workers")},
			}}},
			{Id: aws.String("half"), Expression: aws.String("cpu / 2")},
		}
		values := s.MetricHistory(account, "us-east-1", query, from, time.Hour, 3)
		Expect(values).To(HaveExactElements(Equal(1500.0), Satisfy(math.IsNaN), Equal(3.5)))
		Expect(s.MetricHistory(account, "us-east-1", query[:1], from, time.Hour, 3)).To(BeEmpty(), "no query returns data")
	})
})
