package dataplane_test

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/elbv2"
)

// among serves with an application load balancer before targets named a, b, c …
func among(targets int, edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup)) *world {
	GinkgoHelper()
	w := begin()
	b := application(listener(types.ProtocolEnumHttp, 80, forward(to("blue", 1))))
	g := group("blue", types.ProtocolEnumHttp)
	for i := range targets {
		g.Targets = append(g.Targets, at(server(string(rune('a'+i)))))
	}
	if edit != nil {
		edit(&b, &g)
	}
	w.change(func(c *control) { c.balancers, c.groups = []elbv2.LoadBalancer{b}, []elbv2.TargetGroup{g} })
	return w
}

// shares counts who answered.
func shares(client *http.Client, url string, requests int, change ...func(*http.Request)) map[string]int {
	GinkgoHelper()
	counted := map[string]int{}
	for range requests {
		counted[ask(client, "GET", url, change...).body]++
	}
	return counted
}

func state(states ...types.TargetHealthStateEnum) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
	return func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
		for i, s := range states {
			g.Targets[i].State = s
		}
	}
}

// setting sets an attribute of the target group.
func setting(key, value string) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
	return func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) { g.Attributes[key] = value }
}

func all(edits ...func(*elbv2.LoadBalancer, *elbv2.TargetGroup)) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
	return func(b *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
		for _, edit := range edits {
			edit(b, g)
		}
	}
}

const (
	healthy  = types.TargetHealthStateEnumHealthy
	ill      = types.TargetHealthStateEnumUnhealthy
	initial  = types.TargetHealthStateEnumInitial
	draining = types.TargetHealthStateEnumDraining
	unused   = types.TargetHealthStateEnumUnused
	unknown  = types.TargetHealthStateEnumUnavailable

	unhealthyRouting = "target_group_health.unhealthy_state_routing.minimum_healthy_targets."
)

func inZones(zones ...string) func(*elbv2.LoadBalancer, *elbv2.TargetGroup) {
	return func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
		for i, zone := range zones {
			g.Targets[i].Zone = zone
		}
	}
}

var _ = Describe("Targets", func() {
	DescribeTable("are chosen", func(edit func(*elbv2.LoadBalancer, *elbv2.TargetGroup), expected map[string]int) {
		Expect(shares(among(3, edit).client(), "http://a.example/", 12)).To(Equal(expected))
	},
		Entry("in turns", nil, map[string]int{"a": 4, "b": 4, "c": 4}),
		Entry("in turns when nothing is under way", setting("load_balancing.algorithm.type", "least_outstanding_requests"), map[string]int{"a": 4, "b": 4, "c": 4}),
		Entry("when they are healthy, or nobody knows", state(ill, healthy, unknown), map[string]int{"b": 6, "c": 6}),
		Entry("all when none is healthy, but those that go", state(ill, initial, draining), map[string]int{"a": 6, "b": 6}),
		Entry("all when too few are healthy", all(state(ill, healthy, healthy), setting(unhealthyRouting+"count", "3")), map[string]int{"a": 4, "b": 4, "c": 4}),
		Entry("all when too small a share is healthy", all(state(ill, ill, healthy), setting(unhealthyRouting+"percentage", "34")), map[string]int{"a": 4, "b": 4, "c": 4}),
		Entry("the healthy when their share is enough", all(state(ill, ill, healthy), setting(unhealthyRouting+"percentage", "33")), map[string]int{"c": 12}),
		Entry("never when nothing uses them", state(unused, healthy, healthy), map[string]int{"b": 6, "c": 6}),
		Entry("across zones", inZones(zoneA, zoneB, zoneB), map[string]int{"a": 4, "b": 4, "c": 4}),
		Entry("in the zone when they are to be", all(inZones(zoneA, zoneB, "all"), setting("load_balancing.cross_zone.enabled", "false")), map[string]int{"a": 6, "c": 6}),
		Entry("in the zone even if they are ill there", all(inZones(zoneA, zoneB, zoneB), state(ill), setting("load_balancing.cross_zone.enabled", "false")), map[string]int{"a": 12}),
	)

	It("are chosen by zone, in turns in each", func() {
		w := among(4, all(inZones(zoneA, zoneA, zoneB, zoneB), setting("load_balancing.cross_zone.enabled", "false")))
		client := w.client()
		var answers []string
		for range 4 {
			answers = append(answers, ask(client, "GET", "http://"+webA+"/").body, ask(client, "GET", "http://"+webB+"/").body)
		}
		Expect(answers).To(Equal([]string{"a", "c", "b", "d", "a", "c", "b", "d"}))
	})

	It("are chosen at random when they are to be", func() {
		w := among(2, setting("load_balancing.algorithm.type", "weighted_random"))
		counted := shares(w.client(), "http://a.example/", 100)
		Expect(counted["a"]).To(BeNumerically("~", 50, 20))
		Expect(counted["a"]).NotTo(Equal(50), "turns would be even")
	})

	It("are chosen by what is under way", func() {
		release := make(chan struct{})
		slow := serve(func(w http.ResponseWriter, _ *http.Request) { <-release; fmt.Fprint(w, "slow") })
		free := sync.OnceFunc(func() { close(release) })
		DeferCleanup(free)
		w := among(2, func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
			g.Attributes["load_balancing.algorithm.type"] = "least_outstanding_requests"
			g.Targets[0] = at(slow)
		})
		client := w.client()
		first := make(chan string, 1)
		go func() {
			defer GinkgoRecover()
			first <- ask(client, "GET", "http://a.example/").body
		}()
		Eventually(func() int { return w.inFlight("blue", at(slow).Port) }).Should(Equal(1), "it is the first one's turn")
		Expect(shares(client, "http://a.example/", 5)).To(Equal(map[string]int{"b": 5}))
		free()
		Expect(<-first).To(Equal("slow"))
	})

	It("get more and more when they start slowly", func() {
		w := among(2, all(setting("slow_start.duration_seconds", "100"), state(healthy, initial)))
		client := w.client()
		w.change(func(c *control) { c.groups[0].Targets[1].State = healthy })
		Expect(shares(client, "http://a.example/", 42)["b"]).To(Equal(2), "a twentieth of the other's share at first")
		w.clock.Advance(50 * time.Second)
		Expect(shares(client, "http://a.example/", 30)["b"]).To(Equal(10))
		w.clock.Advance(50 * time.Second)
		Expect(shares(client, "http://a.example/", 30)["b"]).To(Equal(15))
	})

	It("share in groups by weight, whatever changes beside", func() {
		w := begin()
		b := application(listener(types.ProtocolEnumHttp, 80, forward(to("blue", 90), to("green", 10))))
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{b}
			c.groups = []elbv2.TargetGroup{
				group("blue", types.ProtocolEnumHttp, at(server("blue"))), group("green", types.ProtocolEnumHttp, at(server("green"))),
			}
		})
		counted := map[string]int{}
		client := w.client()
		for range 100 {
			counted[ask(client, "GET", "http://a.example/").body]++
			w.change(func(*control) {})
		}
		Expect(counted).To(Equal(map[string]int{"blue": 90, "green": 10}))
		shown := w.Statistics()[0]
		Expect(shown.Requests).To(Equal(int64(100)))
		Expect(shown.Codes).To(Equal(map[string]int64{"2xx": 100}))
		Expect(shown.TargetGroups[1].Name).To(Equal("green"))
		Expect(shown.TargetGroups[1].Targets[0].Requests).To(Equal(int64(10)))
	})

	It("that drain finish what is under way, and say when they have", func() {
		release, arrived := make(chan struct{}), make(chan struct{})
		slow := serve(func(w http.ResponseWriter, _ *http.Request) { close(arrived); <-release; fmt.Fprint(w, "slow") })
		free := sync.OnceFunc(func() { close(release) })
		DeferCleanup(free)
		w := behind(slow, nil)
		answered := make(chan string, 1)
		client := w.client()
		go func() {
			defer GinkgoRecover()
			answered <- ask(client, "GET", "http://a.example/").body
		}()
		<-arrived
		other := at(server("other"))
		w.change(func(c *control) {
			c.groups[0].Targets[0].State = draining
			c.groups[0].Targets = append(c.groups[0].Targets, other)
		})
		Expect(shares(client, "http://a.example/", 3)).To(Equal(map[string]int{"other": 3}))
		Expect(w.endedDraining()).To(BeEmpty())
		free()
		Expect(<-answered).To(Equal("slow"))
		Eventually(w.endedDraining).Should(ContainElement(fmt.Sprintf("127.0.0.1:%d", at(slow).Port)))
	})

	It("that drain and have nothing to do are done", func() {
		w := among(1, state(draining))
		Expect(w.endedDraining()).To(HaveLen(1))
	})
})

var _ = Describe("Stickiness", func() {
	// cookies are those of an answer by name.
	cookies := func(a answer) map[string]string {
		found := map[string]string{}
		for _, cookie := range a.Cookies() {
			found[cookie.Name] = cookie.Value
		}
		return found
	}
	sent := func(name, value string) func(*http.Request) { return header("Cookie", name+"="+value) }

	DescribeTable("keeps a client with a target", func(suffix string) {
		w := among(3, all(setting("stickiness.enabled", "true"), setting("stickiness.type", "lb_cookie"),
			setting("stickiness.lb_cookie.duration_seconds", "60")))
		client := w.client()
		first := ask(client, "GET", "http://a.example/")
		Expect(first.Header["Set-Cookie"][0]).To(MatchRegexp(`^AWSALB=\S+; Expires=Sat, 01 Aug 2026 12:01:00 GMT; Path=/$`))
		Expect(first.Header["Set-Cookie"][1]).To(MatchRegexp(`^AWSALBCORS=.*; SameSite=None; Secure$`))
		cookie := sent("AWSALB"+suffix, cookies(first)["AWSALB"+suffix])
		Expect(shares(client, "http://a.example/", 5, cookie)).To(Equal(map[string]int{first.body: 5}))
		Expect(shares(client, "http://a.example/", 3)).To(HaveLen(3), "without the cookie, targets take turns")
		w.change(func(c *control) { c.groups[0].Targets[0].State = ill })
		Expect(shares(client, "http://a.example/", 4, cookie)).To(Equal(map[string]int{"b": 2, "c": 2}), "its target is ill")
		w.change(func(c *control) { c.groups[0].Targets[0].State = healthy })
		w.clock.Advance(time.Minute)
		Expect(shares(client, "http://a.example/", 3, cookie)).To(HaveLen(3), "the cookie has expired")
		Expect(shares(client, "http://a.example/", 3, sent("AWSALB", "forged.zzzzzz"))).To(HaveLen(3))
	}, Entry(nil, ""), Entry(nil, "CORS"))

	It("begins with the application's cookie", func() {
		w := among(2, all(setting("stickiness.enabled", "true"), setting("stickiness.type", "app_cookie"),
			setting("stickiness.app_cookie.cookie_name", "session"), func(_ *elbv2.LoadBalancer, g *elbv2.TargetGroup) {
				for i, name := range []string{"a", "b"} {
					g.Targets[i] = at(serve(func(w http.ResponseWriter, r *http.Request) {
						if r.URL.Path == "/login" {
							http.SetCookie(w, &http.Cookie{Name: "session", Value: "1"})
						}
						fmt.Fprint(w, name)
					}))
				}
			}))
		client := w.client()
		Expect(cookies(ask(client, "GET", "http://a.example/"))).To(BeEmpty())
		login := ask(client, "GET", "http://a.example/login")
		Expect(cookies(login)).To(SatisfyAll(HaveLen(2), HaveKey("AWSALBAPP-0")))
		Expect(shares(client, "http://a.example/", 4, sent("AWSALBAPP-0", cookies(login)["AWSALBAPP-0"]))).To(Equal(map[string]int{login.body: 4}))
	})

	It("keeps a client with a target group", func() {
		w := begin()
		action := forward(to("blue", 1), to("green", 1))
		action.ForwardConfig.TargetGroupStickinessConfig = &types.TargetGroupStickinessConfig{Enabled: aws.Bool(true), DurationSeconds: aws.Int32(60)}
		w.change(func(c *control) {
			c.balancers = []elbv2.LoadBalancer{application(listener(types.ProtocolEnumHttp, 80, action))}
			c.groups = []elbv2.TargetGroup{
				group("blue", types.ProtocolEnumHttp, at(server("blue 1")), at(server("blue 2"))),
				group("green", types.ProtocolEnumHttp, at(server("green 1")), at(server("green 2"))),
			}
		})
		client := w.client()
		first := ask(client, "GET", "http://a.example/")
		colour, _, _ := strings.Cut(first.body, " ")
		Expect(first.Header["Set-Cookie"]).To(HaveLen(2))
		cookie := sent("AWSALBTG", cookies(first)["AWSALBTG"])
		Expect(shares(client, "http://a.example/", 6, cookie)).To(Equal(map[string]int{colour + " 1": 3, colour + " 2": 3}))
		Expect(ask(client, "GET", "http://a.example/", cookie).Header).NotTo(HaveKey("Set-Cookie"), "it lasts as long as it was given for")
		w.clock.Advance(time.Minute)
		Expect(shares(client, "http://a.example/", 8, cookie)).To(HaveLen(4))
	})
})
