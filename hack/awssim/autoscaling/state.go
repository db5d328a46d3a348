package autoscaling

import (
	"maps"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// content is one state of everything. What is published is never written to
// again: a write makes another one, that shares what did not change.
type content struct {
	groups         map[string]*group // by account, region and name
	configurations map[string]*configuration
	// gone are the activities of deleted groups.
	gone map[string][]types.Activity
}

func emptyContent() *content {
	return &content{groups: map[string]*group{}, configurations: map[string]*configuration{}, gone: map[string][]types.Activity{}}
}

// draft is a copy of a state, whose maps are its own.
func (c *content) draft() *content {
	return &content{groups: maps.Clone(c.groups), configurations: maps.Clone(c.configurations), gone: maps.Clone(c.gone)}
}

// settings are what a group is created with and updated to.
type settings = sdk.UpdateAutoScalingGroupInput

// group is an Auto Scaling group. A published one is not written to.
type group struct {
	Account string    `json:"account"`
	Region  string    `json:"region"`
	Name    string    `json:"name"`
	ARN     string    `json:"arn"`
	Created time.Time `json:"created"`
	// Shown is when reads begin to find it.
	Shown    time.Time `json:"shown"`
	Settings settings  `json:"settings"`
	Operator string    `json:"operator,omitempty"`
	Tags     []tag     `json:"tags,omitempty"`

	Instances  []instance       `json:"instances,omitempty"`
	Activities []types.Activity `json:"activities,omitempty"` // the newest first

	Hooks         map[string]types.LifecycleHook              `json:"hooks,omitempty"`
	Policies      map[string]types.ScalingPolicy              `json:"policies,omitempty"`
	Scheduled     map[string]types.ScheduledUpdateGroupAction `json:"scheduledActions,omitempty"`
	Notifications map[string][]string                         `json:"notifications,omitempty"` // types by topic
	Sources       []source                                    `json:"trafficSources,omitempty"`
	Metrics       []string                                    `json:"metrics,omitempty"`
	Suspended     map[string]string                           `json:"suspended,omitempty"` // reasons by process
	WarmPool      *types.WarmPoolConfiguration                `json:"warmPool,omitempty"`
	Refreshes     []refresh                                   `json:"refreshes,omitempty"` // the newest first
	Tokens        map[string]answer                           `json:"tokens,omitempty"`    // what LaunchInstances has answered

	// Deleting is set when the group was deleted; Forced has its instances ended without waiting.
	Deleting bool `json:"deleting,omitempty"`
	Forced   bool `json:"forced,omitempty"`
	// EndsAt is when a deleted group without instances is gone.
	EndsAt time.Time `json:"endsAt,omitzero"`
	// Cooled is when simple scaling may act again; Measured is when metrics were sent last.
	Cooled   time.Time `json:"cooled,omitzero"`
	Measured time.Time `json:"measured,omitzero"`
	// Predicted is the hour that predictive policies have acted for, by their names.
	Predicted map[string]time.Time `json:"predicted,omitempty"`
	// Failures counts the launches that failed in a row; RetryAt is when the next is tried.
	Failures int       `json:"failures,omitempty"`
	RetryAt  time.Time `json:"retryAt,omitzero"`
	// Unbalanced is until when zones are left unequal, because one had no capacity.
	Unbalanced time.Time `json:"unbalanced,omitzero"`
	// Why is the reason of the last change of the desired capacity, for activities to tell.
	Why string `json:"why,omitempty"`
}

// tag is a tag of a group.
type tag struct {
	Key       string `json:"key"`
	Value     string `json:"value"`
	Propagate bool   `json:"propagate,omitempty"`
}

// source is a load balancer or target group that a group's instances serve.
type source struct {
	Identifier string `json:"identifier"`
	Type       string `json:"type"`
	// Family is the family of operations that attached it.
	Family string `json:"family"`
	// Removing is set when it was detached.
	Removing bool `json:"removing,omitempty"`
	// Registered tells that the instances that were there when it was attached have been registered.
	Registered bool `json:"registered,omitempty"`
	// Until is when Adding ends.
	Until time.Time `json:"until"`
}

// instance is an instance of a group or its warm pool. Pointers in it are replaced, not written through.
type instance struct {
	ID           string               `json:"id"`
	Type         string               `json:"type"`
	Zone         string               `json:"zone"`
	ZoneID       string               `json:"zoneId,omitempty"`
	ImageID      string               `json:"imageId,omitempty"`
	Template     *template            `json:"template,omitempty"`
	Config       string               `json:"launchConfiguration,omitempty"`
	State        types.LifecycleState `json:"state"`
	Unhealthy    bool                 `json:"unhealthy,omitempty"`
	UnhealthyWhy string               `json:"unhealthyWhy,omitempty"`
	Protected    bool                 `json:"protected,omitempty"`
	Weight       int32                `json:"weight"`
	Weighted     bool                 `json:"weighted,omitempty"`
	Spot         bool                 `json:"spot,omitempty"`
	Launched     time.Time            `json:"launched"`
	// Renewed is when its root volume was replaced last.
	Renewed time.Time `json:"renewed,omitzero"`
	// Since is when the instance came into its state; InService when it came into service last.
	Since     time.Time `json:"since"`
	InService time.Time `json:"inService,omitzero"`
	// ImpairedSince is when its status check first failed.
	ImpairedSince time.Time `json:"impairedSince,omitzero"`
	Activity      string    `json:"activity,omitempty"` // the activity under way
	// Waits are the hooks that it waits for.
	Waits []hookWait `json:"waits,omitempty"`
	// Next is what follows Terminating when it is not the end: Warmed:Pending.
	Next types.LifecycleState `json:"next,omitempty"`
	// Leaving tells that it goes as soon as its replacement is in service.
	Leaving bool `json:"leaving,omitempty"`
}

// template is the launch template that an instance was launched from.
type template struct {
	ID      string `json:"id"`
	Name    string `json:"name"`
	Version string `json:"version"`
}

// hookWait is a hook that an instance waits for.
type hookWait struct {
	Hook  string    `json:"hook"`
	Token string    `json:"token"`
	Until time.Time `json:"until"`
	// Latest is when no heartbeat helps any more.
	Latest time.Time `json:"latest"`
	// Result is CONTINUE or ABANDON once it is known.
	Result string `json:"result,omitempty"`
}

func keyOf(account, region, name string) string { return account + "/" + region + "/" + name }

func (g *group) key() string { return keyOf(g.Account, g.Region, g.Name) }

// clone is a group that can be written to.
func (g *group) clone() *group {
	next := *g
	next.Tags = slices.Clone(g.Tags)
	next.Instances = slices.Clone(g.Instances)
	for i := range next.Instances {
		next.Instances[i].Waits = slices.Clone(next.Instances[i].Waits)
	}
	next.Activities = slices.Clone(g.Activities)
	next.Hooks = maps.Clone(g.Hooks)
	next.Policies = maps.Clone(g.Policies)
	next.Scheduled = maps.Clone(g.Scheduled)
	next.Notifications = maps.Clone(g.Notifications)
	next.Sources = slices.Clone(g.Sources)
	next.Metrics = slices.Clone(g.Metrics)
	next.Suspended = maps.Clone(g.Suspended)
	next.Refreshes = slices.Clone(g.Refreshes)
	next.Tokens = maps.Clone(g.Tokens)
	next.Predicted = maps.Clone(g.Predicted)
	for i := range next.Refreshes {
		next.Refreshes[i].Todo = slices.Clone(next.Refreshes[i].Todo)
	}
	return &next
}

// changing puts a copy of a group into the draft and gives it, for the write to edit.
func (w *write) changing(name *string) (*group, error) {
	g, err := w.find(name)
	if err != nil {
		return nil, err
	}
	if g.Deleting {
		return nil, invalid("AutoScalingGroup name: %s is pending delete", g.Name)
	}
	next := g.clone()
	w.groups[next.key()] = next
	return next, nil
}

func (w *write) find(name *string) (*group, error) { return w.content.find(w.Request, name) }

func (r *reading) find(name *string) (*group, error) { return r.content.find(r.Request, name) }

func (c *content) find(r *frame.Request, name *string) (*group, error) {
	if name == nil || *name == "" {
		return nil, violated(nil, "autoScalingGroupName", "Member must not be null")
	}
	given := *name
	if at := strings.LastIndex(given, ":autoScalingGroupName/"); at > 0 {
		given = given[at+len(":autoScalingGroupName/"):]
	}
	g, ok := c.groups[keyOf(r.Caller.Account, r.Region, given)]
	if !ok {
		return nil, noGroup(*name)
	}
	return g, nil
}

// own lists the groups of the account in the region, by name.
func (c *content) own(r *frame.Request) []*group {
	prefix := keyOf(r.Caller.Account, r.Region, "")
	var list []*group
	for _, key := range slices.Sorted(maps.Keys(c.groups)) {
		if strings.HasPrefix(key, prefix) {
			list = append(list, c.groups[key])
		}
	}
	return list
}

// instance finds an instance of the group or its warm pool.
func (g *group) instance(id string) *instance {
	for i := range g.Instances {
		if g.Instances[i].ID == id {
			return &g.Instances[i]
		}
	}
	return nil
}
