package simulated

import (
	"context"
	"fmt"
	"strings"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/tools/events"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Store begins a store of all kinds.
func Store() *fake.ClientBuilder {
	ginkgo.GinkgoHelper()
	scheme := runtime.NewScheme()
	gomega.Expect(v1alpha1.AddToScheme(scheme)).To(gomega.Succeed())
	gomega.Expect(corev1.AddToScheme(scheme)).To(gomega.Succeed())
	return fake.NewClientBuilder().WithScheme(scheme)
}

// Guarded is a way to a store on which each patch goes through write, which may do it or not. What is patched is the
// object itself, or its status.
func Guarded(store client.Client, write func(ctx context.Context, what string, obj client.Object, do func() error) error) client.Client {
	return interceptor.NewClient(store.(client.WithWatch), interceptor.Funcs{
		Patch: func(ctx context.Context, c client.WithWatch, obj client.Object, patch client.Patch, opts ...client.PatchOption) error {
			return write(ctx, "object", obj, func() error { return c.Patch(ctx, obj, patch, opts...) })
		},
		SubResourcePatch: func(ctx context.Context, c client.Client, sub string, obj client.Object, patch client.Patch, opts ...client.SubResourcePatchOption) error {
			return write(ctx, sub, obj, func() error { return c.SubResource(sub).Patch(ctx, obj, patch, opts...) })
		},
	})
}

// Told are the events that a recorder has been told since it was last asked.
func Told(recorder *events.FakeRecorder) []string {
	var told []string
	for {
		select {
		case event := <-recorder.Events:
			told = append(told, event)
		default:
			return told
		}
	}
}

// Conditions are the conditions of an object by lines.
func Conditions(obj lifecycle.Object) string {
	var lines []string
	for _, c := range obj.CommonStatus().Conditions {
		lines = append(lines, fmt.Sprintf("%s=%s %s: %s", c.Type, c.Status, c.Reason, c.Message))
	}
	return strings.Join(lines, "\n")
}
