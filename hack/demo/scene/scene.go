// Package scene is what is to be seen at a moment: the objects, the instances, the traffic. The screen draws it, and
// acts read from it whether they have been noticed and healed.
package scene

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// Scene is the world at a moment.
type Scene struct {
	Objects   []Object
	Instances []Instance
	// Calls of AWS by service, since the local AWS began.
	Calls map[string]int
	// Events are the newest that the controller told, the oldest first.
	Events []stage.Event
}

// Object is one of ours, as people look at it.
type Object struct {
	// Ref is how kubectl takes it: "lb/web".
	Ref string
	// Ready, Reason and Message are of the condition Ready; "-" while it is not about the present generation.
	Ready, Reason, Message string
	Stalled, Deleting      bool
}

// IsReady reports whether the object is Ready, about its present generation.
func (o Object) IsReady() bool { return o.Ready == string(metav1.ConditionTrue) && !o.Deleting }

// Line tells the object in one line.
func (o Object) Line() string {
	line := o.Ref + " Ready=" + o.Ready + " " + o.Reason
	if !o.IsReady() && o.Message != "" {
		line += ": " + o.Message
	}
	return line
}

// States of instances, as the load balancer sees them.
const (
	Starting  = "starting"
	Healthy   = "healthy"
	Unhealthy = "unhealthy"
	Draining  = "draining"
	// Aside is an instance that runs and gets no requests.
	Aside  = "aside"
	Ending = "ending"
)

// States are all states, in the order in which instances go through them.
var States = []string{Starting, Healthy, Unhealthy, Draining, Aside, Ending}

// Instance is a server of the application.
type Instance struct {
	ID, Zone, State string
	Launched        time.Time
}

// Object finds an object by its reference.
func (s Scene) Object(ref string) (Object, bool) {
	i := slices.IndexFunc(s.Objects, func(o Object) bool { return o.Ref == ref })
	if i < 0 {
		return Object{}, false
	}
	return s.Objects[i], true
}

// NotReady are the objects that are not Ready.
func (s Scene) NotReady() []Object {
	return slices.DeleteFunc(slices.Clone(s.Objects), Object.IsReady)
}

// In are the instances in a state.
func (s Scene) In(state string) []Instance {
	return slices.DeleteFunc(slices.Clone(s.Instances), func(i Instance) bool { return i.State != state })
}

// Instance finds an instance; one that has ended is not there.
func (s Scene) Instance(id string) (Instance, bool) {
	i := slices.IndexFunc(s.Instances, func(i Instance) bool { return i.ID == id })
	if i < 0 {
		return Instance{}, false
	}
	return s.Instances[i], true
}

// ByState counts the instances.
func (s Scene) ByState() map[string]int {
	counts := map[string]int{}
	for _, i := range s.Instances {
		counts[i.State]++
	}
	return counts
}

// ByZone counts instances by availability zone.
func ByZone(instances []Instance) map[string]int {
	counts := map[string]int{}
	for _, i := range instances {
		counts[i.Zone]++
	}
	return counts
}

// Tell counts instances by state in words: "2 healthy, 1 starting".
func Tell(counts map[string]int) string {
	var parts []string
	for _, state := range States {
		if n := counts[state]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, state))
		}
	}
	if len(parts) == 0 {
		return "none"
	}
	return strings.Join(parts, ", ")
}

// objectOf reads what kubectl shows of an object.
func objectOf(obj stage.Object) Object {
	o := Object{Ref: stage.Reference(obj), Ready: "-", Reason: "-", Deleting: obj.GetDeletionTimestamp() != nil}
	conditions := conditionsOf(obj)
	if ready := meta.FindStatusCondition(conditions, "Ready"); ready != nil && ready.ObservedGeneration == obj.GetGeneration() {
		o.Ready, o.Reason, o.Message = string(ready.Status), ready.Reason, ready.Message
	}
	if o.Deleting && o.Ready != string(metav1.ConditionFalse) {
		o.Ready, o.Reason, o.Message = string(metav1.ConditionFalse), "Deleting", "The object is being deleted."
	}
	o.Stalled = meta.IsStatusConditionTrue(conditions, "Stalled")
	return o
}

func conditionsOf(obj stage.Object) []metav1.Condition {
	listed, _, err := unstructured.NestedSlice(obj.Object, "status", "conditions")
	if err != nil {
		return nil
	}
	var conditions []metav1.Condition
	for _, one := range listed {
		fields, ok := one.(map[string]any)
		var condition metav1.Condition
		if ok && runtime.DefaultUnstructuredConverter.FromUnstructured(fields, &condition) == nil {
			conditions = append(conditions, condition)
		}
	}
	return conditions
}

// instanceOf joins what EC2 and the load balancer say of an instance.
func instanceOf(is stage.Instance, target string) Instance {
	seen := Instance{ID: is.ID, Zone: is.Zone, Launched: is.Launched, State: Aside}
	switch {
	case is.State == "shutting-down" || is.State == "stopping" || is.State == "stopped":
		seen.State = Ending
	case target == "unhealthy" || target == "unhealthy.draining":
		seen.State = Unhealthy
	case target == "draining":
		seen.State = Draining
	case target == "healthy":
		seen.State = Healthy
	case is.State == "pending" || target == "initial":
		seen.State = Starting
	}
	return seen
}

// byZoneAndAge is the order in which instances are shown.
func byZoneAndAge(a, b Instance) int {
	return cmp.Or(strings.Compare(a.Zone, b.Zone), a.Launched.Compare(b.Launched), strings.Compare(a.ID, b.ID))
}
