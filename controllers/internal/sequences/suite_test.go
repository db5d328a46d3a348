package sequences

import (
	"testing"

	"github.com/go-logr/logr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	ctrl "sigs.k8s.io/controller-runtime"
)

func TestSequences(t *testing.T) {
	ctrl.SetLogger(logr.Discard()) // thousands of turns: play a seed again to see one
	RegisterFailHandler(Fail)
	RunSpecs(t, "sequences")
}
