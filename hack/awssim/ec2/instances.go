package ec2

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

const rootDevice = "/dev/xvda"

// instance is an instance, and what is to become of it.
type instance struct {
	types.Instance
	Reservation string `json:"reservation"`
	// Request is the fingerprint of the call that made it.
	Request string `json:"request,omitempty"`
	// Next are the states to come, the soonest first.
	Next []phase `json:"next,omitempty"`
	// Checked is when the status checks pass; zero while it does not run.
	Checked  time.Time `json:"checked,omitzero"`
	UserData *string   `json:"userData,omitempty"`
	// Protected refuses TerminateInstances, Unstoppable StopInstances.
	Protected   bool `json:"protected,omitempty"`
	Unstoppable bool `json:"unstoppable,omitempty"`
	// Public has it get a public address whenever it starts.
	Public bool `json:"public,omitempty"`
	// TemplateID and TemplateVersion are of the launch template that it is from, if any.
	TemplateID      string `json:"templateId,omitempty"`
	TemplateVersion int64  `json:"templateVersion,omitempty"`
	Disturbance
}

// phase is a state from a moment on. An instance whose state is gone is forgotten.
type phase struct {
	At    time.Time               `json:"at"`
	State types.InstanceStateName `json:"state"`
}

const gone types.InstanceStateName = "gone"

// stateCodes are EC2's numbers of the states.
var stateCodes = map[types.InstanceStateName]int32{
	types.InstanceStateNamePending: 0, types.InstanceStateNameRunning: 16, types.InstanceStateNameShuttingDown: 32,
	types.InstanceStateNameTerminated: 48, types.InstanceStateNameStopping: 64, types.InstanceStateNameStopped: 80,
}

func stateOf(name types.InstanceStateName) *types.InstanceState {
	return &types.InstanceState{Name: name, Code: aws.Int32(stateCodes[name])}
}

func (i instance) state() types.InstanceStateName { return i.State.Name }

// ended tells whether the instance is on its way out.
func (i instance) ended() bool {
	return i.state() == types.InstanceStateNameShuttingDown || i.state() == types.InstanceStateNameTerminated
}

// nextPhase is when the next instance goes on to another state; zero is never.
func (c *content) nextPhase() time.Time {
	var next time.Time
	for _, held := range c.Instances {
		if len(held.Is.Next) > 0 && (next.IsZero() || held.Is.Next[0].At.Before(next)) {
			next = held.Is.Next[0].At
		}
	}
	return next
}

// settleInstances lets instances go through the states that they have reached by now.
func (c *content) settleInstances(now time.Time) {
	for id, held := range c.Instances {
		for len(held.Is.Next) > 0 && !held.Is.Next[0].At.After(now) {
			reached := held.Is.Next[0]
			held.Is.Next = held.Is.Next[1:]
			c.enter(id, held, reached)
			c.moved = true
			held = c.Instances[id]
		}
	}
}

// enter puts an instance into a state. A terminated one gives its network
// interface and addresses back.
func (c *content) enter(id string, held item[instance], reached phase) {
	if reached.State == gone {
		delete(c.Instances, id)
		delete(c.Tags, id)
		return
	}
	held.Is.State = stateOf(reached.State)
	switch reached.State {
	case types.InstanceStateNameTerminated:
		for _, nic := range held.Is.NetworkInterfaces {
			delete(c.Interfaces, *nic.NetworkInterfaceId)
			delete(c.Tags, *nic.NetworkInterfaceId)
			c.freeAddresses(*nic.NetworkInterfaceId)
		}
		held.Is.NetworkInterfaces = []types.InstanceNetworkInterface{}
		held.Is.SecurityGroups = []types.GroupIdentifier{}
		held.Is.PrivateIpAddress, held.Is.PrivateDnsName, held.Is.SubnetId, held.Is.VpcId = nil, nil, nil, nil
	case types.InstanceStateNameStopped:
		c.forgetPublicAddress(held.Is)
	}
	c.Instances[id] = held
}

// freeAddresses frees the Elastic IP addresses of an interface.
func (c *content) freeAddresses(interfaceID string) {
	for allocation, address := range c.Addresses {
		if aws.ToString(address.Is.NetworkInterfaceId) == interfaceID {
			address.Is = unassociated(address.Is)
			c.Addresses[allocation] = address
		}
	}
}

// start has an instance begin to run.
func (s *Service) start(c *content, id string, now time.Time) {
	held := c.Instances[id]
	waits := s.env.Timing.Instances
	running := now.Add(s.env.Random.Draw(waits.Starting)).UTC()
	held.Is.State, held.Is.StateReason, held.Is.StateTransitionReason = stateOf(types.InstanceStateNamePending), nil, nil
	held.Is.LaunchTime = aws.Time(now.UTC())
	held.Is.Next = []phase{{running, types.InstanceStateNameRunning}}
	held.Is.Checked = running.Add(s.env.Random.Draw(waits.Checking))
	s.addressPublicly(c, held.Is, held.Region)
	c.Instances[id] = held
	c.moved = true
}

// reason is why an instance stops or ends.
type reason struct{ code, message, transition string }

var (
	byUser    = reason{"Client.UserInitiatedShutdown", "Client.UserInitiatedShutdown: User initiated shutdown", "User initiated"}
	byFailure = reason{"Server.InternalError", "Server.InternalError: Internal error on launch", "Server.InternalError"}
)

// stop has an instance stop.
func (s *Service) stop(c *content, id string, now time.Time, why reason) {
	s.leave(c, id, now, why, types.InstanceStateNameStopping,
		phase{now.Add(s.env.Random.Draw(s.env.Timing.Instances.Stopping)).UTC(), types.InstanceStateNameStopped})
}

// end has an instance end, of whatever state.
func (s *Service) end(c *content, id string, now time.Time, why reason) {
	if c.Instances[id].Is.ended() {
		return
	}
	waits := s.env.Timing.Instances
	terminated := now.Add(s.env.Random.Draw(waits.Ending)).UTC()
	s.leave(c, id, now, why, types.InstanceStateNameShuttingDown,
		phase{terminated, types.InstanceStateNameTerminated}, phase{terminated.Add(waits.Remembered), gone})
}

func (s *Service) leave(c *content, id string, now time.Time, why reason, through types.InstanceStateName, next ...phase) {
	held := c.Instances[id]
	held.Is.State, held.Is.Next, held.Is.Checked = stateOf(through), next, time.Time{}
	held.Is.StateReason = &types.StateReason{Code: aws.String(why.code), Message: aws.String(why.message)}
	held.Is.StateTransitionReason = aws.String(why.transition + " (" + now.UTC().Format("2006-01-02 15:04:05 MST") + ")")
	c.Instances[id] = held
	c.moved = true
}
