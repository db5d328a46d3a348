package main

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"time"
)

// Resyncs are frequent, so that drift is repaired while somebody looks, and within the quiet time of --once.
const (
	resync     = 30 * time.Second
	onceResync = time.Second
)

// controller is bin/manager.
type controller struct {
	probe   string
	process *process
}

// startController starts the controller against the cluster and the local AWS.
func startController(s settings, dir string, c *cluster, a *localAWS) (*controller, error) {
	probe, err := service{name: "controller's health probe"}.reserve()
	if err != nil {
		return nil, err
	}
	period := resync
	if s.once {
		period = onceResync
	}
	m := &controller{probe: probe}
	env := childEnvironment(os.Environ(), append(a.environment(), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")...)
	m.process, err = startProcess("controller", filepath.Join(dir, "manager.log"), env, filepath.Join(s.root, "bin", "manager"),
		"--kubeconfig="+c.managerConfig, "--metrics-bind-address=0", "--health-probe-bind-address="+probe,
		"--resync-period="+period.String(), "--zap-time-encoding=iso8601")
	return m, err
}

func (m *controller) ready(ctx context.Context) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+m.probe+"/readyz", nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		err = fmt.Errorf("the probe answers %s", response.Status)
	}
	if closing := response.Body.Close(); err == nil {
		err = closing
	}
	return err
}
