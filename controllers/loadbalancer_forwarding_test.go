package controllers_test

import (
	"bytes"
	"context"
	"os"
	"path/filepath"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	acmtypes "github.com/aws/aws-sdk-go-v2/service/acm/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	. "github.com/evenkeel/evenkeel/controllers/internal/testenv"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// newForwardingStory is newStory with load balancers that forward.
func newForwardingStory() *Story {
	s := new(Story)
	BeforeEach(func(ctx context.Context) { env.BeginForwarding(ctx, s) })
	return s
}

// objectsIn reads the objects of a file, by their kinds.
func objectsIn(file string) []lifecycle.Object {
	GinkgoHelper()
	text, err := os.ReadFile(filepath.Join("testdata", file))
	Expect(err).NotTo(HaveOccurred())
	var objects []lifecycle.Object
	for document := range bytes.SplitSeq(text, []byte("\n---\n")) {
		var kind metav1.TypeMeta
		Expect(yaml.Unmarshal(document, &kind)).To(Succeed())
		obj := map[string]lifecycle.Object{
			"HostedZone": &v1alpha1.HostedZone{}, "RecordSet": &v1alpha1.RecordSet{}, "LoadBalancer": &v1alpha1.LoadBalancer{},
		}[kind.Kind]
		Expect(obj).NotTo(BeNil(), "kind %q", kind.Kind)
		Expect(yaml.UnmarshalStrict(document, obj)).To(Succeed())
		objects = append(objects, obj)
	}
	return objects
}

var _ = Describe("Traffic through a LoadBalancer", func() {
	s := newForwardingStory()
	// apply applies a file and waits until all is Ready.
	apply := func(ctx context.Context, file string) []lifecycle.Object {
		GinkgoHelper()
		objects := objectsIn(file)
		for _, obj := range objects {
			s.Create(ctx, obj)
		}
		s.ExpectReady(ctx, objects...)
		return objects
	}
	// deleted deletes everything at once and expects that nothing is left.
	deleted := func(ctx context.Context, objects []lifecycle.Object) {
		GinkgoHelper()
		for _, obj := range objects {
			s.Delete(ctx, obj)
		}
		for _, obj := range objects {
			s.ExpectGone(ctx, obj)
		}
		Expect(s.Zones()).To(BeEmpty())
		Expect(s.LoadBalancers(ctx)).To(BeEmpty())
		Expect(groupsIn(ctx, s)).To(BeEmpty())
		Expect(s.SecurityGroups(ctx)).To(BeEmpty())
		Expect(certificatesIn(ctx, s)).To(BeEmpty())
	}

	It("redirects, answers itself, and shares requests between two colours over TLS", func(ctx context.Context) {
		s.Serve("blue", "10.0.1.10:8080", "10.0.1.11:9090")
		s.Serve("green", "10.0.2.10:8080")
		s.StartManager(ctx)
		objects := apply(ctx, "application-load-balancer.yaml")
		balancer := objects[1].(*v1alpha1.LoadBalancer)
		Eventually(Live(ctx, s, balancer)).Should(And(
			HaveCondition(v1alpha1.ConditionTargetsHealthy, metav1.ConditionTrue),
			HaveField("Status.TargetGroups", ConsistOf(HaveField("Healthy", BeEquivalentTo(2)), HaveField("Healthy", BeEquivalentTo(1))))))

		By("answering the alias with the load balancer's addresses")
		own, err := s.Addresses(ctx, Get(ctx, s, balancer).Status.DNSName)
		Expect(err).NotTo(HaveOccurred())
		Expect(own).To(HaveLen(2))
		Expect(s.Addresses(ctx, "shop.example")).To(ConsistOf(own))

		browser := s.Browser(false)
		Expect(Ask(ctx, browser, "http://shop.example/cart?id=1")).To(Equal("301 https://shop.example:443/cart?id=1"))
		Expect(Ask(ctx, browser, "https://shop.example/maintenance/now")).To(Equal("503 Back soon"))
		shares := map[string]int{}
		for range 100 {
			answer, err := Ask(ctx, browser, "https://shop.example/")
			Expect(err).NotTo(HaveOccurred())
			shares[answer]++
		}
		Expect(shares).To(Equal(map[string]int{"200 blue": 90, "200 green": 10}))
		Eventually(s.EventsOf(ctx, Get(ctx, s, balancer))).Should(ContainElements(
			HavePrefix("Created: Created load balancer"), "Created: Created target group blue", "Created: Created target group green", "Created: Created listener HTTP:80"))
		s.ExpectQuiet(ctx)
		deleted(ctx, objects)
	})

	It("finds a network load balancer by the apex of its zone, and by a name that is another one for it", func(ctx context.Context) {
		s.StartManager(ctx)
		objects := apply(ctx, "network-load-balancer.yaml")
		own, err := s.Addresses(ctx, Get(ctx, s, objects[1].(*v1alpha1.LoadBalancer)).Status.DNSName)
		Expect(err).NotTo(HaveOccurred())
		Expect(s.Addresses(ctx, "mywebsite.com")).To(ConsistOf(own))
		Expect(s.Addresses(ctx, "www.mywebsite.com")).To(ConsistOf(own))
		s.ExpectQuiet(ctx)
		deleted(ctx, objects)
	})

	It("goes on by TLS while the names of the certificate change", func(ctx context.Context) {
		s.StartManager(ctx)
		objects := apply(ctx, "application-load-balancer.yaml")
		balancer := objects[1].(*v1alpha1.LoadBalancer)
		first := certificatesIn(ctx, s)
		Expect(first).To(HaveLen(1))
		visitors := s.Visit(ctx, "https://shop.example/maintenance")
		visitors.Until("503 Back soon")
		Edit(ctx, s, balancer, func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.Listeners[1].Certificates[0].Issue.DomainNames = []v1alpha1.CertificateDomainName{"shop.example", "www.shop.example"}
		})
		Eventually(certificatesIn).WithArguments(ctx, s).Should(And(HaveLen(1), Not(Equal(first))), "the first one is deleted")
		s.ExpectReady(ctx, balancer)
		visitors.ExpectOnly("503 Back soon")
		Expect(Ask(ctx, s.Browser(true), "https://shop.example/maintenance")).To(Equal("503 Back soon"))
		visitors.Until("503 Back soon")
		visitors.ExpectOnly("503 Back soon")
	})
})

var _ = Describe("The replacement of a target group", func() {
	s := newForwardingStory()
	var lb *v1alpha1.LoadBalancer
	BeforeEach(func() {
		lb = LoadBalancer("web", func(obj *v1alpha1.LoadBalancer) {
			obj.Spec.TargetGroups = []v1alpha1.TargetGroup{{
				Name: "app", Protocol: "HTTP", Port: aws.Int32(8080), TargetType: v1alpha1.TargetTypeIP,
				Targets:     []v1alpha1.Target{{ID: "10.0.1.10"}, {ID: "10.0.2.10"}},
				HealthCheck: &v1alpha1.TargetHealthCheck{IntervalSeconds: aws.Int32(5), TimeoutSeconds: aws.Int32(2)},
				Attributes:  &v1alpha1.TargetGroupAttributes{DeregistrationDelaySeconds: aws.Int32(10)},
			}}
			toApp := []v1alpha1.Action{{Forward: &v1alpha1.ForwardAction{TargetGroups: []v1alpha1.ForwardTargetGroup{{Name: "app"}}}}}
			obj.Spec.Listeners = []v1alpha1.Listener{{
				Port: 80, Protocol: "HTTP", DefaultActions: toApp,
				Rules: []v1alpha1.ListenerRule{{Priority: 1, Conditions: []v1alpha1.RuleCondition{{PathPattern: []v1alpha1.PathPattern{"/api/*"}}}, Actions: toApp}},
			}}
		})
		s.Serve("first", "10.0.1.10:8080", "10.0.2.10:8080")
		s.ServeLate("second", "10.0.1.10:9090", "10.0.2.10:9090")
		s.ServeTLS("third", "10.0.1.10:8443", "10.0.2.10:8443")
	})
	app := func(change func(*v1alpha1.TargetGroup)) func(*v1alpha1.LoadBalancer) {
		return func(obj *v1alpha1.LoadBalancer) { change(&obj.Spec.TargetGroups[0]) }
	}
	onPort := func(port int32) func(*v1alpha1.LoadBalancer) {
		return app(func(g *v1alpha1.TargetGroup) { g.Port = &port })
	}
	// served makes the load balancer and waits until it forwards.
	served := func(ctx context.Context) {
		GinkgoHelper()
		s.Create(ctx, lb)
		s.ExpectReady(ctx, lb)
		Eventually(Live(ctx, s, lb)).Should(HaveCondition(v1alpha1.ConditionTargetsHealthy, metav1.ConditionTrue))
	}
	// visited has visitors at the listener and at its rule.
	visited := func(ctx context.Context) []*Visitors {
		GinkgoHelper()
		served(ctx)
		host := "http://" + Get(ctx, s, lb).Status.DNSName
		return []*Visitors{s.Visit(ctx, host+"/"), s.Visit(ctx, host+"/api/v1")}
	}
	// expectMoved expects that all requests have moved from one server to another, and that only one group is left.
	expectMoved := func(ctx context.Context, visitors []*Visitors, before []string, from, to string) {
		GinkgoHelper()
		s.ExpectReady(ctx, lb)
		Expect(groupsIn(ctx, s)).To(And(HaveLen(1), Not(Equal(before))))
		Expect(rulesIn(ctx, s)).To(Equal(2), "the declared one and the default one")
		for _, v := range visitors {
			v.Until("200 " + to)
			v.ExpectOnly("200 "+from, "200 "+to)
			v.Until("200 " + to)
			v.ExpectOnly("200 " + to)
		}
	}

	DescribeTable("loses no request and leaves nothing behind", func(ctx context.Context, to string, change func(*v1alpha1.TargetGroup)) {
		s.StartManager(ctx)
		visitors := visited(ctx)
		before := groupsIn(ctx, s)
		Edit(ctx, s, lb, app(change))
		expectMoved(ctx, visitors, before, "first", to)
		s.ExpectQuiet(ctx)
	},
		Entry("when the port changes", "second", func(g *v1alpha1.TargetGroup) { g.Port = aws.Int32(9090) }),
		Entry("when the protocol changes, and with it the health check's", "third", func(g *v1alpha1.TargetGroup) {
			g.Protocol, g.Port, g.HealthCheck.Protocol = "HTTPS", aws.Int32(8443), "HTTPS"
		}),
		Entry("when the VPC is named that is the load balancer's", "second", func(g *v1alpha1.TargetGroup) { g.VPCID, g.Port = VPC1, aws.Int32(9090) }),
	)

	It("loses no request when the version of the protocol changes", func(ctx context.Context) {
		s.StartManager(ctx)
		lb.Spec.Listeners[0].Port, lb.Spec.Listeners[0].Protocol = 443, "HTTPS"
		lb.Spec.Listeners[0].Certificates = []v1alpha1.ListenerCertificate{{Issue: &v1alpha1.CertificateIssue{
			DomainNames: []v1alpha1.CertificateDomainName{Domain}, HostedZoneRef: &v1alpha1.HostedZoneReference{Name: "zone"},
		}}}
		apex := RecordSet("apex", "@", WithAlias(v1alpha1.AliasTarget{LoadBalancerRef: &v1alpha1.LoadBalancerReference{Name: lb.Name}}))
		s.Create(ctx, Zone(), apex)
		served(ctx)
		s.ExpectReady(ctx, apex)
		before, visitors := groupsIn(ctx, s), []*Visitors{s.Visit(ctx, "https://"+Domain)}
		Edit(ctx, s, lb, app(func(g *v1alpha1.TargetGroup) { g.ProtocolVersion, g.Port = "HTTP2", aws.Int32(9090) }))
		expectMoved(ctx, visitors, before, "first", "second")
	})

	DescribeTable("loses no request wherever the controller dies, and is finished by the next one", func(ctx context.Context, at Moment) {
		s.StartManager(ctx)
		visitors := visited(ctx)
		servers, ports := []string{"first", "second"}, []int32{8080, 9090}
		deaths := 0
		for died := true; died; deaths++ {
			s.StopManagers()
			before := groupsIn(ctx, s)
			m := s.StartManager(ctx)
			s.KillAtNthChange(m, deaths+1, at)
			Edit(ctx, s, lb, onPort(ports[(deaths+1)%2]))
			died = s.DiedOrReady(ctx, m, lb)
			s.Sim.SetHook(nil)
			if died {
				s.StartManager(ctx)
			}
			expectMoved(ctx, visitors, before, servers[deaths%2], servers[(deaths+1)%2])
		}
		Expect(deaths).To(BeNumerically(">", 7), "create, attributes, register, attach twice, switch twice, deregister, delete")
	},
		Entry("before each call", Before),
		Entry("after each call", After),
	)
})

// rulesIn counts the rules of the only listener in AWS.
func rulesIn(ctx context.Context, s *Story) int {
	GinkgoHelper()
	listeners, err := s.ELBV2.DescribeListeners(ctx, &elasticloadbalancingv2.DescribeListenersInput{LoadBalancerArn: s.OnlyLoadBalancer(ctx).LoadBalancerArn})
	Expect(err).NotTo(HaveOccurred())
	Expect(listeners.Listeners).To(HaveLen(1))
	rules, err := s.ELBV2.DescribeRules(ctx, &elasticloadbalancingv2.DescribeRulesInput{ListenerArn: listeners.Listeners[0].ListenerArn})
	Expect(err).NotTo(HaveOccurred())
	return len(rules.Rules)
}

// groupsIn are the names of all target groups in AWS.
func groupsIn(ctx context.Context, s *Story) []string {
	GinkgoHelper()
	out, err := s.ELBV2.DescribeTargetGroups(ctx, &elasticloadbalancingv2.DescribeTargetGroupsInput{})
	Expect(err).NotTo(HaveOccurred())
	names := []string{}
	for _, group := range out.TargetGroups {
		names = append(names, *group.TargetGroupName)
	}
	return names
}

// certificatesIn are the ARNs of all certificates in ACM.
func certificatesIn(ctx context.Context, s *Story) []string {
	GinkgoHelper()
	out, err := s.ACM.ListCertificates(ctx, &acm.ListCertificatesInput{Includes: &acmtypes.Filters{KeyTypes: acmtypes.KeyAlgorithm("").Values()}})
	Expect(err).NotTo(HaveOccurred())
	arns := []string{}
	for _, certificate := range out.CertificateSummaryList {
		arns = append(arns, *certificate.CertificateArn)
	}
	return arns
}
