package autoscaling_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling/types"
	"github.com/aws/smithy-go"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/autoscaling"
	"github.com/evenkeel/evenkeel/hack/awssim/codectest"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func TestAutoScaling(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "EC2 Auto Scaling")
}

// sim is the service on a manual clock with a real client in front of it.
type sim struct {
	*autoscaling.Service
	*sdk.Client
	clock *frame.ManualClock
	env   *frame.Environment
	world *world
}

func start(quotas autoscaling.Quotas) *sim {
	GinkgoHelper()
	clock := frame.NewManualClock(time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC))
	s := &sim{clock: clock, world: newWorld()}
	s.world.now = clock.Now
	s.env = &frame.Environment{
		Clock: clock, Timing: frame.Fast(), Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock),
		VPCs: frame.NewVPCs(), Endpoints: frame.NewEndpoints(nil), Changed: func() {},
	}
	s.Service = autoscaling.New(s.env, quotas, s.world.needs())
	DeferCleanup(s.Close)
	s.Client = clientOf(http.HandlerFunc(s.serve))
	return s
}

// clientOf is a real client whose requests go to a handler.
func clientOf(handler http.Handler) *sdk.Client {
	return sdk.New(sdk.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), Retryer: aws.NopRetryer{}, HTTPClient: codectest.Direct{Handler: handler},
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	})
}

// serve does what the server does around a service, without limits and faults.
func (s *sim) serve(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	definition := s.Definition()
	request := &frame.Request{ID: "request", Service: definition.Name, Region: "us-east-1", HTTP: r, Body: body}
	request.Caller, _ = s.env.Identities.Caller("AKIATEST")
	response, err := func() (frame.Response, error) {
		name, err := definition.Protocol.Route(request)
		if err != nil {
			return frame.Response{}, err
		}
		request.Operation = name
		operation := definition.Operations[slices.IndexFunc(definition.Operations, func(o frame.Operation) bool { return o.Name == name })]
		in := operation.NewInput()
		if err := definition.Protocol.Decode(request, in); err != nil {
			return frame.Response{}, err
		}
		out, err := operation.Handle(r.Context(), request, in)
		if err != nil {
			return frame.Response{}, err
		}
		return definition.Protocol.Encode(request, out)
	}()
	if err != nil {
		response = definition.Protocol.EncodeError(request.ID, frame.AsError(err))
	}
	w.WriteHeader(response.Status)
	_, _ = w.Write(response.Body)
}

// problem is the code and the message of an AWS error, or says what came instead.
func problem(err error) string {
	var api smithy.APIError
	switch {
	case err == nil:
		return "no error"
	case errors.As(err, &api):
		return api.ErrorCode() + ": " + api.ErrorMessage()
	}
	return err.Error()
}

// must gives what a call that cannot fail gives.
func must[T any](out T, err error) T {
	GinkgoHelper()
	Expect(err).NotTo(HaveOccurred())
	return out
}

func version(v string) *types.LaunchTemplateSpecification {
	return &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String("web"), Version: &v}
}

// create makes a group of up to ten instances in three zones, changed by what is given.
func (s *sim) create(ctx context.Context, name string, desired int32, with ...func(*sdk.CreateAutoScalingGroupInput)) error {
	in := &sdk.CreateAutoScalingGroupInput{
		AutoScalingGroupName: &name, MinSize: aws.Int32(0), MaxSize: aws.Int32(10), DesiredCapacity: &desired,
		LaunchTemplate: version("1"), VPCZoneIdentifier: aws.String("subnet-a,subnet-b,subnet-c"),
	}
	for _, f := range with {
		f(in)
	}
	_, err := s.CreateAutoScalingGroup(ctx, in)
	return err
}

// group is the group web, which must be there.
func (s *sim) group(ctx context.Context) types.AutoScalingGroup {
	GinkgoHelper()
	found := must(s.DescribeAutoScalingGroups(ctx, &sdk.DescribeAutoScalingGroupsInput{AutoScalingGroupNames: []string{"web"}})).AutoScalingGroups
	Expect(found).To(HaveLen(1))
	return found[0]
}

// states are the lifecycle states of the group's instances, in order.
func (s *sim) states(ctx context.Context) []string {
	GinkgoHelper()
	found := []string{}
	for _, one := range s.group(ctx).Instances {
		found = append(found, string(one.LifecycleState))
	}
	slices.Sort(found)
	return found
}

func (s *sim) activities(ctx context.Context) []types.Activity {
	GinkgoHelper()
	return must(s.DescribeScalingActivities(ctx, &sdk.DescribeScalingActivitiesInput{AutoScalingGroupName: aws.String("web")})).Activities
}

// pass lets a second go by: with fast timing everything settles in it.
func (s *sim) pass() { s.clock.Advance(time.Second) }

// count tells how many of some words are there.
func count(all []string, word string) int { return strings.Count(strings.Join(all, " ")+" ", word+" ") }

var web = aws.String("web")
