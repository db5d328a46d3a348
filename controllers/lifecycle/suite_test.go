package lifecycle_test

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

func TestLifecycle(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "lifecycle")
}

// object is a zone of generation 2 that nobody has looked at.
func object(with ...func(*v1alpha1.HostedZone)) *v1alpha1.HostedZone {
	obj := &v1alpha1.HostedZone{ObjectMeta: metav1.ObjectMeta{Namespace: "dns", Name: "zone", UID: "uid", Generation: 2}}
	obj.Status.ObservedGeneration = -1
	for _, f := range with {
		f(obj)
	}
	return obj
}
