package dnsserver_test

import (
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

var _ = Describe("CNAME chains", func() {
	long := []types.ResourceRecordSet{}
	for i := range 40 {
		long = append(long, set(fmt.Sprintf("l%d.example.com.", i), "CNAME", 60, fmt.Sprintf("l%d.example.com", i+1)))
	}
	chains := []dnsserver.Zone{
		zone("Z1", "example.com.", append(long,
			set("one.example.com.", "CNAME", 60, "Two.example.com"),
			set("two.example.com.", "CNAME", 61, "host.example.net."),
			set("gone.example.com.", "CNAME", 60, "missing.example.net"),
			set("typeless.example.com.", "CNAME", 60, "host.example.net"),
			set("out.example.com.", "CNAME", 60, "www.example.org"),
			set("ping.example.com.", "CNAME", 60, "pong.example.com"),
			set("pong.example.com.", "CNAME", 60, "ping.example.com"),
			set("into.example.com.", "CNAME", 60, "x.cut.example.com"),
			set("cut.example.com.", "NS", 60, "ns.example.org"),
		)...),
		zone("Z2", "example.net.", set("host.example.net.", "A", 62, "192.0.2.1")),
	}

	DescribeTable("are followed within the zones served",
		func(name string, rrtype uint16, rcode int, authority []string, answer ...string) {
			reply := ask(start(dnsserver.Options{Backend: backend(chains...)}), name, rrtype)
			Expect(reply.Rcode).To(Equal(rcode))
			Expect(reply.Authoritative).To(BeTrue())
			Expect(texts(reply.Answer)).To(Equal(answer))
			Expect(texts(reply.Ns)).To(ConsistOf(authority))
		},
		Entry("across zones", "one.example.com.", dns.TypeA, dns.RcodeSuccess, nil,
			"one.example.com. 60 IN CNAME Two.example.com.",
			"Two.example.com. 61 IN CNAME host.example.net.", "host.example.net. 62 IN A 192.0.2.1"),
		Entry("not when the CNAME is asked for", "one.example.com.", dns.TypeCNAME, dns.RcodeSuccess, nil,
			"one.example.com. 60 IN CNAME Two.example.com."),
		Entry("to a missing name", "gone.example.com.", dns.TypeA, dns.RcodeNameError, []string{negativeSOA("example.net.")},
			"gone.example.com. 60 IN CNAME missing.example.net."),
		Entry("to a missing type", "typeless.example.com.", dns.TypeMX, dns.RcodeSuccess, []string{negativeSOA("example.net.")},
			"typeless.example.com. 60 IN CNAME host.example.net."),
		Entry("out of the zones", "out.example.com.", dns.TypeA, dns.RcodeSuccess, nil,
			"out.example.com. 60 IN CNAME www.example.org."),
		Entry("in a loop", "ping.example.com.", dns.TypeA, dns.RcodeSuccess, nil,
			"ping.example.com. 60 IN CNAME pong.example.com.", "pong.example.com. 60 IN CNAME ping.example.com."),
		Entry("into a delegation", "into.example.com.", dns.TypeA, dns.RcodeSuccess,
			[]string{"cut.example.com. 60 IN NS ns.example.org."}, "into.example.com. 60 IN CNAME x.cut.example.com."),
	)

	It("stop after 16 links", func() {
		addr := start(dnsserver.Options{Backend: backend(chains...)})
		Expect(exchange("tcp", addr, question("l0.example.com.", dns.TypeA)).Answer).To(HaveLen(16))
	})
})

var _ = Describe("Aliases", func() {
	const loadBalancerZone = "Z32O12XQLNTSW2"
	weigh := func(w int64) func(*types.ResourceRecordSet) {
		return func(s *types.ResourceRecordSet) { s.Weight = aws.Int64(w) }
	}
	aliases := []dnsserver.Zone{
		zone("/hostedzone/Z1", "example.com.",
			set("host.example.com.", "A", 77, "192.0.2.1", "192.0.2.2"),
			set("host.example.com.", "TXT", 77, `"t"`),
			alias("example.com.", "A", "Z1", "host.example.com."),
			alias("host2.example.com.", "TXT", "/hostedzone/Z1", "HOST.example.com"),
			alias("chained.example.com.", "A", "Z1", "example.com."),
			alias(`\052.w.example.com.`, "A", "Z1", "host.example.com."),
			alias("towild.example.com.", "A", "Z1", `\052.w.example.com.`),
			alias("weighted.example.com.", "A", "Z1", "pool.example.com."),
			routed("pool.example.com.", "192.0.2.10", weigh(1)),
			routed("pool.example.com.", "192.0.2.11", weigh(0)),
			set("c.example.com.", "CNAME", 60, "host.example.com"),
			alias("toc.example.com.", "CNAME", "Z1", "c.example.com."),
			alias("missing.example.com.", "A", "Z1", "nowhere.example.com."),
			alias("loop.example.com.", "A", "Z1", "pool2.example.com."),
			alias("pool2.example.com.", "A", "Z1", "loop.example.com."),
			alias("lb.example.com.", "A", loadBalancerZone, "dualstack.web-1.eu-west-1.elb.amazonaws.com."),
			alias("other.example.com.", "A", "Z2", "host.example.net."),
			alias("unserved.example.com.", "A", "Z9", "host.example.org."),
		),
		zone("Z2", "example.net.", set("host.example.net.", "A", 62, "192.0.2.20")),
	}
	targets := func(name string, recordType types.RRType) []string {
		if name == "dualstack.web-1.eu-west-1.elb.amazonaws.com." && recordType == types.RRTypeA {
			return []string{"127.1.0.1", "127.1.0.2"}
		}
		return nil
	}

	DescribeTable("are answered under their own name and type",
		func(name string, rrtype uint16, answer ...string) {
			reply := ask(start(dnsserver.Options{Backend: backend(aliases...), Targets: targets}), name, rrtype)
			Expect(reply.Rcode).To(Equal(dns.RcodeSuccess))
			Expect(texts(reply.Answer)).To(ConsistOf(append([]string{}, answer...)))
			Expect(reply.Ns).To(HaveLen(map[bool]int{true: 1, false: 0}[len(answer) == 0]))
		},
		Entry("at the apex, with the target's TTL", "example.com.", dns.TypeA,
			"example.com. 77 IN A 192.0.2.1", "example.com. 77 IN A 192.0.2.2"),
		Entry("another type", "host2.example.com.", dns.TypeTXT, `host2.example.com. 77 IN TXT "t"`),
		Entry("only its type", "host2.example.com.", dns.TypeA),
		Entry("to an alias", "chained.example.com.", dns.TypeA,
			"chained.example.com. 77 IN A 192.0.2.1", "chained.example.com. 77 IN A 192.0.2.2"),
		Entry("as a wildcard", "x.w.example.com.", dns.TypeA, "x.w.example.com. 77 IN A 192.0.2.1", "x.w.example.com. 77 IN A 192.0.2.2"),
		Entry("to a wildcard", "towild.example.com.", dns.TypeA, "towild.example.com. 77 IN A 192.0.2.1", "towild.example.com. 77 IN A 192.0.2.2"),
		Entry("to a routing policy", "weighted.example.com.", dns.TypeA, "weighted.example.com. 60 IN A 192.0.2.10"),
		Entry("to a CNAME, which is followed", "toc.example.com.", dns.TypeA, "toc.example.com. 60 IN CNAME host.example.com.",
			"host.example.com. 77 IN A 192.0.2.1", "host.example.com. 77 IN A 192.0.2.2"),
		Entry("to nothing", "missing.example.com.", dns.TypeA),
		Entry("to a load balancer", "lb.example.com.", dns.TypeA, "lb.example.com. 60 IN A 127.1.0.1", "lb.example.com. 60 IN A 127.1.0.2"),
		Entry("to another zone", "other.example.com.", dns.TypeA, "other.example.com. 62 IN A 192.0.2.20"),
		Entry("to a zone that is not here", "unserved.example.com.", dns.TypeA),
	)

	It("fail in a loop", func() {
		reply := ask(start(dnsserver.Options{Backend: backend(aliases...)}), "loop.example.com.", dns.TypeA)
		Expect(reply.Rcode).To(Equal(dns.RcodeServerFailure))
	})
})
