package dnsserver

import (
	"math"
	"net/netip"
)

// Location is where a client is, in the terms of Route 53's routing policies.
type Location struct {
	// Continent is AF, AN, AS, EU, NA, OC or SA.
	Continent string
	// Country is an ISO 3166-1 alpha-2 code.
	Country string
	// Subdivision is the code of a state, where Route 53 knows states.
	Subdivision string
	// Latitude and Longitude are in degrees, north and east positive.
	Latitude, Longitude float64
}

// point returns where to measure distances from: for a client at an unknown place, us-east-1.
func (l Location) point() point {
	if l == (Location{}) {
		return regionPoint("us-east-1")
	}
	return point{l.Latitude, l.Longitude}
}

// places are numbered: place N has the prefixes 10.N.0.0/16, 127.N.0.0/16 and 2001:db8:N::/48 (N in decimal digits).
var places = map[byte]Location{
	1:  {"NA", "US", "VA", 38.95, -77.45},  // us-east-1
	2:  {"NA", "US", "OH", 39.96, -83.00},  // us-east-2
	3:  {"NA", "US", "CA", 37.34, -121.89}, // us-west-1
	4:  {"NA", "US", "OR", 45.52, -122.68}, // us-west-2
	5:  {"NA", "CA", "", 45.50, -73.57},    // ca-central-1
	11: {"EU", "IE", "", 53.35, -6.26},     // eu-west-1
	12: {"EU", "DE", "", 50.11, 8.68},      // eu-central-1
	13: {"EU", "GB", "", 51.51, -0.13},     // eu-west-2
	14: {"EU", "FR", "", 48.86, 2.35},      // eu-west-3
	15: {"EU", "UA", "", 50.45, 30.52},
	21: {"AS", "JP", "", 35.68, 139.69}, // ap-northeast-1
	22: {"AS", "SG", "", 1.35, 103.82},  // ap-southeast-1
	23: {"AS", "IN", "", 19.08, 72.88},  // ap-south-1
	31: {"OC", "AU", "", -33.87, 151.21},
	41: {"SA", "BR", "", -23.55, -46.63}, // sa-east-1
	51: {"AF", "ZA", "", -33.92, 18.42},  // af-south-1
	61: {"AN", "AQ", "", -77.85, 166.67}, // McMurdo Station
}

// documentationPlaces are the three IPv4 prefixes of RFC 5737, one on each of three continents.
var documentationPlaces = []struct {
	prefix netip.Prefix
	place  byte
}{
	{netip.MustParsePrefix("192.0.2.0/24"), 1},
	{netip.MustParsePrefix("198.51.100.0/24"), 12},
	{netip.MustParsePrefix("203.0.113.0/24"), 21},
}

// TestLocations locates test addresses; every other address is at an unknown place.
//
//	192.0.2.0/24      US, Virginia      198.51.100.0/24   Germany      203.0.113.0/24   Japan
//
// and for each number N in this table the prefixes 10.N.0.0/16, 127.N.0.0/16
// and 2001:db8:N::/48:
//
//	1 US Virginia     11 Ireland           21 Japan        41 Brazil
//	2 US Ohio         12 Germany           22 Singapore    51 South Africa
//	3 US California   13 United Kingdom    23 India        61 Antarctica
//	4 US Oregon       14 France            31 Australia
//	5 Canada          15 Ukraine
func TestLocations(addr netip.Addr) Location {
	addr = addr.Unmap()
	for _, documentation := range documentationPlaces {
		if documentation.prefix.Contains(addr) {
			return places[documentation.place]
		}
	}
	if addr.Is4() {
		if bytes := addr.As4(); bytes[0] == 10 || bytes[0] == 127 {
			return places[bytes[1]]
		}
		return Location{}
	}
	bytes := addr.As16()
	if [4]byte(bytes[:4]) != [4]byte{0x20, 0x01, 0x0d, 0xb8} || bytes[4] != 0 {
		return Location{}
	}
	tens, ones := bytes[5]>>4, bytes[5]&0xf
	if tens > 9 || ones > 9 {
		return Location{}
	}
	return places[10*tens+ones]
}

// point is a place on the globe in degrees.
type point struct{ latitude, longitude float64 }

// nowhere is farther away than any place.
var nowhere = point{math.NaN(), math.NaN()}

// kilometersTo is the great-circle distance.
func (p point) kilometersTo(q point) float64 {
	const earthRadius, degree = 6371, math.Pi / 180
	dLatitude, dLongitude := (q.latitude-p.latitude)*degree, (q.longitude-p.longitude)*degree
	h := math.Pow(math.Sin(dLatitude/2), 2) +
		math.Cos(p.latitude*degree)*math.Cos(q.latitude*degree)*math.Pow(math.Sin(dLongitude/2), 2)
	distance := 2 * earthRadius * math.Asin(math.Sqrt(min(1, h)))
	if math.IsNaN(distance) {
		return math.MaxFloat64
	}
	return distance
}
