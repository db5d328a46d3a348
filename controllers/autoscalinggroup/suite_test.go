package autoscalinggroup

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestAutoScalingGroup(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "autoscalinggroup")
}
