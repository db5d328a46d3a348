package testenv

import (
	"context"
	"fmt"
	"net"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	corev1 "k8s.io/api/core/v1"
	eventsv1 "k8s.io/api/events/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Story is the world of one story: a namespace of its own, an AWS with nothing in it, and a user.
type Story struct {
	*Environment
	Namespace string
	// Route53 and the other clients are the hand of others: what they do is not the controllers' doing.
	Route53     *route53.Client
	ELBV2       *elasticloadbalancingv2.Client
	EC2         *ec2.Client
	ACM         *acm.Client
	AutoScaling *autoscaling.Client
	SNS         *sns.Client
	CloudWatch  *cloudwatch.Client

	// namespaces are the story's own. Other stories may run beside this one.
	namespaces []string
	managers   []*Manager
	clock      *shiftedClock
	// dns answers for the story's names, in stories with traffic.
	dns   *net.Resolver
	looks int
}

// Begin prepares a world for a story, and takes it down when the story ends. Call it from BeforeEach.
func (e *Environment) Begin(ctx context.Context, s *Story) {
	GinkgoHelper()
	e.Sim.SetHook(nil)
	e.Sim.Reset()
	others := aws.Config{Region: "us-east-1", BaseEndpoint: &e.front.URL, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIASOMEBODYELSE", SecretAccessKey: "secret"}, nil
	})}
	*s = Story{Environment: e, Route53: route53.NewFromConfig(others), ELBV2: elasticloadbalancingv2.NewFromConfig(others), EC2: ec2.NewFromConfig(others),
		ACM: acm.NewFromConfig(others), AutoScaling: autoscaling.NewFromConfig(others), CloudWatch: cloudwatch.NewFromConfig(others), SNS: sns.NewFromConfig(others)}
	s.clock = &shiftedClock{}
	s.linter.begin()
	s.Namespace = s.NewNamespace(ctx)
	DeferCleanup(s.end)
}

// NewNamespace gives the story one more namespace, which managers that begin after it watch too.
func (s *Story) NewNamespace(ctx context.Context) string {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "story-"}}
	Expect(s.Client.Create(ctx, namespace)).To(Succeed())
	s.namespaces = append(s.namespaces, namespace.Name)
	s.linter.heed(namespace.Name)
	return namespace.Name
}

// removeNamespace does what a namespace's controller does, which this control plane has not. Every manager of every later
// story would be told of the namespaces of all stories before it.
func (s *Story) removeNamespace(ctx context.Context, name string) {
	GinkgoHelper()
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
	Expect(s.Client.Delete(ctx, namespace)).To(Succeed())
	Expect(s.Client.Get(ctx, client.ObjectKeyFromObject(namespace), namespace)).To(Succeed())
	namespace.Spec.Finalizers = nil
	Expect(s.Client.SubResource("finalize").Update(ctx, namespace)).To(Succeed())
}

// end stops what runs, checks what was seen of statuses and removes all objects.
func (s *Story) end(ctx context.Context) {
	s.Sim.SetHook(nil)
	s.StopManagers()
	for _, obj := range s.Objects(ctx) {
		s.Vanish(ctx, obj)
	}
	for _, namespace := range s.namespaces {
		s.removeNamespace(ctx, namespace)
	}
	Expect(s.linter.violations()).To(BeEmpty(), "statuses that tools would misread")
}

// StopManagers ends all managers gracefully.
func (s *Story) StopManagers() {
	GinkgoHelper()
	for _, m := range s.managers {
		m.Stop()
	}
}

// Objects are all Evenkeel objects of the story.
func (s *Story) Objects(ctx context.Context) []lifecycle.Object {
	GinkgoHelper()
	var objects []lifecycle.Object
	for _, namespace := range s.namespaces {
		var zones v1alpha1.HostedZoneList
		var records v1alpha1.RecordSetList
		var balancers v1alpha1.LoadBalancerList
		var groups v1alpha1.AutoScalingGroupList
		Expect(s.Client.List(ctx, &zones, client.InNamespace(namespace))).To(Succeed())
		Expect(s.Client.List(ctx, &records, client.InNamespace(namespace))).To(Succeed())
		Expect(s.Client.List(ctx, &balancers, client.InNamespace(namespace))).To(Succeed())
		Expect(s.Client.List(ctx, &groups, client.InNamespace(namespace))).To(Succeed())
		for i := range zones.Items {
			objects = append(objects, &zones.Items[i])
		}
		for i := range records.Items {
			objects = append(objects, &records.Items[i])
		}
		for i := range balancers.Items {
			objects = append(objects, &balancers.Items[i])
		}
		for i := range groups.Items {
			objects = append(objects, &groups.Items[i])
		}
	}
	return objects
}

// Create applies new objects, in order, to the story's namespace unless they name another.
func (s *Story) Create(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		s.place(obj)
		Expect(s.Client.Create(ctx, obj)).To(Succeed())
	}
}

func (s *Story) place(obj client.Object) {
	if obj.GetNamespace() == "" {
		obj.SetNamespace(s.Namespace)
	}
}

// Edit changes an object as `kubectl edit` does.
func Edit[T client.Object](ctx context.Context, s *Story, obj T, change func(T)) {
	GinkgoHelper()
	live := Get(ctx, s, obj)
	base := live.DeepCopyObject().(client.Object)
	change(live)
	Expect(s.Client.Patch(ctx, live, client.MergeFrom(base))).To(Succeed())
}

// Get reads an object as it is now.
func Get[T client.Object](ctx context.Context, s *Story, obj T) T {
	GinkgoHelper()
	live, err := Live(ctx, s, obj)()
	Expect(err).NotTo(HaveOccurred())
	return live
}

// Live reads an object whenever it is called, for Eventually and Consistently.
func Live[T client.Object](ctx context.Context, s *Story, obj T) func() (T, error) {
	return func() (T, error) {
		live := obj.DeepCopyObject().(T)
		err := s.Client.Get(ctx, client.ObjectKeyFromObject(obj), live)
		return live, err
	}
}

// Delete deletes objects and does not wait.
func (s *Story) Delete(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		Expect(s.Client.Delete(ctx, obj)).To(Succeed())
	}
}

// Vanish removes an object and its finalizers, as when its cluster is lost: no controller is asked.
func (s *Story) Vanish(ctx context.Context, obj client.Object) {
	GinkgoHelper()
	Expect(client.IgnoreNotFound(s.Client.Delete(ctx, obj))).To(Succeed())
	bare := client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"finalizers":null}}`))
	Expect(client.IgnoreNotFound(s.Client.Patch(ctx, obj.DeepCopyObject().(client.Object), bare))).To(Succeed())
}

// ExpectGone waits until objects are gone.
func (s *Story) ExpectGone(ctx context.Context, objects ...client.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		Eventually(func() bool {
			return apierrors.IsNotFound(s.Client.Get(ctx, client.ObjectKeyFromObject(obj), obj.DeepCopyObject().(client.Object)))
		}).Should(BeTrue(), "%T %s is still there: %s", obj, obj.GetName(), describe(ctx, s, obj))
	}
}

// ExpectReady waits until objects are Ready for their present spec.
func (s *Story) ExpectReady(ctx context.Context, objects ...lifecycle.Object) {
	GinkgoHelper()
	for _, obj := range objects {
		Eventually(Live(ctx, s, obj)).Should(BeReady())
	}
}

// EventsOf lists the events told about an object, as "reason: note".
func (s *Story) EventsOf(ctx context.Context, obj client.Object) func() ([]string, error) {
	return func() ([]string, error) {
		var found eventsv1.EventList
		if err := s.Client.List(ctx, &found, client.InNamespace(obj.GetNamespace())); err != nil {
			return nil, err
		}
		var told []string
		for i := range found.Items {
			if found.Items[i].Regarding.UID == obj.GetUID() {
				told = append(told, found.Items[i].Reason+": "+found.Items[i].Note)
			}
		}
		slices.Sort(told)
		return told, nil
	}
}

func describe(ctx context.Context, s *Story, obj client.Object) string {
	live, err := Live(ctx, s, obj)()
	if err != nil {
		return err.Error()
	}
	kind, ok := live.(lifecycle.Object)
	if !ok {
		return ""
	}
	return describeConditions(kind)
}

func describeConditions(obj lifecycle.Object) string {
	status := obj.CommonStatus()
	lines := []string{fmt.Sprintf("%T %s/%s generation %d, observed %d", obj, obj.GetNamespace(), obj.GetName(), obj.GetGeneration(), status.ObservedGeneration)}
	for _, c := range status.Conditions {
		lines = append(lines, fmt.Sprintf("  %s=%s %s (generation %d): %s", c.Type, c.Status, c.Reason, c.ObservedGeneration, c.Message))
	}
	return strings.Join(lines, "\n")
}
