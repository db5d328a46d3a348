package dnsserver

import "strings"

// regions says roughly where AWS's Regions are; only the order of distances matters.
var regions = map[string]point{
	"af-south-1":     {-33.92, 18.42},
	"ap-east-1":      {22.32, 114.17},
	"ap-east-2":      {25.03, 121.57},
	"ap-northeast-1": {35.68, 139.69},
	"ap-northeast-2": {37.57, 126.98},
	"ap-northeast-3": {34.69, 135.50},
	"ap-south-1":     {19.08, 72.88},
	"ap-south-2":     {17.39, 78.49},
	"ap-southeast-1": {1.35, 103.82},
	"ap-southeast-2": {-33.87, 151.21},
	"ap-southeast-3": {-6.21, 106.85},
	"ap-southeast-4": {-37.81, 144.96},
	"ap-southeast-5": {3.14, 101.69},
	"ap-southeast-6": {-36.85, 174.76},
	"ap-southeast-7": {13.76, 100.50},
	"ca-central-1":   {45.50, -73.57},
	"ca-west-1":      {51.04, -114.07},
	"cn-north-1":     {39.90, 116.41},
	"cn-northwest-1": {37.50, 105.20},
	"eu-central-1":   {50.11, 8.68},
	"eu-central-2":   {47.38, 8.54},
	"eu-north-1":     {59.33, 18.07},
	"eu-south-1":     {45.46, 9.19},
	"eu-south-2":     {41.65, -0.89},
	"eu-west-1":      {53.35, -6.26},
	"eu-west-2":      {51.51, -0.13},
	"eu-west-3":      {48.86, 2.35},
	"eusc-de-east-1": {52.40, 13.06},
	"il-central-1":   {32.09, 34.78},
	"me-central-1":   {25.20, 55.27},
	"me-south-1":     {26.07, 50.55},
	"mx-central-1":   {20.59, -100.39},
	"sa-east-1":      {-23.55, -46.63},
	"us-east-1":      {38.95, -77.45},
	"us-east-2":      {39.96, -83.00},
	"us-gov-east-1":  {40.00, -83.10},
	"us-gov-west-1":  {45.60, -122.60},
	"us-west-1":      {37.34, -121.89},
	"us-west-2":      {45.52, -122.68},
}

// localZones are the Local Zone groups far from their parent Region.
var localZones = map[string]point{
	"us-east-1-atl-2": {33.75, -84.39},
	"us-east-1-bos-1": {42.36, -71.06},
	"us-east-1-chi-2": {41.88, -87.63},
	"us-east-1-dfw-2": {32.78, -96.80},
	"us-east-1-iah-2": {29.76, -95.37},
	"us-east-1-mia-2": {25.76, -80.19},
	"us-east-1-nyc-2": {40.71, -74.01},
	"us-west-2-den-1": {39.74, -104.99},
	"us-west-2-las-1": {36.17, -115.14},
	"us-west-2-lax-1": {34.05, -118.24},
	"us-west-2-phx-2": {33.45, -112.07},
	"us-west-2-sea-1": {47.61, -122.33},
}

// regionPoint returns nowhere for a Region it does not know, so that it is picked last.
func regionPoint(region string) point {
	if place, known := regions[region]; known {
		return place
	}
	return nowhere
}

// localZonePoint falls back to the Region the group belongs to: "us-west-2-lax-1" to "us-west-2".
func localZonePoint(group string) point {
	if place, known := localZones[group]; known {
		return place
	}
	const regionParts = 3
	parts := strings.SplitN(group, "-", regionParts+1)
	return regionPoint(strings.Join(parts[:min(regionParts, len(parts))], "-"))
}
