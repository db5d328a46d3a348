package route53

import (
	"context"
	"net/http"
	"reflect"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"

	"github.com/evenkeel/evenkeel/hack/awssim/checkers"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// healthCheck is one state of a health check. It is not written to.
type healthCheck struct {
	id, account, callerReference string
	version                      int64
	config                       types.HealthCheckConfig
	// asked is the configuration it was created with, to tell the same
	// request from another one.
	asked   types.HealthCheckConfig
	tags    frame.Tags
	created time.Time
}

func (h *healthCheck) identity() (account, id string) { return h.account, h.id }

func (h *healthCheck) described() *types.HealthCheck {
	config := h.config
	return &types.HealthCheck{
		Id:                 aws.String(h.id),
		CallerReference:    aws.String(h.callerReference),
		HealthCheckConfig:  &config,
		HealthCheckVersion: aws.Int64(h.version),
	}
}

func (c content) check(r *frame.Request, id *string) (*healthCheck, error) {
	if found, ok := own(c.checks, r, id); ok {
		return found, nil
	}
	return nil, noSuchHealthCheck(aws.ToString(id))
}

func (s *Service) createHealthCheck(_ context.Context, r *frame.Request, in *sdk.CreateHealthCheckInput,
) (*sdk.CreateHealthCheckOutput, error) {
	if err := validateCreateHealthCheck(in); err != nil {
		return nil, err
	}
	account, next := r.Caller.Account, s.now()
	config := normalCheck(in.HealthCheckConfig)
	if id, used := s.checkReferences[account][*in.CallerReference]; used {
		former, exists := next.checks[id]
		if exists && reflect.DeepEqual(former.asked, config) {
			return created(former), nil
		}
		return nil, frame.StatusErrorf(http.StatusConflict, "HealthCheckAlreadyExists",
			"The health check you're attempting to create already exists: a health check with the caller reference %s "+
				"has other settings or was deleted.", *in.CallerReference)
	}
	if err := next.checkChildren(account, config.ChildHealthChecks); err != nil {
		return nil, err
	}
	if len(ownedBy(next.checks, account)) >= s.quotas.HealthChecks {
		return nil, frame.Errorf("TooManyHealthChecks",
			"This health check can't be created because the current account has reached the limit on the number of active health checks, %d.",
			s.quotas.HealthChecks)
	}
	made := &healthCheck{
		id: s.env.Random.RequestID(), account: account, callerReference: *in.CallerReference,
		version: 1, config: config, asked: config, created: s.env.Clock.Now().UTC(),
	}
	s.checkReferences.burn(account, made.callerReference, made.id)
	next.checks = with(next.checks, made.id, made)
	s.publish(next)
	s.watch(made)
	return created(made), nil
}

func created(h *healthCheck) *sdk.CreateHealthCheckOutput {
	return &sdk.CreateHealthCheckOutput{
		HealthCheck: h.described(),
		Location:    aws.String("https://route53.amazonaws.com" + version + "/healthcheck/" + h.id),
	}
}

// watch lets the checkers begin to probe, or go on with other settings.
func (s *Service) watch(h *healthCheck) {
	if isEndpoint(h.config.Type) {
		s.fleet.Set(h.id, h.config)
	}
}

func (s *Service) getHealthCheck(_ context.Context, r *frame.Request, in *sdk.GetHealthCheckInput,
) (*sdk.GetHealthCheckOutput, error) {
	found, err := s.view(r).check(r, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	return &sdk.GetHealthCheckOutput{HealthCheck: found.described()}, nil
}

func (s *Service) getHealthCheckCount(_ context.Context, r *frame.Request, _ *sdk.GetHealthCheckCountInput,
) (*sdk.GetHealthCheckCountOutput, error) {
	return &sdk.GetHealthCheckCountOutput{
		HealthCheckCount: aws.Int64(int64(len(ownedBy(s.view(r).checks, r.Caller.Account)))),
	}, nil
}

func (s *Service) listHealthChecks(_ context.Context, r *frame.Request, in *sdk.ListHealthChecksInput,
) (*sdk.ListHealthChecksOutput, error) {
	size, err := pageSize(in.MaxItems, itemsPerPage, itemsPerPage)
	if err != nil {
		return nil, err
	}
	marker := aws.ToString(in.Marker)
	checks := slices.DeleteFunc(ownedBy(s.view(r).checks, r.Caller.Account), func(h *healthCheck) bool { return h.id < marker })
	page, next := frame.Page(checks, size)
	out := &sdk.ListHealthChecksOutput{
		HealthChecks: []types.HealthCheck{},
		IsTruncated:  next != nil,
		Marker:       &marker,
		MaxItems:     aws.Int32(int32(size)),
	}
	for _, h := range page {
		out.HealthChecks = append(out.HealthChecks, *h.described())
	}
	if next != nil {
		out.NextMarker = aws.String((*next).id)
	}
	return out, nil
}

func (s *Service) updateHealthCheck(_ context.Context, r *frame.Request, in *sdk.UpdateHealthCheckInput,
) (*sdk.UpdateHealthCheckOutput, error) {
	if err := validateUpdateHealthCheck(in); err != nil {
		return nil, err
	}
	next := s.now()
	found, err := next.check(r, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	if in.HealthCheckVersion != nil && *in.HealthCheckVersion != found.version {
		return nil, frame.StatusErrorf(http.StatusConflict, "HealthCheckVersionMismatch",
			"The value of HealthCheckVersion in the request, %d, doesn't match the value of HealthCheckVersion in the health check, %d.",
			*in.HealthCheckVersion, found.version)
	}
	config, err := updated(found.config, in)
	if err != nil {
		return nil, err
	}
	if err := next.checkChildren(found.account, config.ChildHealthChecks); err != nil {
		return nil, err
	}
	changed := *found
	changed.config = config
	changed.version++
	next.checks = with(next.checks, changed.id, &changed)
	s.publish(next)
	s.watch(&changed)
	return &sdk.UpdateHealthCheckOutput{HealthCheck: changed.described()}, nil
}

// deleteHealthCheck deletes even what records and other checks still name.
func (s *Service) deleteHealthCheck(_ context.Context, r *frame.Request, in *sdk.DeleteHealthCheckInput,
) (*sdk.DeleteHealthCheckOutput, error) {
	next := s.now()
	found, err := next.check(r, in.HealthCheckId)
	if err != nil {
		return nil, err
	}
	next.checks = without(next.checks, found.id)
	next.states = without(next.states, found.id)
	s.publish(next)
	s.fleet.Remove(found.id)
	return &sdk.DeleteHealthCheckOutput{}, nil
}

func (s *Service) getCheckerIPRanges(context.Context, *frame.Request, *sdk.GetCheckerIpRangesInput,
) (*sdk.GetCheckerIpRangesOutput, error) {
	return &sdk.GetCheckerIpRangesOutput{CheckerIpRanges: checkers.IPRanges()}, nil
}
