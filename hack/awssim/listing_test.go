package awssim_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim"
)

var _ = Describe("Record listings", func() {
	It("are in the order of reversed labels, in normal form", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "Example.com")
		s.mustChange(ctx, zone, create(a("WWW.example.com", "192.0.2.1")), create(a("b.a.example.com.", "192.0.2.1")),
			create(a("@.example.com", "192.0.2.1")), create(a(`a\057b.example.com`, "192.0.2.1")), create(a("*.example.com", "192.0.2.1")),
			create(rrset("a.example.com", types.RRTypeTxt, []string{`"t"`})), create(a("a.example.com", "192.0.2.1", weight("two", 1))),
			create(a("a.example.com", "192.0.2.1", weight("one", 1))), create(a("_x.example.com", "192.0.2.1")))
		Expect(s.listed(zone)).To(Equal([]string{
			"example.com. NS", "example.com. SOA", `\052.example.com. A`, `\100.example.com. A`, "_x.example.com. A",
			"a.example.com. A one", "a.example.com. A two", "a.example.com. TXT", "b.a.example.com. A",
			`a\057b.example.com. A`, "www.example.com. A",
		}))
	})

	It("come in pages of 100 unasked and 300 at most, that go on inside a name and type", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		var changes []types.Change
		for i := range 700 {
			changes = append(changes, create(a(fmt.Sprintf("r%03d.example.com", i/7), "192.0.2.1", weight(fmt.Sprint(i%7), 1))))
		}
		s.mustChange(ctx, zone, changes...)
		unasked, err := s.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone})
		Expect(err).NotTo(HaveOccurred())
		Expect(unasked.ResourceRecordSets).To(HaveLen(100))
		Expect(*unasked.NextRecordIdentifier).To(Equal("0"))
		s.ResetMeter()
		var names []string
		pages := route53.NewListResourceRecordSetsPaginator(s.route53, &route53.ListResourceRecordSetsInput{
			HostedZoneId: &zone, MaxItems: aws.Int32(1000),
		})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			Expect(err).NotTo(HaveOccurred())
			for _, set := range page.ResourceRecordSets {
				names = append(names, *set.Name+aws.ToString(set.SetIdentifier))
			}
		}
		Expect(names).To(HaveLen(702))
		Expect(slices.Compact(slices.Sorted(slices.Values(names[2:])))).To(HaveLen(700))
		Expect(s.Meter().Calls).To(Equal(map[string]int{"route53/ListResourceRecordSets": 3}))
		from, err := s.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{
			HostedZoneId: &zone, StartRecordName: aws.String("R050.Example.com"), StartRecordType: types.RRTypeA,
			StartRecordIdentifier: aws.String("3"), MaxItems: aws.Int32(1),
		})
		Expect(err).NotTo(HaveOccurred())
		Expect(*from.ResourceRecordSets[0].Name + *from.ResourceRecordSets[0].SetIdentifier).To(Equal("r050.example.com.3"))
	})

	It("stay quick with 10,000 records", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		for i := range 10 {
			var changes []types.Change
			for j := range 999 {
				changes = append(changes, create(a(fmt.Sprintf("r%d-%d.example.com", j, i), "192.0.2.1")))
			}
			s.mustChange(ctx, zone, changes...)
		}
		began := time.Now()
		for i := range 20 {
			s.mustChange(ctx, zone, upsert(a(fmt.Sprintf("r%d-0.example.com", i), "192.0.2.2")))
		}
		Expect(time.Since(began)).To(BeNumerically("<", 2*time.Second), "20 single changes")
	})
})

var _ = Describe("Any sequence of batches", func() {
	It("leaves what a plain map of records would hold", func(ctx SpecContext) {
		s := start(awssim.Options{})
		zone := s.zone(ctx, "example.com")
		model := map[string]string{}
		random := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 1))
		for range 300 {
			after := map[string]string{}
			for name, address := range model {
				after[name] = address
			}
			var changes []types.Change
			ok := true
			touched := map[string]bool{}
			for range 1 + random.IntN(4) {
				name := fmt.Sprintf("%c.example.com.", 'a'+random.IntN(6))
				address := fmt.Sprintf("192.0.2.%d", random.IntN(3))
				stored, exists := after[name]
				ok = ok && !touched[name]
				touched[name] = true
				switch random.IntN(3) {
				case 0:
					changes = append(changes, create(a(name, address)))
					ok = ok && !exists
					after[name] = address
				case 1:
					changes = append(changes, upsert(a(strings.ToUpper(name), address)))
					after[name] = address
				default:
					changes = append(changes, remove(a(name, address)))
					ok = ok && exists && stored == address
					delete(after, name)
				}
			}
			// A DELETE and then a CREATE of one name is the one pair allowed;
			// the model leaves such batches out.
			if len(touched) < len(changes) {
				continue
			}
			err := s.change(ctx, zone, changes...)
			if !ok {
				Expect(codeOf(err)).To(Equal("InvalidChangeBatch"))
				continue
			}
			Expect(err).NotTo(HaveOccurred())
			model = after
		}
		found, _ := s.Zone(zone)
		held := map[string]string{}
		for _, set := range found.RecordSets[2:] {
			held[*set.Name] = *set.ResourceRecords[0].Value
		}
		Expect(held).To(Equal(model))
	})

	It("is safe from many goroutines", func(ctx SpecContext) {
		s := start(awssim.Options{Limits: awssim.LimitsAWS})
		zone := s.zone(ctx, "example.com")
		Expect(s.AddFault(awssim.Fault{Service: "*", Operation: "*", Kind: awssim.Stale, Share: 0.2})).To(Succeed())
		var group sync.WaitGroup
		for i := range 8 {
			group.Go(func() {
				defer GinkgoRecover()
				for j := range 10 {
					_ = s.change(ctx, zone, upsert(a(fmt.Sprintf("r%d.example.com", j), fmt.Sprintf("192.0.2.%d", i))))
					_, _ = s.route53.ListResourceRecordSets(ctx, &route53.ListResourceRecordSetsInput{HostedZoneId: &zone})
					_, err := s.StateJSON()
					Expect(err).NotTo(HaveOccurred())
					s.Zones()
					s.clock.Advance(time.Second)
				}
			})
		}
		group.Wait()
		Expect(s.Meter().Calls["route53/ChangeResourceRecordSets"]).To(Equal(80))
	})
})
