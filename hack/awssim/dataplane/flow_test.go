package dataplane_test

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// parrot says its name and then repeats what it hears until the other side is done.
func parrot(name string, wrap ...func(net.Conn) net.Conn) string {
	GinkgoHelper()
	accepting, err := net.Listen("tcp", "127.0.0.1:0")
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(accepting.Close)
	go func() {
		for {
			accepted, err := accepting.Accept()
			if err != nil {
				return
			}
			go func() {
				defer accepted.Close()
				for _, f := range wrap {
					accepted = f(accepted)
				}
				fmt.Fprintln(accepted, name)
				_, _ = io.Copy(accepted, accepted)
			}()
		}
	}()
	return accepting.Addr().String()
}

// flows serves with a network load balancer before targets.
func flows(edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup), targets ...string) *world {
	GinkgoHelper()
	w := begin(certificates(map[string]tls.Certificate{"own": certificate("a.example")}))
	b := network(listener(types.ProtocolEnumTcp, 9000, forward(to("blue", 1))))
	g := group("blue", types.ProtocolEnumTcp)
	for _, target := range targets {
		g.Targets = append(g.Targets, at(target))
	}
	if edit != nil {
		edit(&b, &g)
	}
	w.change(func(c *control) { c.balancers, c.groups = []elbv2.LoadBalancer{b}, []elbv2.TargetGroup{g} })
	return w
}

// connect opens a connection and reads the first line, or why there is none.
func (w *world) connect(ctx SpecContext, address string) (net.Conn, *bufio.Reader, string) {
	GinkgoHelper()
	connection, err := w.dial(ctx, "tcp", address)
	if err != nil {
		return nil, nil, err.Error()
	}
	DeferCleanup(func() { connection.Close() })
	Expect(connection.SetDeadline(time.Now().Add(10 * time.Second))).To(Succeed())
	read := bufio.NewReader(connection)
	line, err := read.ReadString('\n')
	if err != nil {
		return connection, read, err.Error()
	}
	return connection, read, line[:len(line)-1]
}

const flowPort = ":9000"

var _ = Describe("TCP", func() {
	It("goes both ways until both are done", func(ctx SpecContext) {
		w := flows(nil, parrot("polly"))
		connection, read, name := w.connect(ctx, flowA+flowPort)
		Expect(name).To(Equal("polly"))
		Expect(w.Statistics()[0].ActiveConnections).To(Equal(int64(1)))
		fmt.Fprint(connection, "hello")
		Expect(connection.(*net.TCPConn).CloseWrite()).To(Succeed())
		Expect(io.ReadAll(read)).To(BeEquivalentTo("hello"))
		Eventually(func() int64 { return w.Statistics()[0].ActiveConnections }).Should(BeZero())
		Expect(w.Statistics()[0].TargetGroups[0].Targets[0]).To(SatisfyAll(HaveField("InFlight", BeZero()), HaveField("Requests", int64(1))))
	})

	It("is spread by flow, or stays by source", func(ctx SpecContext) {
		w := flows(nil, parrot("a"), parrot("b"))
		count := func() map[string]int {
			counted := map[string]int{}
			for range 40 {
				connection, _, name := w.connect(ctx, flowA+flowPort)
				connection.Close()
				counted[name]++
			}
			return counted
		}
		Expect(count()).To(HaveLen(2))
		w.change(func(c *control) {
			c.groups[0].Attributes = map[string]string{"stickiness.enabled": "true", "stickiness.type": "source_ip"}
		})
		Expect(count()).To(HaveLen(1))
	})

	DescribeTable("stays in its zone unless told otherwise", func(ctx SpecContext, balancer, group string, expected string) {
		w := flows(func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			b.Attributes["load_balancing.cross_zone.enabled"] = balancer
			g.Attributes["load_balancing.cross_zone.enabled"] = group
			g.Targets[0].Zone = zoneB
		}, parrot("b"))
		_, _, name := w.connect(ctx, flowA+flowPort)
		Expect(name).To(ContainSubstring(expected))
	},
		Entry(nil, "false", "use_load_balancer_configuration", "reset"),
		Entry(nil, "true", "use_load_balancer_configuration", "b"),
		Entry(nil, "false", "true", "b"),
		Entry(nil, "true", "false", "reset"),
	)

	DescribeTable("is reset when it can go nowhere", func(ctx SpecContext, edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup)) {
		w := flows(edit, "127.0.0.1:1")
		_, _, name := w.connect(ctx, flowA+flowPort)
		Expect(name).To(ContainSubstring("reset"))
		Eventually(func() int64 { return w.Statistics()[0].Failures }).Should(Equal(int64(1)))
	},
		Entry("refused", nil),
		Entry("without targets", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Targets = nil }),
		Entry("outside of this machine", func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Targets[0].ID = "10.0.0.1" }),
		Entry("without a weight", func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].DefaultActions = []types.Action{forward(to("blue", 0))}
		}),
		Entry("without a target group", func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].DefaultActions = []types.Action{forward(to("gone", 1))}
		}),
	)

	It("ends when nothing is sent for the idle timeout", func(ctx SpecContext) {
		w := flows(func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].Attributes["tcp.idle_timeout.seconds"] = "1"
		}, parrot("polly"))
		_, read, _ := w.connect(ctx, flowA+flowPort)
		_, err := read.ReadByte()
		Expect(err).To(MatchError(io.EOF))
	})

	DescribeTable("ends with its target, or does not", func(ctx SpecContext, key string, change func(*elbv2.TargetGroup), ends bool) {
		w := flows(func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Attributes[key] = "true" }, parrot("polly"))
		connection, read, _ := w.connect(ctx, flowA+flowPort)
		w.change(func(c *control) { change(&c.groups[0]) })
		fmt.Fprintln(connection, "still here")
		line, err := read.ReadString('\n')
		if ends {
			Expect(err).To(HaveOccurred())
			return
		}
		Expect(line, err).To(Equal("still here\n"))
	},
		Entry("drains", "deregistration_delay.connection_termination.enabled", func(g *elbv2.TargetGroup) { g.Targets[0].State = draining }, false),
		Entry("has drained", "deregistration_delay.connection_termination.enabled", func(g *elbv2.TargetGroup) { g.Targets = nil }, true),
		Entry("has drained, and nobody minds", "other", func(g *elbv2.TargetGroup) { g.Targets = nil }, false),
		Entry("turns ill", "target_health_state.unhealthy.connection_termination.enabled", func(g *elbv2.TargetGroup) { g.Targets[0].State = ill }, true),
		Entry("turns ill, and nobody minds", "other", func(g *elbv2.TargetGroup) { g.Targets[0].State = ill }, false),
	)

	It("goes by rules on its source", func(ctx SpecContext) {
		w := flows(func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].Rules = []elbv2.Rule{
				{ARN: "6", Priority: 1, Actions: []types.Action{forward(to("gone", 1))}, Conditions: []types.RuleCondition{{
					Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{IpAddressType: types.SourceIpAddressTypeEnumIpv6},
				}}},
				{ARN: "4", Priority: 2, Actions: []types.Action{forward(to("blue", 1))}, Conditions: []types.RuleCondition{{
					Field: aws.String("source-ip"), SourceIpConfig: &types.SourceIpConditionConfig{IpAddressType: types.SourceIpAddressTypeEnumIpv4},
				}}},
			}
			b.Listeners[0].DefaultActions = []types.Action{forward(to("gone", 1))}
		}, parrot("polly"))
		_, _, name := w.connect(ctx, flowA+flowPort)
		Expect(name).To(Equal("polly"))
	})

	It("tells the target who is connected, when it is to", func(ctx SpecContext) {
		w := flows(func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Attributes["proxy_protocol_v2.enabled"] = "true" }, parrot("polly"))
		connection, read, _ := w.connect(ctx, flowA+flowPort)
		said := make([]byte, 28)
		_, err := io.ReadFull(read, said)
		Expect(err).NotTo(HaveOccurred())
		Expect(said[:16]).To(BeEquivalentTo("\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c"))
		Expect(said[16:24]).To(Equal([]byte{127, 0, 0, 1, 127, 64, 201, 1}))
		source := connection.LocalAddr().(*net.TCPAddr).Port
		Expect(said[24:]).To(Equal([]byte{byte(source >> 8), byte(source), 9000 >> 8, 9000 & 0xff}))
	})

	DescribeTable("ends TLS", func(ctx SpecContext, policy string, offered []string, expected string) {
		w := flows(func(b *elbv2.LoadBalancer, _ *elbv2.TargetGroup) {
			b.Listeners[0].Protocol, b.Listeners[0].Certificates, b.Listeners[0].ALPN = types.ProtocolEnumTls, []string{"own"}, []string{policy}
		}, parrot("polly"))
		connection, err := w.dial(ctx, "tcp", flowA+flowPort)
		Expect(err).NotTo(HaveOccurred())
		encrypted := tls.Client(connection, &tls.Config{InsecureSkipVerify: true, NextProtos: offered})
		defer encrypted.Close()
		line, err := bufio.NewReader(encrypted).ReadString('\n')
		if expected == "refused" {
			Expect(err).To(MatchError(ContainSubstring("no application protocol")))
			return
		}
		Expect(line, err).To(Equal("polly\n"))
		Expect(encrypted.ConnectionState().NegotiatedProtocol).To(Equal(expected))
	},
		Entry(nil, "None", []string{"h2"}, ""),
		Entry(nil, "HTTP1Only", []string{"h2", "http/1.1"}, "http/1.1"),
		Entry(nil, "HTTP2Only", []string{"h2", "http/1.1"}, "h2"),
		Entry(nil, "HTTP2Only", []string{"spdy/3"}, "refused"),
		Entry(nil, "HTTP2Preferred", []string{"http/1.1", "h2"}, "h2"),
		Entry(nil, "HTTP2Optional", []string{"http/1.1", "h2"}, "http/1.1"),
	)

	It("speaks TLS to targets that do, with the client's protocol", func(ctx SpecContext) {
		var negotiated atomic.Value
		target := parrot("polly", func(c net.Conn) net.Conn {
			encrypted := tls.Server(c, &tls.Config{Certificates: []tls.Certificate{certificate("other.example")}, NextProtos: []string{"h2", "http/1.1"}})
			_ = encrypted.Handshake()
			negotiated.Store(encrypted.ConnectionState().NegotiatedProtocol)
			return encrypted
		})
		w := flows(func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			b.Listeners[0].Protocol, b.Listeners[0].Certificates, b.Listeners[0].ALPN = types.ProtocolEnumTls, []string{"own"}, []string{"HTTP2Only"}
			g.Protocol = types.ProtocolEnumTls
		}, target)
		connection, err := w.dial(ctx, "tcp", flowA+flowPort)
		Expect(err).NotTo(HaveOccurred())
		encrypted := tls.Client(connection, &tls.Config{InsecureSkipVerify: true, NextProtos: []string{"h2"}})
		defer encrypted.Close()
		Expect(bufio.NewReader(encrypted).ReadString('\n')).To(Equal("polly\n"))
		Expect(negotiated.Load()).To(Equal("h2"))
	})

	It("goes on to another load balancer", func() {
		w := begin()
		behindIt := group("alb", types.ProtocolEnumTcp, elbv2.Target{
			ID: application().ARN, Port: 80, State: types.TargetHealthStateEnumInitial, Registered: start,
		})
		behindIt.TargetType, behindIt.HealthCheckProtocol = types.TargetTypeEnumAlb, types.ProtocolEnumHttp
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{
				network(listener(types.ProtocolEnumTcp, 9000, forward(to("alb", 1)))),
				application(listener(types.ProtocolEnumHttp, 80, forward(to("blue", 1)))),
			}
			c.groups = []elbv2.TargetGroup{behindIt, group("blue", types.ProtocolEnumHttp, at(server("blue")))}
		})
		Expect(ask(w.client(), "GET", "http://"+flowA+":9000/").body).To(Equal("blue"))
		w.clock.Advance(time.Second)
		Expect(w.reported()).To(ContainElement(HaveField("Healthy", true)), "its health is that of the load balancer's listener")
	})
})

var _ = Describe("UDP", func() {
	// repeater answers each datagram with its name before it.
	repeater := func(name string) string {
		GinkgoHelper()
		packets, err := net.ListenPacket("udp", "127.0.0.1:0")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(packets.Close)
		go func() {
			buffer := make([]byte, 2048)
			for {
				n, from, err := packets.ReadFrom(buffer)
				if err != nil {
					return
				}
				_, _ = packets.WriteTo(append([]byte(name+" "), buffer[:n]...), from)
			}
		}()
		return packets.LocalAddr().String()
	}
	exchange := func(connection net.Conn, text string) string {
		GinkgoHelper()
		Expect(connection.SetDeadline(time.Now().Add(10 * time.Second))).To(Succeed())
		fmt.Fprint(connection, text)
		buffer := make([]byte, 2048)
		n, err := connection.Read(buffer)
		Expect(err).NotTo(HaveOccurred())
		return string(buffer[:n])
	}

	It("goes both ways, and a flow stays with its target", func(ctx SpecContext) {
		w := flows(func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			b.Listeners[0].Protocol, g.Protocol = types.ProtocolEnumTcpUdp, types.ProtocolEnumTcpUdp
		}, repeater("a"), repeater("b"), repeater("c"))
		counted := map[string]int{}
		for range 20 {
			connection, err := w.dial(ctx, "udp", flowA+flowPort)
			Expect(err).NotTo(HaveOccurred())
			defer connection.Close()
			first := exchange(connection, "hello")
			for range 3 {
				Expect(exchange(connection, "hello")).To(Equal(first))
			}
			counted[first]++
		}
		Expect(counted).To(HaveLen(3))
		Expect(w.Statistics()[0].Requests).To(Equal(int64(20)), "flows are counted, not datagrams")
	})

	It("goes to another target once its own has gone", func(ctx SpecContext) {
		w := flows(func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			b.Listeners[0].Protocol, g.Protocol = types.ProtocolEnumUdp, types.ProtocolEnumUdp
			g.Attributes["deregistration_delay.connection_termination.enabled"] = "true"
		}, repeater("a"))
		connection, err := w.dial(ctx, "udp", flowA+flowPort)
		Expect(err).NotTo(HaveOccurred())
		defer connection.Close()
		Expect(exchange(connection, "hello")).To(Equal("a hello"))
		other := at(repeater("b"))
		w.change(func(c *control) { c.groups[0].Targets = []elbv2.Target{other} })
		Eventually(func() int64 { return w.Statistics()[0].TargetGroups[0].Targets[0].InFlight + exchangeOnce(connection) }).Should(Equal(int64(2)))
	})

	It("that can go nowhere is lost", func(ctx SpecContext) {
		w := flows(func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			b.Listeners[0].Protocol, g.Protocol = types.ProtocolEnumUdp, types.ProtocolEnumUdp
		}, "10.0.0.1:53")
		connection, err := w.dial(ctx, "udp", flowA+flowPort)
		Expect(err).NotTo(HaveOccurred())
		defer connection.Close()
		fmt.Fprint(connection, "hello")
		Eventually(func() int64 { return w.Statistics()[0].Failures }).Should(Equal(int64(1)))
	})
})

// exchangeOnce counts the answers, of which there may be none, to one datagram.
func exchangeOnce(connection net.Conn) int64 {
	fmt.Fprint(connection, "again")
	buffer := make([]byte, 2048)
	if connection.SetReadDeadline(time.Now().Add(20*time.Millisecond)) != nil {
		return 0
	}
	n, err := connection.Read(buffer)
	if err != nil || string(buffer[:n]) != "b again" {
		return 0
	}
	return 1
}
