package awsclient

import (
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// form reads a request of the query protocol.
func form(r *http.Request) url.Values {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		panic(err)
	}
	values, err := url.ParseQuery(string(body))
	if err != nil {
		panic(err)
	}
	return values
}

func queryRefusal(status int, code, message string) answer {
	return answer{status, fmt.Sprintf(`<ErrorResponse><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>r</RequestId></ErrorResponse>`, code, message)}
}

// members are the values of a list of the query protocol.
func members(f url.Values, list string) []string {
	var values []string
	for i := 1; f.Has(fmt.Sprintf("%s.member.%d", list, i)); i++ {
		values = append(values, f.Get(fmt.Sprintf("%s.member.%d", list, i)))
	}
	return values
}

// fakeELB knows load balancers by name; each has the ARN "arn-" and its name, and a tag.
func fakeELB(names ...string) func(int, *http.Request) answer {
	describe := func(names []string) answer {
		var b strings.Builder
		for _, name := range names {
			fmt.Fprintf(&b, `<member><LoadBalancerArn>arn-%s</LoadBalancerArn><LoadBalancerName>%s</LoadBalancerName></member>`, name, name)
		}
		return answer{200, `<DescribeLoadBalancersResponse><DescribeLoadBalancersResult><LoadBalancers>` + b.String() + `</LoadBalancers></DescribeLoadBalancersResult></DescribeLoadBalancersResponse>`}
	}
	return func(_ int, r *http.Request) answer {
		f := form(r)
		var asked []string
		for _, list := range []string{"LoadBalancerArns", "ResourceArns", "Names"} {
			for _, value := range members(f, list) {
				asked = append(asked, strings.TrimPrefix(value, "arn-"))
			}
		}
		for _, name := range asked {
			if !slices.Contains(names, name) {
				return queryRefusal(400, "LoadBalancerNotFound", name+" was not found")
			}
		}
		if f.Get("Action") == "DescribeLoadBalancers" {
			if asked == nil {
				asked = names
			}
			return describe(asked)
		}
		var b strings.Builder
		for _, name := range asked {
			fmt.Fprintf(&b, `<member><ResourceArn>arn-%s</ResourceArn><Tags><member><Key>name</Key><Value>%s</Value></member></Tags></member>`, name, name)
		}
		return answer{200, `<DescribeTagsResponse><DescribeTagsResult><TagDescriptions>` + b.String() + `</TagDescriptions></DescribeTagsResult></DescribeTagsResponse>`}
	}
}

// together runs all at once, as workers do whose objects are due at the same time.
func together(n int, do func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			defer GinkgoRecover()
			do(i)
		})
	}
	all.Wait()
}

var _ = Describe("reads of load balancers", func() {
	var names []string
	for i := range 30 {
		names = append(names, fmt.Sprintf("lb%d", i))
	}

	It("share calls of up to twenty", func(ctx SpecContext) {
		f := newFakeAWS(fakeELB(names...))
		c := clientsFor(ctx, f, Options{})
		together(20, func(i int) {
			lb, err := c.LoadBalancer(ctx, "arn-"+names[i])
			Expect(err).NotTo(HaveOccurred())
			Expect(*lb.LoadBalancerName).To(Equal(names[i]))
		})
		Expect(len(f.requests())).To(BeNumerically("<=", 4))
	})

	It("do not fail for a missing one, by ARN or by name", func(ctx SpecContext) {
		f := newFakeAWS(fakeELB(names...))
		c := clientsFor(ctx, f, Options{})
		_, err := c.LoadBalancer(ctx, "arn-gone")
		Expect(Classify(err)).To(Equal(NotFound))
		Expect(f.requests()).To(HaveLen(1))
		results, err := c.loadBalancers[byName].GetAll(ctx, []string{"lb1", "gone", "lb2"})
		Expect(err).NotTo(HaveOccurred())
		Expect(results["gone"].Err).To(MatchError(ErrAbsent))
		Expect(*results["lb2"].Value.LoadBalancerArn).To(Equal("arn-lb2"))
		Expect(f.requests()).To(HaveLen(3), "one that fails, and one that lists all")
		_, err = c.LoadBalancerByName(ctx, "gone")
		Expect(Classify(err)).To(Equal(NotFound))
	})

	It("tell other failures", func(ctx SpecContext) {
		c := clientsFor(ctx, newFakeAWS(always(queryRefusal(403, "AccessDenied", "no"))), Options{})
		_, err := c.LoadBalancer(ctx, "arn")
		Expect(Classify(err)).To(Equal(Denied))
		_, err = c.ELBTags(ctx, "arn")
		Expect(Classify(err)).To(Equal(Denied))
		_, err = c.ELBTags(ctx, "arn", "other")
		Expect(Classify(err)).To(Equal(Denied))
	})
})

var _ = Describe("reads of tags", func() {
	It("take as many ARNs a call as AWS does, and leave out what is gone", func(ctx SpecContext) {
		var names, arns []string
		for i := range 45 {
			names = append(names, fmt.Sprintf("lb%d", i))
			arns = append(arns, fmt.Sprintf("arn-lb%d", i))
		}
		f := newFakeAWS(fakeELB(names...))
		c := clientsFor(ctx, f, Options{})
		tags, err := c.ELBTags(ctx, arns...)
		Expect(err).NotTo(HaveOccurred())
		Expect(tags).To(HaveLen(45))
		Expect(f.requests()).To(HaveLen(3))

		tags, err = c.ELBTags(ctx, "arn-lb1", "arn-gone", "arn-lb2")
		Expect(err).NotTo(HaveOccurred())
		Expect(slices.Sorted(maps.Keys(tags))).To(Equal([]string{"arn-lb1", "arn-lb2"}))
		Expect(tags["arn-lb2"]).To(Equal(map[string]string{"name": "lb2"}))
	})
})

var _ = Describe("reads of EC2", func() {
	It("find what exists and leave out the rest", func(ctx SpecContext) {
		f := newFakeAWS(func(_ int, r *http.Request) answer {
			switch form(r).Get("Action") {
			case "DescribeSecurityGroups":
				return answer{200, `<DescribeSecurityGroupsResponse><securityGroupInfo><item><groupId>sg-1</groupId></item></securityGroupInfo></DescribeSecurityGroupsResponse>`}
			default:
				return answer{200, `<DescribeSubnetsResponse><subnetSet><item><subnetId>subnet-1</subnetId><vpcId>vpc-1</vpcId></item></subnetSet></DescribeSubnetsResponse>`}
			}
		})
		c := clientsFor(ctx, f, Options{})
		group, err := c.SecurityGroup(ctx, "sg-1")
		Expect(err).NotTo(HaveOccurred())
		Expect(*group.GroupId).To(Equal("sg-1"))
		_, err = c.SecurityGroup(ctx, "sg-2")
		Expect(Classify(err)).To(Equal(NotFound))
		subnets, err := c.Subnets(ctx, "subnet-1", "subnet-2")
		Expect(err).NotTo(HaveOccurred())
		Expect(subnets).To(HaveLen(1))
		Expect(*subnets["subnet-1"].VpcId).To(Equal("vpc-1"))
	})
})
