package autoscalinggroup

import (
	"reflect"
	"runtime"
	"slices"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// A security group that is read twice looks like one too many, and would be deleted.
var _ = DescribeTable("Each part of a group is there once among", func(list any) {
	seen := map[string]bool{}
	functions := reflect.ValueOf(list)
	Expect(functions.Len()).To(BeNumerically(">", 1))
	for i := range functions.Len() {
		name := runtime.FuncForPC(functions.Index(i).Pointer()).Name()
		Expect(seen).NotTo(HaveKey(name))
		seen[name] = true
	}
},
	Entry("the observers", observers),
	Entry("the subjects", slices.Concat(foundations, dependents, removals)),
	Entry("the creators", creators),
	Entry("the deletions", deletions),
	Entry("the declarations", declarations),
)
