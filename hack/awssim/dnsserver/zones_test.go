package dnsserver_test

import (
	"bytes"
	"log/slog"
	"net/netip"
	"sync"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("Zones", func() {
	resolve := func(r *dnsserver.Resolver, zoneID, name, client string) dnsserver.Answer {
		return r.Resolve(dnsserver.Query{ZoneID: zoneID, Name: name, Type: "A", Client: netip.MustParseAddr(client)})
	}
	private := func(z dnsserver.Zone, vpcs ...string) dnsserver.Zone {
		z.Private, z.VPCs = true, vpcs
		return z
	}
	a := func(name, value string) dnsserver.Zone {
		return zone("Z"+value, name, set("www."+name, "A", 60, value))
	}

	It("with the longest name win", func() {
		addr := start(dnsserver.Options{Backend: backend(a("example.com.", "192.0.2.1"), a("sub.example.com.", "192.0.2.2"))})
		Expect(texts(ask(addr, "www.sub.example.com.", dns.TypeA).Answer)).To(ConsistOf("www.sub.example.com. 60 IN A 192.0.2.2"))
		Expect(texts(ask(addr, "www.example.com.", dns.TypeA).Answer)).To(ConsistOf("www.example.com. 60 IN A 192.0.2.1"))
		Expect(texts(ask(addr, "x.sub.example.com.", dns.TypeA).Ns)).To(ConsistOf(negativeSOA("sub.example.com.")))
	})

	It("keep the DS records of a child in the parent", func() {
		parent := zone("Z1", "example.com.",
			set("sub.example.com.", "NS", 60, "ns.example.net"),
			set("sub.example.com.", "DS", 60, "1 13 2 0000000000000000000000000000000000000000000000000000000000000000"))
		addr := start(dnsserver.Options{Backend: backend(parent, a("sub.example.com.", "192.0.2.2"))})
		Expect(ask(addr, "sub.example.com.", dns.TypeDS).Answer).To(HaveLen(1))
		Expect(texts(ask(addr, "example.com.", dns.TypeDS).Ns)).To(ConsistOf(negativeSOA("example.com.")))
	})

	It("of one name: the first answers, any by its id", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: backend(
			a("example.com.", "192.0.2.1"), a("example.com.", "192.0.2.2"), private(a("example.com.", "192.0.2.3"), "vpc-1"))})
		Expect(resolve(resolver, "", "www.example.com", "127.0.0.1").Values("A")).To(ConsistOf("192.0.2.1"))
		Expect(resolve(resolver, "/hostedzone/Z192.0.2.2", "WWW.example.com.", "127.0.0.1").Values("A")).To(ConsistOf("192.0.2.2"))
		Expect(resolve(resolver, "Z192.0.2.3", "www.example.com", "127.0.0.1").Values("A")).To(ConsistOf("192.0.2.3"))
		Expect(resolve(resolver, "Z192.0.2.3", "no.example.com", "127.0.0.1").ResponseCode()).To(Equal("NXDOMAIN"))
		Expect(resolve(resolver, "Z192.0.2.3", "example.org", "127.0.0.1").ResponseCode()).To(Equal("REFUSED"))
		Expect(resolve(resolver, "Zunknown", "www.example.com", "127.0.0.1").ResponseCode()).To(Equal("REFUSED"))
	})

	It("that are private answer only in their VPCs, without falling through", func() {
		world := backend(
			a("example.com.", "192.0.2.1"), a("deep.sub.example.com.", "192.0.2.2"), a("example.net.", "192.0.2.3"),
			private(a("example.com.", "10.0.0.1"), "vpc-1", "vpc-2"),
			private(a("sub.example.com.", "10.0.0.2"), "vpc-2"))
		vpcs := map[string]string{"127.0.1.1": "vpc-1", "127.0.1.2": "vpc-2"}
		resolver := dnsserver.NewResolver(dnsserver.Options{
			Backend: world,
			VPC:     func(addr netip.Addr) string { return vpcs[addr.String()] },
		})
		answered := func(name, client string) []string {
			answer := resolve(resolver, "", name, client)
			return append(answer.Values("A"), answer.ResponseCode())
		}
		By("public clients see public zones")
		Expect(answered("www.example.com", "127.0.0.1")).To(Equal([]string{"192.0.2.1", "NOERROR"}))
		By("VPC clients see the private zone instead")
		Expect(answered("www.example.com", "127.0.1.1")).To(Equal([]string{"10.0.0.1", "NOERROR"}))
		Expect(answered("www.deep.sub.example.com", "127.0.1.1")).To(Equal([]string{"NXDOMAIN"}))
		By("the most specific private zone wins")
		Expect(answered("www.sub.example.com", "127.0.1.2")).To(Equal([]string{"10.0.0.2", "NOERROR"}))
		Expect(answered("www.sub.example.com", "127.0.1.1")).To(Equal([]string{"NXDOMAIN"}))
		By("names in no private zone are public")
		Expect(answered("www.example.net", "127.0.1.1")).To(Equal([]string{"192.0.2.3", "NOERROR"}))
	})

	It("are private by the client's source address over the wire", func() {
		world := backend(private(a("example.com.", "10.0.0.1"), "vpc-1"))
		inside := start(dnsserver.Options{Backend: world, VPC: func(netip.Addr) string { return "vpc-1" }})
		Expect(ask(inside, "www.example.com.", dns.TypeA).Answer).To(HaveLen(1))
		outside := start(dnsserver.Options{Backend: world})
		Expect(ask(outside, "www.example.com.", dns.TypeA).Rcode).To(Equal(dns.RcodeRefused))
	})

	It("are read once for each generation, and anew when it changes", func() {
		world := backend(a("example.com.", "192.0.2.1"))
		addr := start(dnsserver.Options{Backend: world})
		var clients sync.WaitGroup
		for range 8 {
			clients.Go(func() {
				defer GinkgoRecover()
				for range 20 {
					Expect(exchange("udp", addr, question("www.example.com.", dns.TypeA)).Answer).To(HaveLen(1))
				}
			})
		}
		clients.Wait()
		Expect(world.timesRead()).To(Equal(1))
		world.become(a("example.com.", "192.0.2.2"))
		Expect(texts(ask(addr, "www.example.com.", dns.TypeA).Answer)).To(ConsistOf("www.example.com. 60 IN A 192.0.2.2"))
		Expect(world.timesRead()).To(Equal(2))
	})

	It("with unreadable content serve the rest and say so", func() {
		var log bytes.Buffer
		broken := a("example.com.", "192.0.2.1")
		broken.RecordSets = append(broken.RecordSets, set("a..example.com.", "A", 60, "192.0.2.2"),
			set("www.example.org.", "A", 60, "192.0.2.2"), set("t.example.com.", "NONSENSE", 60, "x"))
		resolver := dnsserver.NewResolver(dnsserver.Options{
			Backend: backend(broken, a("bad..zone.", "192.0.2.3")),
			Logger:  slog.New(slog.NewTextHandler(&log, nil)),
		})
		Expect(resolve(resolver, "", "www.example.com", "127.0.0.1").Values("A")).To(ConsistOf("192.0.2.1"))
		Expect(log.String()).To(And(ContainSubstring("a..example.com."), ContainSubstring("www.example.org."),
			ContainSubstring("NONSENSE"), ContainSubstring("bad..zone.")))
	})

	DescribeTable("refuse queries that are none", func(query dnsserver.Query) {
		answer := dnsserver.NewResolver(dnsserver.Options{Backend: backend()}).Resolve(query)
		Expect(answer.ResponseCode()).To(Equal("FORMERR"))
		Expect(answer.Err).To(HaveOccurred())
	},
		Entry("no name", dnsserver.Query{Type: "A"}),
		Entry("no type", dnsserver.Query{Name: "example.com"}),
		Entry("a label too long", dnsserver.Query{Type: "A", Name: string(bytes.Repeat([]byte("x"), 64)) + ".com"}),
		Entry("a name too long", dnsserver.Query{Type: "A", Name: string(bytes.Repeat([]byte("xyz."), 70))}),
	)
})
