package main

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
	DescribeTable("are read", func(text string, once bool, want int) {
		Expect(parsePort(text, 4566, once)).To(Equal(want))
	},
		Entry("the usual one", "", false, 4566), Entry("any when checking", "", true, 0),
		Entry("given", "4600", true, 4600), Entry("any", "0", false, 0),
	)

	DescribeTable("are refused", func(text string) {
		_, err := parsePort(text, 4566, false)
		Expect(err).To(MatchError(ContainSubstring("give one from 1 to 65535, or 0 for any that is free")))
	},
		Entry("text", "tcp://10.0.0.1:53"), Entry("too high", "65536"), Entry("negative", "-1"),
	)

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
		p, err := startProcess("child", log, os.Environ(), "/bin/sh", "-c", "echo first; echo last words; exit 3")
		Expect(err).NotTo(HaveOccurred())
		Eventually(p.ended).Should(BeClosed())
		Expect(p.death()).To(MatchError("the child ended by itself (exit status 3)"))
		var death *childError
		Expect(errors.As(p.death(), &death)).To(BeTrue())
		Expect(death.logs).To(HaveSuffix("The end of child.log:\n  first\n  last words\n"))
		Expect(p.stop()).To(Succeed())
	})
})

var _ = Describe("Writes", func() {
	It("are the calls that are not reading, since the last look", func() {
		before := calls{"route53/ListHostedZones": 3, "route53/CreateHostedZone": 1}
		after := calls{"route53/ListHostedZones": 9, "route53/CreateHostedZone": 1, "route53/ChangeResourceRecordSets": 2, "route53/GetChange": 4, "sts/GetCallerIdentity": 1}
		Expect(after.writesSince(before)).To(HaveExactElements("2 × route53/ChangeResourceRecordSets"))
		Expect(after.writesSince(after)).To(BeEmpty())
	})

	It("show in resource versions, of what is new, changed and gone", func() {
		Expect(versions{"a": "1", "b": "2", "c": "3"}.changedIn(versions{"a": "1", "b": "9", "d": "4"})).To(HaveExactElements("b", "d", "c"))
	})
})

var _ = Describe("Hints", func() {
	It("quote what a shell would take apart", func() {
		Expect(shellQuote("/tmp/x-1")).To(Equal("/tmp/x-1"))
		Expect(shellQuote("/home/o'hara/a b")).To(Equal(`'/home/o'\''hara/a b'`))
		Expect(shellQuote("*.example.com.")).To(Equal("'*.example.com.'"))
	})

	It("take away what would lead the AWS CLI elsewhere", func() {
		d := &demo{cluster: &cluster{kubeconfig: "/tmp/d/kubeconfig"}, aws: &localAWS{address: "127.0.0.1:4566"}, settings: settings{assets: "/repo/bin/k8s"}}
		none := func(string) string { return "" }
		Expect(d.exports(none)).To(HaveExactElements(
			"export KUBECONFIG=/tmp/d/kubeconfig PATH=/repo/bin/k8s:$PATH",
			"export AWS_ENDPOINT_URL=http://127.0.0.1:4566 AWS_ACCESS_KEY_ID=demo AWS_SECRET_ACCESS_KEY=demo AWS_REGION=us-east-1 AWS_DEFAULT_REGION=us-east-1"))
		Expect(d.exports(func(name string) string { return map[string]string{"AWS_PROFILE": "prod"}[name] })).To(ContainElement("unset AWS_PROFILE"))
	})
})
