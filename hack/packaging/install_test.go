package packaging_test

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/yaml"
)

var _ = Describe("An API server", Ordered, func() {
	var kubeconfig string

	// on runs kubectl against the API server.
	on := func(stdin string, args ...string) string {
		GinkgoHelper()
		out, err := kubectl(stdin, append([]string{"--kubeconfig", kubeconfig}, args...)...)
		Expect(err).NotTo(HaveOccurred())
		return out
	}

	BeforeAll(func() {
		server := &envtest.Environment{}
		config, err := server.Start()
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(server.Stop)
		kubeconfig = filepath.Join(GinkgoT().TempDir(), "kubeconfig")
		Expect(clientcmd.WriteToFile(clientcmdapi.Config{
			Clusters:       map[string]*clientcmdapi.Cluster{"test": {Server: config.Host, CertificateAuthorityData: config.CAData}},
			AuthInfos:      map[string]*clientcmdapi.AuthInfo{"test": {ClientCertificateData: config.CertData, ClientKeyData: config.KeyData}},
			Contexts:       map[string]*clientcmdapi.Context{"test": {Cluster: "test", AuthInfo: "test"}},
			CurrentContext: "test",
		}, kubeconfig)).To(Succeed())
		for _, name := range []string{namespace, "dns", "argocd"} {
			on("", "create", "namespace", name)
		}
	})

	DescribeTable("takes what the chart renders, and a second apply changes nothing", func(values string) {
		text, err := template("evenkeel", values)
		Expect(err).NotTo(HaveOccurred())
		on(text, "apply", "--server-side", "--validate=strict", "-f", "-")
		Expect(on(text, "diff", "--server-side", "-f", "-")).To(BeEmpty(), "a GitOps tool would never be in sync")
	},
		Entry("by default", ""),
		Entry("with all there is", `{fullnameOverride: other, watchNamespaces: [dns], replicas: 2, aws: {endpointURL: "http://awssim"}, imagePullSecrets: [{name: a}],
			podLabels: {a: b}, nodeSelector: {a: b}, tolerations: [{operator: Exists}], volumes: [{name: tmp, emptyDir: {}}], volumeMounts: [{name: tmp, mountPath: /tmp}],
			env: [{name: A, value: b}], envFrom: [{configMapRef: {name: more}}], topologySpreadConstraints: [{maxSkew: 1, topologyKey: rack, whenUnsatisfiable: DoNotSchedule}],
			affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{matchExpressions: [{key: a, operator: Exists}]}]}}}}`),
	)

	It("gives rights in the watched namespaces alone", func() {
		text, err := template("evenkeel", withoutCRDs("fullnameOverride: bound\nwatchNamespaces: [dns]"))
		Expect(err).NotTo(HaveOccurred())
		on(text, "apply", "--server-side", "-f", "-")
		may := func(in, verb, what string) string {
			answer, _ := kubectl("", "--kubeconfig", kubeconfig, "auth", "can-i", verb, what, "--namespace", in, // fails when the answer is no
				"--as", "system:serviceaccount:"+namespace+":bound-controller-manager")
			return strings.TrimSpace(answer)
		}
		Eventually(may).WithArguments("dns", "list", "recordsets.aws.evenkeel.io").Should(Equal("yes"))
		Eventually(may).WithArguments("dns", "list", "namespaces").Should(Equal("yes"))
		Expect(may("argocd", "list", "recordsets.aws.evenkeel.io")).To(Equal("no"))
		Expect(may("argocd", "list", "secrets")).To(Equal("no"))
	})

	It("adds the health checks to Argo CD's ConfigMap, and leaves what is there", func() {
		const file = root + "config/argocd/argocd-cm.yaml"
		// As Argo CD is installed: by kubectl apply. A server-side apply of the file would take over what that has set, and
		// then remove what the file does not have.
		on("", "create", "configmap", "argocd-cm", "--namespace=argocd", "--from-literal=url=https://cd.example.com", "--save-config")
		for range 2 {
			on("", "patch", "configmap", "argocd-cm", "--namespace=argocd", "--patch-file", file)
		}

		content, err := os.ReadFile(file)
		Expect(err).NotTo(HaveOccurred())
		var declared, live object
		Expect(yaml.Unmarshal(content, &declared)).To(Succeed())
		Expect(yaml.Unmarshal([]byte(on("", "get", "configmap", "argocd-cm", "--namespace=argocd", "-o", "yaml")), &live)).To(Succeed())
		want := declared["data"].(object)
		want["url"] = "https://cd.example.com"
		Expect(live["data"]).To(Equal(want))
	})
})
