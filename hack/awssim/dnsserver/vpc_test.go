package dnsserver_test

import (
	"net"
	"net/netip"

	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("VPCs", func() {
	private := func(id, name, value string, vpcs ...string) dnsserver.Zone {
		z := zone(id, name, set("www."+name, "A", 60, value), set("out."+name, "CNAME", 60, "www.example.net"))
		z.Private, z.VPCs = true, vpcs
		return z
	}
	split := func() *world {
		return backend(
			zone("Z1", "example.com.", set("www.example.com.", "A", 60, "192.0.2.1"), set("public.example.com.", "A", 60, "192.0.2.2")),
			zone("Z2", "example.net.", set("www.example.net.", "A", 60, "192.0.2.3")),
			private("Z3", "example.com.", "10.0.0.1", "vpc-0main"),
			private("Z4", "sub.example.com.", "10.0.0.2", "vpc-0main", "vpc-0other"),
			private("Z5", "example.com.", "10.0.0.3", "vpc-0theirs")) // of another account
	}
	values := func(r *dnsserver.Resolver, name, client string) []string {
		answer := r.Resolve(dnsserver.Query{Name: name, Type: "A", Client: netip.MustParseAddr(client)})
		return append(answer.Values("A"), answer.ResponseCode())
	}

	DescribeTable("see their own view",
		func(name, client string, expected ...string) {
			resolver := dnsserver.NewResolver(dnsserver.Options{Backend: split(), VPCs: map[netip.Prefix]string{
				netip.MustParsePrefix("127.1.0.0/16"): "vpc-0main",
				netip.MustParsePrefix("127.2.0.0/16"): "vpc-0other",
				netip.MustParsePrefix("127.3.0.0/16"): "vpc-0theirs",
				netip.MustParsePrefix("fd00::/8"):     "vpc-0main",
			}})
			Expect(values(resolver, name, client)).To(Equal(expected))
		},
		Entry("private instead of public", "www.example.com", "127.1.2.3", "10.0.0.1", "NOERROR"),
		Entry("by IPv6", "www.example.com", "fd00::1", "10.0.0.1", "NOERROR"),
		Entry("by IPv4 in IPv6", "www.example.com", "::ffff:127.1.2.3", "10.0.0.1", "NOERROR"),
		Entry("no fall-through", "public.example.com", "127.1.2.3", "NXDOMAIN"),
		Entry("most specific zone", "www.sub.example.com", "127.1.2.3", "10.0.0.2", "NOERROR"),
		Entry("no fall-through to a less specific zone", "x.sub.example.com", "127.1.2.3", "NXDOMAIN"),
		Entry("another VPC, only the zones it has", "www.sub.example.com", "127.2.0.1", "10.0.0.2", "NOERROR"),
		Entry("another VPC, public where it has none", "www.example.com", "127.2.0.1", "192.0.2.1", "NOERROR"),
		Entry("another account's VPC, zone of one name", "www.example.com", "127.3.0.1", "10.0.0.3", "NOERROR"),
		Entry("another account's VPC, zone it is not in", "www.sub.example.com", "127.3.0.1", "NXDOMAIN"),
		Entry("out of the private zone by CNAME", "out.example.com", "127.1.2.3", "192.0.2.3", "NOERROR"),
		Entry("outside of any", "www.example.com", "127.4.0.1", "192.0.2.1", "NOERROR"),
		Entry("outside of any, private name", "www.sub.example.com", "127.4.0.1", "NXDOMAIN"),
	)

	It("have a default for dig -b", func() {
		addr := start(dnsserver.Options{Backend: split()})
		for _, network := range []string{"udp", "tcp"} {
			dialer := &net.Dialer{LocalAddr: &net.UDPAddr{IP: net.IPv4(127, 1, 2, 3)}}
			if network == "tcp" {
				dialer.LocalAddr = &net.TCPAddr{IP: net.IPv4(127, 1, 2, 3)}
			}
			client := dns.Client{Net: network, Dialer: dialer}
			reply, _, err := client.Exchange(question("www.example.com.", dns.TypeA), addr)
			Expect(err).NotTo(HaveOccurred())
			Expect(texts(reply.Answer)).To(ConsistOf("www.example.com. 60 IN A 10.0.0.1"))
		}
		Expect(texts(ask(addr, "www.example.com.", dns.TypeA).Answer)).To(ConsistOf("www.example.com. 60 IN A 192.0.2.1"))
	})

	It("can be moved while the server runs", func() {
		server, err := dnsserver.Listen(dnsserver.Options{Addr: "127.0.0.1:0", Backend: split()})
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		wide, narrow := netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("127.3.4.5/16")
		www := func(client string) string { return values(server.Resolver(), "www.example.com", client)[0] }

		server.SetVPC(wide, "vpc-0main")
		server.SetVPC(narrow, "vpc-0theirs")
		Expect(server.VPCs()).To(HaveKeyWithValue(narrow.Masked(), "vpc-0theirs"))
		Expect(server.VPCs()).To(HaveLen(3))
		Expect(www("127.9.9.9")).To(Equal("10.0.0.1"))
		Expect(www("127.3.0.1")).To(Equal("10.0.0.3"))
		server.SetVPC(narrow, "")
		Expect(www("127.3.0.1")).To(Equal("10.0.0.1"))
		server.SetVPC(wide, "")
		Expect(server.VPCs()).To(Equal(dnsserver.DefaultVPCs()))
		Expect(www("127.3.0.1")).To(Equal("192.0.2.1"))
	})

	It("are asked of the hook where no prefix says", func() {
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: split(), VPC: func(netip.Addr) string { return "vpc-0theirs" }})
		Expect(values(resolver, "www.example.com", "127.1.2.3")).To(Equal([]string{"10.0.0.3", "NOERROR"}))
		resolver.SetVPC(netip.MustParsePrefix("127.1.0.0/16"), "vpc-0main")
		Expect(values(resolver, "www.example.com", "127.1.2.3")).To(Equal([]string{"10.0.0.1", "NOERROR"}))
	})

	It("keep a private zone out of sight of DNSSEC", func() {
		public := signedBy(zone("Z1", "example.com.", set("www.example.com.", "A", 60, "192.0.2.1")), ksk, zsk)
		hidden := signedBy(private("Z3", "example.com.", "10.0.0.1", "vpc-0main"), ksk, zsk)
		resolver := dnsserver.NewResolver(dnsserver.Options{Backend: backend(public, hidden)})
		query := dnsserver.Query{Name: "www.example.com", Type: "A", DNSSEC: true}
		Expect(resolver.Resolve(query).Records).To(HaveLen(2))
		query.Client = netip.MustParseAddr("127.1.0.1")
		Expect(resolver.Resolve(query).Records).To(HaveLen(1))
	})
})
