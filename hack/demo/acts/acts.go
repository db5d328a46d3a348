// Package acts is what happens to the application in the demo: each act is a value that says what is told, what is
// done, what counts as noticed and as healed, and how many requests may fail and why. The runner plays them.
//
//	acts.go      the types, and the order
//	runner.go    plays one act and measures it
//	world.go     what acts reach: the cluster, AWS, the traffic
//	quiet.go     an act in which nothing changes
//	health.go    acts in which things break by themselves
//	scaling.go   acts in which load and sizes change
//	rolling.go   an act in which a new version reaches every instance
//	people.go    acts in which people change things
//	control.go   acts in which the controller or the API of AWS fails
package acts

import (
	"context"
	"regexp"
	"slices"
	"time"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// Act is something that happens to the application.
type Act struct {
	Name string
	// Told says in a sentence what is about to happen.
	Told string
	// Do makes it happen.
	Do func(ctx context.Context, p *Play) error
	// NoticedBy says what Noticed looks for.
	NoticedBy string
	// Noticed and Healed return nil once they are so, and else what is missing.
	Noticed, Healed Condition
	// Then, when set, is done once the act is noticed: what has failed comes back, for one.
	Then func(ctx context.Context, p *Play) error
	// Outcome tells what came of it, once it has healed; an error is something that is wrong all the same.
	Outcome func(ctx context.Context, p *Play) (string, error)
	// Bound says how many requests may fail.
	Bound func(p *Play) record.Bound
}

// Condition is something that is awaited.
type Condition func(ctx context.Context, p *Play) error

// Play is one performance of an act: the world, and what the act remembers.
type Play struct {
	*World
	// Struck and Noticed are times of the recording; Noticed is zero until then.
	Struck, Noticed, Healed time.Duration
	// victims are the instances that the act breaks, share is what part of the requests they answered before.
	victims []string
	share   float64
	// zone is the availability zone that fails.
	zone string
	// count is a number that the act compares with, calls how many calls there were when it was counted.
	count, calls int
	// metered and versions are how AWS and the objects were when the act began.
	metered  stage.Calls
	versions stage.Versions
}

// Matching are the acts whose names match, in order.
func Matching(name *regexp.Regexp) []Act {
	return slices.DeleteFunc(All(), func(act Act) bool { return !name.MatchString(act.Name) })
}

// All are the acts, in order.
func All() []Act {
	return []Act{
		appliedAgain(), grow(), instanceDies(), loadRises(), loadFalls(), zoneFails(), zoneReturns(), templateRolls(),
		sabotage(), controllerDies(), route53Throttles(), deletion(),
	}
}
