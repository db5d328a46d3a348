package controllers_test

import (
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

var _ = Describe("The metric of objects", func() {
	It("counts them by how they stand, once this replica works", func() {
		scheme := runtime.NewScheme()
		Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
		standing := func(obj lifecycle.Object, status metav1.ConditionStatus, reason string) lifecycle.Object {
			obj.SetNamespace("default")
			obj.CommonStatus().Conditions = []metav1.Condition{{Type: v1alpha1.ConditionReady, Status: status, Reason: reason}}
			return obj
		}
		fresh := RecordSet("fresh", "fresh")
		fresh.SetNamespace("default")
		reader := fake.NewClientBuilder().WithScheme(scheme).WithObjects(
			fresh,
			standing(Zone(), metav1.ConditionTrue, v1alpha1.ReasonConverged),
			standing(RecordSet("a", "a"), metav1.ConditionTrue, v1alpha1.ReasonConverged),
			standing(RecordSet("b", "b"), metav1.ConditionTrue, v1alpha1.ReasonConverged),
			standing(RecordSet("c", "c"), metav1.ConditionFalse, v1alpha1.ReasonConflict),
		).Build()
		elected, registry := make(chan struct{}), prometheus.NewPedanticRegistry()
		Expect(controllers.CountObjects(registry, reader, elected)).To(Succeed())
		Expect(testutil.GatherAndCount(registry)).To(BeZero())
		close(elected)
		Expect(testutil.GatherAndCompare(registry, strings.NewReader(`
# HELP evenkeel_objects Objects by their condition Ready and its reason.
# TYPE evenkeel_objects gauge
evenkeel_objects{kind="HostedZone",ready="True",reason="Converged"} 1
evenkeel_objects{kind="RecordSet",ready="False",reason="Conflict"} 1
evenkeel_objects{kind="RecordSet",ready="True",reason="Converged"} 2
evenkeel_objects{kind="RecordSet",ready="Unknown",reason=""} 1
`))).To(Succeed())
	})
})
