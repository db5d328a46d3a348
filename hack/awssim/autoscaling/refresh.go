package autoscaling

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
)

// refresh is an instance refresh.
type refresh struct {
	ID          string                      `json:"id"`
	Status      types.InstanceRefreshStatus `json:"status"`
	Reason      string                      `json:"reason,omitempty"`
	Start       time.Time                   `json:"start"`
	End         time.Time                   `json:"end,omitzero"`
	Desired     *types.DesiredConfiguration `json:"desired,omitempty"`
	Preferences types.RefreshPreferences    `json:"preferences"`
	Strategy    types.RefreshStrategy       `json:"strategy"`
	// Todo are the instances that are still to be replaced, of Total.
	Todo  []string `json:"todo,omitempty"`
	Total int      `json:"total"`
	// WarmTotal is how many instances of the warm pool were replaced.
	WarmTotal int `json:"warmTotal,omitempty"`
	// Waiting is what the next replacement waits for.
	Waiting string `json:"waiting,omitempty"`
	// Percent is how much is done; Progressed is when it last became more, or what is waited for changed.
	Percent    int32     `json:"percent"`
	Progressed time.Time `json:"progressed"`
	// Checkpoint is the number of checkpoints passed, Paused until when the last one waits.
	Checkpoint int       `json:"checkpoint,omitempty"`
	Paused     time.Time `json:"paused,omitzero"`
	BakedAt    time.Time `json:"bakedAt,omitzero"`
	// CancelAtOnce tells that cancelling does not wait for instances on their way.
	CancelAtOnce bool `json:"cancelAtOnce,omitempty"`
	// What follows is of a rollback.
	RollbackReason string    `json:"rollbackReason,omitempty"`
	RollbackStart  time.Time `json:"rollbackStart,omitzero"`
	// Forward is the percentage that was done when the rollback began.
	Forward int32 `json:"forward,omitempty"`
}

// active tells whether a refresh has not ended.
func (r *refresh) active() bool { return r.End.IsZero() }

func (r *refresh) rollingBack() bool {
	return r.Status == types.InstanceRefreshStatusRollbackInProgress
}

// begun is when what is being replaced began to be: what was launched before is old.
func (r *refresh) begun() time.Time {
	if r.rollingBack() {
		return r.RollbackStart
	}
	return r.Start
}

// made tells whether the refresh made an instance what it is.
func (r *refresh) made(i *instance) bool {
	return i.Launched.After(r.begun()) || i.Renewed.After(r.begun())
}

// running is the refresh that has not ended, or nil.
func (g *group) running() *refresh {
	if len(g.Refreshes) > 0 && g.Refreshes[0].active() {
		return &g.Refreshes[0]
	}
	return nil
}

func (r *refresh) finish(status types.InstanceRefreshStatus, reason string, now time.Time) {
	r.Status, r.Reason, r.End = status, reason, now
}

// runRefresh does the next step of the refresh that runs.
func (t *turn) runRefresh() {
	r := t.running()
	if r == nil || t.Suspended["InstanceRefresh"] != "" {
		return
	}
	switch r.Status {
	case types.InstanceRefreshStatusPending:
		r.Status = types.InstanceRefreshStatusInProgress
		t.listTodo(r, "an instance was taken out of the warm pool in response to an instance refresh")
		r.Progressed = t.now
	case types.InstanceRefreshStatusInProgress, types.InstanceRefreshStatusRollbackInProgress:
		t.roll(r)
	case types.InstanceRefreshStatusBaking:
		t.bake(r)
	case types.InstanceRefreshStatusCancelling:
		if r.CancelAtOnce || !t.inTransition(r) {
			t.unmark()
			r.finish(types.InstanceRefreshStatusCancelled, "Cancelled due to user request.", t.now)
		}
	}
}

// unmark leaves the instances in service that a refresh was about to replace.
func (t *turn) unmark() {
	for i := range t.Instances {
		t.Instances[i].Leaving = false
	}
}

// inTransition tells whether a refresh has instances on their way.
func (t *turn) inTransition(r *refresh) bool {
	for i := range t.Instances {
		one := &t.Instances[i]
		if !one.warm() && one.State != types.LifecycleStateInService && one.State != types.LifecycleStateStandby &&
			one.State != types.LifecycleStateTerminatingRetained {
			return true
		}
	}
	return t.unwarmed(r) > 0
}

// listTodo lists the instances that are to be replaced. Those of the warm pool serve nobody: they end at once, and
// the pool is filled again.
func (t *turn) listTodo(r *refresh, cause string) {
	r.Todo, r.WarmTotal = nil, 0
	for _, id := range t.outdated(r) {
		if one := t.instance(id); one.warm() {
			r.WarmTotal++
			t.terminate(one, cause)
			continue
		}
		r.Todo = append(r.Todo, id)
	}
	r.Total = len(r.Todo)
}

// outdated lists the instances that a refresh is to replace.
func (t *turn) outdated(r *refresh) []string {
	var ids []string
	p := r.Preferences
	for i := range t.Instances {
		one := &t.Instances[i]
		standby := one.State == types.LifecycleStateStandby || one.State == types.LifecycleStateEnteringStandby
		switch {
		case strings.HasPrefix(one.base(), stateTerminating):
			continue
		case standby && p.StandbyInstances == types.StandbyInstancesIgnore:
			continue
		case one.Protected && p.ScaleInProtectedInstances == types.ScaleInProtectedInstancesIgnore:
			continue
		case (aws.ToBool(p.SkipMatching) || r.rollingBack()) && t.matches(one):
			continue
		}
		ids = append(ids, one.ID)
	}
	return ids
}

// matches tells whether an instance is as new ones are launched.
func (t *turn) matches(i *instance) bool {
	plans, err := t.plans()
	if err != nil {
		return false
	}
	return slices.ContainsFunc(plans, func(p plan) bool {
		if p.config != "" || i.Template == nil {
			return p.config == i.Config
		}
		return p.template.ID == i.Template.ID && strconv.FormatInt(p.template.Number, 10) == i.Template.Version &&
			p.kind == i.Type && (p.image == "" || p.image == i.ImageID)
	})
}

// warmed tells whether an instance counts as healthy: it is in service, and warm if the refresh launched it.
func (t *turn) warmed(r *refresh, i *instance) bool {
	if i.State != types.LifecycleStateInService || i.Unhealthy {
		return false
	}
	return !r.made(i) || !i.InService.Add(t.service.seconds(t.warmup(r))).After(t.now) && t.passesELB(i)
}

func (t *turn) warmup(r *refresh) int32 {
	switch {
	case r.Preferences.InstanceWarmup != nil:
		return *r.Preferences.InstanceWarmup
	case t.Settings.DefaultInstanceWarmup != nil:
		return *t.Settings.DefaultInstanceWarmup
	}
	return *t.Settings.HealthCheckGracePeriod
}

// unwarmed counts the instances that the refresh launched and that are not healthy yet.
func (t *turn) unwarmed(r *refresh) int {
	count := 0
	for _, one := range t.living() {
		if one.serving() && r.made(one) && !t.warmed(r, one) {
			count++
		}
	}
	return count
}

// roll replaces the next instances, as many as the healthy percentages allow.
func (t *turn) roll(r *refresh) {
	r.Todo = slices.DeleteFunc(r.Todo, func(id string) bool {
		one := t.instance(id)
		return one == nil || strings.HasPrefix(one.base(), stateTerminating) || one.Renewed.After(r.begun())
	})
	t.measure(r)
	r.Waiting = t.waitingFor(r)
	if t.troubled(r) {
		return
	}
	if len(r.Todo) == 0 && t.replaced(r) {
		t.complete(r)
		return
	}
	if r.Paused.After(t.now) {
		return
	}
	if r.Strategy == types.RefreshStrategyReplaceRootVolume {
		t.replaceRoots(r, t.allowed(r))
		return
	}
	t.replaceSome(r, t.allowed(r))
}

// waitingFor tells what keeps a refresh from replacing more, as far as it waits for anything.
func (t *turn) waitingFor(r *refresh) string {
	if r.Paused.After(t.now) {
		return fmt.Sprintf("Waiting at the checkpoint of %d percent before continuing.", r.Preferences.CheckpointPercentages[r.Checkpoint-1])
	}
	for _, one := range t.living() {
		if one.State == types.LifecycleStateInService && r.made(one) && !t.warmed(r, one) {
			return fmt.Sprintf("Waiting for instances to warm up before continuing. For example: %s is warming up.", one.ID)
		}
	}
	return ""
}

// replaced tells whether all replacements are in service.
func (t *turn) replaced(r *refresh) bool {
	return t.unwarmed(r) == 0 && t.staying() >= *t.Settings.DesiredCapacity && !t.anyLeaving()
}

// measure notes how much is done, and passes checkpoints.
func (t *turn) measure(r *refresh) {
	if r.Total == 0 {
		return
	}
	missing := max(0, int(*t.Settings.DesiredCapacity-t.staying()))
	left := min(r.Total, len(r.Todo)+max(t.unwarmed(r), missing))
	if percent := int32(100 * (r.Total - left) / r.Total); percent > r.Percent {
		r.Percent, r.Progressed = percent, t.now
	}
	points := r.Preferences.CheckpointPercentages
	if r.rollingBack() || r.Checkpoint >= len(points) || t.unwarmed(r) > 0 || missing > 0 || r.Total-len(r.Todo) < t.upTo(r, points[r.Checkpoint]) {
		return
	}
	r.Checkpoint++
	if r.Checkpoint < len(points) {
		r.Paused = t.now.Add(t.service.seconds(*r.Preferences.CheckpointDelay))
		r.Progressed = r.Paused
	} else if points[len(points)-1] < 100 {
		r.Todo = nil
	}
}

// upTo is how many instances are replaced at a percentage of all.
func (t *turn) upTo(r *refresh, percent int32) int {
	return int(math.Ceil(float64(r.Total) * float64(percent) / 100))
}
