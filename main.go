// Command manager runs Evenkeel's controllers: it keeps Route 53 as the HostedZones and RecordSets of a cluster declare.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"runtime/debug"

	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/utils/clock"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers"
	"github.com/evenkeel/evenkeel/controllers/awsclient"
)

// version is stamped in by the linker.
var version = "dev"

// settings are the command line.
type settings struct {
	leaderElect                     bool
	leaderElectionNamespace         string
	metricsAddress, probeAddress    string
	metricsSecure, legacyRateLimits bool
	namespaces                      []string
	share                           float64
	controllers                     controllers.Options
	zap                             zap.Options
}

// gcPercent makes the garbage collector run more often than Go's default of 100 would: with 10,000 objects a third less
// memory is worth a few percent of one core. GOGC, when set, wins.
const gcPercent = 50

func main() {
	s := parse()
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
	ctrl.SetLogger(zap.New(zap.UseFlagOptions(&s.zap)))
	if err := run(ctrl.SetupSignalHandler(), s); err != nil {
		ctrl.Log.Error(err, "The manager stopped")
		os.Exit(1)
	}
}

func parse() settings {
	var s settings
	o := &s.controllers
	flag.BoolVar(&s.leaderElect, "leader-elect", false, "Let only one of several replicas work at a time.")
	flag.StringVar(&s.leaderElectionNamespace, "leader-election-namespace", "", "Namespace of the leader election lease; default the pod's own.")
	flag.StringVar(&s.metricsAddress, "metrics-bind-address", ":8443", "Address of the Prometheus metrics; 0 turns them off.")
	flag.BoolVar(&s.metricsSecure, "metrics-secure", true, "Serve metrics over TLS and only to clients that Kubernetes authenticates and authorises.")
	flag.StringVar(&s.probeAddress, "health-probe-bind-address", ":8081", "Address of /healthz and /readyz; 0 turns them off.")
	flag.StringVar(&o.ClusterID, "cluster-id", "", "Marks in AWS tags what belongs to this cluster; a new cluster given the id of an old one takes its resources back. Default: the UID of the namespace kube-system.")
	flag.DurationVar(&o.ResyncPeriod, "resync-period", controllers.DefaultResyncPeriod, "How often AWS is compared with the declared state when nothing changes; jittered by 10 %.")
	flag.DurationVar(&o.ZoneBatchInterval, "zone-batch-interval", controllers.DefaultZoneBatchInterval, "How long record changes of a zone pile up after a change was sent. The first change goes out at once; under a steady stream the pause grows to twice this.")
	flag.DurationVar(&o.ChangePoll, "change-poll-interval", controllers.DefaultChangePoll, "How soon after a change Route 53 is first asked whether it has propagated; the controller then learns how long it takes.")
	flag.StringVar(&o.Resolver, "resolver", "", "DNS resolver, host:port, that is asked, up to twice a resync period, about each public zone without spec.delegateFrom: whether its parent names its name servers (condition Delegated), and has DS records of keys that are to go. Default: nobody is asked.")
	flag.Func("watch-namespaces", "Comma-separated namespaces to watch. Default: all.", func(text string) (err error) {
		s.namespaces, err = controllers.ParseNamespaces(text)
		return err
	})
	flag.Float64Var(&s.share, "aws-request-share", awsclient.DefaultShare, "Share of AWS's published request limits that this controller may use, above 0 and up to 1.")
	flag.BoolVar(&s.legacyRateLimits, "route53-legacy-limits", false, "Keep to the old Route 53 limit of 5 requests a second, for accounts that still have it.")
	showVersion := flag.Bool("version", false, "Print the version and exit.")
	s.zap.BindFlags(flag.CommandLine)
	flag.Parse()
	if *showVersion {
		fmt.Println(version)
		os.Exit(0)
	}
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "manager takes flags only, but %q was given\n", flag.Arg(0))
		os.Exit(2)
	}
	return s
}

func run(ctx context.Context, s settings) error {
	if err := s.controllers.Validate(); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	utilruntime.Must(clientgoscheme.AddToScheme(scheme))
	utilruntime.Must(v1alpha1.AddToScheme(scheme))

	metricsOptions := metricsserver.Options{BindAddress: s.metricsAddress, SecureServing: s.metricsSecure}
	if s.metricsSecure {
		metricsOptions.FilterProvider = filters.WithAuthenticationAndAuthorization
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return fmt.Errorf("finding the cluster (give --kubeconfig, set KUBECONFIG, or run in a pod): %w", err)
	}
	fence := controllers.NewFence(clock.RealClock{})
	leaseDuration := controllers.LeaseDuration
	mgr, err := ctrl.NewManager(config, ctrl.Options{
		LeaderElectionConfig: fence.Configure(config), LeaseDuration: &leaseDuration,
		Scheme: scheme, Metrics: metricsOptions, HealthProbeBindAddress: s.probeAddress, Cache: controllers.CacheOptions(s.namespaces),
		LeaderElection: s.leaderElect, LeaderElectionID: "manager.aws.evenkeel.io", LeaderElectionNamespace: s.leaderElectionNamespace,
		LeaderElectionReleaseOnCancel: true,
	})
	if err != nil {
		return fmt.Errorf("creating the manager: %w", err)
	}
	aws := awsclient.Options{
		UserAgent: "evenkeel/" + version, Registerer: metrics.Registry, Share: s.share, Permit: fence.Permit, Logger: ctrl.Log,
	}
	if s.legacyRateLimits {
		aws.Budgets = map[string]awsclient.Budget{awsclient.ServiceRoute53: awsclient.Route53LegacyBudget()}
	}
	clients, err := awsclient.New(ctx, aws)
	if err != nil {
		return err
	}
	if err := controllers.Setup(ctx, mgr, clients, s.controllers); err != nil {
		return err
	}
	if err := controllers.CountObjects(metrics.Registry, mgr.GetClient(), mgr.Elected()); err != nil {
		return fmt.Errorf("registering the metric of objects: %w", err)
	}
	if err := mgr.AddHealthzCheck("healthz", healthz.Ping); err != nil {
		return fmt.Errorf("adding the liveness probe: %w", err)
	}
	if err := mgr.AddReadyzCheck("readyz", healthz.Ping); err != nil {
		return fmt.Errorf("adding the readiness probe: %w", err)
	}
	ctrl.Log.Info("Starting", "version", version, "region", clients.Region)
	return mgr.Start(ctx)
}
