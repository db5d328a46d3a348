package ec2

import "github.com/evenkeel/evenkeel/hack/awssim/query"

const (
	namespace = "http://ec2.amazonaws.com/doc/2016-11-15/"
	version   = "2016-11-15"
)

// requestNames are the keys of the form that do not follow from the SDK's fields.
var requestNames = query.Names{
	"CreateSecurityGroupInput.Description":           "GroupDescription",
	"IpPermissions":                                  "IpPermissions",
	"IpPermission.IpRanges":                          "IpRanges",
	"IpPermission.Ipv6Ranges":                        "Ipv6Ranges",
	"IpPermission.PrefixListIds":                     "PrefixListIds",
	"IpPermission.UserIdGroupPairs":                  "Groups",
	"CreateNetworkInterfaceInput.Groups":             "SecurityGroupId",
	"CreateNetworkInterfaceInput.Ipv6Addresses":      "Ipv6Addresses",
	"CreateNetworkInterfaceInput.PrivateIpAddresses": "PrivateIpAddresses",
	"ModifyNetworkInterfaceAttributeInput.Groups":    "SecurityGroupId",
	"CreateTagsInput.Resources":                      "ResourceId",
	"DeleteTagsInput.Resources":                      "ResourceId",
}

// responseNames are the elements that do not follow from the SDK's fields.
var responseNames = query.Names{
	"DescribeSecurityGroupsOutput.SecurityGroups":       "securityGroupInfo",
	"SecurityGroup.Description":                         "groupDescription",
	"IpPermissions":                                     "ipPermissions",
	"IpPermissionsEgress":                               "ipPermissionsEgress",
	"IpPermission.IpRanges":                             "ipRanges",
	"IpPermission.Ipv6Ranges":                           "ipv6Ranges",
	"IpPermission.PrefixListIds":                        "prefixListIds",
	"IpPermission.UserIdGroupPairs":                     "groups",
	"DescribeAddressesOutput.Addresses":                 "addressesSet",
	"NetworkInterface.Ipv6Addresses":                    "ipv6AddressesSet",
	"NetworkInterface.PrivateIpAddresses":               "privateIpAddressesSet",
	"DescribeAvailabilityZonesOutput.AvailabilityZones": "availabilityZoneInfo",
	"AvailabilityZone.State":                            "zoneState",
	"DescribeRegionsOutput.Regions":                     "regionInfo",
	"Region.Endpoint":                                   "regionEndpoint",
}
