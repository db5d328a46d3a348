package ec2

import (
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// regions are those that every account has.
var regions = []string{
	"ap-northeast-1", "ap-northeast-2", "ap-northeast-3", "ap-south-1", "ap-southeast-1", "ap-southeast-2", "ca-central-1",
	"eu-central-1", "eu-north-1", "eu-west-1", "eu-west-2", "eu-west-3", "sa-east-1", "us-east-1", "us-east-2", "us-west-1", "us-west-2",
}

var zoneFilters = filters[types.AvailabilityZone]{
	"zone-name":     of(func(z types.AvailabilityZone) *string { return z.ZoneName }),
	"zone-id":       of(func(z types.AvailabilityZone) *string { return z.ZoneId }),
	"zone-type":     of(func(z types.AvailabilityZone) *string { return z.ZoneType }),
	"region-name":   of(func(z types.AvailabilityZone) *string { return z.RegionName }),
	"group-name":    of(func(z types.AvailabilityZone) *string { return z.GroupName }),
	"state":         func(z types.AvailabilityZone) []string { return []string{string(z.State)} },
	"opt-in-status": func(z types.AvailabilityZone) []string { return []string{string(z.OptInStatus)} },
}

func (s *Service) describeZones(t *turn, in *sdk.DescribeAvailabilityZonesInput) (*sdk.DescribeAvailabilityZonesOutput, error) {
	all := table[types.AvailabilityZone]{}
	for _, z := range zonesOf(t.Region) {
		all[z.name] = item[types.AvailabilityZone]{Account: t.Caller.Account, Region: t.Region, Is: types.AvailabilityZone{
			ZoneName: aws.String(z.name), ZoneId: aws.String(z.id), RegionName: aws.String(t.Region), State: types.AvailabilityZoneStateAvailable,
			ZoneType: aws.String("availability-zone"), GroupName: aws.String(t.Region + "-zg-1"), NetworkBorderGroup: aws.String(t.Region),
			OptInStatus: types.AvailabilityZoneOptInStatusOptInNotRequired, Messages: []types.AvailabilityZoneMessage{},
		}}
	}
	names := in.ZoneNames
	for _, id := range in.ZoneIds {
		z, err := zoneFor(t.Region, "", id)
		if err != nil {
			return nil, invalidValue("Invalid availability zone-id: [%s]", id)
		}
		names = append(names[:len(names):len(names)], z.name)
	}
	for _, name := range names {
		if _, ok := all[name]; !ok {
			return nil, invalidValue("Invalid availability zone: [%s]", name)
		}
	}
	found, _, err := describe(t, all, kind{}, zoneFilters, question{ids: names, filters: in.Filters})
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeAvailabilityZonesOutput{AvailabilityZones: found}, nil
}

var regionFilters = filters[types.Region]{
	"region-name":   of(func(r types.Region) *string { return r.RegionName }),
	"endpoint":      of(func(r types.Region) *string { return r.Endpoint }),
	"opt-in-status": of(func(r types.Region) *string { return r.OptInStatus }),
}

func (s *Service) describeRegions(t *turn, in *sdk.DescribeRegionsInput) (*sdk.DescribeRegionsOutput, error) {
	all := table[types.Region]{}
	for _, name := range regions {
		all[name] = item[types.Region]{Account: t.Caller.Account, Region: t.Region, Is: types.Region{
			RegionName: aws.String(name), Endpoint: aws.String("ec2." + name + ".amazonaws.com"), OptInStatus: aws.String("opt-in-not-required"),
		}}
	}
	for _, name := range in.RegionNames {
		if !slices.Contains(regions, name) {
			return nil, invalidValue("Invalid region provided: %s", name)
		}
	}
	found, _, err := describe(t, all, kind{}, regionFilters, question{ids: in.RegionNames, filters: in.Filters})
	if err != nil {
		return nil, err
	}
	return &sdk.DescribeRegionsOutput{Regions: found}, nil
}

func (s *Service) describeAccount(_ *turn, in *sdk.DescribeAccountAttributesInput) (*sdk.DescribeAccountAttributesOutput, error) {
	values := map[string][]string{
		"supported-platforms":                   {"VPC"},
		"default-vpc":                           {"none"},
		"max-instances":                         {"20"},
		"max-elastic-ips":                       {strconv.Itoa(s.quotas.Addresses)},
		"vpc-max-elastic-ips":                   {strconv.Itoa(s.quotas.Addresses)},
		"vpc-max-security-groups-per-interface": {strconv.Itoa(s.quotas.GroupsPerNIC)},
	}
	asked := in.AttributeNames
	if len(asked) == 0 {
		for name := range values {
			asked = append(asked, types.AccountAttributeName(name))
		}
		slices.Sort(asked)
	}
	out := &sdk.DescribeAccountAttributesOutput{}
	for _, name := range asked {
		listed, ok := values[string(name)]
		if !ok {
			return nil, frame.Errorf("InvalidParameterValue", "Invalid attribute: %s", name)
		}
		attribute := types.AccountAttribute{AttributeName: aws.String(string(name))}
		for _, value := range listed {
			attribute.AttributeValues = append(attribute.AttributeValues, types.AccountAttributeValue{AttributeValue: aws.String(value)})
		}
		out.AccountAttributes = append(out.AccountAttributes, attribute)
	}
	return out, nil
}
