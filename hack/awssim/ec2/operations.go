package ec2

import (
	"net/http"
	"slices"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

// Definition tells the server how to serve EC2.
func (s *Service) Definition() frame.Definition {
	operations := slices.Concat(s.networkOperations(), s.routeOperations(), s.groupOperations(), s.interfaceOperations(),
		s.templateOperations(), s.instanceOperations(), s.otherOperations())
	names := frame.Names(operations)
	return frame.Definition{
		Name:       "ec2",
		Protocol:   query.NewEC2(namespace, version, requestNames, responseNames, names...),
		Rates:      rates(names),
		Operations: operations,
	}
}

func (s *Service) networkOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "CreateVpc", s.createVPC),
		read(s, "DescribeVpcs", s.describeVPCs),
		write(s, "DeleteVpc", s.deleteVPC),
		read(s, "DescribeVpcAttribute", s.describeVPCAttribute),
		write(s, "ModifyVpcAttribute", s.modifyVPCAttribute),
		write(s, "AssociateVpcCidrBlock", s.associateVPCBlock),
		write(s, "DisassociateVpcCidrBlock", s.disassociateVPCBlock),
		write(s, "CreateSubnet", s.createSubnet),
		read(s, "DescribeSubnets", s.describeSubnets),
		write(s, "DeleteSubnet", s.deleteSubnet),
		write(s, "ModifySubnetAttribute", s.modifySubnetAttribute),
		write(s, "AssociateSubnetCidrBlock", s.associateSubnetBlock),
		write(s, "DisassociateSubnetCidrBlock", s.disassociateSubnetBlock),
	}
}

func (s *Service) routeOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "CreateInternetGateway", s.createGateway),
		read(s, "DescribeInternetGateways", s.describeGateways),
		write(s, "AttachInternetGateway", s.attachGateway),
		write(s, "DetachInternetGateway", s.detachGateway),
		write(s, "DeleteInternetGateway", s.deleteGateway),
		write(s, "CreateRouteTable", s.createRouteTable),
		read(s, "DescribeRouteTables", s.describeRouteTables),
		write(s, "DeleteRouteTable", s.deleteRouteTable),
		write(s, "CreateRoute", s.createRoute),
		write(s, "ReplaceRoute", s.replaceRoute),
		write(s, "DeleteRoute", s.deleteRoute),
		write(s, "AssociateRouteTable", s.associateRouteTable),
		write(s, "ReplaceRouteTableAssociation", s.replaceAssociation),
		write(s, "DisassociateRouteTable", s.disassociateRouteTable),
	}
}

func (s *Service) groupOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "CreateSecurityGroup", s.createGroup),
		readCharging(s, "DescribeSecurityGroups", func(in *sdk.DescribeSecurityGroupsInput) []frame.Charge {
			return unbounded("DescribeSecurityGroups", in.Filters, in.MaxResults, len(in.GroupIds)+len(in.GroupNames))
		}, s.describeGroups),
		write(s, "DeleteSecurityGroup", s.deleteGroup),
		write(s, "AuthorizeSecurityGroupIngress", s.authorizeIngress),
		write(s, "AuthorizeSecurityGroupEgress", s.authorizeEgress),
		write(s, "RevokeSecurityGroupIngress", s.revokeIngress),
		write(s, "RevokeSecurityGroupEgress", s.revokeEgress),
		read(s, "DescribeSecurityGroupRules", s.describeRules),
		write(s, "ModifySecurityGroupRules", s.modifyRules),
		write(s, "UpdateSecurityGroupRuleDescriptionsIngress", s.describeIngressAnew),
		write(s, "UpdateSecurityGroupRuleDescriptionsEgress", s.describeEgressAnew),
		read(s, "DescribeSecurityGroupReferences", s.describeReferences),
	}
}

func (s *Service) interfaceOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "AllocateAddress", s.allocateAddress),
		read(s, "DescribeAddresses", s.describeAddresses),
		write(s, "AssociateAddress", s.associateAddress),
		write(s, "DisassociateAddress", s.disassociateAddress),
		write(s, "ReleaseAddress", s.releaseAddress),
		write(s, "CreateNetworkInterface", s.createInterface),
		readCharging(s, "DescribeNetworkInterfaces", func(in *sdk.DescribeNetworkInterfacesInput) []frame.Charge {
			return unbounded("DescribeNetworkInterfaces", in.Filters, in.MaxResults, len(in.NetworkInterfaceIds))
		}, s.describeInterfaces),
		write(s, "ModifyNetworkInterfaceAttribute", s.modifyInterface),
		write(s, "DeleteNetworkInterface", s.deleteInterface),
	}
}

func (s *Service) templateOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "CreateLaunchTemplate", s.createTemplate),
		write(s, "CreateLaunchTemplateVersion", s.createTemplateVersion),
		write(s, "ModifyLaunchTemplate", s.modifyTemplate),
		write(s, "DeleteLaunchTemplate", s.deleteTemplate),
		write(s, "DeleteLaunchTemplateVersions", s.deleteTemplateVersions),
		read(s, "DescribeLaunchTemplates", s.describeTemplates),
		read(s, "DescribeLaunchTemplateVersions", s.describeTemplateVersions),
	}
}

func (s *Service) instanceOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "RunInstances", s.runInstances),
		readCharging(s, "DescribeInstances", func(in *sdk.DescribeInstancesInput) []frame.Charge {
			return unbounded("DescribeInstances", in.Filters, in.MaxResults, len(in.InstanceIds))
		}, s.describeInstances),
		readCharging(s, "DescribeInstanceStatus", func(in *sdk.DescribeInstanceStatusInput) []frame.Charge {
			return unbounded("DescribeInstanceStatus", in.Filters, in.MaxResults, len(in.InstanceIds))
		}, s.describeInstanceStatus),
		write(s, "TerminateInstances", s.terminateInstances),
		write(s, "StopInstances", s.stopInstances),
		write(s, "StartInstances", s.startInstances),
		read(s, "DescribeInstanceTypes", s.describeInstanceTypes),
		read(s, "GetInstanceTypesFromInstanceRequirements", s.typesFromRequirements),
		read(s, "DescribeImages", s.describeImages),
	}
}

func (s *Service) otherOperations() []frame.Operation {
	return []frame.Operation{
		write(s, "CreateManagedPrefixList", s.createPrefixList),
		read(s, "DescribeManagedPrefixLists", s.describePrefixLists),
		read(s, "GetManagedPrefixListEntries", s.prefixListEntries),
		write(s, "DeleteManagedPrefixList", s.deletePrefixList),
		write(s, "CreateTags", s.createTags),
		write(s, "DeleteTags", s.deleteTags),
		read(s, "DescribeTags", s.describeTags),
		read(s, "DescribeAvailabilityZones", s.describeZones),
		read(s, "DescribeRegions", s.describeRegions),
		read(s, "DescribeAccountAttributes", s.describeAccount),
	}
}

// rates are EC2's: each operation has a bucket of its own, and those that read are larger.
func rates(operations []string) frame.Rates {
	buckets := map[string]frame.Bucket{
		"CreateNetworkInterface":      {Capacity: 100, Refill: 5},
		"CreateLaunchTemplateVersion": {Capacity: 100, Refill: 5},
		"ModifyLaunchTemplate":        {Capacity: 100, Refill: 5},
		"TerminateInstances":          {Capacity: 100, Refill: 5},
		"RunInstances":                {Capacity: 5, Refill: 2},
		"StartInstances":              {Capacity: 5, Refill: 2},
		"CreateTags":                  {Capacity: 100, Refill: 10},
		"DeleteTags":                  {Capacity: 100, Refill: 10},
	}
	for _, name := range operations {
		if reads(name) {
			buckets[name] = frame.Bucket{Capacity: 100, Refill: 20}
		}
	}
	return frame.Rates{
		Code: "RequestLimitExceeded", Message: "Request limit exceeded.", Status: http.StatusServiceUnavailable,
		Default: &frame.Bucket{Capacity: 50, Refill: 5}, Operations: buckets,
		Shared: map[string]frame.Bucket{
			"DescribeInstances":         {Capacity: 50, Refill: 10},
			"DescribeInstanceStatus":    {Capacity: 50, Refill: 10},
			"DescribeSecurityGroups":    {Capacity: 50, Refill: 10},
			"DescribeNetworkInterfaces": {Capacity: 50, Refill: 10},
		},
	}
}

// unbounded is what a describe costs that asks for everything at once.
func unbounded(operation string, filters []types.Filter, most *int32, ids int) []frame.Charge {
	if len(filters) > 0 || most != nil || ids > 0 {
		return nil
	}
	return []frame.Charge{{Bucket: operation, Tokens: 1}}
}

func reads(name string) bool {
	return strings.HasPrefix(name, "Get") || strings.HasPrefix(name, "Describe")
}
