package cloudwatch_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var start = time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

const (
	account = frame.DefaultAccount
	policy  = "arn:aws:autoscaling:us-east-1:123456789012:scalingPolicy:1:autoScalingGroupName/workers:policyName/out"
)

func errorsAs(err error, target any) bool { return errors.As(err, target) }

func refusal[T any](_ T, err error) string {
	GinkgoHelper()
	var refused smithy.APIError
	Expect(errors.As(err, &refused)).To(BeTrue(), "%v", err)
	return refused.ErrorCode()
}

func load(value float64) autoscaling.Metric {
	return autoscaling.Metric{
		Account: account, Region: "us-east-1", Namespace: "AWS/EC2", MetricName: "CPUUtilization",
		Dimensions: map[string]string{"AutoScalingGroupName": "workers"}, Value: value,
	}
}

func highLoad() autoscaling.Alarm {
	a := autoscaling.Alarm{
		Account: account, Region: "us-east-1", Name: "high", Namespace: "AWS/EC2", MetricName: "CPUUtilization", Statistic: "Average", Period: 60,
		Threshold: 50, Comparison: "GreaterThanThreshold", EvaluationPeriods: 2, Actions: []string{policy},
	}
	a.Dimensions = append(a.Dimensions, scalingDimension("AutoScalingGroupName", "workers"))
	return a
}

var _ = Describe("Alarms", func() {
	var (
		s     *cloudwatch.Service
		clock *frame.ManualClock
		acts  []cloudwatch.Action
	)
	BeforeEach(func() {
		s, clock = alone()
		acts = nil
		s.OnAction(func(a cloudwatch.Action) { acts = append(acts, a) })
	})
	state := func() string {
		found, ok := s.AlarmState(account, "us-east-1", "high")
		Expect(ok).To(BeTrue())
		return found.State
	}
	minutes := func(values ...float64) {
		for _, value := range values {
			s.PutMetric(load(value))
			clock.Advance(time.Minute)
		}
	}

	It("go from no data to OK to ALARM and back as the metric does, and call policies again and again", func() {
		s.PutAlarm(highLoad())
		Expect(state()).To(Equal("INSUFFICIENT_DATA"))
		minutes(10, 10, 10)
		Expect(state()).To(Equal("OK"))
		minutes(90)
		Expect(state()).To(Equal("OK"), "one period is not two")
		minutes(90, 90)
		Expect(state()).To(Equal("ALARM"))
		before := len(acts)
		Expect(before).To(BeNumerically(">=", 1))
		Expect(acts[0].ARN).To(Equal(policy))
		Expect(acts[0].Value).To(Equal(90.0))
		minutes(90, 90)
		Expect(len(acts)).To(BeNumerically(">=", before+2))
		minutes(10, 10, 10)
		Expect(state()).To(Equal("OK"))
		clock.Advance(10 * time.Minute)
		Expect(state()).To(Equal("INSUFFICIENT_DATA"))
	})

	DescribeTable("treat missing data", func(treatment, expected string) {
		handler := serverOf(s)
		client := clientOf(handler)
		in := &sdk.PutMetricAlarmInput{
			AlarmName: aws.String("high"), Namespace: aws.String("App"), MetricName: aws.String("Errors"), Statistic: types.StatisticSum, Period: aws.Int32(60),
			EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanOrEqualToThreshold,
		}
		if treatment != "" {
			in.TreatMissingData = &treatment
		}
		_, err := client.PutMetricAlarm(context.Background(), in)
		Expect(err).NotTo(HaveOccurred())
		clock.Advance(5 * time.Minute)
		Expect(state()).To(Equal(expected))
	},
		Entry(nil, "", "INSUFFICIENT_DATA"), Entry(nil, "missing", "INSUFFICIENT_DATA"), Entry(nil, "ignore", "INSUFFICIENT_DATA"),
		Entry(nil, "breaching", "ALARM"), Entry(nil, "notBreaching", "OK"),
	)

	It("watch metric math", func() {
		client := clientOf(serverOf(s))
		stat := func(name string) *types.MetricStat {
			return &types.MetricStat{Metric: &types.Metric{Namespace: aws.String("App"), MetricName: &name}, Period: aws.Int32(60), Stat: aws.String("Sum")}
		}
		_, err := client.PutMetricAlarm(context.Background(), &sdk.PutMetricAlarmInput{
			AlarmName: aws.String("high"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(5), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
			Metrics: []types.MetricDataQuery{
				{Id: aws.String("e1"), Expression: aws.String("100 * errors / SUM([errors, good])")},
				{Id: aws.String("errors"), MetricStat: stat("Errors"), ReturnData: aws.Bool(false)},
				{Id: aws.String("good"), MetricStat: stat("Good"), ReturnData: aws.Bool(false)},
			},
		})
		Expect(err).NotTo(HaveOccurred())
		put := func(errors, good float64) {
			_, err := client.PutMetricData(context.Background(), &sdk.PutMetricDataInput{Namespace: aws.String("App"), MetricData: []types.MetricDatum{
				{MetricName: aws.String("Errors"), Value: &errors}, {MetricName: aws.String("Good"), Value: &good},
			}})
			Expect(err).NotTo(HaveOccurred())
			clock.Advance(time.Minute)
		}
		put(1, 99)
		Expect(state()).To(Equal("OK"))
		put(10, 90)
		clock.Advance(10 * time.Second)
		Expect(state()).To(Equal("ALARM"))
	})

	It("are set by hand, tagged, listed by what they act on, switched and deleted", func(ctx SpecContext) {
		arn := s.PutAlarm(highLoad())
		client := clientOf(serverOf(s))
		set := func(name string) error {
			_, err := client.SetAlarmState(ctx, &sdk.SetAlarmStateInput{AlarmName: &name, StateValue: types.StateValueAlarm, StateReason: aws.String("by hand")})
			return err
		}
		_, err := client.DisableAlarmActions(ctx, &sdk.DisableAlarmActionsInput{AlarmNames: []string{"high"}})
		Expect(err).NotTo(HaveOccurred())
		Expect(set("high")).To(Succeed())
		Expect(acts).To(BeEmpty())
		Expect(refusal(0, set("none"))).To(Equal("ResourceNotFound"))
		_, err = client.TagResource(ctx, &sdk.TagResourceInput{ResourceARN: &arn, Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}}})
		Expect(err).NotTo(HaveOccurred())
		listed, err := client.ListTagsForResource(ctx, &sdk.ListTagsForResourceInput{ResourceARN: &arn})
		Expect(err).NotTo(HaveOccurred())
		Expect(*listed.Tags[0].Value).To(Equal("v"))
		Expect(s.AlarmsOf(account, "us-east-1", policy)).To(HaveLen(1))
		history, err := client.DescribeAlarmHistory(ctx, &sdk.DescribeAlarmHistoryInput{AlarmName: aws.String("high")})
		Expect(err).NotTo(HaveOccurred())
		Expect(*history.AlarmHistoryItems[0].HistorySummary).To(Equal("Alarm updated from INSUFFICIENT_DATA to ALARM"))
		_, err = client.DeleteAlarms(ctx, &sdk.DeleteAlarmsInput{AlarmNames: []string{"high", "none"}})
		Expect(err).NotTo(HaveOccurred())
		_, ok := s.AlarmState(account, "us-east-1", "high")
		Expect(ok).To(BeFalse())
	})

	DescribeTable("are refused", func(ctx SpecContext, change func(*sdk.PutMetricAlarmInput), expected string) {
		in := &sdk.PutMetricAlarmInput{
			AlarmName: aws.String("high"), Namespace: aws.String("App"), MetricName: aws.String("Errors"), Statistic: types.StatisticSum, Period: aws.Int32(60),
			EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(1), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
		}
		change(in)
		Expect(refusal(clientOf(serverOf(s)).PutMetricAlarm(ctx, in))).To(Equal(expected))
	},
		Entry("for a period", func(in *sdk.PutMetricAlarmInput) { in.Period = aws.Int32(45) }, "ValidationError"),
		Entry("for more datapoints than periods", func(in *sdk.PutMetricAlarmInput) { in.DatapointsToAlarm = aws.Int32(2) }, "ValidationError"),
		Entry("for six actions", func(in *sdk.PutMetricAlarmInput) { in.AlarmActions = make([]string, 6) }, "ValidationError"),
		Entry("for a treatment", func(in *sdk.PutMetricAlarmInput) { in.TreatMissingData = aws.String("never") }, "ValidationError"),
		Entry("for two statistics", func(in *sdk.PutMetricAlarmInput) { in.ExtendedStatistic = aws.String("p99") }, "InvalidParameterCombination"),
		Entry("without a metric", func(in *sdk.PutMetricAlarmInput) { in.MetricName = nil }, "MissingParameter"),
		Entry("for a metric beside metrics", func(in *sdk.PutMetricAlarmInput) {
			in.Metrics = []types.MetricDataQuery{{Id: aws.String("e"), Expression: aws.String("1")}}
		}, "InvalidParameterCombination"),
	)
})

var _ = Describe("A server", func() {
	It("speaks the query protocol to older AWS CLIs, and publishes alarms to topics", func(ctx SpecContext) {
		clock := frame.NewManualClock(start)
		none := frame.Exactly(0)
		server, err := awssim.New(awssim.Options{Clock: clock, Limits: awssim.LimitsOff, Latency: &none, Profile: awssim.ProfileFast})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		post := func(service, form string) string {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(form))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=AKIATEST/20260801/us-east-1/"+service+"/aws4_request, Signature=0")
			w := httptest.NewRecorder()
			server.ServeHTTP(w, r.WithContext(ctx))
			return w.Body.String()
		}
		Expect(post("sns", "Action=CreateTopic&Version=2010-03-31&Name=alerts")).To(ContainSubstring("arn:aws:sns:us-east-1:123456789012:alerts"))
		Expect(post("monitoring", "Action=PutMetricAlarm&Version=2010-08-01&AlarmName=a&MetricName=m&Namespace=n&Statistic=Sum&Period=60&EvaluationPeriods=1"+
			"&Threshold=1&ComparisonOperator=GreaterThanThreshold&OKActions.member.1=arn:aws:sns:us-east-1:123456789012:alerts&TreatMissingData=notBreaching")).
			To(ContainSubstring("<PutMetricAlarmResponse"))
		clock.Advance(5 * time.Second)
		Expect(post("monitoring", "Action=DescribeAlarms&Version=2010-08-01")).To(ContainSubstring("<StateValue>OK</StateValue>"))
		Expect(server.Messages()).To(HaveExactElements(HaveField("Message", ContainSubstring(`"NewStateValue":"OK"`))))
		Expect(post("monitoring", "Action=SetAlarmState&Version=2010-08-01&AlarmName=none&StateValue=OK&StateReason=x")).
			To(ContainSubstring("<Code>ResourceNotFound</Code>"))
		state, err := server.StateJSON()
		Expect(err).NotTo(HaveOccurred())
		Expect(server.LoadState(state)).To(Succeed())
		Expect(server.StateJSON()).To(Equal(state))
	})
})
