package checkers

import (
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// Checker is one health checker.
type Checker struct {
	Region  types.HealthCheckRegion
	Address netip.Addr
}

// Observed is what a checker reports.
func (c Checker) Observed(status string, at time.Time) types.HealthCheckObservation {
	return types.HealthCheckObservation{
		Region:       c.Region,
		IPAddress:    aws.String(c.Address.String()),
		StatusReport: &types.StatusReport{CheckedTime: aws.Time(at.UTC()), Status: &status},
	}
}

// region is where checkers are, and the ranges of their addresses.
type region struct {
	name   types.HealthCheckRegion
	ranges [2]string
}

var regions = []region{
	{types.HealthCheckRegionApNortheast1, [2]string{"54.248.220.0/26", "54.250.253.192/26"}},
	{types.HealthCheckRegionApSoutheast1, [2]string{"54.251.31.128/26", "54.255.254.192/26"}},
	{types.HealthCheckRegionApSoutheast2, [2]string{"54.252.254.192/26", "54.252.79.128/26"}},
	{types.HealthCheckRegionEuWest1, [2]string{"176.34.159.192/26", "54.228.16.0/26"}},
	{types.HealthCheckRegionSaEast1, [2]string{"177.71.207.128/26", "54.232.40.64/26"}},
	{types.HealthCheckRegionUsEast1, [2]string{"107.23.255.0/26", "54.243.31.192/26"}},
	{types.HealthCheckRegionUsWest1, [2]string{"54.183.255.128/26", "54.241.32.64/26"}},
	{types.HealthCheckRegionUsWest2, [2]string{"54.244.52.192/26", "54.245.168.0/26"}},
}

// IPRanges are the ranges of all checkers, sorted as text.
func IPRanges() []string {
	var ranges []string
	for _, r := range regions {
		ranges = append(ranges, r.ranges[:]...)
	}
	slices.SortFunc(ranges, strings.Compare)
	return ranges
}

// In lists the checkers of some regions, or of all when none is given: two of
// each. They alternate between regions.
func In(wanted []types.HealthCheckRegion) []Checker {
	var found []Checker
	for i := range len(regions[0].ranges) {
		for _, r := range regions {
			if len(wanted) == 0 || slices.Contains(wanted, r.name) {
				first := netip.MustParsePrefix(r.ranges[i]).Addr()
				found = append(found, Checker{r.name, first.Next()})
			}
		}
	}
	return found
}
