package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// measured is the user that the manager and the floor run as; only its writes are audited.
const measured = "evenkeel-bench"

// crdBases is where the CRDs are.
const crdBases = "config/crd/bases"

// cluster is a control plane.
type cluster struct {
	control *envtest.Environment
	audit   auditLog
	kubectl string
	// managerConfig and adminConfig are kubeconfig files.
	managerConfig, adminConfig string
	// admin prepares and watches, unmeasured; bare is a client of the measured user, for the floor.
	admin, bare client.WithWatch
}

// newCluster starts a control plane, with its files in dir.
func newCluster(assets, dir string) (*cluster, error) {
	c := &cluster{
		control: &envtest.Environment{
			CRDDirectoryPaths: []string{crdBases}, ErrorIfCRDPathMissing: true,
			BinaryAssetsDirectory: assets, ControlPlaneStopTimeout: 20 * time.Second,
		},
		audit: auditLog{filepath.Join(dir, "audit.log")}, kubectl: filepath.Join(assets, "kubectl"),
		managerConfig: filepath.Join(dir, "manager.kubeconfig"), adminConfig: filepath.Join(dir, "admin.kubeconfig"),
	}
	if err := c.audit.configure(c.control, dir); err != nil {
		return nil, err
	}
	config, err := c.control.Start()
	if err == nil {
		err = c.connect(config)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("starting the control plane: %w", err), c.stop())
	}
	return c, nil
}

func (c *cluster) stop() error { return c.control.Stop() }

// connect makes the users' kubeconfigs and clients.
func (c *cluster) connect(config *rest.Config) error {
	user, err := c.control.AddUser(envtest.User{Name: measured, Groups: []string{"system:masters"}}, nil)
	if err != nil {
		return fmt.Errorf("making the manager's user: %w", err)
	}
	userConfig, err := user.KubeConfig()
	if err != nil {
		return fmt.Errorf("writing the manager's kubeconfig: %w", err)
	}
	scheme := runtime.NewScheme()
	options := client.Options{Scheme: scheme}
	if err := errors.Join(
		os.WriteFile(c.managerConfig, userConfig, 0o600), os.WriteFile(c.adminConfig, c.control.KubeConfig, 0o600),
		clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme),
	); err != nil {
		return err
	}
	// No client-side rate limit, as in the manager.
	bareConfig := user.Config()
	config.QPS, bareConfig.QPS = -1, -1
	if c.admin, err = client.NewWithWatch(config, options); err != nil {
		return err
	}
	c.bare, err = client.NewWithWatch(bareConfig, options)
	return err
}
