package autoscaling

import (
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// Types of traffic sources.
const (
	sourceTargetGroup = "elbv2"
	sourceClassic     = "elb"
	sourceLattice     = "vpc-lattice"
)

// Families of operations that attach; what one attached, another does not detach.
const (
	familyTargetGroups   = "TargetGroups"
	familyTrafficSources = "TrafficSources"
	mostAttached         = 10
)

func noClassic() error {
	return invalid("Provided Load Balancers may not be valid. Please ensure they exist and try again.")
}

// attach adds sources to a group; what is there already stays.
func (w *write) attach(g *group, given []types.TrafficSourceIdentifier, family string) error {
	if len(given) > mostAttached {
		return invalid("At most %d traffic sources can be attached in one call", mostAttached)
	}
	for _, one := range given {
		identifier, kind := text(one.Identifier), text(one.Type)
		if kind == "" {
			kind = typeOf(identifier)
		}
		switch {
		case kind == sourceClassic:
			return noClassic()
		case kind == sourceLattice:
			return invalid("Provided VPC Lattice target groups may not be valid. Please ensure they exist and try again.")
		case kind != sourceTargetGroup:
			return invalid("The traffic source type '%s' is not valid: it must be elb, elbv2 or vpc-lattice", kind)
		case !w.service.needs.TargetGroups.HasTargetGroup(g.Account, g.Region, identifier):
			return invalid("Provided Target Groups may not be valid. Please ensure they exist and try again.")
		}
		at := slices.IndexFunc(g.Sources, func(s source) bool { return s.Identifier == identifier })
		timing := w.service.env.Timing.AutoScaling
		added := source{Identifier: identifier, Type: kind, Family: family, Until: w.moment.Add(w.service.env.Random.Draw(timing.Attaching))}
		switch {
		case at < 0:
			g.Sources = append(g.Sources, added)
		case g.Sources[at].Removing:
			g.Sources[at] = added
		}
	}
	if most := w.service.quotas.TargetGroups; len(g.Sources) > most {
		return frameError(limitExceeded, "A group can have at most %d target groups", most)
	}
	return nil
}

func typeOf(identifier string) string {
	switch {
	case strings.HasPrefix(identifier, "arn:aws:vpc-lattice:"):
		return sourceLattice
	case strings.HasPrefix(identifier, "arn:"):
		return sourceTargetGroup
	}
	return sourceClassic
}

// detach begins to remove sources. What is not attached is refused.
func (w *write) detach(g *group, given []types.TrafficSourceIdentifier, family string) error {
	if len(given) > mostAttached {
		return invalid("At most %d traffic sources can be detached in one call", mostAttached)
	}
	for _, one := range given {
		identifier := text(one.Identifier)
		at := slices.IndexFunc(g.Sources, func(s source) bool { return s.Identifier == identifier && !s.Removing })
		if at < 0 || family == familyTargetGroups && g.Sources[at].Family != family {
			return invalid("Trying to remove Target Groups or Traffic Sources that are not part of the group: %s", identifier)
		}
		g.Sources[at].Removing = true
		g.Sources[at].Until = w.moment.Add(w.service.env.Random.Draw(w.service.env.Timing.AutoScaling.Attaching))
	}
	return nil
}

// unlessRefreshing refuses to attach while a refresh runs.
func (w *write) unlessRefreshing(name *string) (*group, error) {
	g, err := w.changing(name)
	if err == nil && g.running() != nil {
		return nil, inRefresh(g)
	}
	return g, err
}

func attachTrafficSources(w *write, in *sdk.AttachTrafficSourcesInput) (*sdk.AttachTrafficSourcesOutput, error) {
	g, err := w.unlessRefreshing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &sdk.AttachTrafficSourcesOutput{}, w.attach(g, in.TrafficSources, familyTrafficSources)
}

func detachTrafficSources(w *write, in *sdk.DetachTrafficSourcesInput) (*sdk.DetachTrafficSourcesOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &sdk.DetachTrafficSourcesOutput{}, w.detach(g, in.TrafficSources, familyTrafficSources)
}

func asSources(arns []string) []types.TrafficSourceIdentifier {
	var list []types.TrafficSourceIdentifier
	for i := range arns {
		list = append(list, types.TrafficSourceIdentifier{Identifier: &arns[i], Type: aws.String(sourceTargetGroup)})
	}
	return list
}

func attachTargetGroups(w *write, in *sdk.AttachLoadBalancerTargetGroupsInput) (*sdk.AttachLoadBalancerTargetGroupsOutput, error) {
	g, err := w.unlessRefreshing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &sdk.AttachLoadBalancerTargetGroupsOutput{}, w.attach(g, asSources(in.TargetGroupARNs), familyTargetGroups)
}

func detachTargetGroups(w *write, in *sdk.DetachLoadBalancerTargetGroupsInput) (*sdk.DetachLoadBalancerTargetGroupsOutput, error) {
	g, err := w.changing(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	return &sdk.DetachLoadBalancerTargetGroupsOutput{}, w.detach(g, asSources(in.TargetGroupARNs), familyTargetGroups)
}

// state is how a source is: Adding, Added, InService or Removing.
func (r *reading) state(g *group, s source) string {
	if s.Removing {
		return "Removing"
	}
	if s.Until.After(r.moment) || !s.Registered {
		return "Adding"
	}
	if !strings.Contains(text(g.Settings.HealthCheckType), "ELB") {
		return "Added"
	}
	for i := range g.Instances {
		if health, ok := r.service.needs.TargetGroups.InstanceHealth(s.Identifier, g.Instances[i].ID); ok && health.State == elbtypes.TargetHealthStateEnumHealthy {
			return "InService"
		}
	}
	return "Added"
}

func describeTrafficSources(r *reading, in *sdk.DescribeTrafficSourcesInput) (*sdk.DescribeTrafficSourcesOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	if kind := text(in.TrafficSourceType); kind != "" && !slices.Contains([]string{sourceTargetGroup, sourceClassic, sourceLattice}, kind) {
		return nil, invalid("The traffic source type '%s' is not valid: it must be elb, elbv2 or vpc-lattice", kind)
	}
	var found []types.TrafficSourceState
	for _, one := range g.Sources {
		if in.TrafficSourceType == nil || *in.TrafficSourceType == one.Type {
			found = append(found, types.TrafficSourceState{
				Identifier: aws.String(one.Identifier), Type: aws.String(one.Type), State: aws.String(r.state(g, one)),
			})
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, normalPage, normalPage, func(s *types.TrafficSourceState) string { return *s.Identifier })
	return &sdk.DescribeTrafficSourcesOutput{TrafficSources: cut, NextToken: next}, err
}

func describeTargetGroups(r *reading, in *sdk.DescribeLoadBalancerTargetGroupsInput) (*sdk.DescribeLoadBalancerTargetGroupsOutput, error) {
	g, err := r.find(in.AutoScalingGroupName)
	if err != nil {
		return nil, err
	}
	var found []types.LoadBalancerTargetGroupState
	for _, one := range g.Sources {
		if one.Type == sourceTargetGroup && one.Family == familyTargetGroups {
			found = append(found, types.LoadBalancerTargetGroupState{LoadBalancerTargetGroupARN: aws.String(one.Identifier), State: aws.String(r.state(g, one))})
		}
	}
	cut, next, err := page(found, in.NextToken, in.MaxRecords, mostPage, mostPage, func(s *types.LoadBalancerTargetGroupState) string {
		return *s.LoadBalancerTargetGroupARN
	})
	return &sdk.DescribeLoadBalancerTargetGroupsOutput{LoadBalancerTargetGroups: cut, NextToken: next}, err
}

// moveSources registers the instances of new sources and ends those that were detached.
func (t *turn) moveSources() {
	for i := range t.Sources {
		s := &t.Sources[i]
		for j := range t.Instances {
			one := &t.Instances[j]
			switch {
			case s.Removing:
				t.needs.TargetGroups.DeregisterInstance(s.Identifier, one.ID)
			case !s.Registered && one.State == types.LifecycleStateInService && t.Suspended["AddToLoadBalancer"] == "":
				if err := t.needs.TargetGroups.RegisterInstance(s.Identifier, one.ID, one.Zone); err != nil {
					t.progress(t.begin(t.service, t.now, "Registering EC2 instance: "+one.ID, t.at("the target group %s was attached.", s.Identifier), ""),
						types.ScalingActivityStatusCodeFailed, 100, err.Error(), t.now)
				}
			}
		}
		s.Registered = s.Registered || !s.Removing && !s.Until.After(t.now)
	}
	t.Sources = slices.DeleteFunc(t.Sources, func(s source) bool {
		return s.Removing && !s.Until.After(t.now) && !slices.ContainsFunc(t.Instances, func(i instance) bool {
			_, there := t.needs.TargetGroups.InstanceHealth(s.Identifier, i.ID)
			return there
		})
	})
}

// register adds an instance to all sources.
func (t *turn) register(i *instance) error {
	if t.Suspended["AddToLoadBalancer"] != "" {
		return nil
	}
	var failed error
	for _, s := range t.Sources {
		if s.Removing {
			continue
		}
		if err := t.needs.TargetGroups.RegisterInstance(s.Identifier, i.ID, i.Zone); err != nil {
			failed = fmt.Errorf("could not register the instance with %s: %w", s.Identifier, err)
		}
	}
	return failed
}

func (t *turn) deregister(i *instance) {
	for _, s := range t.Sources {
		t.needs.TargetGroups.DeregisterInstance(s.Identifier, i.ID)
	}
}

// drained tells whether no source knows an instance any more.
func (t *turn) drained(i *instance) bool {
	return !slices.ContainsFunc(t.Sources, func(s source) bool {
		_, there := t.needs.TargetGroups.InstanceHealth(s.Identifier, i.ID)
		return there
	})
}
