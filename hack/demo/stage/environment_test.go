package stage

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strconv"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Ports", func() {
	DescribeTable("that are taken are told in one sentence with what to do", func(protocol string) {
		var address net.Addr
		switch protocol {
		case "tcp":
			listener, err := net.Listen("tcp", "127.0.0.1:0")
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(listener.Close)
			address = listener.Addr()
		case "udp":
			listener, err := net.ListenPacket("udp", "127.0.0.1:0")
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(listener.Close)
			address = listener.LocalAddr()
		}
		_, text, err := net.SplitHostPort(address.String())
		Expect(err).NotTo(HaveOccurred())
		port, err := strconv.Atoi(text)
		Expect(err).NotTo(HaveOccurred())
		_, err = service{name: "DNS server", flag: "--dns-port", variable: "DEMO_DNS_PORT", port: port, udp: true}.reserve()
		Expect(err).To(MatchError(fmt.Sprintf("port %d, which the DNS server wants, is taken by another program: stop that "+
			"(`lsof -i :%d` shows it), or choose another port with `make demo DEMO_DNS_PORT=%d` (flag --dns-port; 0 takes any that is free)",
			port, port, port+1)))
	},
		Entry("TCP", "tcp"), Entry("UDP", "udp"),
	)

	It("are found when any will do", func() {
		address, err := service{name: "DNS server", udp: true}.reserve()
		Expect(err).NotTo(HaveOccurred())
		Expect(address).To(MatchRegexp(`^127\.0\.0\.1:[1-9]\d+$`))
	})
})

var _ = Describe("Children", func() {
	It("do not see the user's AWS account, cluster or certificates", func() {
		Expect(childEnvironment([]string{"PATH=/bin", "AWS_PROFILE=prod", "AWS_CA_BUNDLE=/x", "KUBECONFIG=/prod", "KUBERNETES_SERVICE_HOST=10.0.0.1",
			"CURL_CA_BUNDLE=/x", "HOME=/root"}, "AWS_REGION=us-east-1")).To(HaveExactElements("PATH=/bin", "HOME=/root", "AWS_REGION=us-east-1"))
	})

	It("that end are told with the last lines of their log", func() {
		log := filepath.Join(GinkgoT().TempDir(), "child.log")
		p, err := start("child", log, os.Environ(), "/bin/sh", "-c", "echo first; echo last words; exit 3")
		Expect(err).NotTo(HaveOccurred())
		Eventually(p.ended).Should(BeClosed())
		Expect(p.death()).To(MatchError("the child ended by itself (exit status 3)"))
		var death *ChildError
		Expect(errors.As(p.death(), &death)).To(BeTrue())
		Expect(death.logs).To(HaveSuffix("The end of child.log:\n  first\n  last words\n"))
		Expect(p.stop()).To(Succeed())
	})
})

var _ = Describe("Calls", func() {
	It("count as writes when they are not reading, since the last look", func() {
		before := Calls{"route53/ListHostedZones": 3, "route53/CreateHostedZone": 1}
		after := Calls{"route53/ListHostedZones": 9, "route53/CreateHostedZone": 1, "route53/ChangeResourceRecordSets": 2, "route53/GetChange": 4, "sts/GetCallerIdentity": 1}
		Expect(after.WritesSince(before)).To(HaveExactElements("2 × route53/ChangeResourceRecordSets"))
		Expect(after.WritesSince(after)).To(BeEmpty())
	})

	It("show in resource versions", func() {
		Expect(Versions{"a": "1", "b": "9", "c": "4"}.ChangedSince(Versions{"a": "1", "b": "2"})).To(HaveExactElements("b", "c"))
	})

	It("are added up by service", func() {
		Expect(Calls{"route53/GetChange": 2, "route53/ListHostedZones": 3, "sts/GetCallerIdentity": 1}.ByService()).
			To(Equal(map[string]int{"route53": 5, "sts": 1}))
	})
})

var _ = Describe("Resources", func() {
	It("that are left are those that were not there before", func() {
		Expect(Left([]string{"a", "b"}, []string{"a", "c"})).To(HaveExactElements("c"))
		Expect(Left([]string{"a"}, []string{"a"})).To(BeEmpty())
	})
})
