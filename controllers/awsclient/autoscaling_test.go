package awsclient

import (
	"fmt"
	"net/http"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// fakeAutoScaling knows every group but "gone".
func fakeAutoScaling(_ int, r *http.Request) answer {
	var b strings.Builder
	f := form(r)
	names := members(f, "AutoScalingGroupNames")
	if len(names) > 50 && f.Get("MaxRecords") != "100" {
		return queryRefusal(400, "ValidationError", "The number of group names must not be greater than 50")
	}
	for _, name := range names {
		if name != "gone" {
			fmt.Fprintf(&b, `<member><AutoScalingGroupName>%s</AutoScalingGroupName></member>`, name)
		}
	}
	return answer{200, `<DescribeAutoScalingGroupsResponse><DescribeAutoScalingGroupsResult><AutoScalingGroups>` + b.String() +
		`</AutoScalingGroups></DescribeAutoScalingGroupsResult></DescribeAutoScalingGroupsResponse>`}
}

var _ = Describe("reads of groups", func() {
	It("share calls of a hundred, and miss nothing but what is gone", func(ctx SpecContext) {
		f := newFakeAWS(fakeAutoScaling)
		c := clientsFor(ctx, f, Options{})
		together(300, func(i int) {
			name := fmt.Sprintf("group%d", i)
			group, err := c.AutoScalingGroup(ctx, name)
			Expect(err).NotTo(HaveOccurred())
			Expect(*group.AutoScalingGroupName).To(Equal(name))
		})
		Expect(len(f.requests())).To(BeNumerically("<=", 6))
		_, err := c.AutoScalingGroup(ctx, "gone")
		Expect(Classify(err)).To(Equal(NotFound))
	})
})
