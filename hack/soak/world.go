package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/acm"
	"github.com/aws/aws-sdk-go-v2/service/autoscaling"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/route53"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/internal/proc"
)

const (
	crdBases  = "config/crd/bases"
	clusterID = "soak"
)

// world is a control plane, an AWS and, before the first, a gate.
type world struct {
	dir string
	// kept is set when the folder is to stay.
	kept    bool
	binary  string
	control *envtest.Environment
	// user is whoever applies manifests; it does not pass the gate.
	user       client.Client
	gate       *gate
	kubeconfig string
	sim        *awssim.Server
	http       *http.Server
	url        string
	hands
}

// hands are those of others in the AWS account.
type hands struct {
	route53     *route53.Client
	elb         *elasticloadbalancingv2.Client
	autoscaling *autoscaling.Client
	ec2         *ec2.Client
	cloudwatch  *cloudwatch.Client
	acm         *acm.Client
}

func newWorld(ctx context.Context, s settings) (w *world, err error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	if assets == "" {
		assets = filepath.Join("bin", "k8s")
	}
	for _, needed := range []string{crdBases, filepath.Join(assets, "kube-apiserver")} {
		if _, err := os.Stat(needed); err != nil {
			return nil, fmt.Errorf("%s is missing: run `make soak`, or `make controlplane` and then `go run ./hack/soak` at the top of the repository", needed)
		}
	}
	dir, err := os.MkdirTemp("", "evenkeel-soak-")
	if err != nil {
		return nil, err
	}
	w = &world{dir: dir, binary: s.manager}
	defer func() {
		if err != nil {
			err = errors.Join(err, w.close())
		}
	}()
	if w.binary == "" {
		if w.binary, err = proc.Build(ctx, dir); err != nil {
			return w, err
		}
	}
	if err := w.startAWS(s.seed); err != nil {
		return w, err
	}
	return w, w.startControlPlane(assets)
}

func (w *world) close() error {
	var errs []error
	if w.gate != nil {
		errs = append(errs, w.gate.close())
	}
	if w.control != nil {
		errs = append(errs, w.control.Stop())
	}
	if w.http != nil {
		errs = append(errs, w.http.Close(), w.sim.Close())
	}
	if !w.kept {
		return errors.Join(append(errs, os.RemoveAll(w.dir))...)
	}
	for _, needless := range []string{"manager", "kubeconfig"} { // a binary, and a way to what has ended
		if err := os.Remove(filepath.Join(w.dir, needless)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func (w *world) startAWS(seed uint64) (err error) {
	if w.sim, err = awssim.New(awssim.Options{Profile: awssim.ProfileFast, Limits: awssim.LimitsAWS, Seed: seed}); err != nil {
		return err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	w.url = "http://" + listener.Addr().String()
	w.http = &http.Server{Handler: w.sim, ReadHeaderTimeout: 10 * time.Second}
	// It ends with close, which is no failure.
	go func() { _ = w.http.Serve(listener) }()
	config := aws.Config{Region: "us-east-1", BaseEndpoint: &w.url, Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
		return aws.Credentials{AccessKeyID: "AKIASOMEBODYELSE", SecretAccessKey: "secret"}, nil
	})}
	w.hands = hands{
		route53: route53.NewFromConfig(config), elb: elasticloadbalancingv2.NewFromConfig(config), autoscaling: autoscaling.NewFromConfig(config),
		ec2: ec2.NewFromConfig(config), cloudwatch: cloudwatch.NewFromConfig(config), acm: acm.NewFromConfig(config),
	}
	return nil
}

func (w *world) startControlPlane(assets string) error {
	w.control = &envtest.Environment{
		CRDDirectoryPaths: []string{crdBases}, ErrorIfCRDPathMissing: true, BinaryAssetsDirectory: assets,
		ControlPlaneStartTimeout: 2 * time.Minute, ControlPlaneStopTimeout: 20 * time.Second,
	}
	config, err := w.control.Start()
	if err != nil {
		return fmt.Errorf("starting the control plane: %w", err)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return err
	}
	config.QPS = -1
	if w.user, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	server, err := url.Parse(config.Host)
	if err != nil {
		return err
	}
	if server.Host == "" { // envtest gives host and port alone
		server.Host = config.Host
	}
	if w.gate, err = newGate(server.Host); err != nil {
		return err
	}
	controller, err := w.control.AddUser(envtest.User{Name: "evenkeel-soak", Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return err
	}
	kubeconfig, err := controller.KubeConfig()
	if err != nil {
		return err
	}
	through := strings.ReplaceAll(string(kubeconfig), server.Host, w.gate.address())
	w.kubeconfig = filepath.Join(w.dir, "kubeconfig")
	return os.WriteFile(w.kubeconfig, []byte(through), 0o600)
}
