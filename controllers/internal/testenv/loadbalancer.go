package testenv

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
)

// What the simulated account holds from the start.
const (
	SubnetA     = "subnet-0a"
	SubnetB     = "subnet-0b"
	SubnetC     = "subnet-0c"
	SharedGroup = "sg-0shared"
)

// LoadBalancer builds an application load balancer in two subnets, with the shared security group.
func LoadBalancer(name string, with ...func(*v1alpha1.LoadBalancer)) *v1alpha1.LoadBalancer {
	obj := &v1alpha1.LoadBalancer{ObjectMeta: metav1.ObjectMeta{Name: name}, Spec: v1alpha1.LoadBalancerSpec{
		Type: v1alpha1.LoadBalancerApplication, SubnetIDs: []v1alpha1.SubnetID{SubnetA, SubnetB}, SecurityGroupIDs: []v1alpha1.SecurityGroupID{SharedGroup},
	}}
	for _, f := range with {
		f(obj)
	}
	return obj
}

// NetworkLoadBalancer builds a network load balancer in two subnets, for which nothing else is declared.
func NetworkLoadBalancer(name string, with ...func(*v1alpha1.LoadBalancer)) *v1alpha1.LoadBalancer {
	network := func(obj *v1alpha1.LoadBalancer) {
		obj.Spec.Type, obj.Spec.SecurityGroupIDs = v1alpha1.LoadBalancerNetwork, nil
	}
	return LoadBalancer(name, append([]func(*v1alpha1.LoadBalancer){network}, with...)...)
}

// InSubnets sets the subnets of a load balancer.
func InSubnets(ids ...v1alpha1.SubnetID) func(*v1alpha1.LoadBalancer) {
	return func(obj *v1alpha1.LoadBalancer) { obj.Spec.SubnetIDs, obj.Spec.SubnetMappings = ids, nil }
}

// WithGroups sets the security groups that others keep.
func WithGroups(ids ...v1alpha1.SecurityGroupID) func(*v1alpha1.LoadBalancer) {
	return func(obj *v1alpha1.LoadBalancer) { obj.Spec.SecurityGroupIDs = ids }
}

// WithGroup declares a managed security group with ingress rules.
func WithGroup(ingress ...v1alpha1.SecurityGroupRule) func(*v1alpha1.LoadBalancer) {
	return func(obj *v1alpha1.LoadBalancer) {
		obj.Spec.SecurityGroup = &v1alpha1.SecurityGroup{Ingress: append([]v1alpha1.SecurityGroupRule{}, ingress...)}
	}
}

// Ingress is a rule for a TCP port and address blocks.
func Ingress(port int32, cidrs ...v1alpha1.IPv4CIDR) v1alpha1.SecurityGroupRule {
	return v1alpha1.SecurityGroupRule{Protocol: "tcp", Port: &port, CIDRs: cidrs}
}

// WithAttributes sets the attributes of a load balancer.
func WithAttributes(a v1alpha1.LoadBalancerAttributes) func(*v1alpha1.LoadBalancer) {
	return func(obj *v1alpha1.LoadBalancer) { obj.Spec.Attributes = &a }
}

// LoadBalancers are all load balancers in AWS, by name.
func (s *Story) LoadBalancers(ctx context.Context) []types.LoadBalancer {
	GinkgoHelper()
	out, err := s.ELBV2.DescribeLoadBalancers(ctx, &elasticloadbalancingv2.DescribeLoadBalancersInput{})
	Expect(err).NotTo(HaveOccurred())
	slices.SortFunc(out.LoadBalancers, func(a, b types.LoadBalancer) int { return strings.Compare(*a.LoadBalancerName, *b.LoadBalancerName) })
	return out.LoadBalancers
}

// OnlyLoadBalancer is the one load balancer in AWS.
func (s *Story) OnlyLoadBalancer(ctx context.Context) types.LoadBalancer {
	GinkgoHelper()
	found := s.LoadBalancers(ctx)
	Expect(found).To(HaveLen(1))
	return found[0]
}

// AttributesOf are the attributes of a load balancer.
func (s *Story) AttributesOf(ctx context.Context, arn string) map[string]string {
	GinkgoHelper()
	out, err := s.ELBV2.DescribeLoadBalancerAttributes(ctx, &elasticloadbalancingv2.DescribeLoadBalancerAttributesInput{LoadBalancerArn: &arn})
	Expect(err).NotTo(HaveOccurred())
	attributes := map[string]string{}
	for _, a := range out.Attributes {
		attributes[*a.Key] = aws.ToString(a.Value)
	}
	return attributes
}

// ELBTags are the tags of a load balancer, target group, listener or rule, beside those that mark whose it is.
func (s *Story) ELBTags(ctx context.Context, arn string) map[string]string {
	GinkgoHelper()
	out, err := s.ELBV2.DescribeTags(ctx, &elasticloadbalancingv2.DescribeTagsInput{ResourceArns: []string{arn}})
	Expect(err).NotTo(HaveOccurred())
	tags := map[string]string{}
	for _, tag := range out.TagDescriptions[0].Tags {
		if !strings.HasPrefix(*tag.Key, "evenkeel.io/") {
			tags[*tag.Key] = aws.ToString(tag.Value)
		}
	}
	return tags
}

// SecurityGroups are the security groups in the first VPC that are not there from the start, by id.
func (s *Story) SecurityGroups(ctx context.Context) []ec2types.SecurityGroup {
	GinkgoHelper()
	out, err := s.EC2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{Filters: []ec2types.Filter{{Name: aws.String("vpc-id"), Values: []string{VPC1}}}})
	Expect(err).NotTo(HaveOccurred())
	groups := slices.DeleteFunc(out.SecurityGroups, func(g ec2types.SecurityGroup) bool {
		return *g.GroupId == SharedGroup || *g.GroupName == "default"
	})
	slices.SortFunc(groups, func(a, b ec2types.SecurityGroup) int { return strings.Compare(*a.GroupId, *b.GroupId) })
	return groups
}

// RulesOf tells rules of a security group, as "protocol from-to peer".
func RulesOf(permissions []ec2types.IpPermission) []string {
	told := []string{}
	for _, p := range permissions {
		ports := ""
		if p.FromPort != nil && p.ToPort != nil {
			ports = " " + fmt.Sprintf("%d-%d", *p.FromPort, *p.ToPort)
		}
		add := func(peer *string) { told = append(told, aws.ToString(p.IpProtocol)+ports+" "+aws.ToString(peer)) }
		for _, r := range p.IpRanges {
			add(r.CidrIp)
		}
		for _, r := range p.Ipv6Ranges {
			add(r.CidrIpv6)
		}
		for _, r := range p.PrefixListIds {
			add(r.PrefixListId)
		}
		for _, r := range p.UserIdGroupPairs {
			add(r.GroupId)
		}
	}
	slices.Sort(told)
	return told
}

// MakeLoadBalancer creates a load balancer that is no object's, and returns its ARN.
func (s *Story) MakeLoadBalancer(ctx context.Context, name string, tags ...string) string {
	GinkgoHelper()
	input := &elasticloadbalancingv2.CreateLoadBalancerInput{
		Name: &name, Type: types.LoadBalancerTypeEnumApplication, Subnets: []string{SubnetA, SubnetB}, SecurityGroups: []string{SharedGroup},
	}
	for _, tag := range tags {
		key, value, _ := strings.Cut(tag, "=")
		input.Tags = append(input.Tags, types.Tag{Key: &key, Value: &value})
	}
	out, err := s.ELBV2.CreateLoadBalancer(ctx, input)
	Expect(err).NotTo(HaveOccurred())
	return *out.LoadBalancers[0].LoadBalancerArn
}

// DeleteLoadBalancer deletes a load balancer by somebody else's hand.
func (s *Story) DeleteLoadBalancer(ctx context.Context, arn string) {
	GinkgoHelper()
	_, err := s.ELBV2.DeleteLoadBalancer(ctx, &elasticloadbalancingv2.DeleteLoadBalancerInput{LoadBalancerArn: &arn})
	Expect(err).NotTo(HaveOccurred())
}

// MakeSecurityGroup creates a security group in the first VPC that is no object's, and returns its id.
func (s *Story) MakeSecurityGroup(ctx context.Context, name string) string {
	GinkgoHelper()
	out, err := s.EC2.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{GroupName: &name, Description: aws.String("theirs"), VpcId: aws.String(VPC1)})
	Expect(err).NotTo(HaveOccurred())
	return *out.GroupId
}

// MakeSubnet creates one more subnet in a zone of the first VPC, and returns its id.
func (s *Story) MakeSubnet(ctx context.Context, zone, cidr string) string {
	GinkgoHelper()
	out, err := s.EC2.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: aws.String(VPC1), AvailabilityZone: &zone, CidrBlock: &cidr})
	Expect(err).NotTo(HaveOccurred())
	return *out.Subnet.SubnetId
}

// SubnetsOf are the subnets of a load balancer, sorted.
func SubnetsOf(lb types.LoadBalancer) []string {
	subnets := []string{}
	for _, zone := range lb.AvailabilityZones {
		subnets = append(subnets, aws.ToString(zone.SubnetId))
	}
	slices.Sort(subnets)
	return subnets
}

// Open lets everyone in to a TCP port of a security group by somebody else's hand.
func (s *Story) Open(ctx context.Context, group string, port int32) {
	GinkgoHelper()
	_, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: []ec2types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: &port, ToPort: &port, IpRanges: []ec2types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}}}})
	Expect(err).NotTo(HaveOccurred())
}

func fromGroup(peer string) []ec2types.IpPermission {
	return []ec2types.IpPermission{{IpProtocol: aws.String("-1"), UserIdGroupPairs: []ec2types.UserIdGroupPair{{GroupId: &peer}}}}
}

// AuthorizeGroup lets a security group in to another by somebody else's hand.
func (s *Story) AuthorizeGroup(ctx context.Context, group, peer string) {
	GinkgoHelper()
	_, err := s.EC2.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &group, IpPermissions: fromGroup(peer)})
	Expect(err).NotTo(HaveOccurred())
}

// RevokeGroup takes that back.
func (s *Story) RevokeGroup(ctx context.Context, group, peer string) {
	GinkgoHelper()
	_, err := s.EC2.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &group, IpPermissions: fromGroup(peer)})
	Expect(err).NotTo(HaveOccurred())
}

// MakeAddress allocates an Elastic IP address, and returns its allocation id.
func (s *Story) MakeAddress(ctx context.Context) string {
	GinkgoHelper()
	out, err := s.EC2.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: ec2types.DomainTypeVpc})
	Expect(err).NotTo(HaveOccurred())
	return *out.AllocationId
}

// AddressesOf are the Elastic IP addresses of a load balancer, by subnet.
func AddressesOf(lb types.LoadBalancer) map[string]string {
	addresses := map[string]string{}
	for _, zone := range lb.AvailabilityZones {
		for _, address := range zone.LoadBalancerAddresses {
			if address.AllocationId != nil {
				addresses[aws.ToString(zone.SubnetId)] = *address.AllocationId
			}
		}
	}
	return addresses
}

// BeforeCall does something right before an operation takes effect, once: by somebody else's hand, for instance.
func (s *Story) BeforeCall(operation string, do func()) {
	service, name := split(operation)
	var once sync.Once
	s.Sim.SetHook(func(call awssim.Call) {
		if call.Service == service && call.Operation == name && call.Phase == awssim.Before {
			once.Do(func() {
				s.Sim.SetHook(nil)
				do()
			})
		}
	})
}
