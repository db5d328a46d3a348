package stage

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// managerUser is who the controller is in the cluster: allowed what config/rbac/role.yaml grants, and no more.
const managerUser = "evenkeel-manager"

// Cluster is an API server with its etcd, and no node.
type Cluster struct {
	settings    Settings
	dir         string
	environment *envtest.Environment
	logs        []*os.File
	// kubeconfig is the user's, an administrator; managerConfig the controller's.
	kubeconfig, managerConfig string
	config                    *rest.Config
	// Client is the administrator's.
	Client client.WithWatch
}

func newCluster(s Settings, dir string) *Cluster {
	return &Cluster{
		settings: s, dir: dir,
		kubeconfig: filepath.Join(dir, "kubeconfig"), managerConfig: filepath.Join(dir, "manager.kubeconfig"),
	}
}

// start brings the API server up and installs the CRDs. It cannot be interrupted; stop must be called even if it fails.
func (c *Cluster) start() error {
	for _, name := range []string{"etcd", "certificates"} {
		if err := os.Mkdir(filepath.Join(c.dir, name), 0o700); err != nil {
			return fmt.Errorf("making a folder for the control plane: %w", err)
		}
	}
	for _, log := range c.logFiles() {
		file, err := os.Create(log)
		if err != nil {
			return fmt.Errorf("making a log of the control plane: %w", err)
		}
		c.logs = append(c.logs, file)
	}
	c.environment = &envtest.Environment{
		BinaryAssetsDirectory: c.settings.Assets,
		CRDDirectoryPaths:     []string{filepath.Join(c.settings.Root, "config", "crd", "bases")}, ErrorIfCRDPathMissing: true,
		ControlPlaneStartTimeout: time.Minute, ControlPlaneStopTimeout: 2 * stopTimeout,
	}
	server := c.environment.ControlPlane.GetAPIServer()
	server.CertDir, server.Out, server.Err = filepath.Join(c.dir, "certificates"), c.logs[0], c.logs[0]
	c.environment.ControlPlane.Etcd = &envtest.Etcd{DataDir: filepath.Join(c.dir, "etcd"), Out: c.logs[1], Err: c.logs[1]}
	var err error
	if c.config, err = c.environment.Start(); err != nil {
		return newChildError("the Kubernetes API server does not start: "+err.Error(), c.logFiles()...)
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(clientgoscheme.AddToScheme(scheme), v1alpha1.AddToScheme(scheme)); err != nil {
		return fmt.Errorf("registering the kinds: %w", err)
	}
	if c.Client, err = client.NewWithWatch(c.config, client.Options{Scheme: scheme}); err != nil {
		return fmt.Errorf("making a client of the API server: %w", err)
	}
	return os.WriteFile(c.kubeconfig, c.environment.KubeConfig, 0o600)
}

// url is where the API server answers.
func (c *Cluster) url() string { return strings.TrimSuffix(c.config.Host, "/") }

func (c *Cluster) logFiles() []string {
	return []string{filepath.Join(c.dir, "kube-apiserver.log"), filepath.Join(c.dir, "etcd.log")}
}

func (c *Cluster) stop() error {
	var err error
	if c.environment != nil {
		err = c.environment.Stop()
	}
	for _, file := range c.logs {
		err = errors.Join(err, file.Close())
	}
	return err
}

// allowManager makes the controller's user, with the role that a real installation gives it.
func (c *Cluster) allowManager(ctx context.Context) error {
	file := filepath.Join(c.settings.Root, "config", "rbac", "role.yaml")
	raw, err := os.ReadFile(file)
	if err != nil {
		return fmt.Errorf("reading the controller's role: %w", err)
	}
	role := &rbacv1.ClusterRole{}
	if _, _, err := serializer.NewCodecFactory(c.Client.Scheme()).UniversalDeserializer().Decode(raw, nil, role); err != nil {
		return fmt.Errorf("reading the controller's role in %s: %w", file, err)
	}
	binding := &rbacv1.ClusterRoleBinding{
		ObjectMeta: metav1.ObjectMeta{Name: managerUser},
		RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role.Name},
		Subjects:   []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: managerUser}},
	}
	for _, obj := range []client.Object{role, binding} {
		if err := c.Client.Create(ctx, obj); err != nil {
			return fmt.Errorf("granting the controller its role: %w", err)
		}
	}
	user, err := c.environment.AddUser(envtest.User{Name: managerUser}, nil)
	if err != nil {
		return fmt.Errorf("making the controller's user: %w", err)
	}
	kubeconfig, err := user.KubeConfig()
	if err != nil {
		return fmt.Errorf("making the controller's kubeconfig: %w", err)
	}
	return os.WriteFile(c.managerConfig, kubeconfig, 0o600)
}

// Kubeconfig is the file that makes kubectl the administrator.
func (c *Cluster) Kubeconfig() string { return c.kubeconfig }

// Kubectl runs kubectl as the user would, and returns its standard output.
func (c *Cluster) Kubectl(ctx context.Context, args ...string) (string, error) {
	return c.run(ctx, "", args...)
}

// Apply applies a manifest as `kubectl apply -f -` does.
func (c *Cluster) Apply(ctx context.Context, manifest string) (string, error) {
	return c.run(ctx, manifest, "apply", "-f", "-")
}

// run runs kubectl with an input.
func (c *Cluster) run(ctx context.Context, input string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, filepath.Join(c.settings.Assets, "kubectl"), args...)
	cmd.Env = childEnvironment(os.Environ(), "KUBECONFIG="+c.kubeconfig, "KUBECACHEDIR="+filepath.Join(c.dir, "cache"))
	cmd.Dir = c.settings.Root
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = strings.NewReader(input), &stdout, &stderr
	if err := cmd.Run(); err != nil {
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		return "", fmt.Errorf("`kubectl %s` failed: %w\n%s", strings.Join(args, " "), err, strings.TrimSpace(stderr.String()))
	}
	return stdout.String(), nil
}

// guard returns when the API server or etcd has stopped answering, which envtest does not tell.
func (c *Cluster) guard(ctx context.Context) error {
	const patience = 3
	config := rest.CopyConfig(c.config)
	config.Timeout = 5 * time.Second
	web, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("making a client of the API server: %w", err)
	}
	defer web.CloseIdleConnections()
	var last error
	for failures := 0; failures < patience; {
		if !Pause(ctx, time.Second) {
			return nil
		}
		if last = c.healthy(web); last == nil {
			failures = 0
		} else {
			failures++
		}
	}
	return newChildError(fmt.Sprintf("the Kubernetes API server does not answer any more (%v)", last), c.logFiles()...)
}

// healthy asks the API server whether it, and its etcd, work.
func (c *Cluster) healthy(web *http.Client) error {
	response, err := web.Get(c.url() + "/readyz")
	if err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		err = fmt.Errorf("/readyz answers %s", response.Status)
	}
	return errors.Join(err, response.Body.Close())
}
