package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var gatewayFilters = filters[types.InternetGateway]{
	"internet-gateway-id": of(func(g types.InternetGateway) *string { return g.InternetGatewayId }),
	"owner-id":            of(func(g types.InternetGateway) *string { return g.OwnerId }),
	"attachment.vpc-id": func(g types.InternetGateway) []string {
		if id := attachedTo(g); id != "" {
			return []string{id}
		}
		return nil
	},
	"attachment.state": func(g types.InternetGateway) []string {
		if attachedTo(g) != "" {
			return []string{"available"}
		}
		return nil
	},
}

// attachedTo is the VPC that a gateway is attached to, if any.
func attachedTo(g types.InternetGateway) string {
	if len(g.Attachments) == 0 {
		return ""
	}
	return *g.Attachments[0].VpcId
}

func attachments(vpcID string) []types.InternetGatewayAttachment {
	return []types.InternetGatewayAttachment{{VpcId: &vpcID, State: "available"}}
}

func (s *Service) createGateway(t *turn, in *sdk.CreateInternetGatewayInput) (*sdk.CreateInternetGatewayOutput, error) {
	if count(t, t.Gateways) >= s.quotas.InternetGateways {
		return nil, frame.Errorf("InternetGatewayLimitExceeded", "The maximum number of internet gateways has been reached.")
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeInternetGateway)
	if err != nil {
		return nil, err
	}
	id := s.newID("igw")
	gateway := types.InternetGateway{
		InternetGatewayId: &id, OwnerId: aws.String(t.Caller.Account), Attachments: []types.InternetGatewayAttachment{},
	}
	t.Gateways[id] = made(t, gateway)
	t.tag(id, tagged)
	gateway.Tags = t.Tags[id].list()
	return &sdk.CreateInternetGatewayOutput{InternetGateway: &gateway}, nil
}

func (s *Service) describeGateways(t *turn, in *sdk.DescribeInternetGatewaysInput) (*sdk.DescribeInternetGatewaysOutput, error) {
	found, next, err := describe(t, t.Gateways, gatewayKind, gatewayFilters,
		question{ids: in.InternetGatewayIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Tags = t.Tags[*found[i].InternetGatewayId].list()
	}
	return &sdk.DescribeInternetGatewaysOutput{InternetGateways: found, NextToken: next}, nil
}

func (s *Service) attachGateway(t *turn, in *sdk.AttachInternetGatewayInput) (*sdk.AttachInternetGatewayOutput, error) {
	gateway, err := find(t, t.Gateways, in.InternetGatewayId, gatewayKind)
	if err != nil {
		return nil, err
	}
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	if at := attachedTo(gateway); at != "" {
		return nil, frame.Errorf("Resource.AlreadyAssociated", "resource %s is already attached to network %s", *gateway.InternetGatewayId, at)
	}
	if t.gatewayOf(*v.VpcId) {
		return nil, invalidValue("Network %s already has an internet gateway attached", *v.VpcId)
	}
	gateway.Attachments = attachments(*v.VpcId)
	put(t.Gateways, *gateway.InternetGatewayId, gateway)
	return &sdk.AttachInternetGatewayOutput{}, nil
}

// gatewayOf tells whether a VPC has an internet gateway.
func (c *content) gatewayOf(vpcID string) bool {
	for _, held := range c.Gateways {
		if attachedTo(held.Is) == vpcID {
			return true
		}
	}
	return false
}

func (s *Service) detachGateway(t *turn, in *sdk.DetachInternetGatewayInput) (*sdk.DetachInternetGatewayOutput, error) {
	gateway, err := find(t, t.Gateways, in.InternetGatewayId, gatewayKind)
	if err != nil {
		return nil, err
	}
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	if attachedTo(gateway) != *v.VpcId {
		return nil, frame.Errorf("Gateway.NotAttached", "resource %s is not attached to network %s", *gateway.InternetGatewayId, *v.VpcId)
	}
	for _, held := range t.Interfaces {
		if *held.Is.VpcId == *v.VpcId && held.Is.Association != nil {
			return nil, dependency("Network %s has some mapped public address(es). Please unmap those public address(es) before detaching the gateway.", *v.VpcId)
		}
	}
	gateway.Attachments = []types.InternetGatewayAttachment{}
	put(t.Gateways, *gateway.InternetGatewayId, gateway)
	return &sdk.DetachInternetGatewayOutput{}, nil
}

func (s *Service) deleteGateway(t *turn, in *sdk.DeleteInternetGatewayInput) (*sdk.DeleteInternetGatewayOutput, error) {
	gateway, err := find(t, t.Gateways, in.InternetGatewayId, gatewayKind)
	if err != nil {
		return nil, err
	}
	id := *gateway.InternetGatewayId
	if attachedTo(gateway) != "" {
		return nil, dependency("The internetGateway '%s' has dependencies and cannot be deleted.", id)
	}
	for tableID, held := range t.RouteTables {
		routes := held.Is
		routes.Routes = slices.Clone(routes.Routes)
		for i, route := range routes.Routes {
			if aws.ToString(route.GatewayId) == id {
				routes.Routes[i].State = types.RouteStateBlackhole
			}
		}
		put(t.RouteTables, tableID, routes)
	}
	delete(t.Gateways, id)
	delete(t.Tags, id)
	return &sdk.DeleteInternetGatewayOutput{}, nil
}
