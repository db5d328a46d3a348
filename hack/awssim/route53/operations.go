package route53

import (
	"slices"

	sdk "github.com/aws/aws-sdk-go-v2/service/route53"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/restxml"
)

// Definition tells the server how to serve Route 53.
func (s *Service) Definition() frame.Definition {
	return frame.Definition{
		Name:     "route53",
		Path:     version + "/",
		Global:   true,
		Protocol: restxml.New(namespace, bindings, listMembers),
		Rates:    rates(),
		Operations: slices.Concat(s.zoneOperations(), s.recordOperations(), s.healthOperations(),
			s.delegationOperations(), s.dnssecOperations(), s.cidrOperations()),
	}
}

func (s *Service) zoneOperations() []frame.Operation {
	return []frame.Operation{
		frame.Charging("CreateHostedZone", func(*sdk.CreateHostedZoneInput) []frame.Charge {
			return []frame.Charge{{Bucket: changeThroughput, Tokens: zoneChange}}
		}, commit(s, s.createHostedZone)),
		frame.Charging("DeleteHostedZone", func(*sdk.DeleteHostedZoneInput) []frame.Charge {
			return []frame.Charge{{Bucket: changeThroughput, Tokens: zoneChange}}
		}, commit(s, s.deleteHostedZone)),
		frame.Op("GetHostedZone", s.getHostedZone),
		frame.Op("ListHostedZones", s.listHostedZones),
		frame.Op("ListHostedZonesByName", s.listHostedZonesByName),
		frame.Op("GetHostedZoneCount", s.getHostedZoneCount),
		frame.Op("UpdateHostedZoneComment", commit(s, s.updateHostedZoneComment)),
		frame.Op("UpdateHostedZoneFeatures", commit(s, s.updateFeatures)),
		frame.Op("AssociateVPCWithHostedZone", commit(s, s.associateVPC)),
		frame.Op("DisassociateVPCFromHostedZone", commit(s, s.disassociateVPC)),
		frame.Op("CreateVPCAssociationAuthorization", commit(s, s.createAuthorization)),
		frame.Op("DeleteVPCAssociationAuthorization", commit(s, s.deleteAuthorization)),
		frame.Op("ListVPCAssociationAuthorizations", s.listAuthorizations),
		frame.Op("ListHostedZonesByVPC", s.listHostedZonesByVPC),
		frame.Op("GetHostedZoneLimit", s.getHostedZoneLimit),
		frame.Op("GetAccountLimit", s.getAccountLimit),
	}
}

func (s *Service) recordOperations() []frame.Operation {
	return []frame.Operation{
		frame.Charging("ChangeResourceRecordSets", batchCharge, commit(s, s.changeResourceRecordSets)),
		frame.Op("ListResourceRecordSets", s.listResourceRecordSets),
		frame.Op("GetChange", s.getChange),
		frame.Op("ChangeTagsForResource", commit(s, s.changeTags)),
		frame.Op("ListTagsForResource", s.listTags),
		frame.Op("ListTagsForResources", s.listTagsOfMany),
		frame.Op("TestDNSAnswer", s.testDNSAnswer),
	}
}

func (s *Service) healthOperations() []frame.Operation {
	return []frame.Operation{
		frame.Op("CreateHealthCheck", commit(s, s.createHealthCheck)),
		frame.Op("GetHealthCheck", s.getHealthCheck),
		frame.Op("GetHealthCheckCount", s.getHealthCheckCount),
		frame.Op("ListHealthChecks", s.listHealthChecks),
		frame.Op("UpdateHealthCheck", commit(s, s.updateHealthCheck)),
		frame.Op("DeleteHealthCheck", commit(s, s.deleteHealthCheck)),
		frame.Op("GetHealthCheckStatus", s.getHealthCheckStatus),
		frame.Op("GetHealthCheckLastFailureReason", s.getHealthCheckLastFailureReason),
		frame.Op("GetCheckerIpRanges", s.getCheckerIPRanges),
	}
}

func (s *Service) delegationOperations() []frame.Operation {
	return []frame.Operation{
		frame.Op("CreateReusableDelegationSet", commit(s, s.createReusableDelegationSet)),
		frame.Op("GetReusableDelegationSet", s.getReusableDelegationSet),
		frame.Op("ListReusableDelegationSets", s.listReusableDelegationSets),
		frame.Op("DeleteReusableDelegationSet", commit(s, s.deleteReusableDelegationSet)),
		frame.Op("GetReusableDelegationSetLimit", s.getReusableDelegationSetLimit),
		frame.Op("CreateQueryLoggingConfig", commit(s, s.createQueryLoggingConfig)),
		frame.Op("GetQueryLoggingConfig", s.getQueryLoggingConfig),
		frame.Op("ListQueryLoggingConfigs", s.listQueryLoggingConfigs),
		frame.Op("DeleteQueryLoggingConfig", commit(s, s.deleteQueryLoggingConfig)),
	}
}

func (s *Service) dnssecOperations() []frame.Operation {
	return []frame.Operation{
		frame.Op("GetDNSSEC", s.getDNSSEC),
		frame.Op("EnableHostedZoneDNSSEC", commit(s, s.enableDNSSEC)),
		frame.Op("DisableHostedZoneDNSSEC", commit(s, s.disableDNSSEC)),
		frame.Op("CreateKeySigningKey", commit(s, s.createKey)),
		frame.Op("ActivateKeySigningKey", commit(s, s.activateKey)),
		frame.Op("DeactivateKeySigningKey", commit(s, s.deactivateKey)),
		frame.Op("DeleteKeySigningKey", commit(s, s.deleteKey)),
	}
}

func (s *Service) cidrOperations() []frame.Operation {
	return []frame.Operation{
		frame.Op("CreateCidrCollection", commit(s, s.createCollection)),
		frame.Op("ChangeCidrCollection", commit(s, s.changeCollection)),
		frame.Op("DeleteCidrCollection", commit(s, s.deleteCollection)),
		frame.Op("ListCidrCollections", s.listCollections),
		frame.Op("ListCidrLocations", s.listLocations),
		frame.Op("ListCidrBlocks", s.listBlocks),
	}
}
