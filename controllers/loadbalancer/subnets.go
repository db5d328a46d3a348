package loadbalancer

import (
	"cmp"
	"context"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// autoAssigned lets AWS choose the prefix for source NAT.
const autoAssigned = "auto_assigned"

// node is what a load balancer has in one subnet: at most one in each Availability Zone.
type node struct {
	subnet, allocation, privateIPv4, ipv6, natPrefix string
}

// desiredSubnets are the nodes that are declared, by subnet.
func desiredSubnets(obj *v1alpha1.LoadBalancer) []node {
	var nodes []node
	for _, id := range obj.Spec.SubnetIDs {
		nodes = append(nodes, node{subnet: string(id)})
	}
	for _, m := range obj.Spec.SubnetMappings {
		nodes = append(nodes, node{
			subnet: string(m.SubnetID), allocation: m.AllocationID, privateIPv4: m.PrivateIPv4Address,
			ipv6: normalIP(m.IPv6Address), natPrefix: normalPrefix(m.SourceNATIPv6Prefix),
		})
	}
	return sortNodes(nodes)
}

// observedSubnets are the nodes that a load balancer has, by subnet.
func observedSubnets(lb *types.LoadBalancer) []node {
	var nodes []node
	for _, zone := range lb.AvailabilityZones {
		n := node{subnet: aws.ToString(zone.SubnetId)}
		for _, address := range zone.LoadBalancerAddresses {
			n.allocation = cmp.Or(n.allocation, aws.ToString(address.AllocationId))
			n.privateIPv4 = cmp.Or(n.privateIPv4, aws.ToString(address.PrivateIPv4Address))
			n.ipv6 = cmp.Or(n.ipv6, normalIP(aws.ToString(address.IPv6Address)))
		}
		for _, prefix := range zone.SourceNatIpv6Prefixes {
			n.natPrefix = cmp.Or(n.natPrefix, normalPrefix(prefix))
		}
		nodes = append(nodes, n)
	}
	return sortNodes(nodes)
}

func sortNodes(nodes []node) []node {
	slices.SortFunc(nodes, func(a, b node) int { return cmp.Compare(a.subnet, b.subnet) })
	return nodes
}

// normalIP writes an address in its short form.
func normalIP(text string) string {
	ip, err := netip.ParseAddr(text)
	if err != nil {
		return text
	}
	return ip.String()
}

func normalPrefix(text string) string {
	prefix, err := netip.ParsePrefix(text)
	if err != nil {
		return text
	}
	return prefix.Masked().String()
}

// fits reports whether a node is as desired, in all that is given.
func (n node) fits(observed node) bool {
	given := func(want, got string) bool { return want == "" || want == got }
	return n.subnet == observed.subnet && given(n.allocation, observed.allocation) && given(n.privateIPv4, observed.privateIPv4) &&
		given(n.ipv6, observed.ipv6) && (given(n.natPrefix, observed.natPrefix) || n.natPrefix == autoAssigned && observed.natPrefix != "")
}

// String tells a node as people do: its subnet and the addresses given.
func (n node) String() string {
	words := []string{n.subnet}
	for _, word := range []string{n.allocation, n.privateIPv4, n.ipv6, n.natPrefix} {
		if word != "" {
			words = append(words, word)
		}
	}
	return strings.Join(words, " ")
}

func nodesText(nodes []node) string {
	var texts []string
	for _, n := range nodes {
		texts = append(texts, n.String())
	}
	return strings.Join(texts, ", ")
}

// sdkSubnets are nodes as AWS takes them: subnets, or mappings when any has an address given.
func sdkSubnets(nodes []node) ([]string, []types.SubnetMapping) {
	var subnets []string
	var mappings []types.SubnetMapping
	bare := true
	optional := func(text string) *string {
		if text == "" {
			return nil
		}
		bare = false
		return &text
	}
	for _, n := range nodes {
		subnets = append(subnets, n.subnet)
		mappings = append(mappings, types.SubnetMapping{
			SubnetId: aws.String(n.subnet), AllocationId: optional(n.allocation), PrivateIPv4Address: optional(n.privateIPv4),
			IPv6Address: optional(n.ipv6), SourceNatIpv6Prefix: optional(n.natPrefix),
		})
	}
	if bare {
		return subnets, nil
	}
	return nil, mappings
}

// sameSubnets reports whether all nodes are as desired, and no others are there.
func sameSubnets(desired, observed []node) bool {
	return slices.EqualFunc(desired, observed, node.fits)
}

// keeping are the desired nodes, with what those have that stay as they are: SetSubnets must repeat it.
func keeping(desired, observed []node) []node {
	result := slices.Clone(desired)
	for i, n := range result {
		if j := slices.IndexFunc(observed, n.fits); j >= 0 {
			result[i] = observed[j]
		}
	}
	return result
}

// subnetSteps returns the sets of nodes through which a load balancer gets from what it has to what is desired, so that
// some node serves from before to after each of them. A network load balancer cannot exchange its node within a zone in
// one call: the zone is left and entered again. A gateway load balancer only grows. The error tells what AWS cannot do,
// and the way out.
func subnetSteps(kind v1alpha1.LoadBalancerType, desired, live []node, zone func(string) string) ([][]node, error) {
	final := keeping(desired, live)
	switch kind {
	case v1alpha1.LoadBalancerGateway:
		for _, n := range live {
			if !slices.ContainsFunc(desired, func(d node) bool { return d.subnet == n.subnet }) {
				return nil, lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "A gateway load balancer cannot leave a subnet, and spec.subnetIDs lacks %s. Restore it, or create another LoadBalancer without it and delete this one.", n.subnet)
			}
		}
		return [][]node{final}, nil
	case v1alpha1.LoadBalancerApplication:
		if added := entering(final, live, zone); len(stayingIn(live, final)) == 0 && len(added) > 0 {
			return [][]node{sortNodes(append(added, live...)), final}, nil
		}
		return [][]node{final}, nil
	}
	var sets [][]node
	for !sameSubnets(final, live) {
		next, err := nextSubnets(final, live, zone)
		if err != nil {
			return nil, err
		}
		sets = append(sets, next)
		live = next
	}
	if len(sets) == 0 { // something else is to be set with them
		sets = [][]node{final}
	}
	return sets, nil
}

// nextSubnets is the next set of nodes on the way to the final one.
func nextSubnets(final, live []node, zone func(string) string) ([]node, error) {
	added := entering(final, live, zone)
	if staying := stayingIn(live, final); len(staying) > 0 {
		return sortNodes(append(added, staying...)), nil
	}
	if len(added) > 0 {
		return sortNodes(append(added, live...)), nil
	}
	if len(live) < 2 {
		return nil, lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "A network load balancer cannot exchange its only subnet %s for %s in the same zone. Add a subnet of another zone first, then exchange this one.",
			nodesText(live), nodesText(final))
	}
	left := slices.IndexFunc(live, func(n node) bool { return zone(n.subnet) == zone(final[0].subnet) })
	return slices.Delete(slices.Clone(live), left, left+1), nil
}

// entering are the final nodes in zones where the load balancer has none.
func entering(final, live []node, zone func(string) string) []node {
	return slices.DeleteFunc(slices.Clone(final), func(n node) bool {
		return slices.ContainsFunc(live, func(l node) bool { return zone(l.subnet) == zone(n.subnet) })
	})
}

// stayingIn are the nodes that are final already.
func stayingIn(live, final []node) []node {
	return slices.DeleteFunc(slices.Clone(live), func(n node) bool { return !slices.Contains(final, n) })
}

// observeSubnets reads of declared subnets what a change needs to know: their zones, and their VPC before there is a
// load balancer.
func observeSubnets(ctx context.Context, k *Kind, obj *v1alpha1.LoadBalancer, o *observed) error {
	if lifecycle.Deleting(obj) || o.rival != nil {
		return nil
	}
	o.zones = map[string]string{}
	if o.lb != nil {
		o.vpcID = aws.ToString(o.lb.sdk.VpcId)
		for _, zone := range o.lb.sdk.AvailabilityZones {
			o.zones[aws.ToString(zone.SubnetId)] = aws.ToString(zone.ZoneName)
		}
	}
	if needed := o.lb == nil && keepsGroup(obj, o) || o.lb != nil && isNetwork(obj); !needed {
		return nil
	}
	return k.readSubnets(ctx, obj, o)
}

// readSubnets reads the declared subnets that are not known yet.
func (k *Kind) readSubnets(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	var unknown []string
	for _, n := range desiredSubnets(obj) {
		if _, known := o.zones[n.subnet]; !known {
			unknown = append(unknown, n.subnet)
		}
	}
	if len(unknown) == 0 {
		return nil
	}
	subnets, err := k.clients.Subnets(ctx, unknown...)
	if err != nil {
		return err
	}
	for _, id := range unknown {
		subnet, ok := subnets[id]
		if !ok {
			return lifecycle.Refuse(v1alpha1.ReasonInvalidSpec, "The subnet %s does not exist.", id)
		}
		o.zones[id] = aws.ToString(subnet.AvailabilityZone)
		if o.lb == nil {
			o.vpcID = aws.ToString(subnet.VpcId)
		}
	}
	return nil
}

// subnetChanges returns the calls that bring the load balancer into its subnets, and give it its kind of addresses.
func subnetChanges(obj *v1alpha1.LoadBalancer, o *observed, resource string) []change {
	desired, has := desiredSubnets(obj), observedSubnets(&o.lb.sdk)
	addresses := addressTypeChange(obj, o)
	nat, natDiffers := sourceNATChange(obj, o)
	if sameSubnets(desired, has) && !natDiffers {
		return addressChanges(o, resource, addresses)
	}
	steps, err := subnetSteps(obj.Spec.Type, desired, has, func(subnet string) string { return o.zones[subnet] })
	if err != nil {
		o.WaitFor(err)
		return addressChanges(o, resource, addresses)
	}
	var changes []change
	for i, step := range steps {
		setting := settingSubnets{nodes: step}
		plan := planned(lifecycle.VerbUpdate, resource, subnetField(obj), nodesText(has), nodesText(step))
		if i == len(steps)-1 {
			setting.addresses, setting.nat = addresses, nat
			if sameSubnets(desired, has) {
				plan = nil
			}
			plan = append(plan, setting.plan(o, resource)...)
		}
		changes = append(changes, change{plan: plan, run: setting.run})
		has = step
	}
	return changes
}

func subnetField(obj *v1alpha1.LoadBalancer) string {
	if len(obj.Spec.SubnetMappings) > 0 {
		return "subnetMappings"
	}
	return "subnetIDs"
}
