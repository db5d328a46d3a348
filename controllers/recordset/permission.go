package recordset

import (
	"context"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	apitypes "k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// permitted returns what to tell an object that a zone does not allow, and nil when it does.
func (r *Reconciler) permitted(ctx context.Context, zone *v1alpha1.HostedZone, obj *v1alpha1.RecordSet) (*lifecycle.Outcome, error) {
	if zone.Namespace == obj.Namespace {
		return nil, nil
	}
	name, err := resolveName(obj.Spec.Name, canonicalName(zone.Spec.Name))
	if err != nil {
		return nil, nil //nolint:nilerr // an invalid name is told by desiredRecord, in better words
	}
	namespaceLabels, err := r.namespaceLabels(ctx, obj.Namespace)
	if err != nil {
		return nil, err
	}
	for i := range zone.Spec.AllowedRecordSets {
		rule := &zone.Spec.AllowedRecordSets[i]
		selector, err := metav1.LabelSelectorAsSelector(&rule.Namespaces)
		if err == nil && selector.Matches(namespaceLabels) && allowsName(rule.Names, name, canonicalName(zone.Spec.Name)) {
			return nil, nil
		}
	}
	return wait(v1alpha1.ReasonReferenceNotPermitted,
		"HostedZone %s/%s does not allow the name %s from namespace %s. Its owner can allow it in spec.allowedRecordSets.",
		zone.Namespace, zone.Name, readableName(name), obj.Namespace), nil
}

// namespaceLabels returns the labels of a namespace; none when it is gone.
func (r *Reconciler) namespaceLabels(ctx context.Context, name string) (labels.Set, error) {
	namespace := &metav1.PartialObjectMetadata{}
	namespace.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Namespace"))
	if err := r.client.Get(ctx, apitypes.NamespacedName{Name: name}, namespace, client.UnsafeDisableDeepCopy); err != nil {
		if apierrors.IsNotFound(err) {
			return labels.Set{}, nil
		}
		return nil, fmt.Errorf("reading namespace %s: %w", name, err)
	}
	return namespace.Labels, nil
}

// allowsName reports whether patterns relative to a zone allow a full name; no patterns allow every name.
func allowsName(patterns []v1alpha1.NamePattern, name, zone string) bool {
	if len(patterns) == 0 {
		return true
	}
	for _, pattern := range patterns {
		switch below, wild := strings.CutPrefix(string(pattern), "*"); {
		case pattern == apex:
			if name == zone {
				return true
			}
		case wild && strings.HasSuffix(name, canonicalName(below+"."+zone)) && below != "":
			return true
		case wild && below == "" && name != zone:
			return true
		case !wild && name == canonicalName(string(pattern)+"."+zone):
			return true
		}
	}
	return false
}
