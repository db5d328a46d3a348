package main

import (
	"io"
	"net"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestSoak(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "soak")
}

var _ = Describe("A gate", func() {
	It("passes what is said, ends it when shut, and passes again", func() {
		server, err := net.Listen("tcp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Close)
		go func() {
			for {
				conn, err := server.Accept()
				if err != nil {
					return
				}
				go func() { _, _ = io.Copy(conn, conn) }()
			}
		}()
		g, err := newGate(server.Addr().String())
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(g.close)
		heard := func(conn net.Conn) error {
			if _, err := conn.Write([]byte("x")); err != nil {
				return err
			}
			_, err := conn.Read(make([]byte, 1))
			return err
		}
		dial := func() net.Conn {
			GinkgoHelper()
			conn, err := net.Dial("tcp", g.address())
			Expect(err).NotTo(HaveOccurred())
			DeferCleanup(conn.Close)
			return conn
		}
		first := dial()
		Expect(heard(first)).To(Succeed())
		g.setShut(true)
		Eventually(heard).WithArguments(first).ShouldNot(Succeed())
		Expect(heard(dial())).NotTo(Succeed())
		g.setShut(false)
		Expect(heard(dial())).To(Succeed())
	})
})

var _ = DescribeTable("The command line", func(problem string, args ...string) {
	_, err := parse(args)
	if problem == "" {
		Expect(err).NotTo(HaveOccurred())
		return
	}
	Expect(err).To(MatchError(ContainSubstring(problem)))
},
	Entry("nothing", ""),
	Entry("all", "", "-duration=5s", "-seed=3", "-apps=1", "-verbose"),
	Entry("an argument", "no arguments", "now"),
	Entry("no time", "at least 1s", "-duration=0s"),
	Entry("no applications", "between 1 and 20", "-apps=0"),
)

var _ = DescribeTable("A run is played again by", func(command string, args ...string) {
	s, err := parse(args)
	Expect(err).NotTo(HaveOccurred())
	Expect(s.again()).To(Equal(command))
},
	Entry("make", "make soak DURATION=10m0s SEED=3", "-duration=10m", "-seed=3"),
	Entry("the program, with settings of its own", "go run ./hack/soak -duration=2m0s -seed=3 -apps=5", "-seed=3", "-apps=5"),
)

var _ = It("reads its manifests", func() {
	a, err := newApp(7)
	Expect(err).NotTo(HaveOccurred())
	Expect(a.things()).To(HaveLen(3 + len(recordManifests)))
	Expect(a.lb.object.Name).To(Equal("app-7"))
	Expect(a.group.object.Spec.SecurityGroup.Ingress[0].LoadBalancerRefs[0].Name).To(Equal("app-7"))
})
