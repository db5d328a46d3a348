package hostedzone

import (
	"context"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// byParent is the index of HostedZones by the one that they are delegated from.
const byParent = "delegateFrom"

// parentOf is the HostedZone that keeps the delegation of an object which has one.
func parentOf(obj *v1alpha1.HostedZone) types.NamespacedName {
	ref := types.NamespacedName{Namespace: obj.Spec.DelegateFrom.Namespace, Name: obj.Spec.DelegateFrom.Name}
	if ref.Namespace == "" {
		ref.Namespace = obj.Namespace
	}
	return ref
}

func indexParent(obj client.Object) []string {
	zone := obj.(*v1alpha1.HostedZone)
	if zone.Spec.DelegateFrom == nil {
		return nil
	}
	return []string{parentOf(zone).String()}
}

// childrenOf are the zones that are delegated from another one: whether they can be, its spec says.
func (k *Kind) childrenOf(ctx context.Context, parent client.Object) []reconcile.Request {
	var zones v1alpha1.HostedZoneList
	if err := k.reader.List(ctx, &zones, client.MatchingFields{byParent: client.ObjectKeyFromObject(parent).String()}); err != nil {
		ctrl.LoggerFrom(ctx).Error(err, "Could not list the HostedZones that are delegated from another")
		return nil
	}
	requests := make([]reconcile.Request, len(zones.Items))
	for i := range zones.Items {
		requests[i].NamespacedName = client.ObjectKeyFromObject(&zones.Items[i])
	}
	return requests
}

// observeParent reads the HostedZone that the delegation is to be kept in. That there is none is told by the RecordSets
// that keep it, and goes for a namespace that is not watched, too.
func (k *Kind) observeParent(ctx context.Context, obj *v1alpha1.HostedZone, o *observed) error {
	if obj.Spec.DelegateFrom == nil || lifecycle.Deleting(obj) {
		return nil
	}
	parent := &v1alpha1.HostedZone{}
	err := k.reader.Get(ctx, parentOf(obj), parent)
	switch {
	case apierrors.IsNotFound(err), lifecycle.IsUnwatched(err):
		return nil
	case err != nil:
		return fmt.Errorf("reading HostedZone %s: %w", parentOf(obj), err)
	}
	o.parent = parent
	return nil
}

// checkParent refuses a zone that spec.delegateFrom names and that can never delegate this one.
func checkParent(obj *v1alpha1.HostedZone, o *observed) error {
	if o.parent == nil {
		return nil
	}
	own, above := canonicalName(obj.Spec.Name), canonicalName(o.parent.Spec.Name)
	ref := parentOf(obj)
	switch {
	case isPrivate(o.parent):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "spec.delegateFrom names HostedZone %s, which is private, so that resolvers outside its VPCs would not see the delegation. Name a public zone, or remove spec.delegateFrom.", ref)
	case own == above:
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "spec.delegateFrom names HostedZone %s, which has the same name as this zone (%s). Name the zone that is above it in DNS, or remove spec.delegateFrom.", ref, own)
	case !strings.HasSuffix(own, "."+above):
		return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "spec.delegateFrom names HostedZone %s of the name %s, and %s is not below that. Name the zone that is above it in DNS, or remove spec.delegateFrom.", ref, above, own)
	}
	return nil
}
