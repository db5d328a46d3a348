package stage

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// Object is one of ours as the API server shows it: the demo knows no more of it than kubectl does.
type Object = *unstructured.Unstructured

// shortNames are the four kinds as kubectl takes them, in the order in which they are shown.
var shortNames = [][2]string{{"HostedZone", "hz"}, {"LoadBalancer", "lb"}, {"AutoScalingGroup", "asg"}, {"RecordSet", "rrset"}}

// Reference is how kubectl takes an object: its kind's short name and its name.
func Reference(obj Object) string { return ShortName(obj.GetKind()) + "/" + obj.GetName() }

// ShortName is that of a kind.
func ShortName(kind string) string {
	for _, names := range shortNames {
		if names[0] == kind {
			return names[1]
		}
	}
	return strings.ToLower(kind)
}

// Decode returns the objects in a stream of YAML documents, in its order.
func Decode(stream []byte) ([]Object, error) {
	documents := yaml.NewYAMLReader(bufio.NewReader(bytes.NewReader(stream)))
	var objects []Object
	for {
		document, err := documents.Read()
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("reading the manifests: %w", err)
		case len(bytes.TrimSpace(document)) == 0:
			continue
		}
		obj := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(document, &obj.Object); err != nil {
			return nil, fmt.Errorf("reading the manifests: %w", err)
		}
		if obj.GetKind() == "" {
			continue
		}
		if obj.GetNamespace() == "" {
			obj.SetNamespace(metav1.NamespaceDefault)
		}
		objects = append(objects, obj)
	}
}

// Change is a change of an object.
type Change struct {
	Object Object
	Gone   bool
}

// Follow watches all objects of the four kinds and hands on each change, until the context ends.
func (c *Cluster) Follow(ctx context.Context) <-chan Change {
	changes := make(chan Change)
	for _, names := range shortNames {
		list := &unstructured.UnstructuredList{}
		list.SetGroupVersionKind(v1alpha1.GroupVersion.WithKind(names[0] + "List"))
		go c.followKind(ctx, list, changes)
	}
	return changes
}

// followKind begins anew whenever the API server ends a watch, as it does from time to time.
func (c *Cluster) followKind(ctx context.Context, list client.ObjectList, changes chan<- Change) {
	for ctx.Err() == nil {
		watching, err := c.Client.Watch(ctx, list)
		if err == nil {
			forward(ctx, watching, changes)
			watching.Stop()
		}
		if !Pause(ctx, 200*time.Millisecond) {
			return
		}
	}
}

func forward(ctx context.Context, watching watch.Interface, changes chan<- Change) {
	for changed := range watching.ResultChan() {
		obj, ours := changed.Object.(Object)
		if !ours || changed.Type == watch.Error || changed.Type == watch.Bookmark {
			continue
		}
		select {
		case changes <- Change{Object: obj, Gone: changed.Type == watch.Deleted}:
		case <-ctx.Done():
			return
		}
	}
}

// Gone reports nil when none of the objects exists any more.
func (c *Cluster) Gone(ctx context.Context, objects []Object) error {
	for _, obj := range objects {
		current := obj.DeepCopy()
		err := c.Client.Get(ctx, client.ObjectKeyFromObject(obj), current)
		if err == nil {
			return errors.New(Reference(obj) + " still exists")
		}
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("reading %s: %w", Reference(obj), err)
		}
	}
	return nil
}

// Versions are the resource versions of objects: any write changes one.
type Versions map[string]string

// Versions reads those of some objects.
func (c *Cluster) Versions(ctx context.Context, objects []Object) (Versions, error) {
	found := Versions{}
	for _, obj := range objects {
		current := obj.DeepCopy()
		if err := c.Client.Get(ctx, client.ObjectKeyFromObject(obj), current); err != nil {
			return nil, fmt.Errorf("reading %s: %w", Reference(obj), err)
		}
		found[Reference(obj)] = current.GetResourceVersion()
	}
	return found, nil
}

// ChangedSince names the objects that were written to, in order.
func (v Versions) ChangedSince(earlier Versions) []string {
	var changed []string
	for _, name := range slices.Sorted(maps.Keys(v)) {
		if v[name] != earlier[name] {
			changed = append(changed, name)
		}
	}
	return changed
}

// Event is what the controller tells of an object.
type Event struct {
	At                    time.Time
	About, Reason, Detail string
}

// Events are those about our objects since a moment, the oldest first.
func (c *Cluster) Events(ctx context.Context, since time.Time) ([]Event, error) {
	var list eventsv1.EventList
	if err := c.Client.List(ctx, &list); err != nil {
		return nil, fmt.Errorf("listing events: %w", err)
	}
	var found []Event
	for i := range list.Items {
		e := &list.Items[i]
		at := e.EventTime.Time
		if e.Series != nil {
			at = e.Series.LastObservedTime.Time
		}
		if e.Regarding.APIVersion == v1alpha1.GroupVersion.String() && !at.Before(since) {
			found = append(found, Event{At: at, About: ShortName(e.Regarding.Kind) + "/" + e.Regarding.Name, Reason: e.Reason, Detail: e.Note})
		}
	}
	slices.SortStableFunc(found, func(a, b Event) int { return a.At.Compare(b.At) })
	return found, nil
}
