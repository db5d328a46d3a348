package cloudwatch

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const mostAlarms = 100

func invalid(format string, args ...any) error {
	return frame.Errorf("ValidationError", format, args...)
}

// putMetricAlarm makes an alarm, or replaces all of one but its state and tags.
func (s *Service) putMetricAlarm(t *turn, in *sdk.PutMetricAlarmInput) (*sdk.PutMetricAlarmOutput, error) {
	if err := checkAlarm(in); err != nil {
		return nil, err
	}
	t.put(in)
	return &sdk.PutMetricAlarmOutput{}, nil
}

func (t *turn) put(in *sdk.PutMetricAlarmInput) {
	key, now := t.key(*in.AlarmName), t.now.UTC()
	put, exists := t.Alarms[key]
	if !exists {
		put = alarm{Account: t.Caller.Account, Region: t.Region, Tags: tagMap(in.Tags), MetricAlarm: types.MetricAlarm{
			StateValue: types.StateValueInsufficientData, StateReason: aws.String("Unchecked: Initial alarm creation"),
			StateUpdatedTimestamp: &now, StateTransitionedTimestamp: &now,
		}}
	}
	put.MetricAlarm = types.MetricAlarm{
		AlarmName: in.AlarmName, AlarmArn: aws.String(arnOf(t.Caller.Account, t.Region, *in.AlarmName)), AlarmDescription: in.AlarmDescription,
		ActionsEnabled: aws.Bool(in.ActionsEnabled == nil || *in.ActionsEnabled), AlarmConfigurationUpdatedTimestamp: &now,
		OKActions: orEmpty(in.OKActions), AlarmActions: orEmpty(in.AlarmActions), InsufficientDataActions: orEmpty(in.InsufficientDataActions),
		MetricName: in.MetricName, Namespace: in.Namespace, Statistic: in.Statistic, ExtendedStatistic: in.ExtendedStatistic,
		Dimensions: orEmpty(in.Dimensions), Period: in.Period, Unit: in.Unit, EvaluationPeriods: in.EvaluationPeriods,
		DatapointsToAlarm: in.DatapointsToAlarm, Threshold: in.Threshold, ComparisonOperator: in.ComparisonOperator,
		TreatMissingData: in.TreatMissingData, EvaluateLowSampleCountPercentile: in.EvaluateLowSampleCountPercentile, Metrics: in.Metrics,
		StateValue: put.StateValue, StateReason: put.StateReason, StateReasonData: put.StateReasonData,
		StateUpdatedTimestamp: put.StateUpdatedTimestamp, StateTransitionedTimestamp: put.StateTransitionedTimestamp,
	}
	verb := "created"
	if exists {
		verb = "updated"
	}
	put = put.noted(types.HistoryItemTypeConfigurationUpdate, "Alarm \""+*in.AlarmName+"\" "+verb, now)
	t.Alarms[key] = put
}

func orEmpty[T any](list []T) []T {
	if list == nil {
		return []T{}
	}
	return list
}

func arnOf(account, region, name string) string {
	return "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:" + name
}

func checkAlarm(in *sdk.PutMetricAlarmInput) error {
	var v frame.Violations
	v.Required(in.AlarmName, "alarmName")
	v.Length(in.AlarmName, "alarmName", 1, 255)
	v.Length(in.AlarmDescription, "alarmDescription", 0, 1024)
	frame.Enum(&v, in.ComparisonOperator, "comparisonOperator", in.ComparisonOperator.Values())
	frame.Enum(&v, in.Statistic, "statistic", in.Statistic.Values())
	frame.Enum(&v, in.Unit, "unit", in.Unit.Values())
	frame.Between(&v, in.EvaluationPeriods, "evaluationPeriods", 1, 1<<30)
	frame.Between(&v, in.DatapointsToAlarm, "datapointsToAlarm", 1, 1<<30)
	for path, actions := range map[string][]string{
		"alarmActions": in.AlarmActions, "oKActions": in.OKActions, "insufficientDataActions": in.InsufficientDataActions,
	} {
		if len(actions) > 5 {
			v.Add(actions, path, "Member must have length less than or equal to 5")
		}
	}
	if err := v.Err("ValidationError"); err != nil {
		return err
	}
	switch {
	case in.EvaluationCriteria != nil || in.EvaluationWindow != nil:
		return invalid("Evaluation criteria and windows are not simulated")
	case in.ThresholdMetricId != nil:
		return invalid("Anomaly detection is not simulated")
	case in.ComparisonOperator == "":
		return frame.Errorf("MissingParameter", "The parameter ComparisonOperator is required.")
	case in.EvaluationPeriods == nil:
		return frame.Errorf("MissingParameter", "The parameter EvaluationPeriods is required.")
	case in.Threshold == nil:
		return frame.Errorf("MissingParameter", "The parameter Threshold is required.")
	case in.DatapointsToAlarm != nil && *in.DatapointsToAlarm > *in.EvaluationPeriods:
		return invalid("DatapointsToAlarm must be less than or equal to EvaluationPeriods")
	case in.TreatMissingData != nil && !slices.Contains([]string{"breaching", "notBreaching", "ignore", "missing"}, *in.TreatMissingData):
		return invalid("Invalid value for TreatMissingData: %s. Valid values are breaching, notBreaching, ignore, missing", *in.TreatMissingData)
	case len(in.Metrics) > 0:
		return checkMetrics(in)
	}
	return checkMetric(in)
}

// checkMetric looks at an alarm of one metric.
func checkMetric(in *sdk.PutMetricAlarmInput) error {
	switch {
	case in.MetricName == nil:
		return frame.Errorf("MissingParameter", "The parameter MetricName is required.")
	case in.Namespace == nil:
		return frame.Errorf("MissingParameter", "The parameter Namespace is required.")
	case in.Period == nil:
		return frame.Errorf("MissingParameter", "The parameter Period is required.")
	case len(in.Dimensions) > 30:
		return invalid("The collection Dimensions must not have a size greater than 30.")
	case (in.Statistic == "") == (in.ExtendedStatistic == nil):
		return frame.Errorf("InvalidParameterCombination", "Exactly one of Statistic and ExtendedStatistic must be set.")
	case in.ExtendedStatistic != nil && !isStatistic(*in.ExtendedStatistic):
		return frame.Errorf("InvalidParameterValue", "The value %s for parameter ExtendedStatistic is not supported.", *in.ExtendedStatistic)
	}
	if err := checkPeriod(*in.Period); err != nil {
		return err
	}
	return checkRange(*in.Period, *in.EvaluationPeriods)
}

func checkPeriod(period int32) error {
	if period != 10 && period != 20 && period != 30 && (period < 60 || period%60 != 0) {
		return invalid("Period must be 10, 20, 30 or a multiple of 60")
	}
	return nil
}

func checkRange(period, periods int32) error {
	if most := int64(7 * 86400); period < 3600 && int64(period)*int64(periods) > 86400 || int64(period)*int64(periods) > most {
		return invalid("Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400, or 604800 for periods of an hour or more).")
	}
	return nil
}

// checkMetrics looks at an alarm of metric math.
func checkMetrics(in *sdk.PutMetricAlarmInput) error {
	if in.MetricName != nil || in.Namespace != nil || in.Period != nil || in.Statistic != "" || len(in.Dimensions) > 0 || in.ExtendedStatistic != nil {
		return frame.Errorf("InvalidParameterCombination",
			"MetricName, Namespace, Dimensions, Period, Statistic and ExtendedStatistic cannot be used together with Metrics.")
	}
	if err := checkQueries(in.Metrics); err != nil {
		return err
	}
	returned := 0
	for _, q := range in.Metrics {
		if q.ReturnData == nil || *q.ReturnData {
			returned++
		}
	}
	if returned != 1 {
		return invalid("Exactly one element of the metrics list should return data.")
	}
	return nil
}

func (s *Service) describeAlarms(t *turn, in *sdk.DescribeAlarmsInput) (*sdk.DescribeAlarmsOutput, error) {
	var v frame.Violations
	frame.Between(&v, in.MaxRecords, "maxRecords", 1, 100)
	frame.Enum(&v, in.StateValue, "stateValue", in.StateValue.Values())
	if len(in.AlarmNames) > mostAlarms {
		v.Add(len(in.AlarmNames), "alarmNames", "Member must have length less than or equal to 100")
	}
	if err := v.Err("ValidationError"); err != nil {
		return nil, err
	}
	if in.AlarmNamePrefix != nil && len(in.AlarmNames) > 0 {
		return nil, frame.Errorf("InvalidParameterCombination", "AlarmNamePrefix and AlarmNames cannot be used together.")
	}
	out := &sdk.DescribeAlarmsOutput{MetricAlarms: []types.MetricAlarm{}, CompositeAlarms: []types.CompositeAlarm{}}
	if len(in.AlarmTypes) > 0 && !slices.Contains(in.AlarmTypes, types.AlarmTypeMetricAlarm) {
		return out, nil
	}
	size := frame.PageSize(in.MaxRecords, 50, mostAlarms)
	if len(in.AlarmNames) > 0 && in.MaxRecords == nil {
		size = mostAlarms
	}
	for _, a := range t.own() {
		if !a.asked(in) {
			continue
		}
		if len(out.MetricAlarms) == size {
			out.NextToken = a.AlarmName
			break
		}
		out.MetricAlarms = append(out.MetricAlarms, a.MetricAlarm)
	}
	return out, nil
}

// asked tells whether a call asks for an alarm, on this page or a later one.
func (a alarm) asked(in *sdk.DescribeAlarmsInput) bool {
	name := *a.AlarmName
	return (in.NextToken == nil || name >= *in.NextToken) &&
		(len(in.AlarmNames) == 0 || slices.Contains(in.AlarmNames, name)) &&
		strings.HasPrefix(name, aws.ToString(in.AlarmNamePrefix)) &&
		(in.StateValue == "" || a.StateValue == in.StateValue) &&
		(in.ActionPrefix == nil || a.acts(*in.ActionPrefix))
}

// acts tells whether an action begins with a text.
func (a alarm) acts(prefix string) bool {
	return slices.ContainsFunc(slices.Concat(a.AlarmActions, a.OKActions, a.InsufficientDataActions), func(action string) bool {
		return strings.HasPrefix(action, prefix)
	})
}

func (s *Service) describeAlarmsForMetric(t *turn, in *sdk.DescribeAlarmsForMetricInput) (*sdk.DescribeAlarmsForMetricOutput, error) {
	out := &sdk.DescribeAlarmsForMetricOutput{MetricAlarms: []types.MetricAlarm{}}
	for _, a := range t.own() {
		if aws.ToString(a.MetricName) == aws.ToString(in.MetricName) && aws.ToString(a.Namespace) == aws.ToString(in.Namespace) &&
			dimensionKey(a.Dimensions) == dimensionKey(in.Dimensions) {
			out.MetricAlarms = append(out.MetricAlarms, a.MetricAlarm)
		}
	}
	return out, nil
}

// deleteAlarms does not mind names that there are not.
func (s *Service) deleteAlarms(t *turn, in *sdk.DeleteAlarmsInput) (*sdk.DeleteAlarmsOutput, error) {
	if len(in.AlarmNames) > mostAlarms {
		return nil, invalid("The collection AlarmNames must not have a size greater than %d.", mostAlarms)
	}
	for _, name := range in.AlarmNames {
		delete(t.Alarms, t.key(name))
	}
	return &sdk.DeleteAlarmsOutput{}, nil
}

// setAlarmState holds until the alarm is evaluated next.
func (s *Service) setAlarmState(_ context.Context, r *frame.Request, in *sdk.SetAlarmStateInput) (*sdk.SetAlarmStateOutput, error) {
	name := aws.ToString(in.AlarmName)
	if !slices.Contains(in.StateValue.Values(), in.StateValue) {
		return nil, invalid("Value '%s' at 'stateValue' failed to satisfy constraint: Member must satisfy enum value set: [OK, ALARM, INSUFFICIENT_DATA]", in.StateValue)
	}
	var called []Action
	err := s.change(func(draft *content) error {
		key := keyOf(r.Caller.Account, r.Region, name)
		a, ok := draft.Alarms[key]
		if !ok {
			return frame.StatusErrorf(404, "ResourceNotFound", "Alarm %s does not exist", name)
		}
		a, called = a.entered(verdict{state: in.StateValue, reason: aws.ToString(in.StateReason), data: in.StateReasonData}, s.env.Clock.Now().UTC())
		draft.Alarms[key] = a
		return nil
	})
	if err != nil {
		return nil, err
	}
	s.act(called)
	return &sdk.SetAlarmStateOutput{}, nil
}

func (s *Service) enableActions(t *turn, in *sdk.EnableAlarmActionsInput) (*sdk.EnableAlarmActionsOutput, error) {
	t.switchActions(in.AlarmNames, true)
	return &sdk.EnableAlarmActionsOutput{}, nil
}

func (s *Service) disableActions(t *turn, in *sdk.DisableAlarmActionsInput) (*sdk.DisableAlarmActionsOutput, error) {
	t.switchActions(in.AlarmNames, false)
	return &sdk.DisableAlarmActionsOutput{}, nil
}

func (t *turn) switchActions(names []string, on bool) {
	for _, name := range names {
		if a, ok := t.Alarms[t.key(name)]; ok {
			a.ActionsEnabled = aws.Bool(on)
			t.Alarms[t.key(name)] = a
		}
	}
}
