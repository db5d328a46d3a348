package acts

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestActs(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "Acts")
}
