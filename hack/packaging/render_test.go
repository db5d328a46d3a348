// Package packaging_test checks what users install.
package packaging_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"helm.sh/helm/v4/pkg/chart/common"
	"helm.sh/helm/v4/pkg/chart/common/util"
	chart "helm.sh/helm/v4/pkg/chart/v2"
	"helm.sh/helm/v4/pkg/chart/v2/loader"
	"helm.sh/helm/v4/pkg/engine"
	"sigs.k8s.io/yaml"
)

const (
	root      = "../../"
	chartPath = root + "config/chart"
	namespace = "evenkeel-system"
)

func TestPackaging(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "packaging")
}

// object is a decoded manifest.
type object = map[string]any

func loadChart() *chart.Chart {
	GinkgoHelper()
	loaded, err := loader.Load(chartPath)
	Expect(err).NotTo(HaveOccurred())
	return loaded
}

func decodeValues(values string) object {
	GinkgoHelper()
	decoded := object{}
	Expect(yaml.UnmarshalStrict([]byte(values), &decoded)).To(Succeed())
	return decoded
}

// template renders the chart as `helm template RELEASE --values` does, into one text.
func template(release, values string) (string, error) {
	GinkgoHelper()
	loaded := loadChart()
	options := common.ReleaseOptions{Name: release, Namespace: namespace, Revision: 1, IsInstall: true}
	merged, err := util.ToRenderValues(loaded, decodeValues(values), options, nil)
	if err != nil {
		return "", err
	}
	rendered, err := engine.Render(loaded, merged)
	if err != nil {
		return "", err
	}
	var manifests strings.Builder
	for name, text := range rendered {
		if strings.HasSuffix(name, ".yaml") {
			fmt.Fprintf(&manifests, "---\n%s\n", text)
		}
	}
	return manifests.String(), nil
}

// render renders the chart as a release named evenkeel.
func render(values string) map[string]object {
	GinkgoHelper()
	text, err := template("evenkeel", values)
	Expect(err).NotTo(HaveOccurred())
	return decode(text)
}

// decode returns the objects of a stream of manifests by kind, namespace (unless it is the release's) and name.
func decode(manifests string) map[string]object {
	GinkgoHelper()
	objects := map[string]object{}
	for _, text := range strings.Split("\n"+manifests, "\n---\n") {
		decoded := object{}
		Expect(yaml.UnmarshalStrict([]byte(text), &decoded)).To(Succeed(), text)
		if len(decoded) == 0 {
			continue
		}
		metadata := decoded["metadata"].(object)
		key := fmt.Sprint(decoded["kind"], "/", metadata["name"])
		if in, ok := metadata["namespace"]; ok && in != namespace {
			key = fmt.Sprint(decoded["kind"], "/", in, "/", metadata["name"])
		}
		Expect(objects).NotTo(HaveKey(key), "an object twice")
		objects[key] = decoded
	}
	return objects
}

// kubectl runs the kubectl of the control plane.
func kubectl(stdin string, args ...string) (string, error) {
	assets := os.Getenv("KUBEBUILDER_ASSETS")
	Expect(assets).NotTo(BeEmpty(), "KUBEBUILDER_ASSETS names the folder of kubectl, kube-apiserver and etcd; `make test` sets it")
	command := exec.Command(filepath.Join(assets, "kubectl"), args...)
	command.Stdin = strings.NewReader(stdin)
	var stdout, stderr bytes.Buffer
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		return stdout.String(), fmt.Errorf("kubectl %s: %w: %s%s", strings.Join(args, " "), err, stderr.String(), stdout.String())
	}
	return stdout.String(), nil
}

// lines are the leaves of an object, each with its path: items of lists by their name, or as members of a set.
func lines(path string, value any) []string {
	var found []string
	switch v := value.(type) {
	case object:
		for key, member := range v {
			found = append(found, lines(path+"."+key, member)...)
		}
		if len(v) == 0 {
			found = append(found, path+" = {}")
		}
	case []any:
		for i, item := range v {
			found = append(found, lines(fmt.Sprintf("%s[%s]", path, label(i, item)), item)...)
		}
		if len(v) == 0 {
			found = append(found, path+" = []")
		}
	default:
		found = append(found, fmt.Sprintf("%s = %v", path, v))
	}
	return found
}

func label(i int, item any) string {
	if members, ok := item.(object); ok {
		if name, ok := members["name"]; ok {
			return fmt.Sprint(name)
		}
		return fmt.Sprint(i)
	}
	return ""
}

// changes are what differs between two sets of objects: whole objects by their key, and leaves of those in both.
func changes(before, after map[string]object) []string {
	var found []string
	for key, obj := range before {
		other, ok := after[key]
		if !ok {
			found = append(found, "- "+key)
			continue
		}
		was, is := lines("", obj), lines("", other)
		for _, line := range was {
			if !slices.Contains(is, line) {
				found = append(found, "- "+key+line)
			}
		}
		for _, line := range is {
			if !slices.Contains(was, line) {
				found = append(found, "+ "+key+line)
			}
		}
	}
	for key := range after {
		if _, ok := before[key]; !ok {
			found = append(found, "+ "+key)
		}
	}
	slices.Sort(found)
	return found
}
