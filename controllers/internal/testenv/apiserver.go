package testenv

import (
	"context"
	"encoding/json"
	"errors"
	"slices"
	"sync"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Step is what a write to the API server is for.
type Step string

// The writes that controllers make.
const (
	AddsFinalizer  Step = "adds the finalizer"
	DropsFinalizer Step = "drops the finalizer"
	WritesIntent   Step = "writes the intent status"
	WritesReady    Step = "writes the Ready status"
	WritesStatus   Step = "writes another status"
	CreatesChild   Step = "creates an object that it keeps"
	ChangesChild   Step = "changes an object that it keeps"
	DeletesChild   Step = "deletes an object that it keeps"
)

// Moment says on which side of a call the process dies.
type Moment string

// The moments around a call.
const (
	Before Moment = "before"
	After  Moment = "right after"
)

// errKilled is what a dead process would not live to see.
var errKilled = errors.New("the process is dead")

// apiServer is one manager's way to the API server. Nothing passes once it is dead.
type apiServer struct {
	mu     sync.Mutex
	dead   bool
	writes map[Step]int
	hook   func(Step, client.Object, Moment) (kill bool)
	kill   func()
}

func (a *apiServer) newClient(config *rest.Config, options client.Options) (client.Client, error) {
	base, err := client.NewWithWatch(config, options)
	if err != nil {
		return nil, err
	}
	unexpected := errors.New("controllers write users' objects by patches of the metadata and of the status only")
	return interceptor.NewClient(base, interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return a.write(stepOf(obj, patch), obj, func() error { return c.Patch(ctx, obj, patch, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			return a.write(statusStep(obj), obj, func() error { return c.SubResource(sub).Patch(ctx, obj, patch, opts...) })
		},
		Create: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.CreateOption) error {
			if metav1.GetControllerOf(obj) == nil {
				return unexpected
			}
			return a.write(CreatesChild, obj, func() error { return c.Create(ctx, obj, opts...) })
		},
		Update: func(context.Context, client.WithWatch, client.Object, ...client.UpdateOption) error {
			return unexpected
		},
		Delete: func(ctx context.Context, c client.WithWatch, obj client.Object, opts ...client.DeleteOption) error {
			if metav1.GetControllerOf(obj) == nil {
				return unexpected
			}
			return a.write(DeletesChild, obj, func() error { return c.Delete(ctx, obj, opts...) })
		},
		SubResourceUpdate: func(context.Context, client.Client, string, client.Object, ...client.SubResourceUpdateOption) error {
			return unexpected
		},
		Apply: func(context.Context, client.WithWatch, runtime.ApplyConfiguration, ...client.ApplyOption) error {
			return unexpected
		},
	}), nil
}

// write makes a write, unless the process dies before it.
func (a *apiServer) write(step Step, obj client.Object, call func() error) error {
	if a.passes(step, obj, Before) {
		return errKilled
	}
	if err := call(); err != nil {
		return err
	}
	if a.passes(step, obj, After) {
		return errKilled
	}
	return nil
}

// passes reports whether the process is dead at this moment of a write, or dies here.
func (a *apiServer) passes(step Step, obj client.Object, at Moment) bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.dead {
		return true
	}
	if at == After {
		a.writes[step]++
	}
	if a.hook == nil || !a.hook(step, obj, at) {
		return false
	}
	a.dead = true
	go a.kill()
	return true
}

func (a *apiServer) die() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.dead = true
}

// stepOf reads from a patch of the metadata what it is for.
func stepOf(obj client.Object, patch client.Patch) Step {
	body, err := patch.Data(obj)
	var content struct {
		Metadata struct{ Finalizers []string }
		Spec     map[string]any
	}
	if err == nil && json.Unmarshal(body, &content) == nil && content.Spec != nil && metav1.GetControllerOf(obj) != nil {
		return ChangesChild
	}
	if err == nil && json.Unmarshal(body, &content) == nil && slices.Contains(content.Metadata.Finalizers, v1alpha1.Finalizer) {
		return AddsFinalizer
	}
	return DropsFinalizer
}

// statusStep reads from the status to be written what it says.
func statusStep(obj client.Object) Step {
	kind, ok := obj.(lifecycle.Object)
	if !ok {
		return WritesStatus
	}
	ready := meta.FindStatusCondition(kind.CommonStatus().Conditions, v1alpha1.ConditionReady)
	switch {
	case ready == nil:
		return WritesStatus
	case ready.Reason == v1alpha1.ReasonConverged:
		return WritesReady
	case ready.Reason == v1alpha1.ReasonCreating, ready.Reason == v1alpha1.ReasonUpdating:
		return WritesIntent
	}
	return WritesStatus
}
