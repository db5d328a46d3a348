package sandbox

import (
	"context"
	"fmt"
	"reflect"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// indexer lets the fake client have the controllers' indexes.
type indexer struct{ *fake.ClientBuilder }

func (i indexer) IndexField(_ context.Context, obj client.Object, field string, extract client.IndexerFunc) error {
	i.WithIndex(obj, field, extract)
	return nil
}

func (w *World) openStore(indexes []Index) error {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return err
	}
	if err := corev1.AddToScheme(scheme); err != nil {
		return err
	}
	builder := fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.RecordSet{}, &v1alpha1.HostedZone{})
	for _, index := range indexes {
		if err := index(w.Ctx, indexer{builder}); err != nil {
			return err
		}
	}
	store := builder.Build()
	w.Store = store
	w.mortal = interceptor.NewClient(store, interceptor.Funcs{
		Create: func(ctx context.Context, c client.WithWatch, obj client.Object, o ...client.CreateOption) error {
			return w.write("create", obj, func() error { w.beget(obj); return c.Create(ctx, obj, o...) })
		},
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, o ...client.PatchOption) error {
			return w.write("patch", obj, func() error { return w.patch(ctx, c, obj, patch, o...) })
		},
		Delete: func(ctx context.Context, c client.WithWatch, obj client.Object, o ...client.DeleteOption) error {
			return w.write("delete", obj, func() error { return c.Delete(ctx, obj, o...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, o ...client.SubResourcePatchOption) error {
			return w.write("patch "+sub+" of", obj, func() error { return c.SubResource(sub).Patch(ctx, obj, patch, o...) })
		},
	})
	return nil
}

// patch counts the generation up when the spec changes, which the fake client does not.
func (w *World) patch(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, o ...client.PatchOption) error {
	before := obj.DeepCopyObject().(client.Object)
	if err := c.Get(ctx, client.ObjectKeyFromObject(obj), before); err != nil {
		return err
	}
	if err := c.Patch(ctx, obj, patch, o...); err != nil || reflect.DeepEqual(specOf(before), specOf(obj)) {
		return err
	}
	obj.SetGeneration(before.GetGeneration() + 1)
	return c.Update(ctx, obj)
}

func specOf(obj client.Object) any {
	spec := reflect.ValueOf(obj).Elem().FieldByName("Spec")
	if !spec.IsValid() {
		return nil
	}
	return spec.Interface()
}

// beget gives a new object what the API server gives it.
func (w *World) beget(obj client.Object) {
	w.born++
	if obj.GetUID() == "" {
		obj.SetUID(types.UID(fmt.Sprint("uid", w.born)))
	}
	obj.SetGeneration(1)
	obj.SetFinalizers(nil)
	obj.SetResourceVersion("")
	obj.SetCreationTimestamp(metav1.NewTime(w.Clock.Now()))
	if kind, ok := obj.(lifecycle.Object); ok {
		kind.CommonStatus().ObservedGeneration = -1
	}
}

// Create creates an object as the API server would.
func (w *World) Create(obj client.Object) error {
	w.beget(obj)
	return w.Store.Create(w.Ctx, obj)
}

// Update writes an object whose spec a user has changed. One that is gone is not missed.
func (w *World) Update(obj client.Object) error {
	obj.SetGeneration(obj.GetGeneration() + 1)
	return client.IgnoreNotFound(w.Store.Update(w.Ctx, obj))
}

// Delete deletes an object.
func (w *World) Delete(obj client.Object) error {
	return client.IgnoreNotFound(w.Store.Delete(w.Ctx, obj))
}
