package ec2

import (
	"net/netip"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// initialContent is the world at start: a VPC of the default account in
// us-east-1 with a public subnet in each of three zones, and a security group.
func initialContent() *content {
	const account, region, vpcID = frame.DefaultAccount, "us-east-1", "vpc-0main"
	c := emptyContent()
	c.addVPC(account, region, vpcIDs{
		vpc: vpcID, group: "sg-0default", groupRule: "sgr-0default", routeTable: "rtb-0main",
		association: "rtbassoc-0main", cidr: "vpc-cidr-assoc-0main",
	}, netip.MustParsePrefix("10.0.0.0/16"))
	main := c.VPCs[vpcID].Is
	// Nobody is known to ask DNS from inside of it.
	main.Clients = netip.Prefix{}
	main.DNSHostnames = true
	main.Ipv6CidrBlockAssociationSet = []types.VpcIpv6CidrBlockAssociation{
		ipv6OfVPC("vpc-cidr-assoc-0mainv6", "2600:1f18:0:100::/56", region),
	}
	put(c.VPCs, vpcID, main)
	for i, letter := range []string{"a", "b", "c"} {
		id := "subnet-0" + letter
		block := netip.PrefixFrom(netip.AddrFrom4([4]byte{10, 0, byte(i + 1), 0}), 24)
		subnet := newSubnet(account, region, id, vpcID, zonesOf(region)[i], block)
		subnet.MapPublicIpOnLaunch = aws.Bool(true)
		subnet.Ipv6CidrBlockAssociationSet = []types.SubnetIpv6CidrBlockAssociation{
			ipv6OfSubnet("subnet-cidr-assoc-0"+letter, "2600:1f18:0:10"+string(rune('1'+i))+"::/64"),
		}
		c.Subnets[id] = item[types.Subnet]{Account: account, Region: region, Is: subnet}
	}
	const gatewayID = "igw-0main"
	c.Gateways[gatewayID] = item[types.InternetGateway]{Account: account, Region: region, Is: types.InternetGateway{
		InternetGatewayId: aws.String(gatewayID), OwnerId: aws.String(account), Attachments: attachments(vpcID),
	}}
	routes := c.RouteTables["rtb-0main"].Is
	routes.Routes = append(routes.Routes, types.Route{
		DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: aws.String(gatewayID),
		Origin: types.RouteOriginCreateRoute, State: types.RouteStateActive,
	})
	put(c.RouteTables, "rtb-0main", routes)
	c.Groups["sg-0shared"] = item[group]{Account: account, Region: region, Is: group{
		ID: "sg-0shared", Name: "shared", Description: "shared by what runs in vpc-0main", VpcID: vpcID,
		Rules: []rule{allEgress("sgr-0shared")},
	}}
	c.Tags[vpcID] = tags{"Name": "main"}
	return c
}

// AddVPC makes a VPC known with what comes with one. Of a VPC that is known,
// only whose addresses are its DNS clients is set.
func (s *Service) AddVPC(added frame.VPC) {
	s.alter(func(draft *content, _ time.Time) {
		known, ok := draft.VPCs[added.ID]
		if !ok || known.Account != added.Account || known.Region != added.Region {
			ids := s.newVPCIDs()
			ids.vpc = added.ID
			block := netip.MustParsePrefix("172.31.0.0/16")
			if added.CIDR.IsValid() && added.CIDR.Addr().Is4() {
				block = added.CIDR.Masked()
			}
			draft.addVPC(added.Account, added.Region, ids, block)
		}
		v := draft.VPCs[added.ID].Is
		v.Clients = added.CIDR
		put(draft.VPCs, added.ID, v)
	})
}
