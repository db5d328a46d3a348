package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// destination is where a route leads: an IPv4 or IPv6 block or a prefix list.
type destination struct{ cidr, ipv6, list *string }

func (d destination) String() string {
	return aws.ToString(d.cidr) + aws.ToString(d.ipv6) + aws.ToString(d.list)
}

func (d destination) of(route types.Route) bool {
	return d.String() == destination{route.DestinationCidrBlock, route.DestinationIpv6CidrBlock, route.DestinationPrefixListId}.String()
}

// normal checks the blocks and drops the bits of the host.
func (d destination) normal() (destination, error) {
	for _, block := range []**string{&d.cidr, &d.ipv6} {
		if *block == nil {
			continue
		}
		parsed, err := blockOf(**block, 0, 128, "InvalidParameterValue")
		if err != nil {
			return d, err
		}
		*block = aws.String(parsed.String())
	}
	if d.String() == "" {
		return d, missingParameter("destinationCidrBlock")
	}
	return d, nil
}

func (s *Service) createRoute(t *turn, in *sdk.CreateRouteInput) (*sdk.CreateRouteOutput, error) {
	err := t.setRoute(in.RouteTableId, destination{in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId},
		types.Route{GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, NetworkInterfaceId: in.NetworkInterfaceId,
			TransitGatewayId: in.TransitGatewayId, VpcPeeringConnectionId: in.VpcPeeringConnectionId}, false)
	return &sdk.CreateRouteOutput{Return: aws.Bool(true)}, err
}

func (s *Service) replaceRoute(t *turn, in *sdk.ReplaceRouteInput) (*sdk.ReplaceRouteOutput, error) {
	err := t.setRoute(in.RouteTableId, destination{in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId},
		types.Route{GatewayId: in.GatewayId, NatGatewayId: in.NatGatewayId, NetworkInterfaceId: in.NetworkInterfaceId,
			TransitGatewayId: in.TransitGatewayId, VpcPeeringConnectionId: in.VpcPeeringConnectionId}, true)
	return &sdk.ReplaceRouteOutput{}, err
}

// setRoute creates a route or replaces one. Of the targets only internet
// gateways and network interfaces are known here; others are taken as they are.
func (t *turn) setRoute(tableID *string, to destination, route types.Route, replace bool) error {
	routes, err := find(t, t.RouteTables, tableID, routeTableKind)
	if err != nil {
		return err
	}
	if to, err = to.normal(); err != nil {
		return err
	}
	if err := t.checkTarget(*routes.VpcId, route); err != nil {
		return err
	}
	route.DestinationCidrBlock, route.DestinationIpv6CidrBlock, route.DestinationPrefixListId = to.cidr, to.ipv6, to.list
	route.Origin, route.State = types.RouteOriginCreateRoute, types.RouteStateActive
	at := slices.IndexFunc(routes.Routes, to.of)
	routes.Routes = slices.Clone(routes.Routes)
	switch {
	case replace && at < 0:
		return invalidValue("There is no route defined for '%s' in the route table. Use CreateRoute instead.", to)
	case replace:
		routes.Routes[at] = route
	case at >= 0:
		return frame.Errorf("RouteAlreadyExists", "The route identified by %s already exists.", to)
	default:
		routes.Routes = append(routes.Routes, route)
	}
	put(t.RouteTables, *routes.RouteTableId, routes)
	return nil
}

func (t *turn) checkTarget(vpcID string, route types.Route) error {
	if kind, ok := kindOf(aws.ToString(route.GatewayId)); ok && kind.prefix == gatewayKind.prefix {
		gateway, err := find(t, t.Gateways, route.GatewayId, gatewayKind)
		if err != nil {
			return err
		}
		if attachedTo(gateway) != vpcID {
			return invalidValue("route table and network gateway %s belong to different networks", *route.GatewayId)
		}
	}
	if route.NetworkInterfaceId != nil {
		if _, err := find(t, t.Interfaces, route.NetworkInterfaceId, interfaceKind); err != nil {
			return err
		}
	}
	if route.GatewayId == nil && route.NatGatewayId == nil && route.NetworkInterfaceId == nil && route.TransitGatewayId == nil &&
		route.VpcPeeringConnectionId == nil {
		return missingParameter("gatewayId")
	}
	return nil
}

func (s *Service) deleteRoute(t *turn, in *sdk.DeleteRouteInput) (*sdk.DeleteRouteOutput, error) {
	routes, err := find(t, t.RouteTables, in.RouteTableId, routeTableKind)
	if err != nil {
		return nil, err
	}
	to, err := destination{in.DestinationCidrBlock, in.DestinationIpv6CidrBlock, in.DestinationPrefixListId}.normal()
	if err != nil {
		return nil, err
	}
	at := slices.IndexFunc(routes.Routes, to.of)
	switch {
	case at < 0:
		return nil, frame.Errorf("InvalidRoute.NotFound", "no route with destination-cidr-block %s in route table %s", to, *routes.RouteTableId)
	case aws.ToString(routes.Routes[at].GatewayId) == "local":
		return nil, invalidValue("cannot remove local route %s in route table %s", to, *routes.RouteTableId)
	}
	routes.Routes = slices.Delete(slices.Clone(routes.Routes), at, at+1)
	put(t.RouteTables, *routes.RouteTableId, routes)
	return &sdk.DeleteRouteOutput{}, nil
}
