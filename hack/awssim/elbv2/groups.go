package elbv2

import (
	"maps"
	"reflect"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func createTargetGroup(w *write, in *sdk.CreateTargetGroupInput) (*sdk.CreateTargetGroupOutput, error) {
	tags, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	g := &group{Settings: types.TargetGroup{
		TargetGroupName: in.Name, TargetType: in.TargetType, Protocol: in.Protocol, ProtocolVersion: in.ProtocolVersion,
		Port: in.Port, VpcId: in.VpcId, IpAddressType: in.IpAddressType, TargetControlPort: in.TargetControlPort,
		HealthCheckEnabled: in.HealthCheckEnabled, HealthCheckIntervalSeconds: in.HealthCheckIntervalSeconds,
		HealthCheckPath: in.HealthCheckPath, HealthCheckPort: in.HealthCheckPort, HealthCheckProtocol: in.HealthCheckProtocol,
		HealthCheckTimeoutSeconds: in.HealthCheckTimeoutSeconds, HealthyThresholdCount: in.HealthyThresholdCount,
		UnhealthyThresholdCount: in.UnhealthyThresholdCount, Matcher: in.Matcher,
	}}
	if err := checkName("The target group", in.Name); err != nil {
		return nil, err
	}
	if err := w.checkGroup(g); err != nil {
		return nil, err
	}
	if err := g.completeHealthCheck(); err != nil {
		return nil, err
	}
	for _, former := range owned(w.groups, w.Request) {
		if *former.Settings.TargetGroupName != *in.Name {
			continue
		}
		if !former.sameAs(g, tags) {
			return nil, frame.Errorf("DuplicateTargetGroupName",
				"A target group with the same name '%s' exists, but with different settings", *in.Name)
		}
		return &sdk.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{w.describeGroup(former)}}, nil
	}
	if err := w.checkGroupQuota(g); err != nil {
		return nil, err
	}
	g.meta = w.born(w.arn("targetgroup/"+*in.Name+"/"+w.newID()), tags)
	g.Settings.TargetGroupArn = &g.ARN
	w.groups[g.ARN] = g
	return &sdk.CreateTargetGroupOutput{TargetGroups: []types.TargetGroup{w.describeGroup(g)}}, nil
}

// sameAs tells whether creating other again means this group.
func (g *group) sameAs(other *group, tags frame.Tags) bool {
	own := g.Settings
	own.TargetGroupArn = nil
	return reflect.DeepEqual(own, other.Settings) && maps.Equal(g.Tags, tags)
}

// checkGroup checks what is fixed once the group is made, and completes it.
func (w *write) checkGroup(g *group) error {
	set := &g.Settings
	var broken frame.Violations
	frame.Enum(&broken, set.TargetType, "targetType", set.TargetType.Values())
	frame.Enum(&broken, set.Protocol, "protocol", set.Protocol.Values())
	frame.Enum(&broken, set.IpAddressType, "ipAddressType", set.IpAddressType.Values())
	frame.Between(&broken, set.Port, "port", 1, mostPort)
	frame.Between(&broken, set.TargetControlPort, "targetControlPort", 1, mostPort)
	if err := broken.Err(validationError); err != nil {
		return err
	}
	if set.TargetType == "" {
		set.TargetType = types.TargetTypeEnumInstance
	}
	if set.TargetType == types.TargetTypeEnumLambda {
		if set.Protocol != "" || set.Port != nil || set.VpcId != nil || set.ProtocolVersion != nil {
			return invalid("Protocol, port, VPC and protocol version cannot be specified for target groups with target type 'lambda'")
		}
		return nil
	}
	if set.IpAddressType == "" {
		set.IpAddressType = types.TargetGroupIpAddressTypeEnumIpv4
	}
	if err := g.checkRequired(); err != nil {
		return err
	}
	if _, ok := w.service.network.VPC(w.Caller.Account, w.Request.Region, *set.VpcId); !ok {
		return invalid("The VPC ID '%s' is not found", *set.VpcId)
	}
	return g.checkVersion()
}

const genevePort = 6081

// checkRequired checks what all groups but those of functions have.
func (g *group) checkRequired() error {
	set := &g.Settings
	switch {
	case set.Protocol == "":
		return invalid("A protocol must be specified")
	case set.Port == nil:
		return invalid("A port must be specified")
	case set.VpcId == nil:
		return invalid("A VPC ID must be specified")
	case set.TargetType == types.TargetTypeEnumAlb && set.Protocol != types.ProtocolEnumTcp:
		return invalid("Protocol '%s' is not supported for target groups with target type 'alb'", set.Protocol)
	case set.Protocol == types.ProtocolEnumGeneve && *set.Port != genevePort:
		return invalid("The port of target groups with protocol 'GENEVE' must be %d", genevePort)
	}
	return nil
}

func (g *group) checkVersion() error {
	set := &g.Settings
	application := g.family() == types.LoadBalancerTypeEnumApplication
	switch {
	case !application && set.TargetControlPort != nil:
		return invalid("A target control port is not supported for target groups with protocol '%s'", set.Protocol)
	case !application && set.ProtocolVersion != nil:
		return invalid("A protocol version is not supported for target groups with protocol '%s'", set.Protocol)
	case !application:
		return nil
	case set.ProtocolVersion == nil:
		set.ProtocolVersion = aws.String("HTTP1")
	case !slices.Contains([]string{"HTTP1", "HTTP2", "GRPC"}, *set.ProtocolVersion):
		return invalid("Protocol version '%s' must be one of HTTP1, HTTP2, GRPC", *set.ProtocolVersion)
	}
	return nil
}

func (w *write) checkGroupQuota(g *group) error {
	most, count := w.service.quotas.TargetGroups, 0
	geneve := g.family() == types.LoadBalancerTypeEnumGateway
	if geneve {
		most = w.service.quotas.GatewayTargetGroups
	}
	for _, other := range owned(w.groups, w.Request) {
		if (other.family() == types.LoadBalancerTypeEnumGateway) == geneve {
			count++
		}
	}
	if count >= most {
		return frame.Errorf("TooManyTargetGroups", "The maximum number of target groups has been reached: %d", most)
	}
	return nil
}

// group finds the target group that a write is about.
func (w *write) group(arn *string) (*group, error) {
	if arn == nil {
		return nil, missing("TargetGroupArn")
	}
	if err := checkARN("target group", *arn, ":targetgroup/"); err != nil {
		return nil, err
	}
	g, ok := own(w.groups, w.Request, arn)
	if !ok {
		return nil, noGroup(arn)
	}
	return g, nil
}

// group finds the target group that a read is about.
func (r *reading) group(arn *string) (*group, error) {
	if arn == nil {
		return nil, missing("TargetGroupArn")
	}
	if err := checkARN("target group", *arn, ":targetgroup/"); err != nil {
		return nil, err
	}
	g, ok := visible(r.groups, r, arn)
	if !ok {
		return nil, noGroup(arn)
	}
	return g, nil
}

func modifyTargetGroup(w *write, in *sdk.ModifyTargetGroupInput) (*sdk.ModifyTargetGroupOutput, error) {
	former, err := w.group(in.TargetGroupArn)
	if err != nil {
		return nil, err
	}
	g := change(w.groups, former)
	g.overrideHealthCheck(in)
	if err := g.completeHealthCheck(); err != nil {
		return nil, err
	}
	return &sdk.ModifyTargetGroupOutput{TargetGroups: []types.TargetGroup{w.describeGroup(g)}}, nil
}

func deleteTargetGroup(w *write, in *sdk.DeleteTargetGroupInput) (*sdk.DeleteTargetGroupOutput, error) {
	if in.TargetGroupArn == nil {
		return nil, missing("TargetGroupArn")
	}
	if err := checkARN("target group", *in.TargetGroupArn, ":targetgroup/"); err != nil {
		return nil, err
	}
	g, ok := own(w.groups, w.Request, in.TargetGroupArn)
	if !ok { // deleting what is not there succeeds
		return &sdk.DeleteTargetGroupOutput{}, nil
	}
	if w.userOf[g.ARN] != "" {
		return nil, frame.Errorf(resourceInUse, "Target group '%s' is currently in use by a listener or a rule", g.ARN)
	}
	delete(w.groups, g.ARN)
	return &sdk.DeleteTargetGroupOutput{}, nil
}

func describeTargetGroups(r *reading, in *sdk.DescribeTargetGroupsInput) (*sdk.DescribeTargetGroupsOutput, error) {
	found, err := r.chosenGroups(in)
	if err != nil {
		return nil, err
	}
	cut, next, err := page(found, in.Marker, in.PageSize, func(g *group) string { return g.ARN })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeTargetGroupsOutput{TargetGroups: []types.TargetGroup{}, NextMarker: next}
	for _, g := range cut {
		out.TargetGroups = append(out.TargetGroups, r.describeGroup(g))
	}
	return out, nil
}

func (r *reading) chosenGroups(in *sdk.DescribeTargetGroupsInput) ([]*group, error) {
	given, err := r.checkChoice(in)
	if err != nil {
		return nil, err
	}
	var found []*group
	missed := len(in.TargetGroupArns) + len(in.Names)
	for _, g := range owned(r.groups, r.Request) {
		named := slices.Contains(in.TargetGroupArns, g.ARN) || slices.Contains(in.Names, *g.Settings.TargetGroupName)
		used := in.LoadBalancerArn != nil && r.userOf[g.ARN] == *in.LoadBalancerArn
		if !g.Shown.After(r.moment) && (given == 0 || named || used) {
			found = append(found, g)
			missed--
		}
	}
	if missed > 0 {
		return nil, noGroups()
	}
	return found, nil
}

// checkChoice counts the ways in which a call says which groups, of which there
// is one at most.
func (r *reading) checkChoice(in *sdk.DescribeTargetGroupsInput) (given int, err error) {
	for _, is := range []bool{in.LoadBalancerArn != nil, len(in.TargetGroupArns) > 0, len(in.Names) > 0} {
		if is {
			given++
		}
	}
	if given > 1 {
		return given, invalid("Only one of load balancer ARN, target group ARNs and target group names can be specified")
	}
	if in.LoadBalancerArn != nil {
		_, err = r.balancer(in.LoadBalancerArn)
	}
	for _, arn := range in.TargetGroupArns {
		if err := checkARN("target group", arn, ":targetgroup/"); err != nil {
			return given, err
		}
	}
	return given, err
}

// describeGroup is a target group as DescribeTargetGroups gives it.
func (c *content) describeGroup(g *group) types.TargetGroup {
	shown := g.Settings
	shown.LoadBalancerArns = []string{}
	if user := c.userOf[g.ARN]; user != "" {
		shown.LoadBalancerArns = []string{user}
	}
	return shown
}
