package ec2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

var routeTableFilters = filters[types.RouteTable]{
	"route-table-id":        of(func(r types.RouteTable) *string { return r.RouteTableId }),
	"vpc-id":                of(func(r types.RouteTable) *string { return r.VpcId }),
	"owner-id":              of(func(r types.RouteTable) *string { return r.OwnerId }),
	"association.main":      flag(isMain),
	"association.subnet-id": ofAssociations(func(a types.RouteTableAssociation) *string { return a.SubnetId }),
	"association.route-table-association-id": ofAssociations(func(a types.RouteTableAssociation) *string {
		return a.RouteTableAssociationId
	}),
	"association.route-table-id":   ofAssociations(func(a types.RouteTableAssociation) *string { return a.RouteTableId }),
	"route.destination-cidr-block": ofRoutes(func(r types.Route) *string { return r.DestinationCidrBlock }),
	"route.gateway-id":             ofRoutes(func(r types.Route) *string { return r.GatewayId }),
	"route.nat-gateway-id":         ofRoutes(func(r types.Route) *string { return r.NatGatewayId }),
}

func ofAssociations(get func(types.RouteTableAssociation) *string) func(types.RouteTable) []string {
	return func(r types.RouteTable) (values []string) {
		for _, a := range r.Associations {
			values = append(values, of(get)(a)...)
		}
		return values
	}
}

func ofRoutes(get func(types.Route) *string) func(types.RouteTable) []string {
	return func(r types.RouteTable) (values []string) {
		for _, route := range r.Routes {
			values = append(values, of(get)(route)...)
		}
		return values
	}
}

func isMain(r types.RouteTable) bool {
	return slices.ContainsFunc(r.Associations, func(a types.RouteTableAssociation) bool { return aws.ToBool(a.Main) })
}

// association is one of a subnet, or the main one.
func association(id, tableID, subnetID string) types.RouteTableAssociation {
	made := types.RouteTableAssociation{
		RouteTableAssociationId: &id, RouteTableId: &tableID, Main: aws.Bool(subnetID == ""),
		AssociationState: &types.RouteTableAssociationState{State: types.RouteTableAssociationStateCodeAssociated},
	}
	if subnetID != "" {
		made.SubnetId = &subnetID
	}
	return made
}

func localRoute(block string) types.Route {
	return types.Route{
		DestinationCidrBlock: &block, GatewayId: aws.String("local"),
		Origin: types.RouteOriginCreateRouteTable, State: types.RouteStateActive,
	}
}

func (s *Service) createRouteTable(t *turn, in *sdk.CreateRouteTableInput) (*sdk.CreateRouteTableOutput, error) {
	v, err := find(t, t.VPCs, in.VpcId, vpcKind)
	if err != nil {
		return nil, err
	}
	tagged, err := t.tagSpecifications(in.TagSpecifications, types.ResourceTypeRouteTable)
	if err != nil {
		return nil, err
	}
	id := s.newID("rtb")
	routes := types.RouteTable{
		RouteTableId: &id, VpcId: v.VpcId, OwnerId: aws.String(t.Caller.Account),
		Associations: []types.RouteTableAssociation{}, PropagatingVgws: []types.PropagatingVgw{},
	}
	for _, block := range cidrBlocks(v) {
		routes.Routes = append(routes.Routes, localRoute(block))
	}
	t.RouteTables[id] = made(t, routes)
	t.tag(id, tagged)
	routes.Tags = t.Tags[id].list()
	return &sdk.CreateRouteTableOutput{RouteTable: &routes, ClientToken: in.ClientToken}, nil
}

func (s *Service) describeRouteTables(t *turn, in *sdk.DescribeRouteTablesInput) (*sdk.DescribeRouteTablesOutput, error) {
	found, next, err := describe(t, t.RouteTables, routeTableKind, routeTableFilters,
		question{ids: in.RouteTableIds, filters: in.Filters, most: in.MaxResults, token: in.NextToken, leastPage: 5})
	if err != nil {
		return nil, err
	}
	for i := range found {
		found[i].Tags = t.Tags[*found[i].RouteTableId].list()
	}
	return &sdk.DescribeRouteTablesOutput{RouteTables: found, NextToken: next}, nil
}

func (s *Service) deleteRouteTable(t *turn, in *sdk.DeleteRouteTableInput) (*sdk.DeleteRouteTableOutput, error) {
	routes, err := find(t, t.RouteTables, in.RouteTableId, routeTableKind)
	if err != nil {
		return nil, err
	}
	id := *routes.RouteTableId
	if len(routes.Associations) > 0 {
		return nil, dependency("The routeTable '%s' has dependencies and cannot be deleted.", id)
	}
	delete(t.RouteTables, id)
	delete(t.Tags, id)
	return &sdk.DeleteRouteTableOutput{}, nil
}

func (s *Service) associateRouteTable(t *turn, in *sdk.AssociateRouteTableInput) (*sdk.AssociateRouteTableOutput, error) {
	routes, err := find(t, t.RouteTables, in.RouteTableId, routeTableKind)
	if err != nil {
		return nil, err
	}
	subnet, err := find(t, t.Subnets, in.SubnetId, subnetKind)
	if err != nil {
		return nil, err
	}
	if *subnet.VpcId != *routes.VpcId {
		return nil, invalidValue("Route table %s and subnet %s belong to different networks", *routes.RouteTableId, *subnet.SubnetId)
	}
	for _, held := range t.RouteTables {
		for _, a := range held.Is.Associations {
			if aws.ToString(a.SubnetId) != *subnet.SubnetId {
				continue
			}
			if *a.RouteTableId != *routes.RouteTableId {
				return nil, frame.Errorf("Resource.AlreadyAssociated", "the specified association for route table %s conflicts with an existing association",
					*routes.RouteTableId)
			}
			return &sdk.AssociateRouteTableOutput{AssociationId: a.RouteTableAssociationId, AssociationState: a.AssociationState}, nil
		}
	}
	added := association(s.newID("rtbassoc"), *routes.RouteTableId, *subnet.SubnetId)
	routes.Associations = append(slices.Clone(routes.Associations), added)
	put(t.RouteTables, *routes.RouteTableId, routes)
	return &sdk.AssociateRouteTableOutput{AssociationId: added.RouteTableAssociationId, AssociationState: added.AssociationState}, nil
}

// dropAssociation takes an association out of its route table.
func (t *turn) dropAssociation(id *string) (types.RouteTableAssociation, error) {
	for tableID, held := range t.RouteTables {
		routes := held.Is
		at := slices.IndexFunc(routes.Associations, func(a types.RouteTableAssociation) bool {
			return *a.RouteTableAssociationId == aws.ToString(id)
		})
		if at < 0 || !owns(t, held) {
			continue
		}
		dropped := routes.Associations[at]
		routes.Associations = slices.Delete(slices.Clone(routes.Associations), at, at+1)
		put(t.RouteTables, tableID, routes)
		return dropped, nil
	}
	return types.RouteTableAssociation{}, frame.Errorf("InvalidAssociationID.NotFound", "The association ID '%s' does not exist", aws.ToString(id))
}

func (s *Service) disassociateRouteTable(t *turn, in *sdk.DisassociateRouteTableInput) (*sdk.DisassociateRouteTableOutput, error) {
	dropped, err := t.dropAssociation(in.AssociationId)
	if err == nil && aws.ToBool(dropped.Main) {
		err = invalidValue("cannot disassociate the main route table association %s", aws.ToString(in.AssociationId))
	}
	return &sdk.DisassociateRouteTableOutput{}, err
}

func (s *Service) replaceAssociation(t *turn, in *sdk.ReplaceRouteTableAssociationInput) (*sdk.ReplaceRouteTableAssociationOutput, error) {
	dropped, err := t.dropAssociation(in.AssociationId)
	if err != nil {
		return nil, err
	}
	routes, err := find(t, t.RouteTables, in.RouteTableId, routeTableKind)
	if err != nil {
		return nil, err
	}
	added := association(s.newID("rtbassoc"), *routes.RouteTableId, aws.ToString(dropped.SubnetId))
	routes.Associations = append(slices.Clone(routes.Associations), added)
	put(t.RouteTables, *routes.RouteTableId, routes)
	return &sdk.ReplaceRouteTableAssociationOutput{NewAssociationId: added.RouteTableAssociationId, AssociationState: added.AssociationState}, nil
}
