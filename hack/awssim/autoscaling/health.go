package autoscaling

import (
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// impairedGrace is how long a failing status check may be, in seconds, before it counts.
const impairedGrace = 120

// checkHealth marks the instances in service that are not healthy any more.
func (t *turn) checkHealth() {
	for i := range t.Instances {
		one := &t.Instances[i]
		if one.State != types.LifecycleStateInService {
			continue
		}
		if why := t.ailing(one); why != "" && !one.Unhealthy && t.Suspended["HealthCheck"] == "" {
			one.Unhealthy, one.UnhealthyWhy = true, why
		}
		if lifetime := t.Settings.MaxInstanceLifetime; lifetime != nil && t.now.Sub(one.Launched) > t.service.seconds(*lifetime) {
			one.Leaving = one.Leaving || !t.anyLeaving()
		}
		if found, ok := t.needs.Instances.Instance(one.ID); ok && found.Rebalance && aws.ToBool(t.Settings.CapacityRebalance) {
			one.Leaving = true
		}
	}
}

// anyLeaving tells whether an instance is being replaced, as those are that are too old: one at a time.
func (t *turn) anyLeaving() bool {
	return slices.ContainsFunc(t.Instances, func(i instance) bool { return i.Leaving })
}

// ailing tells why an instance in service is not healthy, or nothing.
func (t *turn) ailing(i *instance) string {
	found, ok := t.needs.Instances.Instance(i.ID)
	if !ok || found.State != ec2Running && found.State != ec2Pending {
		return "an EC2 health check indicating it has been terminated or stopped"
	}
	grace := i.InService.Add(t.service.seconds(*t.Settings.HealthCheckGracePeriod))
	inGrace := grace.After(t.now)
	if !found.Impaired {
		i.ImpairedSince = time.Time{}
	} else if i.ImpairedSince.IsZero() {
		i.ImpairedSince = t.now
	}
	if found.Impaired && !inGrace && t.now.Sub(i.ImpairedSince) >= t.service.seconds(impairedGrace) {
		return "an EC2 instance status checks failure"
	}
	if inGrace || !strings.Contains(text(t.Settings.HealthCheckType), "ELB") {
		return ""
	}
	for _, s := range t.Sources {
		health, there := t.needs.TargetGroups.InstanceHealth(s.Identifier, i.ID)
		if !s.Removing && there && health.State == elbtypes.TargetHealthStateEnumUnhealthy {
			return "an ELB system health check failure"
		}
	}
	return ""
}

// launchesFirst tells whether replacements are launched before what they replace ends.
func (t *turn) launchesFirst() bool {
	p := t.Settings.InstanceMaintenancePolicy
	return p != nil && *p.MaxHealthyPercentage > 100
}

// replaceUnhealthy ends what is not healthy; followDesired launches the replacements.
func (t *turn) replaceUnhealthy() {
	if t.Suspended["ReplaceUnhealthy"] != "" || t.Suspended["Terminate"] != "" {
		return
	}
	for i := range t.Instances {
		one := &t.Instances[i]
		if !one.Unhealthy || one.State != types.LifecycleStateInService {
			continue
		}
		if t.launchesFirst() && t.alive(one) {
			one.Leaving = true
			continue
		}
		t.terminate(one, "an instance was taken out of service in response to "+one.UnhealthyWhy)
	}
}

func setInstanceHealth(w *write, in *sdk.SetInstanceHealthInput) (*sdk.SetInstanceHealthOutput, error) {
	status := text(in.HealthStatus)
	if status != "Healthy" && status != "Unhealthy" {
		return nil, invalid("Invalid health status: %s. Valid values: Healthy, Unhealthy", status)
	}
	g, one, err := w.managed(in.InstanceId)
	if err != nil {
		return nil, err
	}
	respects := in.ShouldRespectGracePeriod == nil || *in.ShouldRespectGracePeriod
	inGrace := one.InService.IsZero() || one.InService.Add(w.service.seconds(*g.Settings.HealthCheckGracePeriod)).After(w.moment)
	if status == "Unhealthy" && respects && inGrace && *g.Settings.HealthCheckGracePeriod > 0 {
		return &sdk.SetInstanceHealthOutput{}, nil
	}
	one.Unhealthy, one.UnhealthyWhy = status == "Unhealthy", "a user health-check"
	return &sdk.SetInstanceHealthOutput{}, nil
}

// managed finds an instance in any group of the account, for the write to edit.
func (w *write) managed(id *string) (*group, *instance, error) {
	for _, g := range w.own(w.Request) {
		if g.instance(text(id)) == nil {
			continue
		}
		next := g.clone()
		w.groups[next.key()] = next
		return next, next.instance(*id), nil
	}
	return nil, nil, noInstance(text(id))
}
