package autoscaling_test

import (
	"context"
	"math"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
)

var _ = Describe("Predictive scaling", func() {
	var s *sim
	// busy is the hour of the day at which the load is that of four instances; otherwise it is that of one.
	const busy = 15
	jobs := func(at time.Time) float64 {
		if at.Hour() == busy {
			return 40
		}
		return 10
	}
	BeforeEach(func(ctx SpecContext) {
		s = start(autoscaling.Quotas{})
		Expect(s.create(ctx, "web", 1)).To(Succeed())
		s.pass()
	})
	query := []types.MetricDataQuery{{Id: aws.String("jobs"), MetricStat: &types.MetricStat{
		Stat: aws.String("Sum"), Metric: &types.Metric{Namespace: aws.String("App"), MetricName: aws.String("Jobs")},
	}}}
	put := func(ctx context.Context, with func(*types.PredictiveScalingConfiguration)) {
		GinkgoHelper()
		config := &types.PredictiveScalingConfiguration{MetricSpecifications: []types.PredictiveScalingMetricSpecification{{
			TargetValue:                          aws.Float64(10),
			CustomizedLoadMetricSpecification:    &types.PredictiveScalingCustomizedLoadMetric{MetricDataQueries: query},
			CustomizedScalingMetricSpecification: &types.PredictiveScalingCustomizedScalingMetric{MetricDataQueries: query},
		}}}
		if with != nil {
			with(config)
		}
		must(s.PutScalingPolicy(ctx, &sdk.PutScalingPolicyInput{
			AutoScalingGroupName: web, PolicyName: aws.String("p"), PolicyType: aws.String("PredictiveScaling"), PredictiveScalingConfiguration: config,
		}))
	}
	forecast := func(ctx context.Context, from time.Time, hours int) *sdk.GetPredictiveScalingForecastOutput {
		GinkgoHelper()
		return must(s.GetPredictiveScalingForecast(ctx, &sdk.GetPredictiveScalingForecastInput{
			AutoScalingGroupName: web, PolicyName: aws.String("p"), StartTime: &from, EndTime: aws.Time(from.Add(time.Duration(hours) * time.Hour)),
		}))
	}

	It("forecasts each hour from the same hour of the days before", func(ctx SpecContext) {
		s.world.history = jobs
		put(ctx, nil)
		from := time.Date(2026, 8, 2, busy-1, 0, 0, 0, time.UTC)
		out := forecast(ctx, from, 3)
		Expect(out.CapacityForecast.Values).To(Equal([]float64{1, 4, 1}))
		Expect(out.CapacityForecast.Timestamps).To(Equal([]time.Time{from, from.Add(time.Hour), from.Add(2 * time.Hour)}))
		Expect(out.LoadForecast).To(HaveLen(1))
		Expect(out.LoadForecast[0].Values).To(Equal([]float64{10, 40, 10}))
		Expect(out.LoadForecast[0].MetricSpecification.CustomizedLoadMetricSpecification).NotTo(BeNil())
		Expect(forecast(ctx, s.clock.Now(), 24*20).CapacityForecast.Values).To(HaveLen(48), "two days ahead and no more")
	})

	It("takes the mean of days that differ, and knows nothing of less than a day", func(ctx SpecContext) {
		put(ctx, nil)
		today := s.clock.Now().Truncate(24 * time.Hour)
		s.world.history = func(at time.Time) float64 {
			switch {
			case at.Before(today.Add(-48 * time.Hour)):
				return math.NaN()
			case at.Before(today.Add(-24 * time.Hour)):
				return 10
			}
			return 30
		}
		Expect(forecast(ctx, today.Add(24*time.Hour), 1).LoadForecast[0].Values).To(Equal([]float64{70.0 / 3}))
		s.world.history = func(at time.Time) float64 {
			if at.Before(today) {
				return math.NaN()
			}
			return 30
		}
		Expect(forecast(ctx, today.Add(24*time.Hour), 24).LoadForecast[0].Values).To(BeEmpty())
	})

	It("launches ahead of the forecast, within the maximum, once an hour", func(ctx SpecContext) {
		s.world.history = jobs
		put(ctx, func(c *types.PredictiveScalingConfiguration) {
			c.Mode, c.SchedulingBufferTime = types.PredictiveScalingModeForecastAndScale, aws.Int32(600)
		})
		desired := func() int { return int(*s.group(ctx).DesiredCapacity) }
		soon := time.Date(2026, 8, 1, busy-1, 50, 0, 0, time.UTC)
		s.clock.Advance(soon.Sub(s.clock.Now()) - time.Minute)
		Expect(desired()).To(Equal(1))
		s.clock.Advance(2 * time.Minute)
		Expect(desired()).To(Equal(4))
		must(s.SetDesiredCapacity(ctx, &sdk.SetDesiredCapacityInput{AutoScalingGroupName: web, DesiredCapacity: aws.Int32(2)}))
		s.clock.Advance(30 * time.Minute)
		Expect(desired()).To(Equal(2), "an hour is acted for once")
		s.clock.Advance(2 * time.Hour)
		Expect(desired()).To(Equal(2), "it never scales in")
	})

	It("raises the maximum where it may", func(ctx SpecContext) {
		s.world.history = jobs
		must(s.UpdateAutoScalingGroup(ctx, &sdk.UpdateAutoScalingGroupInput{AutoScalingGroupName: web, MaxSize: aws.Int32(2)}))
		put(ctx, func(c *types.PredictiveScalingConfiguration) {
			c.Mode, c.MaxCapacityBuffer = types.PredictiveScalingModeForecastAndScale, aws.Int32(50)
			c.MaxCapacityBreachBehavior = types.PredictiveScalingMaxCapacityBreachBehaviorIncreaseMaxCapacity
		})
		s.clock.Advance(time.Date(2026, 8, 1, busy, 0, 0, 0, time.UTC).Sub(s.clock.Now()))
		g := s.group(ctx)
		Expect([]int32{*g.DesiredCapacity, *g.MaxSize}).To(Equal([]int32{4, 6}))
	})

	DescribeTable("refuses to forecast", func(ctx SpecContext, from, hours time.Duration, told string) {
		put(ctx, nil)
		start := s.clock.Now().Add(from * time.Hour)
		_, err := s.GetPredictiveScalingForecast(ctx, &sdk.GetPredictiveScalingForecastInput{
			AutoScalingGroupName: web, PolicyName: aws.String("p"), StartTime: &start, EndTime: aws.Time(start.Add(hours * time.Hour)),
		})
		Expect(problem(err)).To(ContainSubstring(told))
	},
		Entry("backwards", time.Duration(0), time.Duration(-1), "must be before the end time"),
		Entry("more than a year ago", time.Duration(-366*24), time.Duration(1), "one year ago"),
		Entry("more than a month", time.Duration(0), time.Duration(31*24), "30 days"),
	)
})
