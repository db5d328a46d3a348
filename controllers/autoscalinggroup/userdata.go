package autoscalinggroup

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/builder"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/predicate"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Of ConfigMaps and Secrets only the metadata is watched and kept in memory; what is in those that are named is read one
// by one when it is needed.
// +kubebuilder:rbac:groups="",resources=configmaps;secrets,verbs=get;list;watch

// maxUserData is how many bytes of user data EC2 takes.
const maxUserData = 16 << 10

// Indexes of AutoScalingGroups by what their user data is in.
const (
	byConfigMap = "userDataConfigMap"
	bySecret    = "userDataSecret"
)

// userDataConfigMap is the ConfigMap that the user data is in; nil when it is in none.
func userDataConfigMap(obj *v1alpha1.AutoScalingGroup) *v1alpha1.ConfigMapKeyReference {
	if obj.Spec.LaunchTemplate == nil || obj.Spec.LaunchTemplate.UserDataFrom == nil {
		return nil
	}
	return obj.Spec.LaunchTemplate.UserDataFrom.ConfigMapKeyRef
}

// userDataSecret is the Secret that the user data is in; nil when it is in none.
func userDataSecret(obj *v1alpha1.AutoScalingGroup) *v1alpha1.SecretKeyReference {
	if obj.Spec.LaunchTemplate == nil || obj.Spec.LaunchTemplate.UserDataFrom == nil {
		return nil
	}
	return obj.Spec.LaunchTemplate.UserDataFrom.SecretKeyRef
}

// observeUserData reads the user data that the spec refers to. It is kept for this turn only.
func (k *Kind) observeUserData(ctx context.Context, obj *v1alpha1.AutoScalingGroup, o *observed) error {
	var kind, name, key string
	var content client.Object
	var bytes func() []byte
	switch secret, config := userDataSecret(obj), userDataConfigMap(obj); {
	case secret != nil:
		found := &corev1.Secret{}
		kind, name, key, content = "Secret", secret.Name, secret.Key, found
		bytes = func() []byte { return found.Data[secret.Key] }
	case config != nil:
		found := &corev1.ConfigMap{}
		kind, name, key, content = "ConfigMap", config.Name, config.Key, found
		bytes = func() []byte {
			if text, ok := found.Data[config.Key]; ok {
				return []byte(text)
			}
			return found.BinaryData[config.Key]
		}
	default:
		return nil
	}
	switch err := k.uncached.Get(ctx, client.ObjectKey{Namespace: obj.Namespace, Name: name}, content); {
	case apierrors.IsNotFound(err):
		o.missing = lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("The user data is not there yet: %s %s does not exist.", kind, name), 0))
		return nil
	case err != nil:
		return fmt.Errorf("reading %s %s: %w", kind, name, err)
	}
	o.userData = bytes()
	switch size := len(o.userData); {
	case size == 0:
		o.missing = lifecycle.AsError(lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, fmt.Sprintf("The user data is not there yet: %s %s has nothing under the key %s.", kind, name, key), 0))
	case size > maxUserData:
		o.missing = lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The user data in %s %s, key %s, has %d bytes; EC2 takes %d. Let it fetch the rest.", kind, name, key, size, maxUserData)
	}
	return nil
}

// indexUserData makes AutoScalingGroups found by what their user data is in.
func indexUserData(ctx context.Context, indexer client.FieldIndexer) error {
	indexes := map[string]func(*v1alpha1.AutoScalingGroup) []string{
		byConfigMap: func(obj *v1alpha1.AutoScalingGroup) []string {
			if ref := userDataConfigMap(obj); ref != nil {
				return []string{ref.Name}
			}
			return nil
		},
		bySecret: func(obj *v1alpha1.AutoScalingGroup) []string {
			if ref := userDataSecret(obj); ref != nil {
				return []string{ref.Name}
			}
			return nil
		},
	}
	for name, extract := range indexes {
		err := indexer.IndexField(ctx, &v1alpha1.AutoScalingGroup{}, name, func(obj client.Object) []string { return extract(obj.(*v1alpha1.AutoScalingGroup)) })
		if err != nil {
			return fmt.Errorf("indexing AutoScalingGroups by what their user data is in: %w", err)
		}
	}
	return nil
}

// watchUserData wakes groups when what their user data is in comes, changes or goes.
func watchUserData(b *ctrl.Builder, kind *Kind) *ctrl.Builder {
	for resource, index := range map[string]string{"ConfigMap": byConfigMap, "Secret": bySecret} {
		watched := &metav1.PartialObjectMetadata{}
		watched.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind(resource))
		b = b.WatchesMetadata(watched, handler.EnqueueRequestsFromMapFunc(kind.usersOf(index)), builder.WithPredicates(predicate.ResourceVersionChangedPredicate{}))
	}
	return b
}

// usersOf returns the AutoScalingGroups whose user data is in an object.
func (k *Kind) usersOf(index string) handler.MapFunc {
	return func(ctx context.Context, obj client.Object) []reconcile.Request {
		var users v1alpha1.AutoScalingGroupList
		err := k.reader.List(ctx, &users, client.InNamespace(obj.GetNamespace()), client.MatchingFields{index: obj.GetName()})
		if err != nil {
			ctrl.LoggerFrom(ctx).Error(err, "Could not list AutoScalingGroups")
			return nil
		}
		var requests []reconcile.Request
		for i := range users.Items {
			requests = append(requests, reconcile.Request{NamespacedName: types.NamespacedName{
				Namespace: users.Items[i].Namespace, Name: users.Items[i].Name,
			}})
		}
		return requests
	}
}
