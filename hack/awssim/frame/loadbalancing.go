package frame

import "time"

// LoadBalancing is how long Elastic Load Balancing takes. What differs between
// application and network (and gateway) load balancers is given for both.
type LoadBalancing struct {
	// Provisioning is the time from a load balancer's creation to active.
	Provisioning, NetworkProvisioning Span
	// Registration is the time a target is initial: then it is healthy unless
	// something probes it and finds otherwise.
	Registration, NetworkRegistration Span
	// Draining bounds how long a target drains, whatever the group's
	// deregistration delay; 0 does not.
	Draining time.Duration
	// Lingering is the time a network interface stays after its load balancer
	// has left it.
	Lingering, NetworkLingering Span
	// Hidden is how long what was created is not found by its ARN or name.
	Hidden Span
	// Reserving is the time a change of reserved capacity is pending.
	Reserving Span
	// TrustStore is the time from a trust store's creation to ACTIVE.
	TrustStore Span
}

func realisticLoadBalancing() LoadBalancing {
	return LoadBalancing{
		Provisioning:        Span{120 * time.Second, 180 * time.Second},
		NetworkProvisioning: Span{150 * time.Second, 240 * time.Second},
		Registration:        Span{10 * time.Second, 35 * time.Second},
		NetworkRegistration: Span{60 * time.Second, 180 * time.Second},
		Lingering:           Span{30 * time.Second, 90 * time.Second},
		NetworkLingering:    Span{60 * time.Second, 300 * time.Second},
		Hidden:              Span{0, 2 * time.Second},
		Reserving:           Span{60 * time.Second, 180 * time.Second},
		TrustStore:          Span{2 * time.Second, 10 * time.Second},
	}
}

func fastLoadBalancing() LoadBalancing {
	const quick, moment = 100 * time.Millisecond, 50 * time.Millisecond
	return LoadBalancing{
		Provisioning:        Exactly(2 * quick),
		NetworkProvisioning: Exactly(2 * quick),
		Registration:        Exactly(moment),
		NetworkRegistration: Exactly(moment),
		Draining:            quick,
		Lingering:           Exactly(quick),
		NetworkLingering:    Exactly(quick),
		Reserving:           Exactly(quick),
		TrustStore:          Exactly(moment),
	}
}
