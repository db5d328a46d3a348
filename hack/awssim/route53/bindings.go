package route53

import (
	"maps"
	"net/http"

	"github.com/evenkeel/evenkeel/hack/awssim/restxml"
)

// bindings are the paths and query keys of all operations.
var bindings = func() map[string]restxml.Binding {
	all := maps.Clone(zoneBindings)
	for _, more := range []map[string]restxml.Binding{
		healthBindings, delegationBindings, vpcBindings, dnssecBindings, cidrBindings,
	} {
		maps.Copy(all, more)
	}
	return all
}()

var zoneBindings = map[string]restxml.Binding{
	"CreateHostedZone": {Method: http.MethodPost, Path: version + "/hostedzone",
		Status: http.StatusCreated, Location: "Location"},
	"ListHostedZones": {Method: http.MethodGet, Path: version + "/hostedzone", Query: map[string]string{
		"marker": "Marker", "maxitems": "MaxItems",
		"delegationsetid": "DelegationSetId", "hostedzonetype": "HostedZoneType"}},
	"ListHostedZonesByName": {Method: http.MethodGet, Path: version + "/hostedzonesbyname",
		Query: map[string]string{"dnsname": "DNSName", "hostedzoneid": "HostedZoneId", "maxitems": "MaxItems"}},
	"GetHostedZoneCount":      {Method: http.MethodGet, Path: version + "/hostedzonecount"},
	"GetHostedZone":           {Method: http.MethodGet, Path: version + "/hostedzone/{Id}"},
	"UpdateHostedZoneComment": {Method: http.MethodPost, Path: version + "/hostedzone/{Id}"},
	"DeleteHostedZone":        {Method: http.MethodDelete, Path: version + "/hostedzone/{Id}"},
	"AssociateVPCWithHostedZone": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/associatevpc"},
	"DisassociateVPCFromHostedZone": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/disassociatevpc"},
	"ChangeResourceRecordSets": {Method: http.MethodPost, Path: version + "/hostedzone/{HostedZoneId}/rrset"},
	"ListResourceRecordSets": {Method: http.MethodGet, Path: version + "/hostedzone/{HostedZoneId}/rrset",
		Query: map[string]string{"name": "StartRecordName", "type": "StartRecordType",
			"identifier": "StartRecordIdentifier", "maxitems": "MaxItems"}},
	"GetChange":             {Method: http.MethodGet, Path: version + "/change/{Id}"},
	"ChangeTagsForResource": {Method: http.MethodPost, Path: version + "/tags/{ResourceType}/{ResourceId}"},
	"ListTagsForResource":   {Method: http.MethodGet, Path: version + "/tags/{ResourceType}/{ResourceId}"},
	"ListTagsForResources":  {Method: http.MethodPost, Path: version + "/tags/{ResourceType}"},
	"GetHostedZoneLimit":    {Method: http.MethodGet, Path: version + "/hostedzonelimit/{HostedZoneId}/{Type}"},
	"GetAccountLimit":       {Method: http.MethodGet, Path: version + "/accountlimit/{Type}"},
	"TestDNSAnswer": {Method: http.MethodGet, Path: version + "/testdnsanswer", Query: map[string]string{
		"hostedzoneid": "HostedZoneId", "recordname": "RecordName", "recordtype": "RecordType",
		"resolverip": "ResolverIP", "edns0clientsubnetip": "EDNS0ClientSubnetIP",
		"edns0clientsubnetmask": "EDNS0ClientSubnetMask"}},
	"UpdateHostedZoneFeatures": {Method: http.MethodPost, Path: version + "/hostedzone/{HostedZoneId}/features"},
}

var healthBindings = map[string]restxml.Binding{
	"CreateHealthCheck": {Method: http.MethodPost, Path: version + "/healthcheck",
		Status: http.StatusCreated, Location: "Location"},
	"ListHealthChecks": {Method: http.MethodGet, Path: version + "/healthcheck",
		Query: map[string]string{"marker": "Marker", "maxitems": "MaxItems"}},
	"GetHealthCheck":       {Method: http.MethodGet, Path: version + "/healthcheck/{HealthCheckId}"},
	"UpdateHealthCheck":    {Method: http.MethodPost, Path: version + "/healthcheck/{HealthCheckId}"},
	"DeleteHealthCheck":    {Method: http.MethodDelete, Path: version + "/healthcheck/{HealthCheckId}"},
	"GetHealthCheckStatus": {Method: http.MethodGet, Path: version + "/healthcheck/{HealthCheckId}/status"},
	"GetHealthCheckLastFailureReason": {Method: http.MethodGet,
		Path: version + "/healthcheck/{HealthCheckId}/lastfailurereason"},
	"GetHealthCheckCount": {Method: http.MethodGet, Path: version + "/healthcheckcount"},
	"GetCheckerIpRanges":  {Method: http.MethodGet, Path: version + "/checkeripranges"},
}

// delegationBindings are those of delegation sets and of query logging.
var delegationBindings = map[string]restxml.Binding{
	"CreateReusableDelegationSet": {Method: http.MethodPost, Path: version + "/delegationset",
		Status: http.StatusCreated, Location: "Location"},
	"ListReusableDelegationSets": {Method: http.MethodGet, Path: version + "/delegationset",
		Query: map[string]string{"marker": "Marker", "maxitems": "MaxItems"}},
	"GetReusableDelegationSet":    {Method: http.MethodGet, Path: version + "/delegationset/{Id}"},
	"DeleteReusableDelegationSet": {Method: http.MethodDelete, Path: version + "/delegationset/{Id}"},
	"GetReusableDelegationSetLimit": {Method: http.MethodGet,
		Path: version + "/reusabledelegationsetlimit/{DelegationSetId}/{Type}"},
	"CreateQueryLoggingConfig": {Method: http.MethodPost, Path: version + "/queryloggingconfig",
		Status: http.StatusCreated, Location: "Location"},
	"ListQueryLoggingConfigs": {Method: http.MethodGet, Path: version + "/queryloggingconfig", Query: map[string]string{
		"hostedzoneid": "HostedZoneId", "nexttoken": "NextToken", "maxresults": "MaxResults"}},
	"GetQueryLoggingConfig":    {Method: http.MethodGet, Path: version + "/queryloggingconfig/{Id}"},
	"DeleteQueryLoggingConfig": {Method: http.MethodDelete, Path: version + "/queryloggingconfig/{Id}"},
}

var vpcBindings = map[string]restxml.Binding{
	"CreateVPCAssociationAuthorization": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/authorizevpcassociation"},
	"DeleteVPCAssociationAuthorization": {Method: http.MethodPost,
		Path: version + "/hostedzone/{HostedZoneId}/deauthorizevpcassociation"},
	"ListVPCAssociationAuthorizations": {Method: http.MethodGet,
		Path:  version + "/hostedzone/{HostedZoneId}/authorizevpcassociation",
		Query: map[string]string{"nexttoken": "NextToken", "maxresults": "MaxResults"}},
	"ListHostedZonesByVPC": {Method: http.MethodGet, Path: version + "/hostedzonesbyvpc", Query: map[string]string{
		"vpcid": "VPCId", "vpcregion": "VPCRegion", "maxitems": "MaxItems", "nexttoken": "NextToken"}},
}

var dnssecBindings = map[string]restxml.Binding{
	"GetDNSSEC":               {Method: http.MethodGet, Path: version + "/hostedzone/{HostedZoneId}/dnssec"},
	"EnableHostedZoneDNSSEC":  {Method: http.MethodPost, Path: version + "/hostedzone/{HostedZoneId}/enable-dnssec"},
	"DisableHostedZoneDNSSEC": {Method: http.MethodPost, Path: version + "/hostedzone/{HostedZoneId}/disable-dnssec"},
	"CreateKeySigningKey": {Method: http.MethodPost, Path: version + "/keysigningkey",
		Status: http.StatusCreated, Location: "Location"},
	"ActivateKeySigningKey":   {Method: http.MethodPost, Path: version + "/keysigningkey/{HostedZoneId}/{Name}/activate"},
	"DeactivateKeySigningKey": {Method: http.MethodPost, Path: version + "/keysigningkey/{HostedZoneId}/{Name}/deactivate"},
	"DeleteKeySigningKey":     {Method: http.MethodDelete, Path: version + "/keysigningkey/{HostedZoneId}/{Name}"},
}

var cidrBindings = map[string]restxml.Binding{
	"CreateCidrCollection": {Method: http.MethodPost, Path: version + "/cidrcollection",
		Status: http.StatusCreated, Location: "Location"},
	"ListCidrCollections": {Method: http.MethodGet, Path: version + "/cidrcollection",
		Query: map[string]string{"nexttoken": "NextToken", "maxresults": "MaxResults"}},
	"ChangeCidrCollection": {Method: http.MethodPost, Path: version + "/cidrcollection/{Id}"},
	"DeleteCidrCollection": {Method: http.MethodDelete, Path: version + "/cidrcollection/{Id}"},
	"ListCidrLocations": {Method: http.MethodGet, Path: version + "/cidrcollection/{CollectionId}",
		Query: map[string]string{"nexttoken": "NextToken", "maxresults": "MaxResults"}},
	"ListCidrBlocks": {Method: http.MethodGet, Path: version + "/cidrcollection/{CollectionId}/cidrblocks",
		Query: map[string]string{"location": "LocationName", "nexttoken": "NextToken", "maxresults": "MaxResults"}},
}
