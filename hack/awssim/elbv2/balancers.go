package elbv2

import (
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func createLoadBalancer(w *write, in *sdk.CreateLoadBalancerInput) (*sdk.CreateLoadBalancerOutput, error) {
	tags, err := w.newTags(in.Tags)
	if err != nil {
		return nil, err
	}
	b, err := asked(in)
	if err != nil {
		return nil, err
	}
	b.Account, b.Region = w.Caller.Account, w.Request.Region
	zones, err := w.zones(b, in.Subnets, in.SubnetMappings)
	if err != nil {
		return nil, err
	}
	if err := w.chooseGroups(b, in.SecurityGroups); err != nil {
		return nil, err
	}
	for _, former := range w.balancers {
		if former.Account != b.Account || former.Region != b.Region || former.Name != b.Name {
			continue
		}
		if !former.sameAs(b, zones, tags) {
			return nil, frame.Errorf("DuplicateLoadBalancerName",
				"A load balancer with the same name '%s' exists, but with different settings", b.Name)
		}
		return &sdk.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{former.described(w.moment)}}, nil
	}
	if err := w.checkBalancerQuota(b.Type); err != nil {
		return nil, err
	}
	w.complete(b, tags)
	if b.Zones, err = w.occupy(b, zones); err != nil {
		return nil, err
	}
	w.balancers[b.ARN] = b
	return &sdk.CreateLoadBalancerOutput{LoadBalancers: []types.LoadBalancer{b.described(w.moment)}}, nil
}

// complete gives a new load balancer what AWS chooses.
func (w *write) complete(b *balancer, tags frame.Tags) {
	b.ID = w.newID()
	b.meta = w.born(w.arn("loadbalancer/"+b.path()), tags)
	w.nameInDNS(b)
	timing := w.service.env.Timing.LoadBalancing
	b.ActiveAt = w.after(timing.NetworkProvisioning)
	if b.Type == types.LoadBalancerTypeEnumApplication {
		b.ActiveAt = w.after(timing.Provisioning)
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork && len(b.Groups) > 0 {
		b.PrivateLink = "on"
	}
}

// asked reads what does not depend on anything else, with AWS's defaults.
func asked(in *sdk.CreateLoadBalancerInput) (*balancer, error) {
	b := &balancer{
		Name: aws.ToString(in.Name), Type: in.Type, Scheme: in.Scheme, IPAddressType: in.IpAddressType,
		SourceNat: in.EnablePrefixForIpv6SourceNat, OwnedPool: in.CustomerOwnedIpv4Pool,
	}
	var broken frame.Violations
	frame.Enum(&broken, in.Type, "type", in.Type.Values())
	frame.Enum(&broken, in.Scheme, "scheme", in.Scheme.Values())
	frame.Enum(&broken, in.IpAddressType, "ipAddressType", in.IpAddressType.Values())
	frame.Enum(&broken, in.EnablePrefixForIpv6SourceNat, "enablePrefixForIpv6SourceNat", in.EnablePrefixForIpv6SourceNat.Values())
	if err := broken.Err(validationError); err != nil {
		return nil, err
	}
	if err := checkName("The load balancer", in.Name); err != nil {
		return nil, err
	}
	if strings.HasPrefix(b.Name, "internal-") {
		return nil, invalid("The load balancer name '%s' cannot begin with 'internal-'", b.Name)
	}
	if b.Type == "" {
		b.Type = types.LoadBalancerTypeEnumApplication
	}
	if b.IPAddressType == "" {
		b.IPAddressType = types.IpAddressTypeIpv4
	}
	if in.IpamPools != nil {
		b.IpamPool = in.IpamPools.Ipv4IpamPoolId
	}
	return b, b.checkKind()
}

// checkKind checks what depends on the type, and completes the scheme.
func (b *balancer) checkKind() error {
	gateway := b.Type == types.LoadBalancerTypeEnumGateway
	if gateway && b.Scheme != "" {
		return misconfigured("Scheme is not supported for load balancers with type '%s'", b.Type)
	}
	if b.Scheme == "" && !gateway {
		b.Scheme = types.LoadBalancerSchemeEnumInternetFacing
	}
	if b.Type == types.LoadBalancerTypeEnumNetwork && b.IPAddressType == types.IpAddressTypeDualstack && b.SourceNat == "" {
		b.SourceNat = types.EnablePrefixForIpv6SourceNatEnumOff
	}
	if b.Type != types.LoadBalancerTypeEnumNetwork && b.SourceNat != "" {
		return misconfigured("Prefixes for IPv6 source NAT are not supported for load balancers with type '%s'", b.Type)
	}
	return b.checkPublic()
}

// checkPublic checks what only application load balancers that face the internet have.
func (b *balancer) checkPublic() error {
	application := b.Type == types.LoadBalancerTypeEnumApplication
	internal := b.Scheme == types.LoadBalancerSchemeEnumInternal
	withoutIPv4 := b.IPAddressType == types.IpAddressTypeDualstackWithoutPublicIpv4
	switch {
	case !application && withoutIPv4:
		return misconfigured("IP address type '%s' is not supported for load balancers with type '%s'", b.IPAddressType, b.Type)
	case !application && b.IpamPool != nil:
		return misconfigured("IPAM pools are not supported for load balancers with type '%s'", b.Type)
	case internal && withoutIPv4:
		return misconfigured("IP address type '%s' is only supported for internet-facing load balancers", b.IPAddressType)
	case internal && b.IpamPool != nil:
		return misconfigured("IPAM pools are only supported for internet-facing load balancers")
	}
	return nil
}

// sameAs tells whether creating other again means this load balancer: every
// setting counts, and so do tags.
func (b *balancer) sameAs(other *balancer, zones []zone, tags frame.Tags) bool {
	return b.Type == other.Type && b.Scheme == other.Scheme && b.IPAddressType == other.IPAddressType &&
		b.SourceNat == other.SourceNat && aws.ToString(b.OwnedPool) == aws.ToString(other.OwnedPool) &&
		aws.ToString(b.IpamPool) == aws.ToString(other.IpamPool) && sameTexts(b.Groups, other.Groups) &&
		maps.Equal(b.Tags, tags) && slices.EqualFunc(b.Zones, zones, zone.sameMapping)
}

func sameTexts(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

func (w *write) checkBalancerQuota(kind types.LoadBalancerTypeEnum) error {
	quotas := w.service.quotas
	most := map[types.LoadBalancerTypeEnum]int{
		types.LoadBalancerTypeEnumApplication: quotas.ApplicationLoadBalancers,
		types.LoadBalancerTypeEnumNetwork:     quotas.NetworkLoadBalancers,
		types.LoadBalancerTypeEnumGateway:     quotas.GatewayLoadBalancers,
	}[kind]
	have := 0
	for _, b := range owned(w.balancers, w.Request) {
		if b.Type == kind {
			have++
		}
	}
	if have >= most {
		return frame.Errorf("TooManyLoadBalancers", "The maximum number of %s load balancers has been reached: %d", kind, most)
	}
	return nil
}

func checkARN(what, arn, part string) error {
	if !strings.HasPrefix(arn, "arn:") || !strings.Contains(arn, part) {
		return invalid("'%s' is not a valid %s ARN", arn, what)
	}
	return nil
}

// balancer finds the load balancer that a write is about.
func (w *write) balancer(arn *string) (*balancer, error) {
	if arn == nil {
		return nil, missing("LoadBalancerArn")
	}
	if err := checkARN("load balancer", *arn, ":loadbalancer/"); err != nil {
		return nil, err
	}
	b, ok := own(w.balancers, w.Request, arn)
	if !ok {
		return nil, noBalancer(arn)
	}
	return b, nil
}

// balancer finds the load balancer that a read is about.
func (r *reading) balancer(arn *string) (*balancer, error) {
	if arn == nil {
		return nil, missing("LoadBalancerArn")
	}
	if err := checkARN("load balancer", *arn, ":loadbalancer/"); err != nil {
		return nil, err
	}
	b, ok := visible(r.balancers, r, arn)
	if !ok {
		return nil, noBalancer(arn)
	}
	return b, nil
}

func deleteLoadBalancer(w *write, in *sdk.DeleteLoadBalancerInput) (*sdk.DeleteLoadBalancerOutput, error) {
	if in.LoadBalancerArn == nil {
		return nil, missing("LoadBalancerArn")
	}
	if err := checkARN("load balancer", *in.LoadBalancerArn, ":loadbalancer/"); err != nil {
		return nil, err
	}
	b, ok := own(w.balancers, w.Request, in.LoadBalancerArn)
	if !ok { // deleting what is not there succeeds
		return &sdk.DeleteLoadBalancerOutput{}, nil
	}
	if b.attributes()[deletionProtection] == "true" {
		return nil, frame.Errorf(operationNotAllowed,
			"Load balancer '%s' cannot be deleted because deletion protection is enabled", b.ARN)
	}
	if group := w.targetOf(b.ARN); group != "" {
		return nil, frame.Errorf(resourceInUse, "Load balancer '%s' is currently registered as a target of target group '%s'", b.ARN, group)
	}
	for _, l := range w.listenersOf[b.ARN] {
		w.dropListener(l)
	}
	delete(w.balancers, b.ARN)
	for _, z := range b.Zones {
		w.vacate(b, z)
	}
	return &sdk.DeleteLoadBalancerOutput{}, nil
}
