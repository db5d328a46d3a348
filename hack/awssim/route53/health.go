package route53

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/checkers"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// CheckState is what is told of a health check from outside.
type CheckState struct {
	// Healthy overrules what the checkers see; nil lets them decide.
	Healthy *bool `json:"healthy"`
	// Alarm is the state of the metric that a CLOUDWATCH_METRIC check
	// watches: OK, ALARM or INSUFFICIENT_DATA; empty is no data yet.
	Alarm string `json:"alarm"`
}

// checkState is a CheckState with what it was before and since when it is.
type checkState struct {
	CheckState
	// LastAlarm is the last state of the metric that had data.
	LastAlarm string `json:"lastAlarm"`
}

// HealthCheck is a health check as it is now.
type HealthCheck struct {
	ID      string                  `json:"id"`
	Account string                  `json:"account"`
	Healthy bool                    `json:"healthy"`
	Config  types.HealthCheckConfig `json:"config"`
	Tags    map[string]string       `json:"tags,omitempty"`
	// Set is what was told of it from outside.
	Set CheckState `json:"set"`
}

const (
	alarmOK          = "OK"
	alarmAlarm       = "ALARM"
	insufficientData = "INSUFFICIENT_DATA"
)

// SetCheck tells what a health check is to find, at once. The error says what
// is wrong with it.
func (s *Service) SetCheck(id string, state CheckState) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	next := s.now()
	check, ok := next.checks[id]
	switch {
	case !ok:
		return fmt.Errorf("there is no health check %q", id)
	case !slices.Contains([]string{"", alarmOK, alarmAlarm, insufficientData}, state.Alarm):
		return fmt.Errorf("the alarm state %q is none of OK, ALARM, INSUFFICIENT_DATA", state.Alarm)
	case state.Alarm != "" && check.config.Type != types.HealthCheckTypeCloudwatchMetric:
		return fmt.Errorf("the health check %s is of type %s and watches no alarm", id, check.config.Type)
	}
	last := next.states[id].LastAlarm
	if state.Alarm == alarmOK || state.Alarm == alarmAlarm {
		last = state.Alarm
	}
	next.states = with(next.states, id, checkState{state, last})
	s.publish(next)
	return nil
}

// HealthChecks lists all health checks by id, neither metered nor throttled.
func (s *Service) HealthChecks() []HealthCheck {
	shown, listed := []HealthCheck{}, s.now()
	for id, check := range listed.checks {
		shown = append(shown, HealthCheck{
			ID: id, Account: check.account, Healthy: s.Healthy(id), Config: check.config,
			Tags: check.tags, Set: listed.states[id].CheckState,
		})
	}
	slices.SortFunc(shown, func(a, b HealthCheck) int { return compareText(a.ID, b.ID) })
	return shown
}

// Healthy tells whether a health check passes. One that does not exist does.
func (s *Service) Healthy(id string) bool { return s.healthy(s.now(), id, map[string]bool{}) }

// healthy keeps the checks on the way to this one in above, so that a circle of
// calculated checks ends.
func (s *Service) healthy(seen content, id string, above map[string]bool) bool {
	check, ok := seen.checks[id]
	if !ok || above[id] {
		return true
	}
	above[id] = true
	defer delete(above, id)
	return s.found(seen, check, above) != aws.ToBool(check.config.Inverted)
}

// found is what a check finds before it is inverted.
func (s *Service) found(seen content, check *healthCheck, above map[string]bool) bool {
	state := seen.states[check.id]
	switch {
	case aws.ToBool(check.config.Disabled):
		return true
	case state.Healthy != nil:
		return *state.Healthy
	case check.config.Type == types.HealthCheckTypeCalculated:
		passing := int32(0)
		for _, child := range check.config.ChildHealthChecks {
			if s.healthy(seen, child, above) {
				passing++
			}
		}
		return passing >= aws.ToInt32(check.config.HealthThreshold)
	case check.config.Type == types.HealthCheckTypeCloudwatchMetric:
		return state.passes(check.config.InsufficientDataHealthStatus)
	}
	return s.fleet.Healthy(check.id)
}

// passes tells what an alarm's state means; no data yet is healthy.
func (c checkState) passes(without types.InsufficientDataHealthStatus) bool {
	alarm := c.Alarm
	if alarm == insufficientData {
		switch without {
		case types.InsufficientDataHealthStatusHealthy:
			return true
		case types.InsufficientDataHealthStatusUnhealthy:
			return false
		}
		alarm = c.LastAlarm
	}
	return alarm != alarmAlarm
}

// observed looks up a check whose checkers are asked about.
func (s *Service) observed(r *frame.Request, id *string) (*healthCheck, error) {
	check, err := s.view(r).check(r, id)
	if err == nil && check.config.Type == types.HealthCheckTypeCalculated {
		err = frame.Errorf(invalidInput, "Invalid request: the health check %s is calculated: no health checker reports of it.", check.id)
	}
	return check, err
}

func (s *Service) getHealthCheckStatus(_ context.Context, r *frame.Request, in *sdk.GetHealthCheckStatusInput,
) (*sdk.GetHealthCheckStatusOutput, error) {
	check, err := s.observed(r, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetHealthCheckStatusOutput{HealthCheckObservations: s.fleet.Observations(check.id)}
	if s.told(check) {
		out.HealthCheckObservations = s.toldOf(check, s.found(s.now(), check, map[string]bool{}))
	}
	return out, nil
}

func (s *Service) getHealthCheckLastFailureReason(_ context.Context, r *frame.Request,
	in *sdk.GetHealthCheckLastFailureReasonInput,
) (*sdk.GetHealthCheckLastFailureReasonOutput, error) {
	check, err := s.observed(r, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetHealthCheckLastFailureReasonOutput{HealthCheckObservations: s.fleet.LastFailures(check.id)}
	if s.told(check) && !s.found(s.now(), check, map[string]bool{}) {
		out.HealthCheckObservations = s.toldOf(check, false)
	}
	return out, nil
}

// told tells that a check's health is what was told from outside, and not what
// its checkers see.
func (s *Service) told(check *healthCheck) bool {
	return s.now().states[check.id].Healthy != nil || !isEndpoint(check.config.Type)
}

// toldOf is what the checkers report of what they were told.
func (s *Service) toldOf(check *healthCheck, healthy bool) []types.HealthCheckObservation {
	status := checkers.StatusUnhealthy
	if healthy {
		status = checkers.StatusHealthy
	}
	observations := []types.HealthCheckObservation{}
	for _, checker := range checkers.In(check.config.Regions) {
		observations = append(observations, checker.Observed(status, s.env.Clock.Now()))
	}
	return observations
}
