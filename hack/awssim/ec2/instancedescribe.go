package ec2

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var instanceFilters = filters[instance]{
	"instance-id":         of(func(i instance) *string { return i.InstanceId }),
	"instance-type":       func(i instance) []string { return []string{string(i.InstanceType)} },
	"instance-state-name": func(i instance) []string { return []string{string(i.state())} },
	"instance-state-code": func(i instance) []string { return []string{text(*i.State.Code)} },
	"instance-lifecycle":  func(i instance) []string { return []string{string(i.InstanceLifecycle)} },
	"architecture":        func(i instance) []string { return []string{string(i.Architecture)} },
	"image-id":            of(func(i instance) *string { return i.ImageId }),
	"vpc-id":              of(func(i instance) *string { return i.VpcId }),
	"subnet-id":           of(func(i instance) *string { return i.SubnetId }),
	"availability-zone":   of(func(i instance) *string { return i.Placement.AvailabilityZone }),
	"placement-group-name": of(func(i instance) *string {
		return i.Placement.GroupName
	}),
	"private-ip-address": of(func(i instance) *string { return i.PrivateIpAddress }),
	"private-dns-name":   of(func(i instance) *string { return i.PrivateDnsName }),
	"ip-address":         of(func(i instance) *string { return i.PublicIpAddress }),
	"dns-name":           of(func(i instance) *string { return i.PublicDnsName }),
	"key-name":           of(func(i instance) *string { return i.KeyName }),
	"client-token":       of(func(i instance) *string { return i.ClientToken }),
	"reservation-id":     func(i instance) []string { return []string{i.Reservation} },
	"launch-time":        func(i instance) []string { return []string{i.LaunchTime.Format(time.RFC3339)} },
	"monitoring-state":   func(i instance) []string { return []string{string(i.Monitoring.State)} },
	"instance.group-id":  ofGroups(func(g types.GroupIdentifier) *string { return g.GroupId }),
	"instance.group-name": ofGroups(func(g types.GroupIdentifier) *string {
		return g.GroupName
	}),
	"network-interface.network-interface-id": func(i instance) (ids []string) {
		for _, nic := range i.NetworkInterfaces {
			ids = append(ids, *nic.NetworkInterfaceId)
		}
		return ids
	},
	"iam-instance-profile.arn": func(i instance) []string {
		if i.IamInstanceProfile == nil {
			return nil
		}
		return []string{*i.IamInstanceProfile.Arn}
	},
}

func ofGroups(get func(types.GroupIdentifier) *string) func(instance) []string {
	return func(i instance) (values []string) {
		for _, g := range i.SecurityGroups {
			values = append(values, *get(g))
		}
		return values
	}
}

func checkInstancePage(ids []string, most *int32) error {
	if len(ids) > 0 && most != nil {
		return frame.Errorf("InvalidParameterCombination", "The parameter instancesSet cannot be used with the parameter maxResults")
	}
	for _, id := range ids {
		if !strings.HasPrefix(id, instanceKind.prefix+"-") {
			return frame.Errorf("InvalidInstanceID.Malformed", `Invalid id: "%s"`, id)
		}
	}
	return nil
}

func (s *Service) describeInstances(t *turn, in *sdk.DescribeInstancesInput) (*sdk.DescribeInstancesOutput, error) {
	if err := checkInstancePage(in.InstanceIds, in.MaxResults); err != nil {
		return nil, err
	}
	found, next, err := describe(t, t.Instances, instanceKind, instanceFilters,
		question{ids: in.InstanceIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeInstancesOutput{Reservations: []types.Reservation{}, NextToken: next}
	for _, one := range found {
		at := slices.IndexFunc(out.Reservations, func(r types.Reservation) bool { return *r.ReservationId == one.Reservation })
		if at < 0 {
			at = len(out.Reservations)
			out.Reservations = append(out.Reservations, types.Reservation{
				ReservationId: aws.String(one.Reservation), OwnerId: aws.String(t.Caller.Account), Groups: []types.GroupIdentifier{},
			})
		}
		out.Reservations[at].Instances = append(out.Reservations[at].Instances, t.shownInstance(one))
	}
	return out, nil
}

// statusFilters are those of DescribeInstanceStatus that a state alone answers;
// the turn adds those on the checks.
func (t *turn) statusFilters() filters[instance] {
	all := filters[instance]{}
	for _, name := range []string{"instance-state-name", "instance-state-code", "availability-zone"} {
		all[name] = instanceFilters[name]
	}
	checked := func(i instance) []string { return []string{string(t.checks(i))} }
	all["instance-status.status"], all["system-status.status"] = checked, checked
	return all
}

// checks is how the status checks of an instance are.
func (t *turn) checks(i instance) types.SummaryStatus {
	switch {
	case i.state() != types.InstanceStateNameRunning:
		return types.SummaryStatusNotApplicable
	case t.impaired(t.Region, i):
		return types.SummaryStatusImpaired
	case i.Checked.After(t.now):
		return types.SummaryStatusInitializing
	}
	return types.SummaryStatusOk
}

// impaired tells whether status checks fail: of the instance, or of all in its zone.
func (c *content) impaired(region string, i instance) bool {
	return i.Impaired || c.FailedZones[region+"/"+*i.Placement.AvailabilityZone]
}

// describeInstanceStatus shows running instances only, unless all are asked for.
func (s *Service) describeInstanceStatus(t *turn, in *sdk.DescribeInstanceStatusInput) (*sdk.DescribeInstanceStatusOutput, error) {
	if err := checkInstancePage(in.InstanceIds, in.MaxResults); err != nil {
		return nil, err
	}
	asked := slices.Clone(in.Filters)
	if !aws.ToBool(in.IncludeAllInstances) {
		asked = append(asked, types.Filter{Name: aws.String("instance-state-name"), Values: []string{"running"}})
	}
	found, next, err := describe(t, t.Instances, instanceKind, t.statusFilters(),
		question{ids: in.InstanceIds, filters: asked, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeInstanceStatusOutput{InstanceStatuses: []types.InstanceStatus{}, NextToken: next}
	for _, one := range found {
		out.InstanceStatuses = append(out.InstanceStatuses, types.InstanceStatus{
			InstanceId: one.InstanceId, InstanceState: one.State, AvailabilityZone: one.Placement.AvailabilityZone,
			AvailabilityZoneId: one.Placement.AvailabilityZoneId, InstanceStatus: summary(t.checks(one)), SystemStatus: summary(t.checks(one)),
			Events: []types.InstanceStatusEvent{},
		})
	}
	return out, nil
}

func summary(status types.SummaryStatus) *types.InstanceStatusSummary {
	reached := &types.InstanceStatusSummary{Status: status, Details: []types.InstanceStatusDetails{}}
	details := map[types.SummaryStatus]types.StatusType{
		types.SummaryStatusOk: types.StatusTypePassed, types.SummaryStatusImpaired: types.StatusTypeFailed,
		types.SummaryStatusInitializing: types.StatusTypeInitializing,
	}
	if detail, ok := details[status]; ok {
		reached.Details = append(reached.Details, types.InstanceStatusDetails{Name: types.StatusNameReachability, Status: detail})
	}
	return reached
}
