package autoscaling

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// page cuts the part of a listing that a token and a number ask for. The token
// names the first item of the next page, so that it holds when others go.
func page[T any](all []T, token *string, size *int32, normal, most int, name func(*T) string) ([]T, *string, error) {
	if size != nil && (*size < 1 || int(*size) > most) {
		return nil, nil, invalid("1 validation error detected: Value '%d' at 'maxRecords' failed to satisfy constraint: Member must have value between 1 and %d", *size, most)
	}
	slices.SortFunc(all, func(a, b T) int { return cmp.Compare(name(&a), name(&b)) })
	if text(token) != "" {
		first, err := base64.RawURLEncoding.DecodeString(*token)
		if err != nil {
			return nil, nil, frameError("InvalidNextToken", "The token '%s' is invalid.", *token)
		}
		at, _ := slices.BinarySearchFunc(all, string(first), func(one T, wanted string) int { return cmp.Compare(name(&one), wanted) })
		all = all[at:]
	}
	cut, next := frame.Page(all, frame.PageSize(size, normal, most))
	if next == nil {
		return cut, nil, nil
	}
	return cut, aws.String(base64.RawURLEncoding.EncodeToString([]byte(name(next)))), nil
}

const (
	normalPage = 50
	mostPage   = 100
)

func describeGroups(r *reading, in *sdk.DescribeAutoScalingGroupsInput) (*sdk.DescribeAutoScalingGroupsOutput, error) {
	if size := frame.PageSize(in.MaxRecords, normalPage, mostPage); len(in.AutoScalingGroupNames) > size {
		return nil, invalid("The number of group names must not be greater than %d", size)
	}
	if err := checkFilters(in.Filters, "tag-key", "tag-value", "tag:"); err != nil {
		return nil, err
	}
	var found []*group
	for _, g := range r.own(r.Request) {
		named := len(in.AutoScalingGroupNames) == 0 || slices.Contains(in.AutoScalingGroupNames, g.Name) || slices.Contains(in.AutoScalingGroupNames, g.ARN)
		if named && !g.Shown.After(r.moment) && g.tagged(in.Filters) {
			found = append(found, g)
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, mostPage, func(g **group) string { return (*g).Name })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeAutoScalingGroupsOutput{AutoScalingGroups: []types.AutoScalingGroup{}, NextToken: next}
	for _, g := range cut {
		out.AutoScalingGroups = append(out.AutoScalingGroups, g.described(in.IncludeInstances == nil || *in.IncludeInstances))
	}
	return out, nil
}

// tagged tells whether the tags of a group are as filters ask.
func (g *group) tagged(filters []types.Filter) bool {
	for _, f := range filters {
		name := text(f.Name)
		if !slices.ContainsFunc(g.Tags, func(t tag) bool {
			switch {
			case name == "tag-key":
				return slices.Contains(f.Values, t.Key)
			case name == "tag-value":
				return slices.Contains(f.Values, t.Value)
			}
			return t.Key == strings.TrimPrefix(name, "tag:") && slices.Contains(f.Values, t.Value)
		}) {
			return false
		}
	}
	return true
}

// checkFilters refuses filters of other names; one that ends with a colon is a prefix.
func checkFilters(filters []types.Filter, names ...string) error {
	for _, f := range filters {
		given := text(f.Name)
		known := slices.ContainsFunc(names, func(name string) bool {
			return name == given || strings.HasSuffix(name, ":") && strings.HasPrefix(given, name)
		})
		if !known {
			return invalid("%s is not a valid filter name. Valid filter names: [%s]", given, strings.Join(names, ", "))
		}
	}
	return nil
}

// described is the group as AWS shows it.
func (g *group) described(withInstances bool) types.AutoScalingGroup {
	shown := types.AutoScalingGroup{}
	s := g.Settings
	merge(&shown, &s)
	shown.AutoScalingGroupName, shown.AutoScalingGroupARN, shown.CreatedTime = &g.Name, &g.ARN, &g.Created
	if g.Operator != "" {
		shown.Operator = &types.Operator{Principal: &g.Operator}
	}
	if g.Deleting {
		shown.Status = aws.String("Delete in progress")
	}
	shown.Instances = []types.Instance{}
	if withInstances {
		shown.Instances = g.describedInstances(false)
	}
	shown.LoadBalancerNames, shown.TargetGroupARNs = []string{}, []string{}
	for _, one := range g.Sources {
		if one.Removing {
			continue
		}
		if one.Type == sourceTargetGroup {
			shown.TargetGroupARNs = append(shown.TargetGroupARNs, one.Identifier)
		}
		shown.TrafficSources = append(shown.TrafficSources, types.TrafficSourceIdentifier{Identifier: aws.String(one.Identifier), Type: aws.String(one.Type)})
	}
	for _, name := range g.Metrics {
		shown.EnabledMetrics = append(shown.EnabledMetrics, types.EnabledMetric{Metric: &name, Granularity: aws.String("1Minute")})
	}
	shown.SuspendedProcesses = []types.SuspendedProcess{}
	for _, name := range processes {
		if why, ok := g.Suspended[name]; ok {
			shown.SuspendedProcesses = append(shown.SuspendedProcesses, types.SuspendedProcess{ProcessName: aws.String(name), SuspensionReason: &why})
		}
	}
	shown.Tags = g.describedTags()
	if shown.WarmPoolConfiguration = g.WarmPool; g.WarmPool != nil {
		shown.WarmPoolSize = aws.Int32(int32(len(g.describedInstances(true))))
	}
	return shown
}

// describedInstances are those of the group, or of its warm pool.
func (g *group) describedInstances(warm bool) []types.Instance {
	shown := []types.Instance{}
	for i := range g.Instances {
		if one := &g.Instances[i]; one.warm() == warm {
			shown = append(shown, one.described())
		}
	}
	return shown
}

func (i *instance) warm() bool { return strings.HasPrefix(string(i.State), "Warmed:") }

func (i *instance) described() types.Instance {
	shown := types.Instance{
		InstanceId: aws.String(i.ID), InstanceType: aws.String(i.Type), AvailabilityZone: aws.String(i.Zone), AvailabilityZoneId: optional(i.ZoneID),
		ImageId: optional(i.ImageID), LifecycleState: i.State, HealthStatus: aws.String(i.health()), ProtectedFromScaleIn: aws.Bool(i.Protected),
		LaunchConfigurationName: optional(i.Config),
	}
	if i.Template != nil {
		shown.LaunchTemplate = &types.LaunchTemplateSpecification{
			LaunchTemplateId: &i.Template.ID, LaunchTemplateName: &i.Template.Name, Version: &i.Template.Version,
		}
	}
	if i.Weighted {
		shown.WeightedCapacity = aws.String(strconv.Itoa(int(i.Weight)))
	}
	return shown
}

func (i *instance) health() string {
	if i.Unhealthy {
		return "Unhealthy"
	}
	return "Healthy"
}

func describeInstances(r *reading, in *sdk.DescribeAutoScalingInstancesInput) (*sdk.DescribeAutoScalingInstancesOutput, error) {
	if len(in.InstanceIds) > normalPage {
		return nil, invalid("The number of instance ids that may be passed in is limited to %d", normalPage)
	}
	var found []types.AutoScalingInstanceDetails
	for _, g := range r.own(r.Request) {
		for i := range g.Instances {
			one := g.Instances[i].described()
			if len(in.InstanceIds) > 0 && !slices.Contains(in.InstanceIds, *one.InstanceId) {
				continue
			}
			details := types.AutoScalingInstanceDetails{AutoScalingGroupName: &g.Name, LifecycleState: aws.String(string(one.LifecycleState))}
			merge(&details, &one)
			details.HealthStatus = aws.String(strings.ToUpper(*one.HealthStatus))
			found = append(found, details)
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, normalPage, func(d *types.AutoScalingInstanceDetails) string { return *d.InstanceId })
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeAutoScalingInstancesOutput{AutoScalingInstances: cut, NextToken: next}, nil
}
