package autoscaling

import "cmp"

// Quotas are the service quotas of an account in a region; a zero is AWS's default.
type Quotas struct {
	Groups               int
	LaunchConfigurations int
	// The following are those of one group.
	Policies         int
	ScheduledActions int
	Hooks            int
	Topics           int
	TargetGroups     int
	LoadBalancers    int
	LatticeGroups    int
	Tags             int
	StepAdjustments  int
}

func (q Quotas) withDefaults() Quotas {
	return Quotas{
		Groups:               cmp.Or(q.Groups, 500),
		LaunchConfigurations: cmp.Or(q.LaunchConfigurations, 200),
		Policies:             cmp.Or(q.Policies, 50),
		ScheduledActions:     cmp.Or(q.ScheduledActions, 125),
		Hooks:                cmp.Or(q.Hooks, 50),
		Topics:               cmp.Or(q.Topics, 10),
		TargetGroups:         cmp.Or(q.TargetGroups, 50),
		LoadBalancers:        cmp.Or(q.LoadBalancers, 50),
		LatticeGroups:        cmp.Or(q.LatticeGroups, 5),
		Tags:                 cmp.Or(q.Tags, 50),
		StepAdjustments:      cmp.Or(q.StepAdjustments, 20),
	}
}
