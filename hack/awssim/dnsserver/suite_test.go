package dnsserver_test

import (
	"context"
	"math/rand/v2"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/miekg/dns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/dnsserver"
)

func TestDNSServer(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "DNS server")
}

// world is a backend whose content specs replace.
type world struct {
	mu         sync.Mutex
	zones      []dnsserver.Zone
	generation uint64
	reads      int
}

func (w *world) Zones() []dnsserver.Zone {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.reads++
	return slices.Clone(w.zones)
}

func (w *world) Generation() uint64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.generation
}

func (w *world) become(zones ...dnsserver.Zone) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.zones, w.generation = zones, w.generation+1
}

func (w *world) timesRead() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.reads
}

func backend(zones ...dnsserver.Zone) *world { return &world{zones: zones, generation: 1} }

// zone has the SOA and NS records every hosted zone starts with, and the given ones.
func zone(id, name string, sets ...types.ResourceRecordSet) dnsserver.Zone {
	apex := []types.ResourceRecordSet{
		set(name, "SOA", 900, "ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"),
		set(name, "NS", 172800, "ns-1.awsdns-1.com.", "ns-2.awsdns-2.net."),
	}
	return dnsserver.Zone{ID: id, Name: name, RecordSets: append(apex, sets...)}
}

func set(name string, recordType types.RRType, ttl int64, values ...string) types.ResourceRecordSet {
	s := types.ResourceRecordSet{Name: aws.String(name), Type: recordType, TTL: aws.Int64(ttl)}
	for _, value := range values {
		s.ResourceRecords = append(s.ResourceRecords, types.ResourceRecord{Value: aws.String(value)})
	}
	return s
}

// routed is an A record set of a routing policy; its identifier is its value.
func routed(name, value string, policy func(*types.ResourceRecordSet)) types.ResourceRecordSet {
	s := set(name, "A", 60, value)
	s.SetIdentifier = aws.String(value)
	policy(&s)
	return s
}

func alias(name string, recordType types.RRType, zoneID, target string) types.ResourceRecordSet {
	return types.ResourceRecordSet{
		Name: aws.String(name), Type: recordType,
		AliasTarget: &types.AliasTarget{HostedZoneId: aws.String(zoneID), DNSName: aws.String(target)},
	}
}

// evaluating makes an alias evaluate its target's health.
func evaluating(s types.ResourceRecordSet) types.ResourceRecordSet {
	s.AliasTarget.EvaluateTargetHealth = true
	return s
}

// checked gives a record set a health check that is named by its first value.
func checked(s types.ResourceRecordSet) types.ResourceRecordSet {
	s.HealthCheckId = s.ResourceRecords[0].Value
	return s
}

// sick is a Health hook for which the named health checks fail.
func sick(ids ...string) func(types.ResourceRecordSet) bool {
	return func(s types.ResourceRecordSet) bool { return !slices.Contains(ids, aws.ToString(s.HealthCheckId)) }
}

func seeded() *rand.Rand { return rand.New(rand.NewPCG(1, 2)) }

// start serves the options on a free loopback port until the spec ends and returns its address.
func start(options dnsserver.Options) string {
	GinkgoHelper()
	if options.Addr == "" {
		options.Addr = "127.0.0.1:0"
	}
	server, err := dnsserver.Listen(options)
	Expect(err).NotTo(HaveOccurred())
	done := make(chan error, 1)
	go func() { done <- server.Serve(context.Background()) }()
	DeferCleanup(func() {
		Expect(server.Close()).To(Succeed())
		Expect(<-done).NotTo(HaveOccurred())
	})
	return server.Addr()
}

func question(name string, rrtype uint16) *dns.Msg {
	m := new(dns.Msg)
	m.Id = dns.Id()
	m.Question = []dns.Question{{Name: name, Qtype: rrtype, Qclass: dns.ClassINET}}
	return m
}

// from adds an EDNS client subnet.
func from(m *dns.Msg, subnet string) *dns.Msg {
	prefix := netip.MustParsePrefix(subnet).Masked()
	family := uint16(1)
	if prefix.Addr().Is6() {
		family = 2
	}
	m.SetEdns0(dns.DefaultMsgSize, false)
	opt := m.IsEdns0()
	opt.Option = append(opt.Option, &dns.EDNS0_SUBNET{
		Code: dns.EDNS0SUBNET, Family: family,
		SourceNetmask: uint8(prefix.Bits()), Address: prefix.Addr().AsSlice(),
	})
	return m
}

func exchange(network, addr string, m *dns.Msg) *dns.Msg {
	GinkgoHelper()
	client := dns.Client{Net: network, Timeout: 5 * time.Second}
	reply, _, err := client.Exchange(m, addr)
	Expect(err).NotTo(HaveOccurred())
	Expect(reply.Question).To(Equal(m.Question))
	return reply
}

// ask sends the question over UDP and TCP, expects the same sections from both and returns one.
func ask(addr, name string, rrtype uint16) *dns.Msg {
	GinkgoHelper()
	overUDP, overTCP := exchange("udp", addr, question(name, rrtype)), exchange("tcp", addr, question(name, rrtype))
	Expect(overUDP.Truncated).To(BeFalse())
	Expect(overUDP.Rcode).To(Equal(overTCP.Rcode))
	Expect(texts(overUDP.Answer)).To(ConsistOf(texts(overTCP.Answer)))
	Expect(texts(overUDP.Ns)).To(ConsistOf(texts(overTCP.Ns)))
	Expect(texts(overUDP.Extra)).To(ConsistOf(texts(overTCP.Extra)))
	return overTCP
}

// texts writes records as in a zone file with single spaces.
func texts(rrs []dns.RR) []string {
	out := []string{}
	for _, rr := range rrs {
		out = append(out, strings.ReplaceAll(rr.String(), "\t", " "))
	}
	return out
}

// negativeSOA is what a negative answer from zone carries.
func negativeSOA(zone string) string {
	return zone + " 900 IN SOA ns-1.awsdns-1.com. awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
}
