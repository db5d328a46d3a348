package controllers_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("Another replica goes on when the leader dies", func() {
	s := newStory()
	const burst = 20
	var (
		first   *Manager
		records []lifecycle.Object
		listed  []string
	)
	BeforeEach(func(ctx context.Context) {
		first = s.StartManager(ctx, ManagerOptions{LeaderElect: true})
		zone := Zone()
		s.Create(ctx, zone)
		s.ExpectReady(ctx, zone)
		s.Put(ctx, s.OnlyZone(), Record("theirs.example.com.", types.RRTypeA, "203.0.113.1"))
		records, listed = nil, []string{"theirs.example.com. A 60 203.0.113.1"}
		for i := range burst {
			records = append(records, RecordSet(fmt.Sprint("record-", i), numbered(i)))
			listed = append(listed, numbered(i)+".example.com. A 60 192.0.2.1")
		}
		s.StartManager(ctx, ManagerOptions{LeaderElect: true})
	})
	expectDone := func(ctx context.Context) {
		GinkgoHelper()
		for _, record := range records {
			s.Create(ctx, record)
		}
		first.ExpectKilled()
		s.Sim.SetHook(nil)
		s.ExpectReady(ctx, records...)
		Expect(s.Records(s.OnlyZone())).To(ConsistOf(listed))
		s.ExpectQuiet(ctx)
	}

	for _, at := range []Moment{Before, After} {
		It(fmt.Sprintf("%s its batch took effect", at), func(ctx context.Context) {
			s.KillAtCall(first, "ChangeResourceRecordSets", at)
			expectDone(ctx)
		})
		It(fmt.Sprintf("%s it wrote an intent among others", at), func(ctx context.Context) {
			first.KillAtWrite(WritesIntent, at, "record-7")
			expectDone(ctx)
		})
		It(fmt.Sprintf("%s it wrote that a record is Ready", at), func(ctx context.Context) {
			first.KillAtWrite(WritesReady, at, "record-7")
			expectDone(ctx)
		})
	}
})

var _ = Describe("With the request budgets of production", func() {
	s := newStory()

	It("a burst of zones and records converges, and no more calls are made than AWS allows", func(ctx context.Context) {
		const (
			zones = 12
			// longest is how long some 130 calls take at 9 a second, and then several times that.
			longest = time.Minute
		)
		var mu sync.Mutex
		var calls []time.Time
		s.Sim.SetHook(func(call awssim.Call) {
			if call.Phase == awssim.Before && call.Service == "route53" {
				mu.Lock()
				defer mu.Unlock()
				calls = append(calls, time.Now())
			}
		})
		var objects []lifecycle.Object
		for i := range zones {
			zone := HostedZone(fmt.Sprint("zone-", i), fmt.Sprintf("zone-%d.example.com", i), WithTag("team", "platform"))
			objects = append(objects, zone, RecordSet(fmt.Sprint("record-", i), "www", InZoneOf(zone.Name)))
		}
		for _, obj := range objects {
			s.Create(ctx, obj)
		}
		s.StartManager(ctx, ManagerOptions{PublishedBudgets: true})
		for _, obj := range objects {
			Eventually(Live(ctx, s, obj)).WithTimeout(longest).Should(BeReady())
		}
		Expect(s.Zones()).To(HaveLen(zones))

		mu.Lock()
		defer mu.Unlock()
		// AWS's own bucket: 50 calls at once, and 10 a second.
		tokens, last := 50.0, calls[0]
		for i, at := range calls {
			tokens = min(50, tokens+10*at.Sub(last).Seconds()) - 1
			last = at
			Expect(tokens).To(BeNumerically(">=", 0), "call %d of %d", i+1, len(calls))
		}
		Expect(len(calls)).To(BeNumerically(">", 50), "the story fits into what AWS takes at once")
	})
})
