package lifecycle_test

import (
	"context"
	"encoding/json"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("Writer", func() {
	var (
		api      client.Client
		recorder *events.FakeRecorder
		writer   *lifecycle.Writer
		patches  []map[string]any
	)
	note := func(obj client.Object, patch client.Patch) {
		body, err := patch.Data(obj)
		Expect(err).NotTo(HaveOccurred())
		var content map[string]any
		Expect(json.Unmarshal(body, &content)).To(Succeed())
		patches = append(patches, content)
	}
	BeforeEach(func() {
		patches = nil
		scheme := runtime.NewScheme()
		Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
		api = fake.NewClientBuilder().WithScheme(scheme).WithStatusSubresource(&v1alpha1.HostedZone{}).WithInterceptorFuncs(interceptor.Funcs{
			Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
				note(obj, patch)
				return c.Patch(ctx, obj, patch, opts...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
				note(obj, patch)
				return c.SubResource(sub).Patch(ctx, obj, patch, opts...)
			},
		}).Build()
		recorder = events.NewFakeRecorder(16)
		writer = lifecycle.NewWriter(api, recorder)
	})
	stored := func(ctx context.Context, with ...func(*v1alpha1.HostedZone)) *v1alpha1.HostedZone {
		obj := object(with...)
		Expect(api.Create(ctx, obj)).To(Succeed())
		return live(ctx, api)
	}

	It("writes nothing when nothing changed", func(ctx context.Context) {
		before := stored(ctx)
		Expect(writer.Finish(ctx, before, before.DeepCopy(), lifecycle.Done("All is well."))).To(Succeed())
		Expect(patches).To(HaveLen(1))
		again := live(ctx, api)
		Expect(writer.Finish(ctx, again, again.DeepCopy(), lifecycle.Done("All is well."))).To(Succeed())
		Expect(patches).To(HaveLen(1))
		Expect(recorder.Events).To(BeEmpty())
	})

	It("patches the finalizer alone, with the version it was decided on", func(ctx context.Context) {
		obj := stored(ctx, func(z *v1alpha1.HostedZone) { z.Finalizers = []string{"example.com/other"} })
		version := obj.ResourceVersion
		Expect(writer.AddFinalizer(ctx, obj)).To(Succeed())
		Expect(patches).To(HaveExactElements(map[string]any{"metadata": map[string]any{
			"resourceVersion": version, "finalizers": []any{"example.com/other", v1alpha1.Finalizer},
		}}))
		Expect(obj.ResourceVersion).NotTo(Equal(version))
		Expect(writer.AddFinalizer(ctx, obj)).To(Succeed())
		Expect(patches).To(HaveLen(1))
		Expect(writer.DropFinalizer(ctx, obj)).To(Succeed())
		Expect(live(ctx, api).Finalizers).To(ConsistOf("example.com/other"))
	})

	It("does not overwrite what others have written meanwhile", func(ctx context.Context) {
		before := stored(ctx)
		edited := before.DeepCopy()
		edited.Spec.Name = "example.org"
		Expect(api.Update(ctx, edited)).To(Succeed())
		err := writer.Finish(ctx, before, before.DeepCopy(), lifecycle.Done("All is well."))
		Expect(apierrors.IsConflict(err)).To(BeTrue(), "%v", err)
		Expect(lifecycle.IsStale(err)).To(BeTrue())
		Expect(apierrors.IsConflict(writer.AddFinalizer(ctx, before))).To(BeTrue())
	})

	It("writes what was done although the controller stops", func(ctx context.Context) {
		before := stored(ctx)
		cancelled, cancel := context.WithCancel(ctx)
		cancel()
		Expect(writer.Finish(cancelled, before, before.DeepCopy(), lifecycle.Done("All is well."))).To(Succeed())
		Expect(summary(live(ctx, api))).To(ConsistOf("Ready=True Converged"))
	})

	It("writes an intent once, and lets what came of it stand through a retry", func(ctx context.Context) {
		intent := lifecycle.Wait(v1alpha1.ReasonCreating, "It is being made.", 0)
		obj := stored(ctx)
		Expect(writer.Intend(ctx, obj.DeepCopy(), obj, intent)).To(Succeed())
		Expect(patches).To(HaveLen(2), "finalizer and status")
		Expect(writer.Finish(ctx, obj.DeepCopy(), obj, lifecycle.Stall(v1alpha1.ReasonAccessDenied, "Not allowed."))).To(Succeed())
		Expect(recorder.Events).To(Receive(ContainSubstring("AccessDenied")))
		for range 3 {
			Expect(writer.Intend(ctx, obj.DeepCopy(), obj, intent)).To(Succeed())
			Expect(writer.Finish(ctx, obj.DeepCopy(), obj, lifecycle.Stall(v1alpha1.ReasonAccessDenied, "Not allowed."))).To(Succeed())
		}
		Expect(patches).To(HaveLen(3))
		Expect(recorder.Events).To(BeEmpty())

		By("writing it again for another claim, and for another generation")
		before := obj.DeepCopy()
		obj.Status.ManagedFields = []string{"comment"}
		Expect(writer.Intend(ctx, before, obj, intent)).To(Succeed())
		Expect(patches).To(HaveLen(4))
		obj.Generation++
		Expect(writer.Intend(ctx, obj.DeepCopy(), obj, intent)).To(Succeed())
		Expect(patches).To(HaveLen(5))
	})

	It("drops the finalizer of what is gone, and succeeds when the object is", func(ctx context.Context) {
		obj := stored(ctx, func(z *v1alpha1.HostedZone) { z.Finalizers = []string{v1alpha1.Finalizer} })
		Expect(api.Delete(ctx, obj.DeepCopy())).To(Succeed())
		deleted := live(ctx, api)
		Expect(writer.Finish(ctx, deleted, deleted.DeepCopy(), lifecycle.Released(), lifecycle.Normal(v1alpha1.EventDeleted, "Deleted zone"))).To(Succeed())
		Expect(apierrors.IsNotFound(api.Get(ctx, client.ObjectKeyFromObject(obj), obj.DeepCopy()))).To(BeTrue())
		Expect(recorder.Events).To(Receive(ContainSubstring("Deleted zone")))
		_, exists := lifecycle.Newest(writer, deleted)
		Expect(exists).To(BeFalse(), "although the cache still shows it")
		Expect(writer.DropFinalizer(ctx, deleted.DeepCopy())).To(Succeed())
	})

	It("tells who got stuck, and who recovered, once", func(ctx context.Context) {
		obj := stored(ctx)
		for _, step := range []struct {
			outcome lifecycle.Outcome
			told    string
		}{
			{lifecycle.Wait(v1alpha1.ReasonCreating, "It is being made.", 0), ""},
			{lifecycle.Stall(v1alpha1.ReasonConflict, "Somebody has it."), "Warning Conflict Somebody has it."},
			{lifecycle.Stall(v1alpha1.ReasonConflict, "Somebody else has it."), ""},
			{lifecycle.Done("All is well."), "Normal Converged All is well."},
			{lifecycle.Wait(v1alpha1.ReasonUpdating, "It is being changed.", 0), ""},
			{lifecycle.Done("All is well."), ""},
			{lifecycle.Wait(v1alpha1.ReasonReferenceNotFound, "It is not there.", 0), ""},
			{lifecycle.Wait(v1alpha1.ReasonThrottled, "AWS asks to wait.", 0), "Normal Throttled AWS asks to wait."},
		} {
			Expect(writer.Finish(ctx, obj.DeepCopy(), obj, step.outcome)).To(Succeed())
			if step.told == "" {
				Expect(recorder.Events).To(BeEmpty())
			} else {
				Expect(recorder.Events).To(Receive(Equal(step.told)))
			}
		}
	})

	It("knows what it has written before the cache does", func(ctx context.Context) {
		old := stored(ctx)
		Expect(writer.AddFinalizer(ctx, old.DeepCopy())).To(Succeed())
		newest, exists := lifecycle.Newest(writer, old)
		Expect(exists).To(BeTrue())
		Expect(newest.Finalizers).To(ConsistOf(v1alpha1.Finalizer))

		By("believing the cache again once it has it")
		current := live(ctx, api)
		newest, _ = lifecycle.Newest(writer, current)
		Expect(newest).To(BeIdenticalTo(current))
		newest, _ = lifecycle.Newest(writer, old)
		Expect(newest).To(BeIdenticalTo(old))
	})

	It("does not take a successor for the object it has written", func(ctx context.Context) {
		old := stored(ctx)
		Expect(writer.AddFinalizer(ctx, old.DeepCopy())).To(Succeed())
		successor := old.DeepCopy()
		successor.UID = "another"
		newest, exists := lifecycle.Newest(writer, successor)
		Expect(exists).To(BeTrue())
		Expect(newest).To(BeIdenticalTo(successor))
	})

	It("forgets what is gone", func(ctx context.Context) {
		old := stored(ctx)
		Expect(writer.AddFinalizer(ctx, old.DeepCopy())).To(Succeed())
		writer.Forget(client.ObjectKeyFromObject(old))
		newest, _ := lifecycle.Newest(writer, old)
		Expect(newest).To(BeIdenticalTo(old))
	})
})

func live(ctx context.Context, api client.Client) *v1alpha1.HostedZone {
	GinkgoHelper()
	obj := &v1alpha1.HostedZone{}
	Expect(api.Get(ctx, client.ObjectKey{Namespace: "dns", Name: "zone"}, obj)).To(Succeed())
	return obj
}
