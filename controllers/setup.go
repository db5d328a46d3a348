package controllers

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/controllers/autoscalinggroup"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
	"github.com/evenkeel/evenkeel/controllers/healthcheck"
	"github.com/evenkeel/evenkeel/controllers/hostedzone"
	"github.com/evenkeel/evenkeel/controllers/judge"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
	"github.com/evenkeel/evenkeel/controllers/loadbalancer"
	"github.com/evenkeel/evenkeel/controllers/recordset"
)

// +kubebuilder:rbac:groups="",resources=namespaces,resourceNames=kube-system,verbs=get

// Defaults of Options.
const (
	DefaultResyncPeriod      = 5 * time.Minute
	DefaultZoneBatchInterval = 500 * time.Millisecond
	DefaultChangePoll        = 500 * time.Millisecond
)

// zonePolls is how much rarer a new zone or load balancer is asked about than a change of records.
const zonePolls = 4

// Options are what the controllers need beside a manager and AWS.
type Options struct {
	// ClusterID marks, in AWS tags, what belongs to this cluster; the UID of the namespace kube-system when empty.
	ClusterID string
	// ResyncPeriod is how often AWS is compared with the spec when nothing happens; jittered by ±10 %.
	ResyncPeriod time.Duration
	// ZoneBatchInterval is how long record changes of a zone pile up after a change was accepted.
	ZoneBatchInterval time.Duration
	// ChangePoll is how soon a Route 53 change is first asked about, until experience tells.
	ChangePoll time.Duration
	// HealthCheckPace is the least time between two questions how a health check fares; AWS's own limit when zero.
	HealthCheckPace time.Duration
	// Resolver is the host:port of the DNS resolver that tells whether zones are delegated to; none when empty.
	Resolver string
	// Clock tells the time; the system's when nil.
	Clock clock.PassiveClock
}

// maxClusterID keeps the ownership tag within AWS's 256 characters.
const maxClusterID = 256

// Validate reports options that cannot work.
func (o Options) Validate() error {
	var errs []error
	if o.ResyncPeriod < time.Second {
		errs = append(errs, fmt.Errorf("--resync-period must be at least 1s, got %s", o.ResyncPeriod))
	}
	if o.ZoneBatchInterval < 0 || o.ZoneBatchInterval > time.Minute {
		errs = append(errs, fmt.Errorf("--zone-batch-interval must be between 0 and 1m, got %s", o.ZoneBatchInterval))
	}
	if o.ChangePoll <= 0 || o.ChangePoll > time.Minute {
		errs = append(errs, fmt.Errorf("--change-poll-interval must be above 0 and at most 1m, got %s", o.ChangePoll))
	}
	if _, _, err := net.SplitHostPort(o.Resolver); o.Resolver != "" && err != nil {
		errs = append(errs, fmt.Errorf("--resolver must be host:port: %w", err))
	}
	if len(o.ClusterID) > maxClusterID {
		errs = append(errs, fmt.Errorf("--cluster-id must have at most %d characters, got %d", maxClusterID, len(o.ClusterID)))
	}
	return errors.Join(errs...)
}

// Setup adds the controllers of all kinds to a manager.
func Setup(ctx context.Context, mgr ctrl.Manager, clients *awsclient.Clients, o Options) error {
	if o.Clock == nil {
		o.Clock = clock.RealClock{}
	}
	if o.HealthCheckPace == 0 {
		o.HealthCheckPace = healthcheck.DefaultPace
	}
	if o.ClusterID == "" {
		var err error
		if o.ClusterID, err = clusterID(ctx, mgr.GetAPIReader()); err != nil {
			return err
		}
	}
	shared := lifecycle.Options{
		Client: mgr.GetClient(),
		Writer: lifecycle.NewWriter(mgr.GetClient(), mgr.GetEventRecorder("evenkeel")),
		Judge:  judge.Outcome,
		Resync: o.ResyncPeriod,
	}
	zones := hostedzone.Options{Options: shared, Clients: clients, ClusterID: o.ClusterID, Poll: zonePolls * o.ChangePoll, Clock: o.Clock, Resolver: o.Resolver}
	if err := hostedzone.SetupWithManager(ctx, mgr, zones); err != nil {
		return fmt.Errorf("setting up the HostedZone controller: %w", err)
	}
	records := recordset.New(recordset.Options{
		Options: shared, Route53: clients.Route53, Reserve: clients.ReserveChanges, Clock: o.Clock, BatchInterval: o.ZoneBatchInterval, FirstPoll: o.ChangePoll,
	})
	if err := records.SetupWithManager(ctx, mgr); err != nil {
		return fmt.Errorf("setting up the RecordSet controller: %w", err)
	}
	checks := healthcheck.Options{Options: shared, Route53: clients.Route53, Clock: o.Clock, ClusterID: o.ClusterID, Pace: o.HealthCheckPace}
	if err := healthcheck.SetupWithManager(mgr, checks); err != nil {
		return fmt.Errorf("setting up the controller of health checks: %w", err)
	}
	balancers := loadbalancer.Options{Options: shared, Clients: clients, ClusterID: o.ClusterID, Poll: zonePolls * o.ChangePoll, Clock: o.Clock}
	if err := loadbalancer.SetupWithManager(ctx, mgr, balancers); err != nil {
		return fmt.Errorf("setting up the LoadBalancer controller: %w", err)
	}
	groups := autoscalinggroup.Options{Options: shared, Clients: clients, ClusterID: o.ClusterID, Poll: zonePolls * o.ChangePoll, Clock: o.Clock}
	if err := autoscalinggroup.SetupWithManager(ctx, mgr, groups); err != nil {
		return fmt.Errorf("setting up the AutoScalingGroup controller: %w", err)
	}
	return mgr.Add(introduction{clients})
}

// clusterID is the default cluster id: what lives exactly as long as the cluster.
func clusterID(ctx context.Context, reader client.Reader) (string, error) {
	var namespace corev1.Namespace
	if err := reader.Get(ctx, types.NamespacedName{Name: "kube-system"}, &namespace); err != nil {
		return "", fmt.Errorf("reading the namespace kube-system for the cluster id (or give --cluster-id): %w", err)
	}
	return string(namespace.UID), nil
}

// introduction asks AWS once who we are. A failure is told and no more: each object will tell it too, and it may pass.
type introduction struct{ clients *awsclient.Clients }

// Start implements manager.Runnable.
func (i introduction) Start(ctx context.Context) error {
	account, arn, err := i.clients.Identity(ctx)
	if err != nil {
		ctrl.Log.Error(err, "AWS does not know these credentials, or cannot be reached")
		return nil
	}
	ctrl.Log.Info("Working in AWS", "account", account, "as", arn, "region", i.clients.Region)
	return nil
}

// CacheOptions are the manager's cache options: the namespaces to watch, all when there are none, and objects without
// what no controller reads, so that 10,000 of them stay small.
func CacheOptions(namespaces []string) cache.Options {
	options := cache.Options{DefaultTransform: strip}
	for _, namespace := range namespaces {
		if options.DefaultNamespaces == nil {
			options.DefaultNamespaces = map[string]cache.Config{}
		}
		options.DefaultNamespaces[namespace] = cache.Config{}
	}
	return options
}

func strip(obj any) (any, error) {
	if o, ok := obj.(client.Object); ok {
		o.SetManagedFields(nil)
		// Of ConfigMaps and Secrets only that they change matters; the labels of namespaces do.
		if metadata, ok := obj.(*metav1.PartialObjectMetadata); ok && metadata.Namespace != "" {
			metadata.Labels, metadata.Annotations, metadata.OwnerReferences = nil, nil, nil
		}
		if annotations := o.GetAnnotations(); annotations != nil {
			delete(annotations, corev1.LastAppliedConfigAnnotation)
		}
	}
	return obj, nil
}

// ParseNamespaces reads a comma-separated list of namespaces.
func ParseNamespaces(text string) ([]string, error) {
	var namespaces []string
	for name := range strings.SplitSeq(text, ",") {
		name = strings.TrimSpace(name)
		if problems := validation.IsDNS1123Label(name); len(problems) > 0 {
			return nil, fmt.Errorf("%q is no name of a namespace: %s", name, strings.Join(problems, "; "))
		}
		namespaces = append(namespaces, name)
	}
	return namespaces, nil
}
