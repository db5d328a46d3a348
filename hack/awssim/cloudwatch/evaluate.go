package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
)

const (
	// rhythm is how often alarms are evaluated, before shortening.
	rhythm = 10 * time.Second
	// behind is how many periods before those evaluated are looked at for
	// values when some are missing.
	behind = 3
)

// shortened is a period as long as it takes here.
func (s *Service) shortened(period time.Duration) time.Duration {
	return max(time.Millisecond, time.Duration(float64(period)/s.shortening))
}

// tickLater evaluates the alarms after a while, if there are any.
func (s *Service) tickLater() {
	alarms := len(s.store.Now().Alarms)
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cancel != nil || s.closed || alarms == 0 {
		return
	}
	s.cancel = s.env.Clock.AfterFunc(s.shortened(rhythm), func() {
		s.mu.Lock()
		s.cancel = nil
		s.mu.Unlock()
		s.evaluateAll()
		s.tickLater()
	})
}

// evaluateAll looks at each alarm, and calls the actions of those that change
// or are repeated.
func (s *Service) evaluateAll() {
	now := s.env.Clock.Now().UTC()
	for key, seen := range s.store.Now().Alarms {
		judged := s.judge(seen, now)
		if judged.state == seen.StateValue && !s.repeats(seen, now) {
			continue
		}
		var called []Action
		// The change cannot fail.
		_ = s.change(func(draft *content) error {
			a, ok := draft.Alarms[key]
			if !ok {
				return nil
			}
			a, called = a.entered(judged, now)
			draft.Alarms[key] = a
			return nil
		})
		s.act(called)
	}
}

func (s *Service) act(called []Action) {
	s.mu.Lock()
	actions := s.actions
	s.mu.Unlock()
	for _, action := range called {
		for _, do := range actions {
			do(action)
		}
	}
}

// repeats tells whether an alarm that stays in ALARM asks its policies again.
func (s *Service) repeats(a alarm, now time.Time) bool {
	return a.StateValue == types.StateValueAlarm && now.Sub(a.Acted) >= s.shortened(a.period()) &&
		slices.ContainsFunc(a.AlarmActions, isPolicy)
}

func isPolicy(arn string) bool { return strings.HasPrefix(arn, "arn:aws:autoscaling:") }

// verdict is what an evaluation came to.
type verdict struct {
	state  types.StateValue
	reason string
	data   *string
	value  float64
}

// entered is an alarm after a verdict, and the actions to be called for it.
func (a alarm) entered(v verdict, now time.Time) (alarm, []Action) {
	from := a.StateValue
	if v.state != from {
		a.StateValue, a.StateReason, a.StateReasonData = v.state, aws.String(v.reason), v.data
		a.StateUpdatedTimestamp, a.StateTransitionedTimestamp = &now, &now
		a = a.noted(types.HistoryItemTypeStateUpdate, fmt.Sprintf("Alarm updated from %s to %s", from, v.state), now)
	}
	a.Acted = now
	if !aws.ToBool(a.ActionsEnabled) {
		return a, nil
	}
	actions := map[types.StateValue][]string{
		types.StateValueAlarm: a.AlarmActions, types.StateValueOk: a.OKActions, types.StateValueInsufficientData: a.InsufficientDataActions,
	}[v.state]
	var called []Action
	for _, arn := range actions {
		if v.state != from || isPolicy(arn) {
			called = append(called, Action{ARN: arn, Account: a.Account, Region: a.Region, Alarm: a.MetricAlarm, From: from, Value: v.value, At: now})
		}
	}
	return a, called
}

// noted is an alarm with one more entry in its history.
func (a alarm) noted(kind types.HistoryItemType, summary string, now time.Time) alarm {
	a.History = append(slices.Clone(a.History), types.AlarmHistoryItem{
		AlarmName: a.AlarmName, AlarmType: types.AlarmTypeMetricAlarm, HistoryItemType: kind, HistorySummary: &summary, Timestamp: &now,
		HistoryData: aws.String(`{"version":"1.0","type":"` + string(kind) + `"}`),
	})
	a.History = a.History[max(0, len(a.History)-mostHistory):]
	return a
}

// period is that of the alarm's metric, or the longest of its queries.
func (a alarm) period() time.Duration {
	seconds := aws.ToInt32(a.Period)
	for _, q := range a.Metrics {
		seconds = max(seconds, aws.ToInt32(q.Period))
		if q.MetricStat != nil {
			seconds = max(seconds, aws.ToInt32(q.MetricStat.Period))
		}
	}
	if seconds == 0 {
		seconds = 60
	}
	return time.Duration(seconds) * time.Second
}

// judge evaluates the periods that are over.
func (s *Service) judge(a alarm, now time.Time) verdict {
	period := s.shortened(a.period())
	count := int(*a.EvaluationPeriods) + behind
	from := now.Truncate(period).Add(-time.Duration(count) * period)
	values, err := s.valuesOf(a, from, period, count)
	if err != nil {
		return verdict{state: types.StateValueInsufficientData, reason: err.Error()}
	}
	return a.judged(values)
}

// valuesOf are the values of what an alarm watches.
func (s *Service) valuesOf(a alarm, from time.Time, period time.Duration, count int) ([]float64, error) {
	if len(a.Metrics) == 0 {
		statistic := string(a.Statistic)
		if statistic == "" {
			statistic = aws.ToString(a.ExtendedStatistic)
		}
		of := metric{a.Account, a.Region, aws.ToString(a.Namespace), aws.ToString(a.MetricName), dimensionKey(a.Dimensions)}
		return s.series.buckets(of, statistic, a.Unit, from, period, count), nil
	}
	all, err := s.queried(a.Account, a.Region, a.Metrics, from, func(time.Duration) time.Duration { return period }, count)
	if err != nil {
		return nil, err
	}
	for _, q := range a.Metrics {
		if q.ReturnData == nil || *q.ReturnData {
			return all[*q.Id], nil
		}
	}
	return nil, fmt.Errorf("no query of the alarm returns data")
}

// breaches compares a value with the threshold.
func (a alarm) breaches(value float64) bool {
	threshold := *a.Threshold
	switch a.ComparisonOperator {
	case types.ComparisonOperatorGreaterThanThreshold:
		return value > threshold
	case types.ComparisonOperatorGreaterThanOrEqualToThreshold:
		return value >= threshold
	case types.ComparisonOperatorLessThanThreshold:
		return value < threshold
	}
	return value <= threshold
}

// judged gives the state by values of periods, the newest last, of which more
// are given than are evaluated: as many as there are count, the newest ones.
func (a alarm) judged(values []float64) verdict {
	periods, needed := int(*a.EvaluationPeriods), int(*a.EvaluationPeriods)
	if a.DatapointsToAlarm != nil {
		needed = int(*a.DatapointsToAlarm)
	}
	present := slices.DeleteFunc(slices.Clone(values), math.IsNaN)
	present = present[max(0, len(present)-periods):]
	breaching := 0
	for _, value := range present {
		if a.breaches(value) {
			breaching++
		}
	}
	newest := math.NaN()
	if len(present) > 0 {
		newest = present[len(present)-1]
	}
	missing := periods - len(present)
	state := a.stateOf(breaching, len(present), missing, needed)
	word := "were not"
	if state == types.StateValueAlarm {
		word = "were"
	}
	reason := fmt.Sprintf("Threshold Crossed: %d out of the last %d datapoints %v %s breaching the threshold (%v) [%s] (minimum %d datapoints).",
		breaching, periods, present, word, *a.Threshold, a.ComparisonOperator, needed)
	if state == types.StateValueInsufficientData {
		reason = fmt.Sprintf("Insufficient Data: %d datapoints were unknown.", missing)
	}
	return verdict{state: state, reason: reason, value: newest}
}

// stateOf weighs the periods without values as the alarm treats them.
func (a alarm) stateOf(breaching, present, missing, needed int) types.StateValue {
	treatment := aws.ToString(a.TreatMissingData)
	switch {
	case treatment == "breaching":
		breaching += missing
	case treatment == "ignore" && breaching < needed && missing > 0 && breaching+missing >= needed:
		return a.StateValue
	case present == 0 && treatment != "notBreaching":
		return types.StateValueInsufficientData
	case treatment == "" || treatment == "missing":
		needed = min(needed, present)
	}
	if breaching >= needed {
		return types.StateValueAlarm
	}
	return types.StateValueOk
}
