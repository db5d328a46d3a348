package ec2

import (
	"encoding/json"
	"maps"
	"net/netip"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// content is one state of everything. It is never written to once published,
// and neither is what its values point to.
type content struct {
	VPCs            table[vpc]                   `json:"vpcs"`
	Subnets         table[types.Subnet]          `json:"subnets"`
	Gateways        table[types.InternetGateway] `json:"internetGateways"`
	RouteTables     table[types.RouteTable]      `json:"routeTables"`
	Groups          table[group]                 `json:"securityGroups"`
	Interfaces      table[networkInterface]      `json:"networkInterfaces"`
	Addresses       table[types.Address]         `json:"addresses"`
	PrefixLists     table[prefixList]            `json:"prefixLists"`
	LaunchTemplates table[launchTemplate]        `json:"launchTemplates"`
	Instances       table[instance]              `json:"instances"`
	// FailedZones are the zones that are out, by region and zone.
	FailedZones map[string]bool `json:"failedZones"`
	// Tags are by the id of the resource; the resources' own are left empty.
	Tags map[string]tags `json:"tags"`
	// moved tells that this draft changed instances.
	moved bool
}

// table holds the resources of one kind by id.
type table[T any] map[string]item[T]

// item is a resource of an account and region.
type item[T any] struct {
	Account string `json:"account"`
	Region  string `json:"region"`
	// Shown is when describes begin to show it.
	Shown time.Time `json:"shown,omitzero"`
	Is    T         `json:"is"`
}

// vpc is a VPC with its attributes.
type vpc struct {
	types.Vpc
	DNSSupport   bool `json:"dnsSupport"`
	DNSHostnames bool `json:"dnsHostnames"`
	// Clients overrules which addresses ask DNS from inside of the VPC.
	Clients netip.Prefix `json:"clients,omitzero"`
}

type prefixList struct {
	types.ManagedPrefixList
	Entries []types.PrefixListEntry `json:"entries"`
}

// networkInterface is a network interface, and when it goes if AWS manages it.
type networkInterface struct {
	types.NetworkInterface
	// Gone is when a released interface ceases to exist.
	Gone time.Time `json:"gone,omitzero"`
}

// clone is a state whose tables may be written to.
func (c *content) clone() *content {
	return &content{
		VPCs: maps.Clone(c.VPCs), Subnets: maps.Clone(c.Subnets), Gateways: maps.Clone(c.Gateways),
		RouteTables: maps.Clone(c.RouteTables), Groups: maps.Clone(c.Groups), Interfaces: maps.Clone(c.Interfaces),
		Addresses: maps.Clone(c.Addresses), PrefixLists: maps.Clone(c.PrefixLists),
		LaunchTemplates: maps.Clone(c.LaunchTemplates), Instances: maps.Clone(c.Instances),
		FailedZones: maps.Clone(c.FailedZones), Tags: maps.Clone(c.Tags),
	}
}

func emptyContent() *content {
	return &content{
		VPCs: table[vpc]{}, Subnets: table[types.Subnet]{}, Gateways: table[types.InternetGateway]{},
		RouteTables: table[types.RouteTable]{}, Groups: table[group]{}, Interfaces: table[networkInterface]{},
		Addresses: table[types.Address]{}, PrefixLists: table[prefixList]{},
		LaunchTemplates: table[launchTemplate]{}, Instances: table[instance]{}, FailedZones: map[string]bool{}, Tags: map[string]tags{},
	}
}

// fill makes the tables that a saved state lacks.
func (c *content) fill() {
	empty := emptyContent()
	orMake(&c.VPCs, empty.VPCs)
	orMake(&c.Subnets, empty.Subnets)
	orMake(&c.Gateways, empty.Gateways)
	orMake(&c.RouteTables, empty.RouteTables)
	orMake(&c.Groups, empty.Groups)
	orMake(&c.Interfaces, empty.Interfaces)
	orMake(&c.Addresses, empty.Addresses)
	orMake(&c.PrefixLists, empty.PrefixLists)
	orMake(&c.LaunchTemplates, empty.LaunchTemplates)
	orMake(&c.Instances, empty.Instances)
	orMake(&c.FailedZones, empty.FailedZones)
	orMake(&c.Tags, empty.Tags)
}

func orMake[M ~map[K]V, K comparable, V any](of *M, empty M) {
	if *of == nil {
		*of = empty
	}
}

// settle brings the state to now: instances go on, and interfaces that are
// gone by now are dropped, which frees their addresses.
func (c *content) settle(now time.Time) {
	c.settleInstances(now)
	for id, held := range c.Interfaces {
		if held.Is.Gone.IsZero() || held.Is.Gone.After(now) {
			continue
		}
		delete(c.Interfaces, id)
		delete(c.Tags, id)
		for allocation, address := range c.Addresses {
			if aws.ToString(address.Is.NetworkInterfaceId) == id {
				address.Is = unassociated(address.Is)
				c.Addresses[allocation] = address
			}
		}
	}
}

// settled is the state as it is now.
func (c *content) settled(now time.Time) *content {
	if !c.due(now) {
		return c
	}
	settled := c.clone()
	settled.settle(now)
	return settled
}

// due tells whether something has come to pass by now.
func (c *content) due(now time.Time) bool {
	for _, held := range c.Interfaces {
		if !held.Is.Gone.IsZero() && !held.Is.Gone.After(now) {
			return true
		}
	}
	next := c.nextPhase()
	return !next.IsZero() && !next.After(now)
}

// tags are those of a resource; in the state file they are a list, for there
// an empty value would be left out of an object.
type tags frame.Tags

// MarshalJSON writes the list.
func (t tags) MarshalJSON() ([]byte, error) { return json.Marshal(t.list()) }

// UnmarshalJSON reads the list.
func (t *tags) UnmarshalJSON(raw []byte) error {
	var list []types.Tag
	if err := frame.StrictJSON(raw, &list); err != nil {
		return err
	}
	*t = tags(tagMap(list))
	return nil
}

func tagMap(list []types.Tag) frame.Tags {
	all := frame.Tags{}
	for _, tag := range list {
		all[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
	}
	return all
}

func (t tags) list() []types.Tag {
	list := []types.Tag{}
	for _, key := range frame.Tags(t).Keys() {
		list = append(list, types.Tag{Key: aws.String(key), Value: aws.String(t[key])})
	}
	return list
}

func sortedIDs[T any](all table[T]) []string {
	return slices.SortedFunc(maps.Keys(all), strings.Compare)
}
