package testenv

import (
	"context"
	"errors"
	"net/http/httptest"
	"os"
	"path/filepath"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	utilruntime "k8s.io/apimachinery/pkg/util/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/log/zap"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Bounds of Eventually and Consistently in stories.
const (
	patience = 30 * time.Second
	polling  = 20 * time.Millisecond
	calm     = 120 * time.Millisecond
)

// Timing of the simulator: the order of events is AWS's, and none of them happens at once.
var (
	latency     = frame.Exactly(time.Millisecond)
	propagation = frame.Exactly(15 * time.Millisecond)
	busyness    = frame.Exactly(3 * time.Millisecond)
	balancing   = frame.LoadBalancing{
		Provisioning: frame.Exactly(40 * time.Millisecond), NetworkProvisioning: frame.Exactly(40 * time.Millisecond),
		Registration: frame.Exactly(20 * time.Millisecond), NetworkRegistration: frame.Exactly(20 * time.Millisecond),
		Draining:  40 * time.Millisecond,
		Lingering: frame.Exactly(40 * time.Millisecond), NetworkLingering: frame.Exactly(40 * time.Millisecond),
		Reserving: frame.Exactly(40 * time.Millisecond), TrustStore: frame.Exactly(20 * time.Millisecond),
	}
)

// Environment is what all stories of a suite share.
type Environment struct {
	Config *rest.Config
	Scheme *runtime.Scheme
	// Client reads from and writes to the API server itself, as a user does.
	Client client.WithWatch
	Sim    *awssim.Server
	// mapper is what managers would each ask the API server for.
	mapper meta.RESTMapper
	linter *linter
	// front is the simulator's address for everyone but the controllers.
	front *httptest.Server
}

// StartControlPlane starts the control plane of a suite, which stops with it, and returns how to reach it. Call it from
// the first function of SynchronizedBeforeSuite: processes that run specs in parallel share it.
func StartControlPlane() []byte {
	GinkgoHelper()
	root := moduleRoot()
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		assets = filepath.Join(root, "bin", "k8s")
	}
	Expect(filepath.Join(assets, "kube-apiserver")).To(BeAnExistingFile(), "run `make controlplane` first")
	plane := &envtest.Environment{
		BinaryAssetsDirectory: assets,
		CRDDirectoryPaths:     []string{filepath.Join(root, "config", "crd", "bases")},
		ErrorIfCRDPathMissing: true,
	}
	_, err := plane.Start()
	Expect(err).NotTo(HaveOccurred())
	DeferCleanup(func() { Expect(plane.Stop()).To(Succeed()) })
	return plane.KubeConfig
}

// Connect connects to the control plane and starts a simulator, which stops with the suite.
func Connect(kubeconfig []byte) *Environment {
	GinkgoHelper()
	SetDefaultEventuallyTimeout(patience)
	SetDefaultEventuallyPollingInterval(polling)
	SetDefaultConsistentlyDuration(calm)
	SetDefaultConsistentlyPollingInterval(polling)
	EnforceDefaultTimeoutsWhenUsingContexts()
	ctrl.SetLogger(zap.New(zap.WriteTo(GinkgoWriter), zap.UseDevMode(true)))

	e := &Environment{Scheme: runtime.NewScheme()}
	utilruntime.Must(clientgoscheme.AddToScheme(e.Scheme))
	utilruntime.Must(v1alpha1.AddToScheme(e.Scheme))
	var err error
	e.Config, err = clientcmd.RESTConfigFromKubeConfig(kubeconfig)
	Expect(err).NotTo(HaveOccurred())
	e.Config.QPS = -1
	shared, err := rest.HTTPClientFor(e.Config)
	Expect(err).NotTo(HaveOccurred())
	e.mapper, err = apiutil.NewDynamicRESTMapper(e.Config, shared)
	Expect(err).NotTo(HaveOccurred())
	e.Client, err = client.NewWithWatch(e.Config, client.Options{Scheme: e.Scheme, Mapper: e.mapper})
	Expect(err).NotTo(HaveOccurred())
	e.linter = startLinter(e.Client)
	DeferCleanup(e.linter.stop)
	e.Sim = newSim(awssim.Options{})
	e.front = httptest.NewServer(e.Sim)
	DeferCleanup(e.front.Close)
	isolate()
	return e
}

// newSim makes a simulator with the timing of stories and without request limits.
func newSim(o awssim.Options) *awssim.Server {
	GinkgoHelper()
	o.Profile, o.Limits = awssim.ProfileFast, awssim.LimitsOff
	o.Latency, o.Propagation, o.Busy, o.LoadBalancing = &latency, &propagation, &busyness, &balancing
	sim, err := awssim.New(o)
	Expect(err).NotTo(HaveOccurred())
	return sim
}

// moduleRoot is the folder of the module's go.mod.
func moduleRoot() string {
	GinkgoHelper()
	dir, err := os.Getwd()
	Expect(err).NotTo(HaveOccurred())
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		} else if !errors.Is(err, os.ErrNotExist) {
			Expect(err).NotTo(HaveOccurred())
		}
		parent := filepath.Dir(dir)
		Expect(parent).NotTo(Equal(dir), "no go.mod above the working directory")
		dir = parent
	}
}

// isolate keeps the SDK away from the machine's own AWS configuration.
func isolate() {
	for name, value := range map[string]string{
		"AWS_REGION": "us-east-1", "AWS_ACCESS_KEY_ID": "AKIAEVENKEEL", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_PROFILE": "",
		"AWS_CONFIG_FILE": os.DevNull, "AWS_SHARED_CREDENTIALS_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true",
	} {
		GinkgoT().Setenv(name, value)
	}
}

// detached is a context that outlives the node that made it: Ginkgo cancels a node's context when the node ends.
func detached(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithCancel(context.WithoutCancel(ctx))
}
