package stage

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
)

// Controller is bin/manager.
type Controller struct {
	stage   *Stage
	log     string
	probe   string
	process *process
}

func newController(s *Stage) *Controller {
	return &Controller{stage: s, log: filepath.Join(s.Dir, "manager.log")}
}

// start starts it against the cluster and the local AWS.
func (m *Controller) start() (err error) {
	if m.probe, err = (service{name: "controller's health probe"}).reserve(); err != nil {
		return err
	}
	env := childEnvironment(os.Environ(), append(m.stage.AWS.Environment(), "AWS_EC2_METADATA_DISABLED=true",
		"AWS_CONFIG_FILE=/dev/null", "AWS_SHARED_CREDENTIALS_FILE=/dev/null")...)
	m.process, err = start("controller", m.log, env, filepath.Join(m.stage.Settings.Root, "bin", "manager"),
		"--kubeconfig="+m.stage.Cluster.managerConfig, "--metrics-bind-address=0", "--health-probe-bind-address="+m.probe,
		"--resync-period="+m.stage.Settings.Resync.String(), "--zap-time-encoding=iso8601")
	return err
}

func (m *Controller) ready(ctx context.Context) error {
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
