package elbv2

import (
	"context"
	"slices"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

// The buckets of request-rate limits. All operations of a category draw from one.
const (
	intensive       = "resource-intensive"
	registration    = "registration"
	nonMutating     = "non-mutating"
	mutating        = "mutating"
	trustStoreMade  = "CreateTrustStore"
	trustStoreWrite = "trust store writes"
	trustStoreGet   = "trust store gets"
	trustStoreRead  = "trust store reads"
)

func rates() frame.Rates {
	return frame.Rates{Code: "ThrottlingException", Shared: map[string]frame.Bucket{
		intensive:       {Capacity: 10, Refill: 0.2},
		registration:    {Capacity: 20, Refill: 4},
		nonMutating:     {Capacity: 40, Refill: 10},
		mutating:        {Capacity: 20, Refill: 3},
		trustStoreMade:  {Capacity: 10, Refill: 0.2},
		trustStoreWrite: {Capacity: 10, Refill: 0.2},
		trustStoreGet:   {Capacity: 20, Refill: 4},
		trustStoreRead:  {Capacity: 40, Refill: 10},
	}}
}

// category makes an operation that takes a token from its category's bucket.
func category[In, Out any](bucket, name string, handle func(context.Context, *frame.Request, *In) (*Out, error)) frame.Operation {
	return frame.Charging(name, func(*In) []frame.Charge { return []frame.Charge{{Bucket: bucket, Tokens: 1}} }, handle)
}

// Definition tells the server how to serve Elastic Load Balancing.
func (s *Service) Definition() frame.Definition {
	operations := slices.Concat(s.balancerOperations(), s.listenerOperations(), s.ruleOperations(), s.groupOperations(),
		s.tagOperations(), s.trustStoreOperations())
	names := make([]string, len(operations))
	for i, operation := range operations {
		names[i] = operation.Name
	}
	return frame.Definition{
		Name:       "elasticloadbalancing",
		Protocol:   query.New("http://elasticloadbalancing.amazonaws.com/doc/2015-12-01/", "2015-12-01", names...).WithEmptyResults(),
		Rates:      rates(),
		Operations: operations,
	}
}

func (s *Service) balancerOperations() []frame.Operation {
	return []frame.Operation{
		category(intensive, "CreateLoadBalancer", commit(s, createLoadBalancer)),
		category(nonMutating, "DescribeLoadBalancers", read(s, describeLoadBalancers)),
		category(mutating, "DeleteLoadBalancer", commit(s, deleteLoadBalancer)),
		category(intensive, "SetSubnets", commit(s, setSubnets)),
		category(mutating, "SetSecurityGroups", commit(s, setSecurityGroups)),
		category(mutating, "SetIpAddressType", commit(s, setIPAddressType)),
		category(mutating, "ModifyIpPools", commit(s, modifyIPPools)),
		category(nonMutating, "DescribeLoadBalancerAttributes", read(s, describeBalancerAttributes)),
		category(mutating, "ModifyLoadBalancerAttributes", commit(s, modifyBalancerAttributes)),
		category(nonMutating, "DescribeCapacityReservation", read(s, describeCapacity)),
		category(mutating, "ModifyCapacityReservation", commit(s, modifyCapacity)),
		category(nonMutating, "DescribeAccountLimits", read(s, describeAccountLimits)),
	}
}

func (s *Service) listenerOperations() []frame.Operation {
	return []frame.Operation{
		category(mutating, "CreateListener", commit(s, createListener)),
		category(nonMutating, "DescribeListeners", read(s, describeListeners)),
		category(mutating, "ModifyListener", commit(s, modifyListener)),
		category(mutating, "DeleteListener", commit(s, deleteListener)),
		category(nonMutating, "DescribeListenerAttributes", read(s, describeListenerAttributes)),
		category(mutating, "ModifyListenerAttributes", commit(s, modifyListenerAttributes)),
		category(mutating, "AddListenerCertificates", commit(s, addListenerCertificates)),
		category(mutating, "RemoveListenerCertificates", commit(s, removeListenerCertificates)),
		category(nonMutating, "DescribeListenerCertificates", read(s, describeListenerCertificates)),
		category(nonMutating, "DescribeSSLPolicies", read(s, describeSSLPolicies)),
	}
}

func (s *Service) ruleOperations() []frame.Operation {
	return []frame.Operation{
		category(mutating, "CreateRule", commit(s, createRule)),
		category(nonMutating, "DescribeRules", read(s, describeRules)),
		category(mutating, "ModifyRule", commit(s, modifyRule)),
		category(mutating, "DeleteRule", commit(s, deleteRule)),
		category(mutating, "SetRulePriorities", commit(s, setRulePriorities)),
	}
}

func (s *Service) groupOperations() []frame.Operation {
	return []frame.Operation{
		category(mutating, "CreateTargetGroup", commit(s, createTargetGroup)),
		category(nonMutating, "DescribeTargetGroups", read(s, describeTargetGroups)),
		category(mutating, "ModifyTargetGroup", commit(s, modifyTargetGroup)),
		category(mutating, "DeleteTargetGroup", commit(s, deleteTargetGroup)),
		category(nonMutating, "DescribeTargetGroupAttributes", read(s, describeGroupAttributes)),
		category(mutating, "ModifyTargetGroupAttributes", commit(s, modifyGroupAttributes)),
		category(registration, "RegisterTargets", commit(s, registerTargets)),
		category(registration, "DeregisterTargets", commit(s, deregisterTargets)),
		category(nonMutating, "DescribeTargetHealth", read(s, describeTargetHealth)),
	}
}

func (s *Service) tagOperations() []frame.Operation {
	return []frame.Operation{
		category(mutating, "AddTags", commit(s, addTags)),
		category(mutating, "RemoveTags", commit(s, removeTags)),
		category(nonMutating, "DescribeTags", read(s, describeTags)),
	}
}

func (s *Service) trustStoreOperations() []frame.Operation {
	return []frame.Operation{
		category(trustStoreMade, "CreateTrustStore", commit(s, createTrustStore)),
		category(trustStoreWrite, "ModifyTrustStore", commit(s, modifyTrustStore)),
		category(trustStoreWrite, "DeleteTrustStore", commit(s, deleteTrustStore)),
		category(trustStoreWrite, "AddTrustStoreRevocations", commit(s, addRevocations)),
		category(trustStoreWrite, "RemoveTrustStoreRevocations", commit(s, removeRevocations)),
		category(trustStoreWrite, "DeleteSharedTrustStoreAssociation", commit(s, deleteSharedAssociation)),
		category(trustStoreRead, "DescribeTrustStores", read(s, describeTrustStores)),
		category(trustStoreRead, "DescribeTrustStoreAssociations", read(s, describeAssociations)),
		category(trustStoreRead, "DescribeTrustStoreRevocations", read(s, describeRevocations)),
		category(trustStoreGet, "GetTrustStoreCaCertificatesBundle", read(s, getBundle)),
		category(trustStoreGet, "GetTrustStoreRevocationContent", read(s, getRevocationContent)),
		category(trustStoreGet, "GetResourcePolicy", read(s, getResourcePolicy)),
	}
}
