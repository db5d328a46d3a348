package ec2

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
)

// Disturbance is what the control API does to an instance that runs.
type Disturbance struct {
	// Impaired fails its status checks.
	Impaired bool `json:"impaired,omitempty"`
	// StatusCode is what its server answers with instead of 200, where not 0.
	StatusCode int `json:"statusCode,omitempty"`
	// Rebalance gives a rebalance recommendation to a Spot Instance.
	Rebalance bool `json:"rebalance,omitempty"`
	// CPU is its load in percent.
	CPU float64 `json:"cpu,omitempty"`
}

// Running is an instance that runs, for its server and its metrics.
type Running struct {
	ID, Account, Region, Zone, PrivateIP, ImageID string
	InstanceType                                  string
	TemplateID                                    string
	TemplateVersion                               int64
	// Group is the Auto Scaling group, if any.
	Group string
	// Answers is false while the zone is out.
	Answers bool
	Disturbance
}

// Running lists the instances that run, by id.
func (s *Service) Running() []Running {
	c := s.current()
	var all []Running
	for _, id := range sortedIDs(c.Instances) {
		held := c.Instances[id]
		if held.Is.state() != types.InstanceStateNameRunning {
			continue
		}
		disturbance := held.Is.Disturbance
		if strings.HasPrefix(*held.Is.ImageId, brokenImages) {
			disturbance.StatusCode = cmp.Or(disturbance.StatusCode, http.StatusServiceUnavailable)
		}
		all = append(all, Running{
			ID: id, Account: held.Account, Region: held.Region, Zone: *held.Is.Placement.AvailabilityZone, PrivateIP: *held.Is.PrivateIpAddress,
			ImageID: *held.Is.ImageId, InstanceType: string(held.Is.InstanceType), TemplateID: held.Is.TemplateID,
			TemplateVersion: held.Is.TemplateVersion, Group: c.Tags[id]["aws:autoscaling:groupName"],
			Answers: !c.FailedZones[held.Region+"/"+*held.Is.Placement.AvailabilityZone], Disturbance: disturbance,
		})
	}
	return all
}

// Described lists all instances of all accounts, by id, terminated ones too.
func (s *Service) Described() []autoscaling.Instance {
	c := s.current()
	all := []autoscaling.Instance{}
	for _, id := range sortedIDs(c.Instances) {
		all = append(all, c.view(c.Instances[id]))
	}
	return all
}

// disturb changes an instance that is there.
func (s *Service) disturb(id string, do func(draft *content, now time.Time) error) error {
	return s.change(func(draft *content, now time.Time) error {
		held, ok := draft.Instances[id]
		if !ok || held.Is.ended() {
			return fmt.Errorf("there is no instance %q that has not ended", id)
		}
		draft.moved = true
		return do(draft, now)
	})
}

// Kill ends an instance as if it had died: nobody asked for it.
func (s *Service) Kill(id string) error {
	return s.disturb(id, func(draft *content, now time.Time) error {
		s.end(draft, id, now, byFailure)
		return nil
	})
}

// Halt stops an instance as its user would.
func (s *Service) Halt(id string) error {
	return s.disturb(id, func(draft *content, now time.Time) error {
		s.stop(draft, id, now, byUser)
		return nil
	})
}

// Disturb sets how an instance is disturbed.
func (s *Service) Disturb(id string, change func(*Disturbance)) error {
	return s.disturb(id, func(draft *content, _ time.Time) error {
		held := draft.Instances[id]
		change(&held.Is.Disturbance)
		if held.Is.CPU < 0 || held.Is.CPU > 100 {
			return fmt.Errorf("the load %v is not a percentage", held.Is.CPU)
		}
		draft.Instances[id] = held
		return nil
	})
}

// FailZone takes a zone out, or brings it back: its instances do not answer and
// fail their status checks, and none can be launched there.
func (s *Service) FailZone(name string, failed bool) error {
	region := strings.TrimRight(name, "abcdef")
	if !slices.ContainsFunc(zonesOf(region), func(z zone) bool { return z.name == name }) {
		return fmt.Errorf("there is no zone %q", name)
	}
	return s.change(func(draft *content, _ time.Time) error {
		if failed {
			draft.FailedZones[region+"/"+name] = true
		} else {
			delete(draft.FailedZones, region+"/"+name)
		}
		draft.moved = true
		return nil
	})
}
