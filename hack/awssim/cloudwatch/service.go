package cloudwatch

import (
	"cmp"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// mostHistory bounds the history of an alarm.
const mostHistory = 100

// alarm is an alarm with its tags and history, the newest entry last.
type alarm struct {
	types.MetricAlarm
	Account string                   `json:"account"`
	Region  string                   `json:"region"`
	Tags    frame.Tags               `json:"tags,omitempty"`
	History []types.AlarmHistoryItem `json:"history,omitempty"`
	// Acted is when its actions were called last.
	Acted time.Time `json:"acted,omitzero"`
}

// content is all alarms by account, region and name; it is never written to once published.
type content struct {
	Alarms map[string]alarm `json:"alarms"`
}

func keyOf(account, region, name string) string { return account + "/" + region + "/" + name }

func (c *content) sorted() []alarm {
	var all []alarm
	for _, key := range slices.Sorted(maps.Keys(c.Alarms)) {
		all = append(all, c.Alarms[key])
	}
	return all
}

// Action is what an alarm asks for.
type Action struct {
	// ARN is the policy, the topic or whatever is acted on.
	ARN             string
	Account, Region string
	Alarm           types.MetricAlarm
	// From is the state before; it is the alarm's own when the action is repeated.
	From types.StateValue
	// Value is the newest value of the metric, if there is one.
	Value float64
	At    time.Time
}

// Service is the simulated CloudWatch.
type Service struct {
	env    *frame.Environment
	store  *frame.Store[content]
	series *series
	// shortening divides periods, so that tests need not wait for minutes.
	shortening float64

	mu      sync.Mutex
	closed  bool
	cancel  func()
	actions []func(Action)
}

// New makes the service without alarms.
func New(env *frame.Environment) *Service {
	s := &Service{env: env, series: newSeries(), shortening: cmp.Or(env.Timing.AutoScaling.Shortening, 1)}
	s.store = frame.NewStore(env.Clock, &content{Alarms: map[string]alarm{}}, nil)
	return s
}

// OnAction has f called for each action of an alarm that changes its state, and
// again after each period for actions on scaling policies while it is in ALARM.
// It must not wait for who calls CloudWatch.
func (s *Service) OnAction(f func(Action)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.actions = append(s.actions, f)
}

// Reset forgets alarms and metrics.
func (s *Service) Reset() {
	s.store.Replace(&content{Alarms: map[string]alarm{}})
	s.series.clear()
}

// State is the alarms; the values of metrics are not saved.
func (s *Service) State() any { return s.store.Now() }

// Load replaces the alarms.
func (s *Service) Load(raw json.RawMessage) error {
	loaded := &content{}
	if err := frame.StrictJSON(raw, loaded); err != nil {
		return err
	}
	if loaded.Alarms == nil {
		loaded.Alarms = map[string]alarm{}
	}
	s.store.Replace(loaded)
	s.series.clear()
	s.tickLater()
	return nil
}

// KeepHistory records earlier states for stale reads.
func (s *Service) KeepHistory(on bool) { s.store.KeepHistory(on) }

// Close ends the evaluation.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	if s.cancel != nil {
		s.cancel()
	}
}

// change publishes what is done to a draft of the alarms.
func (s *Service) change(do func(draft *content) error) error {
	err := s.store.Change(func(before *content) (*content, error) {
		draft := &content{Alarms: maps.Clone(before.Alarms)}
		return draft, do(draft)
	})
	if err == nil {
		s.env.Changed()
		s.tickLater()
	}
	return err
}

// turn is one call: what it knows, and the alarms it sees.
type turn struct {
	*frame.Request
	*content
	service *Service
	now     time.Time
}

func (t *turn) key(name string) string { return keyOf(t.Caller.Account, t.Region, name) }

// own lists the caller's alarms by name.
func (t *turn) own() []alarm {
	return slices.DeleteFunc(t.sorted(), func(a alarm) bool { return a.Account != t.Caller.Account || a.Region != t.Region })
}

func read[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (*Out, error) {
		return do(&turn{r, s.store.View(r), s, s.env.Clock.Now()}, in)
	})
}

func write[In, Out any](s *Service, name string, do func(*turn, *In) (*Out, error)) frame.Operation {
	return frame.Op(name, func(_ context.Context, r *frame.Request, in *In) (out *Out, err error) {
		err = s.change(func(draft *content) error {
			out, err = do(&turn{r, draft, s, s.env.Clock.Now()}, in)
			return err
		})
		return out, err
	})
}

// Definition tells the server how to serve CloudWatch.
func (s *Service) Definition() frame.Definition {
	operations := []frame.Operation{
		write(s, "PutMetricAlarm", s.putMetricAlarm),
		read(s, "DescribeAlarms", s.describeAlarms),
		read(s, "DescribeAlarmsForMetric", s.describeAlarmsForMetric),
		read(s, "DescribeAlarmHistory", s.describeHistory),
		write(s, "DeleteAlarms", s.deleteAlarms),
		frame.Op("SetAlarmState", s.setAlarmState),
		write(s, "EnableAlarmActions", s.enableActions),
		write(s, "DisableAlarmActions", s.disableActions),
		read(s, "PutMetricData", s.putMetricData),
		read(s, "GetMetricData", s.getMetricData),
		read(s, "GetMetricStatistics", s.getMetricStatistics),
		read(s, "ListMetrics", s.listMetrics),
		write(s, "TagResource", s.tagResource),
		write(s, "UntagResource", s.untagResource),
		read(s, "ListTagsForResource", s.listTags),
	}
	return frame.Definition{
		Name: "monitoring", Path: "/service/" + model + "/", Protocol: newProtocol(frame.Names(operations)), Operations: operations,
		Rates: frame.Rates{
			Code: "Throttling", Default: &frame.Bucket{Capacity: 50, Refill: 50},
			Operations: map[string]frame.Bucket{
				"PutMetricAlarm": {Capacity: 3, Refill: 3}, "DeleteAlarms": {Capacity: 3, Refill: 3}, "DescribeAlarms": {Capacity: 9, Refill: 9},
				"PutMetricData": {Capacity: 500, Refill: 500}, "SetAlarmState": {Capacity: 3, Refill: 3},
			},
		},
	}
}
