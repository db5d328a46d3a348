package controllers_test

import (
	"context"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/controllers/internal/testenv"
)

func TestStories(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Stories")
}

// env is the control plane and the AWS of all stories.
var env *testenv.Environment

var _ = SynchronizedBeforeSuite(testenv.StartControlPlane, func(kubeconfig []byte) { env = testenv.Connect(kubeconfig) })

// newStory gives every spec of a container a world of its own.
func newStory() *testenv.Story {
	s := new(testenv.Story)
	BeforeEach(func(ctx context.Context) { env.Begin(ctx, s) })
	return s
}
