package autoscalinggroup

import (
	"cmp"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// rollOut is all that decides how the declared launch source gets to the group and its instances. Sources are told apart
// by their fingerprints.
type rollOut struct {
	// desired is the declared source, group that of the group: empty when it is a launch configuration.
	desired, group string
	// made is set when all of the declared source exists, so that instances can be launched from it.
	made bool
	// spec is the hash of what a refresh is started for.
	spec string
	// automatic is set when changes reach the instances by refreshes.
	automatic bool
	// outdated counts the group's instances that are not as declared, warm those of its warm pool, which may not be either.
	outdated, warm int
	// refreshes are those that AWS knows of, the newest first; only the first can be under way.
	refreshes []refreshSeen
	// settled is the source that has reached the group and its instances, or that all was left as it was found with.
	settled string
	// attempt is the refresh that was started last, or is about to be.
	attempt *v1alpha1.InstanceRefreshAttempt
	// succeeded is set when it is news that the last attempt succeeded: the group may not show it yet.
	succeeded bool
}

// refreshSeen is an instance refresh in AWS.
type refreshSeen struct {
	id     string
	status types.InstanceRefreshStatus
	// desired is the source that it brings; empty when it keeps the group's.
	desired string
	// reason is AWS's.
	reason string
}

// step is what is to be done next about a source.
type step string

const (
	// stepNone: the source is where it is to be.
	stepNone step = "None"
	// stepUpdate: the group itself is changed, at once.
	stepUpdate step = "Update"
	// stepStart: a refresh is started that brings the source.
	stepStart step = "Start"
	// stepCancel: a refresh of ours brings a source that is no longer declared, and is cancelled.
	stepCancel step = "Cancel"
	// stepWait: a refresh of ours is under way, or being cancelled.
	stepWait step = "Wait"
	// stepYield: a refresh that others started is under way.
	stepYield step = "Yield"
	// stepPark: the refresh failed, and another one would too.
	stepPark step = "Park"
)

// ended are the states of refreshes that are over.
var ended = []types.InstanceRefreshStatus{
	types.InstanceRefreshStatusSuccessful, types.InstanceRefreshStatusFailed, types.InstanceRefreshStatusCancelled,
	types.InstanceRefreshStatusRollbackSuccessful, types.InstanceRefreshStatusRollbackFailed,
}

func (s refreshSeen) active() bool { return !slices.Contains(ended, s.status) }

// running is the refresh that is under way; nil when there is none.
func (r *rollOut) running() *refreshSeen {
	if len(r.refreshes) > 0 && r.refreshes[0].active() {
		return &r.refreshes[0]
	}
	return nil
}

// own is the refresh of the last attempt; nil when AWS knows of none. The answer to a start may have been lost: then it is
// the one that came after the one before, with the source that it was to bring.
func (r *rollOut) own() *refreshSeen {
	for i := range r.refreshes {
		seen := &r.refreshes[i]
		switch {
		case r.attempt == nil || r.attempt.ID == "" && (r.attempt.Spec == "" || seen.id == r.attempt.Previous):
			return nil
		case r.attempt.ID != "" && r.attempt.ID == seen.id, r.attempt.ID == "" && seen.desired == r.attempt.Source:
			return seen
		}
	}
	return nil
}

// learn takes over what refreshes have come to, so that it is known when AWS has forgotten them.
func (r *rollOut) learn() {
	r.learnOutcome()
	if r.running() != nil || r.group != r.desired {
		return
	}
	switch {
	case r.outdated == 0:
		r.settled = r.desired
		if r.attempt != nil && (r.attempt.Source != r.desired || r.attempt.Failure != "" || r.attempt.ID == "") {
			r.attempt = nil
		}
	case !r.automatic:
		r.settled = ""
	}
}

// learnOutcome takes over what the last attempt has come to.
func (r *rollOut) learnOutcome() {
	own := r.own()
	if own == nil {
		return
	}
	attempt := *r.attempt
	attempt.ID = own.id
	switch {
	case own.active():
		// The spec may have come back to what is being cancelled; until AWS says so, it is not.
		attempt.Superseded = attempt.Superseded && (own.desired != r.desired || own.status == types.InstanceRefreshStatusCancelling)
	case attempt.Superseded:
	case own.status == types.InstanceRefreshStatusSuccessful:
		r.succeeded = r.succeeded || r.settled != attempt.Source
		r.settled, attempt.Failure = attempt.Source, ""
	default:
		attempt.Failure = failure(own)
	}
	r.attempt = &attempt
}

// failure tells, in a sentence, how a refresh ended that did not bring its source.
func failure(seen *refreshSeen) string {
	words := map[types.InstanceRefreshStatus]string{
		types.InstanceRefreshStatusCancelled:          "It was cancelled by others",
		types.InstanceRefreshStatusRollbackSuccessful: "It was rolled back",
		types.InstanceRefreshStatusRollbackFailed:     "It failed, and its rollback did too",
	}
	how := cmp.Or(words[seen.status], "It failed")
	if seen.reason == "" || seen.status == types.InstanceRefreshStatusCancelled {
		return how + "."
	}
	return how + ": " + lifecycle.Sentence(seen.reason)
}

// next decides what is to be done, after learn.
func (r *rollOut) next() step {
	running := r.running()
	switch {
	case running != nil:
		return r.during(running)
	case r.group != r.desired:
		return r.towards()
	case r.outdated == 0, !r.automatic, r.settled == r.desired && !r.owed():
		return stepNone
	case r.failed():
		return stepPark
	}
	return stepStart
}

// towards decides what is to be done while the group has another source than the declared one.
func (r *rollOut) towards() step {
	switch {
	case r.succeeded && r.settled == r.desired:
		return stepWait
	case !r.automatic, r.settled == r.desired: // what others did to the group is taken back at once
		return stepUpdate
	case r.failed():
		return stepPark
	case r.outdated+r.warm == 0: // there is nothing to replace
		return stepUpdate
	}
	return stepStart
}

// failed reports whether a refresh that is as one that would be started now has failed.
func (r *rollOut) failed() bool {
	return r.attempt != nil && r.attempt.Failure != "" && r.attempt.Source == r.desired && r.attempt.Spec == r.spec
}

// owed tells whether a refresh is to be started, and has not been: of instances that others launched from another source.
func (r *rollOut) owed() bool {
	return r.attempt != nil && r.attempt.Spec == "" && r.attempt.Source == r.desired
}

// during decides what is to be done while a refresh is under way.
func (r *rollOut) during(running *refreshSeen) step {
	switch {
	case r.own() != running:
		return stepYield
	case running.status == types.InstanceRefreshStatusCancelling || running.desired == r.desired:
		return stepWait
	}
	return stepCancel
}

// claim notes what a step is about to do, before it is done.
func (r *rollOut) claim(next step) {
	switch {
	case next == stepStart && !r.made: // it is not done yet
	case next == stepUpdate && r.automatic && r.settled == r.desired && r.outdated > 0:
		r.attempt = &v1alpha1.InstanceRefreshAttempt{Source: r.desired}
	case next == stepStart:
		r.attempt, r.settled = &v1alpha1.InstanceRefreshAttempt{Source: r.desired, Spec: r.spec}, ""
		if len(r.refreshes) > 0 {
			r.attempt.Previous = r.refreshes[0].id
		}
	case next == stepCancel:
		attempt := *r.attempt
		attempt.Superseded = true
		r.attempt, r.settled = &attempt, ""
	}
}

// worthALook reports whether refreshes must be known to decide what is next.
func (r *rollOut) worthALook() bool {
	unresolved := r.attempt != nil && r.attempt.Failure == "" && (r.settled != r.attempt.Source || r.attempt.Spec == "")
	return r.group != r.desired || unresolved || r.outdated > 0 && r.settled != r.desired
}
