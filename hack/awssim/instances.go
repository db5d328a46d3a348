package awssim

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/cloudwatch"
	"github.com/evenkeel/evenkeel/hack/awssim/ec2"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/instances"
	"github.com/evenkeel/evenkeel/hack/awssim/sns"
)

// startInstances has instances answer over HTTP, when load balancers forward.
func (s *Server) startInstances(options Options) {
	if !options.DataPlane {
		return
	}
	s.fleet = instances.New(s.ec2.Running, s.LoadInstance)
	s.ec2.OnInstances(s.fleet.Sync)
	s.fleet.Sync()
}

// endpoint finds what Options.Endpoints does, and then instances by their private addresses.
func (s *Server) endpoint(of func(host string, port int) (string, bool)) func(string, int) (string, bool) {
	return func(host string, port int) (string, bool) {
		if of != nil {
			if address, ok := of(host, port); ok {
				return address, true
			}
		}
		if s.fleet == nil {
			return "", false
		}
		return s.fleet.Endpoint(host, port)
	}
}

// instanceHost is where load balancers find an instance.
func (s *Server) instanceHost(id string) (string, bool) {
	if s.fleet == nil {
		return "", false
	}
	return s.fleet.Host(id)
}

// reporter sends the metrics of instances once in each minute.
type reporter struct {
	mu sync.Mutex
	// cancel calls the next report off; nil when there is none.
	cancel func()
	closed bool
}

// reportInstances begins to send CPUUtilization of all instances that run, by
// instance and by Auto Scaling group.
func (s *Server) reportInstances() {
	shortening := max(1, s.env.Timing.AutoScaling.Shortening)
	period := time.Duration(float64(time.Minute) / shortening)
	s.ec2.OnInstances(func() { s.reportLater(period) })
	s.reportLater(period)
}

// reportLater reports after a period for as long as instances run.
func (s *Server) reportLater(period time.Duration) {
	if len(s.ec2.Running()) == 0 {
		return
	}
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	if s.report.cancel != nil || s.report.closed {
		return
	}
	s.report.cancel = s.env.Clock.AfterFunc(period, func() {
		s.reportNow()
		s.report.mu.Lock()
		s.report.cancel = nil
		s.report.mu.Unlock()
		s.reportLater(period)
	})
}

func (s *Server) reportNow() {
	for _, is := range s.ec2.Running() {
		for name, value := range map[string]string{"InstanceId": is.ID, "AutoScalingGroupName": is.Group} {
			if value != "" {
				s.cloudwatch.PutMetric(autoscaling.Metric{
					Account: is.Account, Region: is.Region, Namespace: "AWS/EC2", MetricName: "CPUUtilization",
					Dimensions: map[string]string{name: value}, Value: is.CPU,
				})
			}
		}
	}
}

func (s *Server) stopReporting() {
	s.report.mu.Lock()
	defer s.report.mu.Unlock()
	s.report.closed = true
	if s.report.cancel != nil {
		s.report.cancel()
	}
}

// notify publishes an alarm's change of state to a topic, as CloudWatch does.
func (s *Server) notify(a cloudwatch.Action) {
	if !strings.HasPrefix(a.ARN, "arn:aws:sns:") || a.From == a.Alarm.StateValue {
		return
	}
	// Texts can always be rendered.
	message, _ := json.Marshal(map[string]any{
		"AlarmName": *a.Alarm.AlarmName, "AlarmArn": *a.Alarm.AlarmArn, "AWSAccountId": a.Account, "Region": a.Region,
		"NewStateValue": a.Alarm.StateValue, "OldStateValue": a.From, "NewStateReason": *a.Alarm.StateReason,
		"StateChangeTime": a.At.Format("2006-01-02T15:04:05.000-0700"),
	})
	// A topic that is gone gets nothing, as at AWS: the alarm's history is all that tells.
	_ = s.sns.Publish(a.ARN, fmt.Sprintf("%s: %q in %s", a.Alarm.StateValue, *a.Alarm.AlarmName, a.Region), string(message))
}

// Instances lists the instances of all accounts, terminated ones too for a while.
func (s *Server) Instances() []autoscaling.Instance { return s.ec2.Described() }

// InstanceAddress is where the server of an instance listens.
func (s *Server) InstanceAddress(id string) (string, bool) {
	host, ok := s.instanceHost(id)
	if !ok {
		return "", false
	}
	return s.fleet.Endpoint(host, 80)
}

// KillInstance ends an instance as if it had died.
func (s *Server) KillInstance(id string) error { return s.ec2.Kill(id) }

// StopInstance stops an instance as its user would.
func (s *Server) StopInstance(id string) error { return s.ec2.Halt(id) }

// LoadInstance sets an instance's load in percent of its CPUs.
func (s *Server) LoadInstance(id string, percent float64) error {
	return s.ec2.Disturb(id, func(d *ec2.Disturbance) { d.CPU = percent })
}

// DisturbInstance breaks an instance, or mends it.
func (s *Server) DisturbInstance(id string, disturb func(*ec2.Disturbance)) error {
	return s.ec2.Disturb(id, disturb)
}

// FailZone takes a zone out, or brings it back.
func (s *Server) FailZone(zone string, failed bool) error { return s.ec2.FailZone(zone, failed) }

// PutMetric records a value of a metric at a moment.
func (s *Server) PutMetric(m autoscaling.Metric, at time.Time) { s.cloudwatch.PutMetricAt(m, at) }

// Messages are those published to topics, the oldest first.
func (s *Server) Messages() []sns.Message { return s.sns.Messages() }

// instanceControls are the control API of instances, zones and topics.
func (s *Server) instanceControls() map[string]controlHandler {
	done := map[string]bool{"ok": true}
	on := func(do func(id string, body []byte) error) controlHandler {
		return func(id string, body []byte) (any, error) { return done, do(id, body) }
	}
	return map[string]controlHandler{
		"GET /_sim/instances":              func(string, []byte) (any, error) { return s.Instances(), nil },
		"GET /_sim/sns":                    func(string, []byte) (any, error) { return s.Messages(), nil },
		"POST /_sim/instances/{id}/kill":   on(func(id string, _ []byte) error { return s.KillInstance(id) }),
		"POST /_sim/instances/{id}/stop":   on(func(id string, _ []byte) error { return s.StopInstance(id) }),
		"POST /_sim/instances/{id}/impair": on(s.postImpairment),
		"POST /_sim/instances/{id}/load":   on(s.postLoad),
		"POST /_sim/zones/{id}/fail":       on(func(zone string, _ []byte) error { return s.FailZone(zone, true) }),
		"POST /_sim/zones/{id}/heal":       on(func(zone string, _ []byte) error { return s.FailZone(zone, false) }),
	}
}

// postImpairment fails the status checks of an instance unless the body says otherwise.
func (s *Server) postImpairment(id string, body []byte) error {
	var wanted struct {
		Impaired   *bool `json:"impaired"`
		StatusCode *int  `json:"statusCode"`
		Rebalance  *bool `json:"rebalance"`
	}
	if len(body) > 0 {
		if err := frame.StrictJSON(body, &wanted); err != nil {
			return fmt.Errorf(`the body is not like {"impaired": true, "statusCode": 503, "rebalance": false}: %w`, err)
		}
	}
	if wanted.StatusCode != nil && *wanted.StatusCode != 0 && (*wanted.StatusCode < 200 || *wanted.StatusCode > 599) {
		return fmt.Errorf("%d is not the status code of an answer", *wanted.StatusCode)
	}
	return s.DisturbInstance(id, func(d *ec2.Disturbance) {
		if wanted.Impaired != nil || wanted.StatusCode == nil && wanted.Rebalance == nil {
			d.Impaired = wanted.Impaired == nil || *wanted.Impaired
		}
		if wanted.StatusCode != nil {
			d.StatusCode = *wanted.StatusCode
		}
		if wanted.Rebalance != nil {
			d.Rebalance = *wanted.Rebalance
		}
	})
}

func (s *Server) postLoad(id string, body []byte) error {
	var wanted struct {
		CPU *float64 `json:"cpu"`
	}
	if err := frame.StrictJSON(body, &wanted); err != nil {
		return fmt.Errorf(`the body is not like {"cpu": 95}: %w`, err)
	}
	if wanted.CPU == nil {
		return errors.New(`the body is not like {"cpu": 95}: "cpu" is missing`)
	}
	return s.LoadInstance(id, *wanted.CPU)
}
