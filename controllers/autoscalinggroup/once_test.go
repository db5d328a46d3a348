package autoscalinggroup

import (
	"reflect"
	"runtime"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// functionNames are the names of functions.
func functionNames[F any](functions []F) []string {
	var names []string
	for _, f := range functions {
		names = append(names, runtime.FuncForPC(reflect.ValueOf(f).Pointer()).Name())
	}
	return names
}

var _ = Describe("The parts of a group", func() {
	// A part that is observed twice takes what it found the first time for something else that is to go.
	DescribeTable("are each looked at once", func(names []string) {
		times := map[string]int{}
		for _, name := range names {
			times[name]++
		}
		Expect(times).NotTo(BeEmpty())
		Expect(times).To(HaveEach(1))
	},
		Entry("when observed", functionNames(observers)), Entry("when compared", functionNames(subjects)))
})
