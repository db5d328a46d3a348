package route53

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func (s *Service) createHostedZone(_ context.Context, r *frame.Request, in *sdk.CreateHostedZoneInput,
) (*sdk.CreateHostedZoneOutput, error) {
	if err := validateCreateHostedZone(in); err != nil {
		return nil, err
	}
	name, err := zoneName(*in.Name, in.VPC != nil)
	if err != nil {
		return nil, err
	}
	account := r.Caller.Account
	if _, used := s.references[account][*in.CallerReference]; used {
		return nil, frame.StatusErrorf(http.StatusConflict, "HostedZoneAlreadyExists",
			"A hosted zone has already been created with the specified caller reference.")
	}
	if err := s.checkNewZone(account, name, in.VPC); err != nil {
		return nil, err
	}
	set, err := s.setForZone(r, name, in.DelegationSetId)
	if err != nil {
		return nil, err
	}
	z := &zone{
		id:              "Z" + s.env.Random.String(20, frame.UpperAlphanumeric),
		account:         account,
		name:            name,
		callerReference: *in.CallerReference,
		private:         in.VPC != nil,
		nameServers:     set.nameServers,
		delegationSet:   set.id,
		created:         s.env.Clock.Now().UTC(),
	}
	if in.HostedZoneConfig != nil {
		z.comment = in.HostedZoneConfig.Comment
	}
	if z.private {
		z.vpcs = []types.VPC{*in.VPC}
	}
	z.records = z.apexRecords()
	s.references.burn(account, z.callerReference, z.id)
	s.put(z)
	out := &sdk.CreateHostedZoneOutput{
		ChangeInfo: s.submit(account, nil),
		HostedZone: z.described(s.env.Clock.Now()),
		Location:   aws.String("https://route53.amazonaws.com" + version + "/hostedzone/" + z.id),
		VPC:        in.VPC,
	}
	if !z.private {
		out.DelegationSet = s.now().delegationSetOf(z)
	}
	return out, nil
}

// zoneName checks the name of a new zone and brings it into normal form.
func zoneName(given string, private bool) (string, error) {
	name, wrong := parseName(given)
	switch {
	case wrong != nil:
		return "", frame.Errorf("InvalidDomainName", "%s", wrong.with(given))
	case isWildcard(name):
		return "", frame.Errorf("InvalidDomainName",
			"The domain name %s is not valid: a hosted zone cannot start with an asterisk.", name)
	case strings.Count(name, ".") == 1 && !private:
		return "", frame.Errorf("InvalidDomainName",
			"The domain name %s is not valid: a hosted zone cannot be a top-level domain.", name)
	}
	return name, nil
}

func (s *Service) checkNewZone(account, name string, vpc *types.VPC) error {
	zones := s.now().zones
	owned := 0
	for _, z := range zones {
		if z.account == account {
			owned++
		}
	}
	if owned >= s.quotas.HostedZones {
		return frame.Errorf("TooManyHostedZones",
			"Limits Exceeded: MAX_HOSTED_ZONES_BY_OWNER - Cannot create more than %d hosted zones.", s.quotas.HostedZones)
	}
	if vpc == nil {
		return nil
	}
	if err := s.checkOwnVPC(account, vpc); err != nil {
		return err
	}
	return zones.conflict(name, vpc)
}

// newNameServers draws four name servers, one under each of Route 53's top-level
// domains.
func (s *Service) newNameServers() []string {
	servers := make([]string, 4)
	for i, tld := range []string{"com", "net", "org", "co.uk"} {
		servers[i] = fmt.Sprintf("ns-%d.awsdns-%02d.%s", i*512+s.env.Random.IntN(512), s.env.Random.IntN(64), tld)
	}
	return servers
}

// apexRecords are the NS and SOA records of a new zone.
func (z *zone) apexRecords() []record {
	servers := make([]types.ResourceRecord, len(z.nameServers))
	for i, server := range z.nameServers {
		servers[i].Value = aws.String(server + ".")
	}
	soa := z.nameServers[0] + ". awsdns-hostmaster.amazon.com. 1 7200 900 1209600 86400"
	sets := []*types.ResourceRecordSet{
		{Name: &z.name, Type: types.RRTypeNs, TTL: aws.Int64(172800), ResourceRecords: servers},
		{Name: &z.name, Type: types.RRTypeSoa, TTL: aws.Int64(900),
			ResourceRecords: []types.ResourceRecord{{Value: &soa}}},
	}
	records := make([]record, len(sets))
	for i, set := range sets {
		records[i] = record{keyOf(set), set}
	}
	return records
}

func (z *zone) described(now time.Time) *types.HostedZone {
	return &types.HostedZone{
		Id:                     aws.String("/hostedzone/" + z.id),
		Name:                   aws.String(z.name),
		CallerReference:        aws.String(z.callerReference),
		Config:                 &types.HostedZoneConfig{Comment: z.comment, PrivateZone: z.private},
		ResourceRecordSetCount: aws.Int64(int64(len(z.records))),
		Features:               z.recovery.described(now),
	}
}

func (s *Service) getHostedZone(_ context.Context, r *frame.Request, in *sdk.GetHostedZoneInput,
) (*sdk.GetHostedZoneOutput, error) {
	seen := s.view(r)
	z, err := seen.zones.find(r, in.Id)
	if err != nil {
		return nil, err
	}
	out := &sdk.GetHostedZoneOutput{HostedZone: z.described(s.env.Clock.Now())}
	if z.private {
		out.VPCs = z.vpcs
	} else {
		out.DelegationSet = seen.delegationSetOf(z)
	}
	return out, nil
}

func (s *Service) deleteHostedZone(_ context.Context, r *frame.Request, in *sdk.DeleteHostedZoneInput,
) (*sdk.DeleteHostedZoneOutput, error) {
	z, err := s.idle(r, in.Id)
	if err != nil {
		return nil, err
	}
	own := func(rec record) bool {
		return *rec.set.Name == z.name && (rec.set.Type == types.RRTypeNs || rec.set.Type == types.RRTypeSoa)
	}
	if slices.ContainsFunc(z.records, func(rec record) bool { return !own(rec) }) {
		return nil, frame.Errorf("HostedZoneNotEmpty",
			"The specified hosted zone contains non-required resource record sets and so cannot be deleted.")
	}
	if z.dnssec.status(s.env.Clock.Now()) != notSigning {
		return nil, frame.Errorf("HostedZoneNotEmpty",
			"The specified hosted zone has DNSSEC signing enabled and so cannot be deleted.")
	}
	next := s.now()
	next.zones = without(next.zones, z.id)
	for id, config := range next.logging {
		if config.Zone == z.id {
			next.logging = without(next.logging, id)
		}
	}
	s.publish(next)
	s.generation.Add(1)
	return &sdk.DeleteHostedZoneOutput{ChangeInfo: s.submit(z.account, nil)}, nil
}

func (s *Service) updateHostedZoneComment(_ context.Context, r *frame.Request, in *sdk.UpdateHostedZoneCommentInput,
) (*sdk.UpdateHostedZoneCommentOutput, error) {
	var broken frame.Violations
	broken.Length(in.Comment, "comment", 0, longestComment)
	if err := broken.Err(invalidInput); err != nil {
		return nil, err
	}
	z, err := s.idle(r, in.Id)
	if err != nil {
		return nil, err
	}
	changed := *z
	changed.comment = in.Comment
	s.put(&changed)
	return &sdk.UpdateHostedZoneCommentOutput{HostedZone: changed.described(s.env.Clock.Now())}, nil
}

func (s *Service) getChange(_ context.Context, r *frame.Request, in *sdk.GetChangeInput) (*sdk.GetChangeOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	id := bareID(aws.ToString(in.Id))
	found, ok := s.changes[id]
	if !ok || found.Account != r.Caller.Account {
		return nil, frame.StatusErrorf(http.StatusNotFound, "NoSuchChange", "A change with the specified change ID does not exist: %s", id)
	}
	now := s.env.Clock.Now()
	if r.Stale != nil {
		now = found.Submitted.Add(-1)
	}
	return &sdk.GetChangeOutput{ChangeInfo: found.info(now)}, nil
}
