package loadbalancer

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// targetsPerCall is how many targets are registered or deregistered at a time.
const targetsPerCall = 200

// target is what can be registered with a target group.
type target struct {
	id           string
	port         int32
	zone         string
	quicServerID string
}

// declaredTarget is a target of the spec in a group of a shape: it listens on the group's port unless it says otherwise.
func declaredTarget(t v1alpha1.Target, s shape) target {
	declared := target{id: t.ID, port: s.port, zone: t.AvailabilityZone, quicServerID: t.QUICServerID}
	if t.Port != nil {
		declared.port = *t.Port
	}
	return declared
}

// key identifies a target within its group: by id and port. A function has no port.
func (t target) key() string {
	if t.port == 0 {
		return t.id
	}
	return fmt.Sprintf("%s:%d", t.id, t.port)
}

// is reports whether a declared target is one that is registered. What is not declared of it does not matter.
func (t target) is(registered target) bool {
	return t.key() == registered.key() && (t.zone == "" || t.zone == registered.zone) && (t.quicServerID == "" || t.quicServerID == registered.quicServerID)
}

func (t target) sdk() types.TargetDescription {
	description := types.TargetDescription{Id: &t.id}
	if t.port != 0 {
		description.Port = &t.port
	}
	if t.zone != "" {
		description.AvailabilityZone = &t.zone
	}
	if t.quicServerID != "" {
		description.QuicServerId = &t.quicServerID
	}
	return description
}

// diffTargets tells which targets to register with a group and which to deregister from it: of those that are not
// declared, the ones that were before, or all if they are to be exclusive. One that drains is not there.
func diffTargets(desired []target, observed []registeredTarget, managed []string, exclusive bool) (register, deregister []target) {
	for _, d := range desired {
		if !slices.ContainsFunc(observed, func(r registeredTarget) bool { return r.there() && d.is(r.target) }) {
			register = append(register, d)
		}
	}
	for _, r := range observed {
		declared := slices.ContainsFunc(desired, func(d target) bool { return d.is(r.target) })
		if r.there() && !declared && (exclusive || slices.Contains(managed, r.key()) || slices.ContainsFunc(desired, func(d target) bool { return d.key() == r.key() })) {
			deregister = append(deregister, r.target)
		}
	}
	return register, deregister
}

// movingTargets are the targets to register with, or to deregister from, one declared group.
type movingTargets struct {
	group   desiredTargetGroup
	targets []target
}

// targetChanges returns the changes that register and deregister targets of the declared groups, of those that replace
// another or of the others. All groups are in one change: a target that AWS refuses must not keep those of other groups out.
func (k *Kind) targetChanges(obj *v1alpha1.LoadBalancer, o *observed, replacing bool) []change {
	var coming, leaving []movingTargets
	use := o.usage()
	for _, d := range k.desiredTargetGroups(obj, o) {
		if (o.predecessor(d.name, d.shape, use) != nil) != replacing {
			continue
		}
		var registered []registeredTarget
		if g := o.current(d.name, d.shape); g != nil {
			registered = g.targets
		}
		before := lifecycle.ManagedUnder(obj, groupField(d.name, fieldTargets))
		register, deregister := diffTargets(d.targets, registered, before, d.spec.TargetsPolicy == v1alpha1.TargetsExclusive)
		if len(register) > 0 {
			coming = append(coming, movingTargets{d, register})
		}
		if len(deregister) > 0 {
			leaving = append(leaving, movingTargets{d, deregister})
		}
	}
	var changes []change
	add := func(moving []movingTargets, from, to func([]target) string, move func(context.Context, *Kind, *targetGroup, []target) error) {
		if len(moving) == 0 {
			return
		}
		step := change{run: func(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
			var errs []error
			for _, m := range moving {
				if g := o.current(m.group.name, declaredShape(obj, o, m.group.spec)); g != nil {
					errs = append(errs, move(ctx, k, g, m.targets))
				}
			}
			return errors.Join(errs...)
		}}
		for _, m := range moving {
			step.plan = append(step.plan, line(lifecycle.VerbUpdate, groupResource(m.group.name), "targets", from(m.targets), to(m.targets)))
		}
		changes = append(changes, step)
	}
	none := func([]target) string { return "" }
	add(coming, none, targetsText, registerWith)
	add(leaving, targetsText, none, deregisterFrom)
	return changes
}

func targetsText(targets []target) string {
	var keys []string
	for _, t := range targets {
		keys = append(keys, t.key())
	}
	slices.Sort(keys)
	return strings.Join(keys, ", ")
}

// registerWith adds targets to a group. One that AWS refuses does not keep the others out.
func registerWith(ctx context.Context, k *Kind, g *targetGroup, targets []target) error {
	var errs []error
	for some := range slices.Chunk(targets, targetsPerCall) {
		errs = append(errs, k.register(ctx, g, some))
	}
	return errors.Join(errs...)
}

func (k *Kind) register(ctx context.Context, g *targetGroup, targets []target) error {
	input := &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &g.arn, Targets: sdkTargets(targets)}
	_, err := k.clients.ELBV2.RegisterTargets(ctx, input)
	switch {
	case err == nil:
		g.registered(targets)
		return nil
	case awsclient.Classify(err) != awsclient.Invalid:
		return fmt.Errorf("registering targets with %s: %w", groupResource(g.name), err)
	case len(targets) == 1:
		return lifecycle.AsError(lifecycle.Stall(v1alpha1.ReasonInvalidSpec, fmt.Sprintf("Target %s cannot be registered with %s: %s.",
			targets[0].key(), groupResource(g.name), strings.TrimSuffix(awsclient.Message(err), "."))))
	}
	half := len(targets) / 2
	return errors.Join(k.register(ctx, g, targets[:half]), k.register(ctx, g, targets[half:]))
}

// registered notes targets that have just been registered.
func (g *targetGroup) registered(targets []target) {
	for _, t := range targets {
		g.targets = slices.DeleteFunc(g.targets, func(r registeredTarget) bool { return r.key() == t.key() })
		g.targets = append(g.targets, registeredTarget{target: t, state: types.TargetHealthStateEnumInitial})
	}
}

// deregisterFrom takes targets out of a group. They finish their requests before they go.
func deregisterFrom(ctx context.Context, k *Kind, g *targetGroup, targets []target) error {
	for some := range slices.Chunk(targets, targetsPerCall) {
		descriptions := sdkTargets(some)
		for i := range descriptions {
			if g.shape.targetType != types.TargetTypeEnumIp { // others take no zone
				descriptions[i].AvailabilityZone = nil
			}
		}
		input := &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &g.arn, Targets: descriptions}
		if _, err := k.clients.ELBV2.DeregisterTargets(ctx, input); err != nil {
			return fmt.Errorf("deregistering targets from %s: %w", groupResource(g.name), err)
		}
		for i := range g.targets {
			if slices.Contains(some, g.targets[i].target) {
				g.targets[i].state = types.TargetHealthStateEnumDraining
			}
		}
	}
	return nil
}

func sdkTargets(targets []target) []types.TargetDescription {
	descriptions := make([]types.TargetDescription, len(targets))
	for i, t := range targets {
		descriptions[i] = t.sdk()
	}
	return descriptions
}

// healthCounts are the numbers of a group's targets by state, as the status tells them.
func healthCounts(status *v1alpha1.TargetGroupStatus, targets []registeredTarget) {
	status.Healthy, status.Unhealthy, status.Draining, status.Initial, status.Unused = 0, 0, 0, 0, 0
	for _, t := range targets {
		switch t.state {
		case types.TargetHealthStateEnumHealthy:
			status.Healthy++
		case types.TargetHealthStateEnumDraining:
			status.Draining++
		case types.TargetHealthStateEnumInitial:
			status.Initial++
		case types.TargetHealthStateEnumUnused:
			status.Unused++
		default:
			status.Unhealthy++
		}
	}
}
