// Package sts simulates AWS Security Token Service as far as an SDK client
// needs it: GetCallerIdentity and AssumeRole. A role of another account gives
// credentials that live in that account.
package sts

import (
	"context"
	"encoding/json"
	"regexp"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
	"github.com/evenkeel/evenkeel/hack/awssim/query"
)

// Service is the simulated STS. The sessions it issues are in the environment,
// where the server looks up who calls.
type Service struct {
	env *frame.Environment
}

// New makes the service.
func New(env *frame.Environment) *Service { return &Service{env: env} }

// Definition tells the server how to serve STS; its rates are not published.
func (s *Service) Definition() frame.Definition {
	return frame.Definition{
		Name: "sts",
		Protocol: query.New("https://sts.amazonaws.com/doc/2011-06-15/", "2011-06-15",
			"GetCallerIdentity", "AssumeRole"),
		Global: true,
		Rates:  frame.Rates{Code: "Throttling"},
		Operations: []frame.Operation{
			frame.Op("GetCallerIdentity", s.getCallerIdentity),
			frame.Op("AssumeRole", s.assumeRole),
		},
	}
}

// Reset forgets all sessions.
func (s *Service) Reset() { s.env.Identities.Replace(nil) }

// State lists the sessions.
func (s *Service) State() any { return state{Sessions: s.env.Identities.Sessions()} }

// Load replaces the sessions.
func (s *Service) Load(raw json.RawMessage) error {
	var loaded state
	if err := frame.StrictJSON(raw, &loaded); err != nil {
		return err
	}
	s.env.Identities.Replace(loaded.Sessions)
	return nil
}

// KeepHistory does nothing: no operation here reads what another one wrote.
func (s *Service) KeepHistory(bool) {}

type state struct {
	Sessions []frame.Session
}

func (s *Service) getCallerIdentity(_ context.Context, r *frame.Request, _ *sdk.GetCallerIdentityInput,
) (*sdk.GetCallerIdentityOutput, error) {
	return &sdk.GetCallerIdentityOutput{
		Account: aws.String(r.Caller.Account),
		UserId:  aws.String(r.Caller.UserID),
		Arn:     aws.String(r.Caller.ARN),
	}, nil
}

var roleARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}):role/(?:.*/)?([\w+=,.@-]{1,64})$`)

func (s *Service) assumeRole(_ context.Context, r *frame.Request, in *sdk.AssumeRoleInput,
) (*sdk.AssumeRoleOutput, error) {
	if err := validateAssumeRole(in); err != nil {
		return nil, err
	}
	role := roleARN.FindStringSubmatch(*in.RoleArn)
	if role == nil {
		return nil, frame.Errorf("ValidationError", "%s is invalid", *in.RoleArn)
	}
	lifetime := time.Hour
	if in.DurationSeconds != nil {
		lifetime = time.Duration(*in.DurationSeconds) * time.Second
	}
	if r.Caller.Session && lifetime > time.Hour {
		return nil, frame.Errorf("ValidationError", "The requested DurationSeconds exceeds the 1 hour "+
			"session limit for roles assumed by role chaining")
	}
	session := s.issue(role[1], role[2], *in.RoleSessionName, lifetime)
	return &sdk.AssumeRoleOutput{
		AssumedRoleUser: &types.AssumedRoleUser{
			Arn:           aws.String(session.ARN),
			AssumedRoleId: aws.String(session.UserID),
		},
		Credentials: &types.Credentials{
			AccessKeyId:     aws.String(session.AccessKeyID),
			SecretAccessKey: aws.String(s.env.Random.String(40, secretAlphabet)),
			SessionToken:    aws.String(s.env.Random.String(200, secretAlphabet)),
			Expiration:      aws.Time(session.Expiration),
		},
		SourceIdentity: in.SourceIdentity,
	}, nil
}

const secretAlphabet = frame.UpperAlphanumeric + "abcdefghijklmnopqrstuvwxyz"

func (s *Service) issue(account, role, name string, lifetime time.Duration) frame.Session {
	session := frame.Session{
		AccessKeyID: "ASIA" + s.env.Random.String(16, frame.UpperAlphanumeric),
		Account:     account,
		UserID:      "AROA" + roleID(account, role) + ":" + name,
		ARN:         "arn:aws:sts::" + account + ":assumed-role/" + role + "/" + name,
		Expiration:  s.env.Clock.Now().Add(lifetime).UTC().Truncate(time.Second),
	}
	s.env.Identities.Add(session)
	s.env.Changed()
	return session
}

// roleID is a role's unique id; the simulated one depends on nothing but its
// account and name, since roles are not created here.
func roleID(account, role string) string {
	id := []byte(strings.Repeat("A", 16))
	for i, b := range []byte(account + role) {
		at := i % len(id)
		id[at] = frame.UpperAlphanumeric[(int(id[at])+int(b)+i)%len(frame.UpperAlphanumeric)]
	}
	return string(id)
}
