package route53

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// The bounds of one ChangeResourceRecordSets request; an UPSERT counts twice.
const (
	mostValues     = 1000
	mostCharacters = 32000
)

// changeResourceRecordSets applies a whole batch or nothing of it.
func (s *Service) changeResourceRecordSets(_ context.Context, r *frame.Request, in *sdk.ChangeResourceRecordSetsInput,
) (*sdk.ChangeResourceRecordSetsOutput, error) {
	if err := validateBatch(in); err != nil {
		return nil, err
	}
	z, err := s.idle(r, in.HostedZoneId)
	if err != nil {
		return nil, err
	}
	for _, c := range in.ChangeBatch.Changes {
		if err := s.unknownReference(r.Caller.Account, c); err != nil {
			return nil, err
		}
	}
	if wrong := sizeProblems(in.ChangeBatch.Changes); len(wrong) > 0 {
		return nil, invalidChangeBatch(wrong)
	}
	tried := newBatch(z, s.quotas, s.now())
	for _, c := range in.ChangeBatch.Changes {
		tried.try(c)
	}
	if wrong := tried.problems(); len(wrong) > 0 {
		return nil, invalidChangeBatch(wrong)
	}
	changed := *z
	changed.records = tried.merged()
	changed.busyUntil = s.busy()
	s.put(&changed)
	return &sdk.ChangeResourceRecordSetsOutput{ChangeInfo: s.submit(z.account, in.ChangeBatch.Comment)}, nil
}

// unknownReference refuses what names a resource that does not exist: traffic
// policy instances are not simulated, so all are unknown. A record set whose
// health check is gone can still be deleted.
func (s *Service) unknownReference(account string, c types.Change) error {
	set := c.ResourceRecordSet
	if set.HealthCheckId != nil && c.Action != types.ChangeActionDelete {
		if check, ok := s.now().checks[*set.HealthCheckId]; !ok || check.account != account {
			return noSuchHealthCheck(*set.HealthCheckId)
		}
	}
	if set.TrafficPolicyInstanceId != nil {
		return frame.StatusErrorf(http.StatusNotFound, "NoSuchTrafficPolicyInstance",
			"No traffic policy instance exists with the specified ID: %s", *set.TrafficPolicyInstanceId)
	}
	return nil
}

func noSuchHealthCheck(id string) error {
	return frame.StatusErrorf(http.StatusNotFound, "NoSuchHealthCheck",
		"No health check exists with the specified ID: %s", id)
}

// invalidChangeBatch puts all messages into one, as Route 53 does.
func invalidChangeBatch(messages []string) error {
	return frame.Errorf("InvalidChangeBatch", "[%s]", strings.Join(messages, ", "))
}

func sizeProblems(changes []types.Change) []string {
	values, characters := 0, 0
	for _, c := range changes {
		weight := 1
		if c.Action == types.ChangeActionUpsert {
			weight = 2
		}
		if c.ResourceRecordSet.AliasTarget != nil {
			values += weight
		}
		for _, value := range c.ResourceRecordSet.ResourceRecords {
			values += weight
			characters += weight * utf8.RuneCountInString(*value.Value)
		}
	}
	var wrong []string
	if values > mostValues {
		wrong = append(wrong, "Number of records limit of 1000 exceeded.")
	}
	if characters > mostCharacters {
		wrong = append(wrong, "Number of characters limit of 32000 exceeded.")
	}
	return wrong
}

// normalSet is a record set as it is stored: names in normal form, ids bare.
// Values stay as they were written.
func normalSet(given *types.ResourceRecordSet, name string) *types.ResourceRecordSet {
	set := *given
	set.Name = &name
	if !aws.ToBool(set.MultiValueAnswer) {
		set.MultiValueAnswer = nil
	}
	if given.AliasTarget != nil {
		alias := *given.AliasTarget
		alias.HostedZoneId = aws.String(bareID(*alias.HostedZoneId))
		if target, ok := NormalName(*alias.DNSName); ok {
			alias.DNSName = &target
		}
		set.AliasTarget = &alias
	}
	if geo := given.GeoLocation; geo != nil {
		place := types.GeoLocation{}
		for _, code := range []struct{ from, to **string }{
			{&geo.ContinentCode, &place.ContinentCode},
			{&geo.CountryCode, &place.CountryCode},
			{&geo.SubdivisionCode, &place.SubdivisionCode},
		} {
			if aws.ToString(*code.from) != "" {
				*code.to = *code.from
			}
		}
		set.GeoLocation = &place
	}
	return &set
}

// sameContent tells whether a DELETE repeats a record set exactly; the order of
// values means nothing.
func sameContent(a, b *types.ResourceRecordSet) bool {
	return reflect.DeepEqual(withSortedValues(a), withSortedValues(b))
}

func withSortedValues(set *types.ResourceRecordSet) *types.ResourceRecordSet {
	sorted := *set
	sorted.ResourceRecords = slices.Clone(set.ResourceRecords)
	slices.SortFunc(sorted.ResourceRecords, func(a, b types.ResourceRecord) int {
		return strings.Compare(aws.ToString(a.Value), aws.ToString(b.Value))
	})
	return &sorted
}
