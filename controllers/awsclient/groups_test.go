package awsclient

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("a budget of groups", func() {
	budget := Budget{
		EachOperation: Rate{3, 1}, EachRead: Rate{7, 1}, Operations: map[string]Rate{"CreateTags": {9, 1}},
		Groups: []Group{{Name: "heavy", Rate: Rate{4, 1}, Operations: []string{"CreateLoadBalancer", "SetSubnets"}}},
	}

	It("lets the operations of a group share one bucket", func() {
		l := newTestLimiter(newFakeClock(), budget, 1)
		Expect(drain(l, "CreateLoadBalancer")).To(Equal(4))
		Expect(drain(l, "SetSubnets")).To(BeZero())
		Expect(drain(l, "DeleteLoadBalancer")).To(Equal(3))
	})

	It("sizes the buckets of single operations, of reads and of the others", func() {
		l := newTestLimiter(newFakeClock(), budget, 1)
		Expect(drain(l, "CreateTags")).To(Equal(9))
		Expect(drain(l, "DescribeSubnets")).To(Equal(7))
		Expect(drain(l, "CreateSecurityGroup")).To(Equal(3))
	})

	It("lets reads wait longer than writes, where that is asked for", func(ctx SpecContext) {
		clock := newFakeClock()
		patient := budget
		patient.ReadPatience = 5 * time.Second
		l := newTestLimiter(clock, patient, 1)
		begun := clock.Now()
		for range 20 {
			Expect(l.acquire(ctx, "DescribeSubnets", nil)).To(Succeed())
		}
		Expect(clock.Now().Sub(begun)).To(BeNumerically("~", 13*time.Second, time.Second), "7 at once, then one a second")
		Expect(drain(l, "CreateSecurityGroup")).To(Equal(3))
		Expect(refusedFor(l, "CreateSecurityGroup")).To(BeNumerically(">", time.Duration(0)))
	})

	It("scales and checks them like the others", func() {
		scaled := budget.scaled(0.5)
		Expect(scaled.Groups[0].Rate).To(Equal(Rate{2, 0.5}))
		Expect(scaled.EachRead).To(Equal(Rate{3.5, 0.5}))
		Expect(budget.Groups[0].Rate).To(Equal(Rate{4, 1}), "the original is left alone")
		Expect(Budget{Groups: []Group{{Name: "heavy", Rate: Rate{Capacity: 1}}}}.validate()).To(MatchError(ContainSubstring("heavy")))
		Expect(Budget{EachRead: Rate{Refill: 1}}.validate()).To(MatchError(ContainSubstring("read")))
	})

	DescribeTable("names every operation of a service once", func(budget Budget, client reflect.Type, others ...string) {
		seen := map[string]string{}
		for _, group := range budget.Groups {
			for _, operation := range group.Operations {
				Expect(seen).NotTo(HaveKey(operation))
				seen[operation] = group.Name
			}
		}
		for i := range client.NumMethod() {
			name := client.Method(i).Name
			if name == "Options" || slices.Contains(others, name) {
				continue
			}
			Expect(seen).To(HaveKey(name), "in no category of request limits")
			delete(seen, name)
		}
		Expect(seen).To(BeEmpty(), "no such operations")
	},
		Entry("Elastic Load Balancing", ELBV2Budget(), reflect.TypeFor[*elasticloadbalancingv2.Client](), "CreateTrustStore"),
		Entry("Auto Scaling", AutoScalingBudget(), reflect.TypeFor[*autoscaling.Client]()),
	)

	It("keeps a throttle of one group from the others", func(ctx SpecContext) {
		f := newFakeAWS(func(_ int, r *http.Request) answer {
			switch form(r).Get("Action") {
			case "SetSubnets":
				return queryRefusal(400, "ThrottlingException", "Rate exceeded")
			default:
				return answer{200, `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers/></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`}
			}
		})
		c := clientsFor(ctx, f, Options{Clock: newFakeClock()})
		_, err := c.ELBV2.SetSubnets(ctx, &elasticloadbalancingv2.SetSubnetsInput{LoadBalancerArn: aws.String("arn")})
		Expect(Classify(err)).To(Equal(Throttled))
		_, err = c.ELBV2.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
		Expect(err).NotTo(HaveOccurred())
		_, err = c.ELBV2.CreateLoadBalancer(ctx, &elasticloadbalancingv2.CreateLoadBalancerInput{Name: aws.String("n")})
		Expect(RetryAfter(err)).To(BeNumerically(">", time.Duration(0)), "the group is held back as a whole")
		Expect(f.requests()).To(HaveLen(2))
	})
})

var _ = Describe("operations that draw on one account bucket", func() {
	It("share one scope", func() {
		Expect(Route53Budget().scope("GetChange")).To(Equal(Route53Budget().scope("CreateHostedZone")))
		Expect(strings.Fields(ELBV2Budget().scope("SetSubnets"))).To(Equal([]string{"group", "resource-intensive"}))
	})
})
