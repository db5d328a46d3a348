package securitygroup

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

func TestSecurityGroup(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "securitygroup")
}

// lines tells rules as text, with their descriptions.
func lines(rules []Rule) []string {
	list := []string{}
	for _, rule := range rules {
		list = append(list, strings.TrimSpace(rule.String()+" "+aws.ToString(rule.Description)))
	}
	return list
}

func declare(protocol string, port int32, peers ...string) v1alpha1.SecurityGroupRule {
	rule := v1alpha1.SecurityGroupRule{Protocol: v1alpha1.IPProtocol(protocol)}
	if port > 0 {
		rule.Port = &port
	}
	for _, peer := range peers {
		switch {
		case strings.HasPrefix(peer, "sg-"):
			rule.SecurityGroupIDs = append(rule.SecurityGroupIDs, v1alpha1.SecurityGroupID(peer))
		case strings.HasPrefix(peer, "pl-"):
			rule.PrefixListIDs = append(rule.PrefixListIDs, v1alpha1.PrefixListID(peer))
		case strings.Contains(peer, ":"):
			rule.IPv6CIDRs = append(rule.IPv6CIDRs, v1alpha1.IPv6CIDR(peer))
		default:
			rule.CIDRs = append(rule.CIDRs, v1alpha1.IPv4CIDR(peer))
		}
	}
	return rule
}

var _ = Describe("Rules of a spec", func() {
	DescribeTable("are tuples in normal form", func(rule v1alpha1.SecurityGroupRule, want ...string) {
		Expect(lines(References{}.Rules([]v1alpha1.SecurityGroupRule{rule}))).To(Equal(want))
	},
		Entry("one for each peer", declare("tcp", 443, "10.0.0.0/8", "2001:DB8::/32", "pl-1", "sg-1"),
			"tcp 443 10.0.0.0/8", "tcp 443 2001:db8::/32", "tcp 443 pl-1", "tcp 443 sg-1"),
		Entry("without host bits", declare("tcp", 443, "10.1.2.3/8", "2001:0db8:0::1/32"), "tcp 443 10.0.0.0/8", "tcp 443 2001:db8::/32"),
		Entry("with the names of protocols", declare("6", 443, "10.0.0.0/8"), "tcp 443 10.0.0.0/8"),
		Entry("without ports where they mean nothing", declare("-1", 443, "10.0.0.0/8"), "all 10.0.0.0/8"),
		Entry("of other protocols by number", declare("50", 0, "10.0.0.0/8"), "50 10.0.0.0/8"),
		Entry("of all of ICMP", declare("1", 0, "10.0.0.0/8"), "icmp 10.0.0.0/8"),
		Entry("of ranges", v1alpha1.SecurityGroupRule{Protocol: "udp", FromPort: aws.Int32(1), ToPort: aws.Int32(9), CIDRs: []v1alpha1.IPv4CIDR{"10.0.0.0/8"}}, "udp 1-9 10.0.0.0/8"),
		Entry("of types of ICMP", v1alpha1.SecurityGroupRule{Protocol: "icmp", FromPort: aws.Int32(3), ToPort: aws.Int32(-1), CIDRs: []v1alpha1.IPv4CIDR{"10.0.0.0/8"}}, "icmp type 3 10.0.0.0/8"),
	)

	It("are told once, however often they are declared", func() {
		rules := References{}.Rules([]v1alpha1.SecurityGroupRule{declare("tcp", 80, "10.0.0.0/8"), declare("6", 80, "10.9.9.9/8", "11.0.0.0/8")})
		Expect(lines(rules)).To(Equal([]string{"tcp 80 10.0.0.0/8", "tcp 80 11.0.0.0/8"}))
	})

	It("read back from EC2 as they were written", func() {
		declared := []v1alpha1.SecurityGroupRule{
			declare("tcp", 443, "10.0.0.0/8", "2001:db8::/32", "pl-1", "sg-1"), declare("-1", 0, "sg-2"), declare("icmpv6", 0, "::/0"), declare("51", 0, "1.2.3.0/24"),
		}
		declared[0].Description = aws.String("from the office")
		rules := References{}.Rules(declared)
		read := rulesOf(permissions(rules))
		Expect(read).To(HaveLen(len(rules)))
		missing, surplus, renamed := compare(rules, read)
		Expect([][]Rule{missing, surplus, renamed}).To(HaveEach(BeEmpty()))
	})
})

// run makes changes of a plan in a model of EC2.
func run(group *Group, desired *Desired) {
	for _, d := range directions {
		wanted := d.desired(desired)
		if wanted == nil {
			continue
		}
		missing, surplus, renamed := compare(*wanted, *d.observed(group))
		live := append(slices.Clone(*d.observed(group)), missing...)
		for _, rule := range renamed {
			i := slices.IndexFunc(live, func(r Rule) bool { return r.Tuple == rule.Tuple })
			live[i] = rule
		}
		*d.observed(group) = slices.DeleteFunc(live, within(surplus))
	}
}

func planOf(changes []Change) []string {
	told := []string{}
	for _, c := range changes {
		for _, p := range c.Plan {
			told = append(told, strings.TrimSpace(fmt.Sprintf("%s %s %s→%s", p.Verb, p.Field, p.From, p.To)))
		}
	}
	return told
}

var _ = Describe("Diff", func() {
	rules := func(declared ...v1alpha1.SecurityGroupRule) *[]Rule {
		list := References{}.Rules(declared)
		if list == nil {
			list = []Rule{}
		}
		return &list
	}
	owner := awsclient.Owner{Cluster: "here", Object: "LoadBalancer/a/b"}
	web, ssh := declare("tcp", 80, "0.0.0.0/0"), declare("tcp", 22, "10.0.0.0/8")
	group := func(ingress ...v1alpha1.SecurityGroupRule) *Group {
		return &Group{ID: "sg-1", Name: "g", Tags: owner.Tags(), Ingress: *rules(ingress...), Egress: Everything()}
	}

	DescribeTable("lists the changes", func(desired Desired, observed *Group, want ...string) {
		desired.Name = "g"
		if desired.Tags == nil {
			desired.Tags = owner.Tags()
		}
		Expect(planOf(Diff(&desired, observed))).To(HaveExactElements(want))
	},
		Entry("nothing is there", Desired{Ingress: rules(web)}, nil, "Create  →", "Create ingress →tcp 80 0.0.0.0/0"),
		Entry("a new group that lets nothing out", Desired{Egress: rules()}, nil, "Create  →", "Create egress all 0.0.0.0/0→"),
		Entry("all is as declared", Desired{Ingress: rules(web), Egress: rules(declare("-1", 0, "0.0.0.0/0"))}, group(web)),
		Entry("rules that are not managed", Desired{}, group(web, ssh)),
		Entry("a rule is missing and one is too many", Desired{Ingress: rules(web)}, group(ssh), "Update ingress →tcp 80 0.0.0.0/0", "Update ingress tcp 22 10.0.0.0/8→"),
		Entry("a list that is empty", Desired{Ingress: rules()}, group(web), "Update ingress tcp 80 0.0.0.0/0→"),
		Entry("a rule for a group, while one may still be named", Desired{Ingress: rules(), KeepGroups: true}, group(web, declare("tcp", 1, "sg-2")), "Update ingress tcp 80 0.0.0.0/0→"),
		Entry("ownership tags are missing", Desired{}, &Group{Name: "g", Tags: map[string]string{"cost": "1"}},
			"Update tags.evenkeel.io/cluster →here", "Update tags.evenkeel.io/object →LoadBalancer/a/b"),
	)

	It("tells that only a description differs", func() {
		described := web
		described.Description = aws.String("everyone")
		changes := Diff(&Desired{Name: "g", Tags: owner.Tags(), Ingress: rules(described)}, group(web))
		Expect(planOf(changes)).To(Equal([]string{"Update ingress tcp 80 0.0.0.0/0→tcp 80 0.0.0.0/0 (everyone)"}))
		Expect(Diff(&Desired{Name: "g", Tags: owner.Tags(), Ingress: rules(web)}, group(described))).To(BeEmpty(), "not declared, not managed")
	})

	It("converges from anything to anything, and then finds nothing to do", func() {
		r := rand.New(rand.NewPCG(uint64(GinkgoRandomSeed()), 2))
		random := func() *[]Rule {
			declared := []v1alpha1.SecurityGroupRule{}
			for range r.IntN(6) {
				rule := declare([]string{"tcp", "udp", "-1", "icmp"}[r.IntN(4)], int32(r.IntN(3)+1), fmt.Sprintf("10.%d.0.0/16", r.IntN(3)), "sg-1")
				if r.IntN(2) == 0 {
					rule.Description = aws.String(fmt.Sprint(r.IntN(2)))
				}
				declared = append(declared, rule)
			}
			return rules(declared...)
		}
		for range 1000 {
			desired := &Desired{Name: "g", Tags: owner.Tags(), Ingress: random(), Egress: random()}
			observed := &Group{Name: "g", Tags: owner.Tags(), Ingress: *random(), Egress: *random()}
			run(observed, desired)
			Expect(Diff(desired, observed)).To(BeEmpty())
		}
	})
})

var _ = Describe("The name of a group", func() {
	It("differs between objects and clusters, and fits", func() {
		seen := map[string]bool{}
		for _, cluster := range []string{"a", "b"} {
			for _, object := range []string{"LoadBalancer/a/b", "LoadBalancer/a/c", "AutoScalingGroup/a/b", "LoadBalancer/" + strings.Repeat("é", 300), "LoadBalancer/" + strings.Repeat("é", 301)} {
				name := NameFor(awsclient.Owner{Cluster: cluster, Object: object})
				Expect(len(name)).To(BeNumerically("<=", maxName))
				Expect(seen).NotTo(HaveKey(name))
				seen[name] = true
			}
		}
		Expect(NameFor(awsclient.Owner{Cluster: "a", Object: "LoadBalancer/a/b"})).To(HavePrefix("LoadBalancer/a/b/"))
	})
})

var _ = Describe("Who uses a group", func() {
	It("stands against its deletion, and is told", func() {
		s := &State{Group: &Group{ID: "sg-1", Name: "g"}}
		Expect(planOf(Deletion(s))).To(Equal([]string{"Delete  →"}))
		s.Interfaces = []string{"eni-1"}
		Expect(Deletion(s)).To(BeEmpty())
		outcome, remains := Remaining(s, settle)
		Expect(remains).To(BeTrue())
		Expect(outcome.Message).To(ContainSubstring("network interfaces"))
		s.Interfaces, s.Users = nil, []string{"sg-2", "sg-3", "sg-4", "sg-5"}
		Expect(Deletion(s)).To(BeEmpty())
		outcome, _ = Remaining(s, settle)
		Expect(outcome.Reason).To(Equal(v1alpha1.ReasonDeletionBlocked))
		Expect(outcome.Message).To(ContainSubstring("sg-2, sg-3, sg-4 and 1 more"))
		By("letting go of others, which may wait for this one")
		s.Group.Ingress = References{}.Rules([]v1alpha1.SecurityGroupRule{declare("tcp", 80, "sg-2", "10.0.0.0/8")})
		Expect(planOf(Deletion(s))).To(Equal([]string{"Update ingress tcp 80 sg-2→"}))
		_, remains = Remaining(&State{}, settle)
		Expect(remains).To(BeFalse())
	})
})

var _ = Describe("A group of EC2", func() {
	It("is read in normal form", func() {
		read := groupOf(&types.SecurityGroup{GroupId: aws.String("sg-1"), Tags: []types.Tag{{Key: aws.String("k"), Value: aws.String("v")}},
			IpPermissions: []types.IpPermission{{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(80), ToPort: aws.Int32(80),
				IpRanges:         []types.IpRange{{CidrIp: aws.String("10.0.0.0/8"), Description: aws.String("d")}, {CidrIp: aws.String("1.0.0.0/8")}},
				UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: aws.String("sg-2"), UserId: aws.String("1")}}}},
			IpPermissionsEgress: []types.IpPermission{{IpProtocol: aws.String("-1"), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}}})
		Expect(lines(read.Ingress)).To(Equal([]string{"tcp 80 1.0.0.0/8", "tcp 80 10.0.0.0/8 d", "tcp 80 sg-2"}))
		Expect(lines(read.Egress)).To(Equal([]string{"all 0.0.0.0/0"}))
		Expect(read.Tags).To(Equal(map[string]string{"k": "v"}))
	})
})
