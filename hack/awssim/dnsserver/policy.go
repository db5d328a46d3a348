package dnsserver

import (
	"cmp"
	"math/rand/v2"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
)

// maxMultivalue is how many multivalue answer records one response holds.
const maxMultivalue = 8

// anywhere is the country or CIDR location of a default record.
const anywhere = "*"

type recordSets []*types.ResourceRecordSet

// pick returns the record sets, of all with one name and type, that answer this client now.
func (l *lookup) pick(z *zone, all []types.ResourceRecordSet) recordSets {
	if len(all) == 0 {
		return nil
	}
	sets := make(recordSets, len(all))
	for i := range all {
		sets[i] = &all[i]
	}
	switch policy := sets[0]; { // Route 53 does not mix policies within a name and type
	case policy.Weight != nil:
		return l.weighted(z, sets)
	case aws.ToBool(policy.MultiValueAnswer):
		return l.multivalue(z, sets)
	case policy.Failover != "":
		return l.firstHealthy(z, primaryFirst(sets))
	case policy.Region != "":
		return l.firstHealthy(z, l.byLatency(sets))
	case policy.GeoLocation != nil:
		return l.firstHealthy(z, l.byArea(sets))
	case policy.GeoProximityLocation != nil:
		return l.firstHealthy(z, l.byProximity(sets))
	case policy.CidrRoutingConfig != nil:
		return l.firstHealthy(z, l.byCIDR(sets))
	default:
		return sets[:1]
	}
}

// firstHealthy picks the first of the sets, which are in the policy's order of
// preference, that is healthy; when none is, all count as healthy.
func (l *lookup) firstHealthy(z *zone, ordered recordSets) recordSets {
	for i := range ordered {
		if l.isHealthy(z, ordered[i]) {
			return ordered[i : i+1]
		}
	}
	return ordered[:min(1, len(ordered))]
}

// weighted draws one set with the probability weight/sum. Sets of weight 0
// answer only when no other exists or all others are unhealthy.
func (l *lookup) weighted(z *zone, sets recordSets) recordSets {
	var heavy, light recordSets
	for _, set := range sets {
		if aws.ToInt64(set.Weight) > 0 {
			heavy = append(heavy, set)
		} else {
			light = append(light, set)
		}
	}
	for _, candidates := range []recordSets{l.healthyOf(z, heavy), l.healthyOf(z, light), heavy, light} {
		if len(candidates) > 0 {
			return l.draw(candidates)
		}
	}
	return nil
}

func (l *lookup) draw(sets recordSets) recordSets {
	var sum int64
	for _, set := range sets {
		sum += aws.ToInt64(set.Weight)
	}
	chosen := 0
	l.roll(func(dice *rand.Rand) {
		if sum == 0 {
			chosen = dice.IntN(len(sets))
			return
		}
		left := dice.Int64N(sum)
		chosen = slices.IndexFunc(sets, func(set *types.ResourceRecordSet) bool {
			left -= aws.ToInt64(set.Weight)
			return left < 0
		})
	})
	return sets[chosen : chosen+1]
}

func (l *lookup) multivalue(z *zone, sets recordSets) recordSets {
	candidates := recordSets(l.healthyOf(z, sets))
	if len(candidates) == 0 {
		candidates = sets
	}
	l.roll(func(dice *rand.Rand) {
		dice.Shuffle(len(candidates), func(i, j int) { candidates[i], candidates[j] = candidates[j], candidates[i] })
	})
	return candidates[:min(maxMultivalue, len(candidates))]
}

func primaryFirst(sets recordSets) recordSets {
	return nearest(sets, func(set *types.ResourceRecordSet) float64 {
		if set.Failover == types.ResourceRecordSetFailoverPrimary {
			return 0
		}
		return 1
	})
}

// byLatency orders by distance, the simulator's stand-in for measured latency.
func (l *lookup) byLatency(sets recordSets) recordSets {
	client := l.whereabouts().point()
	return nearest(sets, func(set *types.ResourceRecordSet) float64 {
		return client.kilometersTo(regionPoint(string(set.Region)))
	})
}

// byArea keeps the areas that contain the client and orders them from small to large.
func (l *lookup) byArea(sets recordSets) recordSets {
	client := l.whereabouts()
	matching := slices.DeleteFunc(slices.Clone(sets), func(set *types.ResourceRecordSet) bool {
		return areaSize(set.GeoLocation, client) == noArea
	})
	return nearest(matching, func(set *types.ResourceRecordSet) float64 {
		return float64(areaSize(set.GeoLocation, client))
	})
}

const (
	noArea = iota
	subdivisionArea
	countryArea
	continentArea
	everywhere
)

func areaSize(area *types.GeoLocation, client Location) int {
	country, subdivision := aws.ToString(area.CountryCode), aws.ToString(area.SubdivisionCode)
	switch {
	case country == anywhere:
		return everywhere
	case country == "" && client.Continent != "" && aws.ToString(area.ContinentCode) == client.Continent:
		return continentArea
	case country == "" || country != client.Country:
		return noArea
	case subdivision == "":
		return countryArea
	case subdivision == client.Subdivision:
		return subdivisionArea
	default:
		return noArea
	}
}

// byProximity orders by distance, shrunk or stretched by each set's bias.
func (l *lookup) byProximity(sets recordSets) recordSets {
	client := l.whereabouts().point()
	return nearest(sets, func(set *types.ResourceRecordSet) float64 {
		place := set.GeoProximityLocation
		return biased(client.kilometersTo(proximityPoint(place)), float64(aws.ToInt32(place.Bias)))
	})
}

func biased(distance, bias float64) float64 {
	if bias >= 0 {
		return distance * (1 - bias/100)
	}
	return distance / (1 + bias/100)
}

func proximityPoint(place *types.GeoProximityLocation) point {
	switch {
	case place.Coordinates != nil:
		latitude, errLatitude := strconv.ParseFloat(aws.ToString(place.Coordinates.Latitude), 64)
		longitude, errLongitude := strconv.ParseFloat(aws.ToString(place.Coordinates.Longitude), 64)
		if errLatitude != nil || errLongitude != nil {
			return nowhere
		}
		return point{latitude, longitude}
	case place.LocalZoneGroup != nil:
		return localZonePoint(*place.LocalZoneGroup)
	default:
		return regionPoint(aws.ToString(place.AWSRegion))
	}
}

// byCIDR keeps the locations with a block around the client and orders them
// from the longest block to the default location.
func (l *lookup) byCIDR(sets recordSets) recordSets {
	l.located = true
	bits := make(map[*types.ResourceRecordSet]float64, len(sets))
	for _, set := range sets {
		config := set.CidrRoutingConfig
		if aws.ToString(config.LocationName) == anywhere {
			bits[set] = 0
			continue
		}
		for _, block := range l.options.CIDR(aws.ToString(config.CollectionId), aws.ToString(config.LocationName)) {
			if block.Contains(l.subnet.Addr()) && block.Bits() <= l.subnet.Bits() {
				bits[set] = max(bits[set], float64(block.Bits()))
			}
		}
	}
	matching := slices.DeleteFunc(slices.Clone(sets), func(set *types.ResourceRecordSet) bool {
		_, matches := bits[set]
		return !matches
	})
	return nearest(matching, func(set *types.ResourceRecordSet) float64 { return -bits[set] })
}

// nearest orders the sets by distance and, at equal distance, by set identifier.
func nearest(sets recordSets, distance func(*types.ResourceRecordSet) float64) recordSets {
	slices.SortFunc(sets, func(a, b *types.ResourceRecordSet) int {
		return cmp.Or(
			cmp.Compare(distance(a), distance(b)),
			cmp.Compare(aws.ToString(a.SetIdentifier), aws.ToString(b.SetIdentifier)),
		)
	})
	return sets
}

// whereabouts locates the client and notes that the answer depends on it.
func (l *lookup) whereabouts() Location {
	l.located = true
	if !l.subnet.IsValid() {
		return Location{}
	}
	return l.options.Locate(l.subnet.Addr())
}
