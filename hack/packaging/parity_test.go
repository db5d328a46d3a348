package packaging_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"maps"
	"os"
	"regexp"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"helm.sh/helm/v4/pkg/chart/v2/lint"
)

var _ = Describe("The chart", func() {
	It("installs what config/default installs", func() {
		manifests, err := kubectl("", "kustomize", root+"config/default")
		Expect(err).NotTo(HaveOccurred())
		kustomized := decode(manifests)
		inlineConfig(kustomized)
		// Helm makes the namespace: `helm install --create-namespace`.
		Expect(kustomized).To(HaveKey("Namespace/" + namespace))
		delete(kustomized, "Namespace/"+namespace)

		rendered := render("")
		for _, objects := range []map[string]object{kustomized, rendered} {
			for _, obj := range objects {
				dropMarks(obj)
			}
		}
		Expect(len(rendered)).To(BeNumerically(">", 20))
		Expect(changes(kustomized, rendered)).To(BeEmpty())
	})

	It("renders a ServiceMonitor as config/prometheus has it", func() {
		manifests, err := kubectl("", "kustomize", root+"config/prometheus")
		Expect(err).NotTo(HaveOccurred())
		want := decode(manifests)["ServiceMonitor/system/controller-manager-metrics-monitor"]
		got := render("metrics: {serviceMonitor: {enabled: true}}")["ServiceMonitor/evenkeel-controller-manager-metrics-monitor"]
		dropMarks(want)
		dropMarks(got)
		Expect(got["spec"]).To(Equal(want["spec"]))
	})

	It("has nothing for Helm's linter to say", func() {
		linter := lint.RunAll(chartPath, nil, namespace)
		var messages []string
		for _, message := range linter.Messages {
			if !strings.Contains(message.Err.Error(), "icon is recommended") {
				messages = append(messages, message.Error())
			}
		}
		Expect(messages).To(BeEmpty())
	})

	It("fits into the Secret in which Helm keeps a release", func() {
		text, err := template("evenkeel", "")
		Expect(err).NotTo(HaveOccurred())
		release, err := json.Marshal(object{"chart": loadChart(), "manifest": text})
		Expect(err).NotTo(HaveOccurred())
		var packed bytes.Buffer
		writer, err := gzip.NewWriterLevel(base64.NewEncoder(base64.StdEncoding, &packed), gzip.BestCompression)
		Expect(err).NotTo(HaveOccurred())
		_, err = writer.Write(release)
		Expect(err).NotTo(HaveOccurred())
		Expect(writer.Close()).To(Succeed())
		Expect(packed.Len()).To(BeNumerically("<", 1<<20/2), "1 MiB is what a Secret holds, and the chart is to grow")
	})

	It("sets only flags that the controller has, and has a value for each", func() {
		source, err := os.ReadFile(root + "main.go")
		Expect(err).NotTo(HaveOccurred())
		flags := map[string]bool{"zap-log-level": true}
		for _, match := range regexp.MustCompile(`flag\.\w+\((?:&[\w.]+, )?"([a-z0-9-]+)"`).FindAllStringSubmatch(string(source), -1) {
			flags[match[1]] = true
		}
		helpers, err := os.ReadFile(chartPath + "/templates/_helpers.tpl")
		Expect(err).NotTo(HaveOccurred())
		set := map[string]bool{}
		for _, match := range regexp.MustCompile(`(?m)- --([a-z0-9-]+)|^  "([a-z0-9-]+)" \$`).FindAllStringSubmatch(string(helpers), -1) {
			set[match[1]+match[2]] = true
		}
		// One is not about running; the lease is in the pod's own namespace, where its rights are.
		delete(flags, "version")
		delete(flags, "leader-election-namespace")
		Expect(set).To(Equal(flags))
	})
})

// inlineConfig writes the variables of the generated ConfigMap into the environment of the container, where the chart has them.
func inlineConfig(objects map[string]object) {
	GinkgoHelper()
	for key, config := range maps.Clone(objects) {
		if !strings.HasPrefix(key, "ConfigMap/evenkeel-aws-") {
			continue
		}
		container := managerOf(objects)
		sources := container["envFrom"].([]any)
		Expect(sources[0]).To(HaveKeyWithValue("configMapRef", HaveKeyWithValue("name", strings.TrimPrefix(key, "ConfigMap/"))))
		container["envFrom"] = sources[1:]
		for name, value := range config["data"].(object) {
			container["env"] = append(container["env"].([]any), object{"name": name, "value": value})
		}
		delete(objects, key)
		return
	}
	Fail("there is no generated ConfigMap")
}

// managerOf is the container of the Deployment.
func managerOf(objects map[string]object) object {
	GinkgoHelper()
	deployment := objects["Deployment/evenkeel-controller-manager"]
	Expect(deployment).NotTo(BeNil())
	pod := deployment["spec"].(object)["template"].(object)["spec"].(object)
	return pod["containers"].([]any)[0].(object)
}

// dropMarks removes the labels and annotations by which kustomize and Helm mark what is theirs, wherever they are.
func dropMarks(obj object) {
	dropKeys(obj, "app.kubernetes.io/managed-by", "app.kubernetes.io/instance", "helm.sh/chart", "helm.sh/resource-policy")
	metadata := obj["metadata"].(object)
	// Helm's labels are on all objects, CRDs included.
	if labels, ok := metadata["labels"].(object); ok {
		delete(labels, "app.kubernetes.io/name")
		if len(labels) == 0 {
			delete(metadata, "labels")
		}
	}
}

func dropKeys(value any, keys ...string) {
	switch v := value.(type) {
	case object:
		for _, key := range keys {
			delete(v, key)
		}
		for _, member := range v {
			dropKeys(member, keys...)
		}
	case []any:
		for _, item := range v {
			dropKeys(item, keys...)
		}
	}
}
