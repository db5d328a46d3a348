package testenv

import (
	"context"
	"fmt"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/types"
)

// reads are the operations by which the controllers look at AWS once they know what is theirs.
var reads = []string{"GetHostedZone", "ListHostedZonesByName", "ListResourceRecordSets", ELB + "DescribeLoadBalancers", ASG + "DescribeAutoScalingGroups"}

// ExpectQuiet makes the controllers look at every object and expects that they write nothing: not to AWS, not to the
// API server.
func (s *Story) ExpectQuiet(ctx context.Context) {
	GinkgoHelper()
	s.ExpectSettled(ctx)
	looked, written := s.total(reads), s.writes()
	versions := map[types.UID]string{}
	for _, obj := range s.Objects(ctx) {
		versions[obj.GetUID()] = s.look(ctx, obj)
	}
	if len(versions) > 0 {
		Eventually(func() int { return s.total(reads) }).Should(BeNumerically(">", looked), "the controllers do not look")
	}
	Eventually(s.linter.versions).Should(Equal(versions), "writes to the API server")
	Consistently(func(g Gomega) {
		g.Expect(s.writes()).To(Equal(written), "calls that change AWS")
		g.Expect(s.linter.versions()).To(Equal(versions), "writes to the API server")
	}).Should(Succeed())
}

// ExpectSettled waits until the controllers have stopped writing.
func (s *Story) ExpectSettled(ctx context.Context) {
	GinkgoHelper()
	last, since := "", 0
	Eventually(ctx, func() int {
		now := fmt.Sprint(s.writes(), s.linter.versions())
		if since++; now != last {
			last, since = now, 0
		}
		return since
	}).Should(BeNumerically(">=", int(calm/polling)*2/3), "the world never comes to rest")
}

// writes counts the calls that change AWS, by operation.
func (s *Story) writes() map[string]int {
	counts := map[string]int{}
	for call, n := range s.Sim.Meter().Calls {
		_, operation, _ := strings.Cut(call, "/")
		if changesAWS(operation) {
			counts[operation] = n
		}
	}
	return counts
}

// changesAWS reports whether an operation is one that changes AWS.
func changesAWS(operation string) bool {
	return !strings.HasPrefix(operation, "Get") && !strings.HasPrefix(operation, "List") && !strings.HasPrefix(operation, "Describe")
}

// Writes counts all calls that change AWS since the story began, others' included.
func (s *Story) Writes() int {
	total := 0
	for _, n := range s.writes() {
		total += n
	}
	return total
}

func (s *Story) total(operations []string) int {
	total := 0
	for _, operation := range operations {
		total += s.Calls(operation)
	}
	return total
}

// WritesSince counts the calls that change AWS, by operation, that were made since an earlier count (nil for none).
func (s *Story) WritesSince(before map[string]int) map[string]int {
	counts := s.writes()
	for operation, n := range before {
		if counts[operation] -= n; counts[operation] == 0 {
			delete(counts, operation)
		}
	}
	return counts
}
