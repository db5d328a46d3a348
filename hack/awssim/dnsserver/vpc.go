package dnsserver

import (
	"maps"
	"net/netip"
	"sync"
)

// DefaultVPCs says from where clients ask inside of a VPC unless Options say
// so: 127.1.0.0/16, which TestLocations puts into us-east-1, is the simulator's
// first VPC there. `dig -b 127.1.2.3 @127.0.0.1` asks from inside of it.
func DefaultVPCs() map[netip.Prefix]string {
	return map[netip.Prefix]string{netip.MustParsePrefix("127.1.0.0/16"): "vpc-0main"}
}

// vpcs maps source addresses to VPCs.
type vpcs struct {
	mu       sync.RWMutex
	byPrefix map[netip.Prefix]string
}

func newVPCs(initial map[netip.Prefix]string) *vpcs {
	v := &vpcs{byPrefix: map[netip.Prefix]string{}}
	for prefix, id := range initial {
		v.set(prefix, id)
	}
	return v
}

func (v *vpcs) set(prefix netip.Prefix, id string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if id == "" {
		delete(v.byPrefix, prefix.Masked())
		return
	}
	v.byPrefix[prefix.Masked()] = id
}

func (v *vpcs) all() map[netip.Prefix]string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	return maps.Clone(v.byPrefix)
}

// of returns the VPC with the longest prefix around the address, empty for none.
func (v *vpcs) of(addr netip.Addr) string {
	v.mu.RLock()
	defer v.mu.RUnlock()
	id, bits := "", -1
	for prefix, candidate := range v.byPrefix {
		if prefix.Contains(addr) && prefix.Bits() > bits {
			id, bits = candidate, prefix.Bits()
		}
	}
	return id
}

// SetVPC puts the clients with addresses in the prefix into a VPC from now on;
// an empty id takes the prefix out again. The longest prefix counts.
func (r *Resolver) SetVPC(prefix netip.Prefix, vpcID string) { r.vpcs.set(prefix, vpcID) }

// VPCs returns which prefixes are in which VPC.
func (r *Resolver) VPCs() map[netip.Prefix]string { return r.vpcs.all() }

// vpcOf asks the prefixes first and then Options.VPC.
func (r *Resolver) vpcOf(client netip.Addr) string {
	if id := r.vpcs.of(client); id != "" {
		return id
	}
	return r.options.VPC(client)
}

// SetVPC is Resolver.SetVPC.
func (s *Server) SetVPC(prefix netip.Prefix, vpcID string) { s.resolver.SetVPC(prefix, vpcID) }

// VPCs is Resolver.VPCs.
func (s *Server) VPCs() map[netip.Prefix]string { return s.resolver.VPCs() }
