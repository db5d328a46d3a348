// Package simulated is what the worlds have in common in which specs reconcile one object by direct call: a simulated AWS
// behind a real connection and in real time, made fast; and a store for an API server, which a process that is dead cannot
// write to. Package sandbox is for sequences without either.
package simulated

import (
	"context"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// AWS starts a simulated AWS that is fast and has no limits, until the spec ends, and clients of it that have ample budgets.
func AWS(ctx context.Context, change ...func(*awssim.Options)) (*awssim.Server, *awsclient.Clients) {
	ginkgo.GinkgoHelper()
	latency := frame.Exactly(0)
	options := awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsOff, Latency: &latency, Seed: uint64(ginkgo.GinkgoRandomSeed())}
	for _, f := range change {
		f(&options)
	}
	sim, err := awssim.New(options)
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	server := httptest.NewServer(sim)
	ginkgo.DeferCleanup(sim.Close)
	ginkgo.DeferCleanup(server.Close)
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": server.URL, "AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEVENKEEL", "AWS_SECRET_ACCESS_KEY": "secret",
	} {
		ginkgo.GinkgoT().Setenv(name, value)
	}
	ample := awsclient.Budget{Account: awsclient.Rate{Capacity: 100000, Refill: 100000}}
	clients, err := awsclient.New(ctx, awsclient.Options{BatchDelay: time.Microsecond, Budgets: map[string]awsclient.Budget{
		awsclient.ServiceAutoScaling: ample, awsclient.ServiceEC2: ample, awsclient.ServiceELBV2: ample, awsclient.ServiceACM: ample,
		awsclient.ServiceCloudWatch: ample,
	}})
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return sim, clients
}

// Calls counts the calls to AWS that something makes, by operation; of those operations that it is to count.
func Calls(sim *awssim.Server, counts func(operation string) bool, do func()) map[string]int {
	counted := func() map[string]int {
		calls := map[string]int{}
		for call, n := range sim.Meter().Calls {
			if _, operation, _ := strings.Cut(call, "/"); counts(operation) {
				calls[operation] += n
			}
		}
		return calls
	}
	before := counted()
	do()
	made := counted()
	for operation, n := range before {
		if made[operation] -= n; made[operation] == 0 {
			delete(made, operation)
		}
	}
	return made
}

// IsWrite reports whether an operation changes AWS.
func IsWrite(operation string) bool { return !IsRead(operation) }

// IsRead reports whether an operation leaves AWS as it is.
func IsRead(operation string) bool {
	return strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "Get") || strings.HasPrefix(operation, "List")
}

// IsAny is for all operations.
func IsAny(string) bool { return true }
