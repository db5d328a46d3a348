package main

import (
	"context"
	"errors"
	"fmt"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/watch"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// event is a change of an object.
type event struct {
	object object
	gone   bool
}

// follow watches all objects of ours and hands on each change, until the context ends.
func (c *cluster) follow(ctx context.Context) <-chan event {
	events := make(chan event)
	for _, list := range []client.ObjectList{&v1alpha1.HostedZoneList{}, &v1alpha1.RecordSetList{}} {
		go c.followKind(ctx, list, events)
	}
	return events
}

// followKind begins anew whenever the API server ends a watch, as it does from time to time.
func (c *cluster) followKind(ctx context.Context, list client.ObjectList, events chan<- event) {
	for ctx.Err() == nil {
		watching, err := c.client.Watch(ctx, list)
		if err == nil {
			forward(ctx, watching, events)
			watching.Stop()
		}
		if !pause(ctx, 200*time.Millisecond) {
			return
		}
	}
}

func forward(ctx context.Context, watching watch.Interface, events chan<- event) {
	for changed := range watching.ResultChan() {
		obj, ours := changed.Object.(object)
		if !ours {
			continue
		}
		select {
		case events <- event{object: obj, gone: changed.Type == watch.Deleted}:
		case <-ctx.Done():
			return
		}
	}
}

// pause waits, and reports false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

// poll tries until it works; what was wrong last is the error when that takes too long.
func poll(ctx context.Context, what string, most time.Duration, try func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, most)
	defer cancel()
	for {
		err := try(limited)
		if err == nil {
			return nil
		}
		if !pause(limited, 100*time.Millisecond) {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			return fmt.Errorf("%s is not there after %s: %w", what, most, err)
		}
	}
}

// gone reports nil when none of the objects exists any more.
func (c *cluster) gone(ctx context.Context, objects []object) error {
	for _, obj := range objects {
		current := obj.DeepCopyObject().(object)
		err := c.client.Get(ctx, client.ObjectKeyFromObject(obj), current)
		if err == nil {
			return errors.New(reference(obj) + " still exists: " + rowOf(current).message)
		}
		if !apierrors.IsNotFound(err) {
			return fmt.Errorf("reading %s: %w", reference(obj), err)
		}
	}
	return nil
}
