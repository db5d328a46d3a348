package ec2

import (
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

const mostLaunched = 1000

func (s *Service) runInstances(t *turn, in *sdk.RunInstancesInput) (*sdk.RunInstancesOutput, error) {
	least, most := aws.ToInt32(in.MinCount), aws.ToInt32(in.MaxCount)
	switch {
	case in.MinCount == nil:
		return nil, missingParameter("MinCount")
	case in.MaxCount == nil:
		return nil, missingParameter("MaxCount")
	case least < 1 || most < least || most > mostLaunched:
		return nil, invalidValue("Value (%d) for parameter maxCount is invalid. It must be between minCount and %d.", most, mostLaunched)
	}
	unmarked := *in
	unmarked.ClientToken = nil
	request := fingerprint(unmarked)
	if earlier, err := t.launchedBy(in.ClientToken, request); len(earlier) > 0 || err != nil {
		return t.ran(earlier), err
	}
	l, err := s.launchOf(t, in)
	if err != nil {
		return nil, err
	}
	l.token, l.request = in.ClientToken, request
	var launched []instance
	for l.index = range most {
		made, err := s.launch(t.content, t.now, l)
		if err != nil {
			// As many as there is room for, if they are enough.
			if len(launched) >= int(least) {
				break
			}
			return nil, err
		}
		held := t.Instances[*made.InstanceId]
		if wait := s.env.Random.Draw(s.env.Timing.Visibility); wait > 0 {
			held.Shown = t.now.Add(wait).UTC()
		}
		t.Instances[*made.InstanceId] = held
		launched = append(launched, made)
	}
	return t.ran(launched), nil
}

// launchOf is what a call asks for, over what its template has.
func (s *Service) launchOf(t *turn, in *sdk.RunInstancesInput) (launch, error) {
	l := launch{account: t.Caller.Account, region: t.Region, reservation: s.newID("r"), data: templateData(in), subnetID: aws.ToString(in.SubnetId)}
	own := l.data.TagSpecifications
	l.data.TagSpecifications = nil
	if in.LaunchTemplate != nil {
		found, err := t.template(in.LaunchTemplate.LaunchTemplateId, in.LaunchTemplate.LaunchTemplateName)
		if err != nil {
			return l, err
		}
		v, err := found.version(aws.ToString(in.LaunchTemplate.Version))
		if err != nil {
			return l, err
		}
		l.data = overlaid(v.LaunchTemplateData, l.data)
		l.templateID, l.templateVersion = *found.LaunchTemplateId, *v.VersionNumber
	}
	if err := t.checkDataTags(own); err != nil {
		return l, err
	}
	if err := t.checkData(l.data); err != nil {
		return l, err
	}
	l.data.TagSpecifications = slices.Concat(l.data.TagSpecifications, own)
	if options := l.data.InstanceMarketOptions; options != nil {
		l.spot = options.MarketType == types.MarketTypeSpot
	}
	if in.PrivateIpAddress != nil {
		address, err := netip.ParseAddr(*in.PrivateIpAddress)
		if err != nil {
			return l, invalidValue("Invalid IPv4 address '%s'", *in.PrivateIpAddress)
		}
		l.address = address
	}
	return l, nil
}

// launchedBy are the instances that an earlier call with the token launched.
func (t *turn) launchedBy(token *string, request string) ([]instance, error) {
	if aws.ToString(token) == "" {
		return nil, nil
	}
	var launched []instance
	for _, id := range sortedIDs(t.Instances) {
		held := t.Instances[id]
		if !owns(t, held) || aws.ToString(held.Is.ClientToken) != *token {
			continue
		}
		if held.Is.Request != request {
			return nil, frame.Errorf("IdempotentParameterMismatch",
				"Arguments on this idempotent request are inconsistent with arguments used in previous request(s).")
		}
		launched = append(launched, held.Is)
	}
	return launched, nil
}

func (t *turn) ran(launched []instance) *sdk.RunInstancesOutput {
	if len(launched) == 0 {
		return nil
	}
	out := &sdk.RunInstancesOutput{
		ReservationId: &launched[0].Reservation, OwnerId: aws.String(t.Caller.Account), Groups: []types.GroupIdentifier{}, Instances: []types.Instance{},
	}
	for _, one := range launched {
		out.Instances = append(out.Instances, t.shownInstance(one))
	}
	return out
}

func (t *turn) shownInstance(i instance) types.Instance {
	shown := t.withInterfaces(i).Instance
	shown.Tags = t.Tags[*i.InstanceId].list()
	return shown
}

// chosen finds the instances that a call names.
func (t *turn) chosen(ids []string) ([]instance, error) {
	if len(ids) == 0 {
		return nil, missingParameter("InstanceId")
	}
	var found []instance
	for _, id := range ids {
		if !strings.HasPrefix(id, instanceKind.prefix+"-") {
			return nil, frame.Errorf("InvalidInstanceID.Malformed", `Invalid id: "%s"`, id)
		}
		one, err := find(t, t.Instances, &id, instanceKind)
		if err != nil {
			return nil, err
		}
		found = append(found, one)
	}
	return found, nil
}

// changed tells how the states of instances changed since they were found.
func (t *turn) changed(before []instance) []types.InstanceStateChange {
	changes := []types.InstanceStateChange{}
	for _, one := range before {
		changes = append(changes, types.InstanceStateChange{
			InstanceId: one.InstanceId, PreviousState: one.State, CurrentState: t.Instances[*one.InstanceId].Is.State,
		})
	}
	return changes
}

func (s *Service) terminateInstances(t *turn, in *sdk.TerminateInstancesInput) (*sdk.TerminateInstancesOutput, error) {
	found, err := t.chosen(in.InstanceIds)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		if one.Protected && !one.ended() {
			return nil, frame.Errorf("OperationNotPermitted", "The instance '%s' may not be terminated. "+
				"Modify its 'disableApiTermination' instance attribute and try again.", *one.InstanceId)
		}
	}
	for _, one := range found {
		s.end(t.content, *one.InstanceId, t.now, byUser)
	}
	return &sdk.TerminateInstancesOutput{TerminatingInstances: t.changed(found)}, nil
}

func (s *Service) stopInstances(t *turn, in *sdk.StopInstancesInput) (*sdk.StopInstancesOutput, error) {
	found, err := t.chosen(in.InstanceIds)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		id := *one.InstanceId
		switch {
		case one.Unstoppable:
			return nil, frame.Errorf("OperationNotPermitted", "The instance '%s' may not be stopped. "+
				"Modify its 'disableApiStop' instance attribute and try again.", id)
		case one.InstanceLifecycle == types.InstanceLifecycleTypeSpot:
			return nil, frame.Errorf("UnsupportedOperation", "You can't stop the Spot Instance '%s' because it is associated with a one-time "+
				"Spot Instance request. You can only stop Spot Instances associated with persistent Spot Instance requests.", id)
		case one.ended():
			return nil, frame.Errorf("IncorrectInstanceState", "This instance '%s' is not in a state from which it can be stopped.", id)
		case one.state() == types.InstanceStateNamePending || one.state() == types.InstanceStateNameRunning:
			s.stop(t.content, id, t.now, byUser)
		}
	}
	return &sdk.StopInstancesOutput{StoppingInstances: t.changed(found)}, nil
}

func (s *Service) startInstances(t *turn, in *sdk.StartInstancesInput) (*sdk.StartInstancesOutput, error) {
	found, err := t.chosen(in.InstanceIds)
	if err != nil {
		return nil, err
	}
	for _, one := range found {
		switch one.state() {
		case types.InstanceStateNameStopped:
			s.start(t.content, *one.InstanceId, t.now)
		case types.InstanceStateNameStopping, types.InstanceStateNameShuttingDown, types.InstanceStateNameTerminated:
			return nil, frame.Errorf("IncorrectInstanceState",
				"The instance '%s' is not in a state from which it can be started.", *one.InstanceId)
		}
	}
	return &sdk.StartInstancesOutput{StartingInstances: t.changed(found)}, nil
}
