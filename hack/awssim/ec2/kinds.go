package ec2

import (
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// kind is a kind of resource: how its ids begin, and how EC2 speaks of it.
type kind struct {
	prefix    string
	resource  types.ResourceType
	parameter string
	// code and noun make the error for an unknown id.
	code, noun string
}

var (
	vpcKind        = kind{"vpc", types.ResourceTypeVpc, "vpcId", "InvalidVpcID.NotFound", "vpc ID"}
	subnetKind     = kind{"subnet", types.ResourceTypeSubnet, "subnetId", "InvalidSubnetID.NotFound", "subnet ID"}
	gatewayKind    = kind{"igw", types.ResourceTypeInternetGateway, "internetGatewayId", "InvalidInternetGatewayID.NotFound", "internetGateway ID"}
	routeTableKind = kind{"rtb", types.ResourceTypeRouteTable, "routeTableId", "InvalidRouteTableID.NotFound", "routeTable ID"}
	groupKind      = kind{"sg", types.ResourceTypeSecurityGroup, "groupId", "InvalidGroup.NotFound", "security group"}
	ruleKind       = kind{"sgr", types.ResourceTypeSecurityGroupRule, "securityGroupRuleId", "InvalidSecurityGroupRuleId.NotFound", "security group rule ID"}
	interfaceKind  = kind{"eni", types.ResourceTypeNetworkInterface, "networkInterfaceId", "InvalidNetworkInterfaceID.NotFound", "networkInterface ID"}
	addressKind    = kind{"eipalloc", types.ResourceTypeElasticIp, "allocationId", "InvalidAllocationID.NotFound", "allocation ID"}
	prefixListKind = kind{"pl", types.ResourceTypePrefixList, "prefixListId", "InvalidPrefixListID.NotFound", "prefix list ID"}
	templateKind   = kind{"lt", types.ResourceTypeLaunchTemplate, "launchTemplateId", "InvalidLaunchTemplateId.NotFound", "launch template ID"}
	instanceKind   = kind{"i", types.ResourceTypeInstance, "instanceId", "InvalidInstanceID.NotFound", "instance ID"}
	kinds          = []kind{
		vpcKind, subnetKind, gatewayKind, routeTableKind, groupKind, ruleKind, interfaceKind, addressKind, prefixListKind,
		templateKind, instanceKind,
	}
)

func (k kind) missing(id string) error {
	return frame.Errorf(k.code, "The %s '%s' does not exist", k.noun, id)
}

// kindOf is the kind that an id is of.
func kindOf(id string) (kind, bool) {
	prefix, _, _ := strings.Cut(id, "-")
	for _, k := range kinds {
		if k.prefix == prefix {
			return k, true
		}
	}
	return kind{}, false
}

func missingParameter(name string) error {
	return frame.Errorf("MissingParameter", "The request must contain the parameter %s", name)
}

func invalidValue(format string, args ...any) error {
	return frame.Errorf("InvalidParameterValue", format, args...)
}

func dependency(format string, args ...any) error {
	return frame.Errorf("DependencyViolation", format, args...)
}
