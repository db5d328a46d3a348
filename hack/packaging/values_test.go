package packaging_test

import (
	"fmt"
	"os"
	"slices"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// Where the fields of the Deployment are.
const (
	deployment  = "Deployment/evenkeel-controller-manager"
	podTemplate = deployment + ".spec.template"
	pod         = podTemplate + ".spec"
	manager     = pod + ".containers[manager]"
	binding     = "ClusterRoleBinding/evenkeel-"
	port        = "Service/evenkeel-controller-manager-metrics-service.spec.ports"
	monitor     = "ServiceMonitor/evenkeel-controller-manager-metrics-monitor"
)

// set are values and what they change in what the chart renders.
type set struct {
	values  string
	changes []string
}

func setting(values string, changes ...string) set { return set{values, changes} }

// sets have each value of values.yaml at least once.
var sets = []set{
	setting(`image: {repository: example.com/evenkeel, tag: v1, pullPolicy: Never}`,
		"- "+manager+".image = evenkeel:latest", "+ "+manager+".image = example.com/evenkeel:v1", "+ "+manager+".imagePullPolicy = Never"),
	setting(`image: {digest: "sha256:`+strings.Repeat("0a", 32)+`"}`,
		"- "+manager+".image = evenkeel:latest", "+ "+manager+".image = evenkeel@sha256:"+strings.Repeat("0a", 32)),
	setting(`imagePullSecrets: [{name: registry}]`, "+ "+pod+".imagePullSecrets[registry].name = registry"),
	setting(`replicas: 3`, "- "+deployment+".spec.replicas = 1", "+ "+deployment+".spec.replicas = 3"),
	setting(`leaderElection: false`, "- "+manager+".args[] = --leader-elect",
		"- Role/evenkeel-leader-election-role", "- RoleBinding/evenkeel-leader-election-rolebinding"),
	setting(`aws: {region: eu-central-1}`, "- "+manager+".env[AWS_REGION].value = us-east-1", "+ "+manager+".env[AWS_REGION].value = eu-central-1"),
	setting(`aws: {endpointURL: "http://awssim:4566"}`,
		"+ "+manager+".env[AWS_ENDPOINT_URL].name = AWS_ENDPOINT_URL", "+ "+manager+".env[AWS_ENDPOINT_URL].value = http://awssim:4566"),
	setting(`aws: {credentialsSecret: {name: keys, optional: false}}`,
		"- "+manager+".envFrom[0].secretRef.name = aws-credentials", "+ "+manager+".envFrom[0].secretRef.name = keys",
		"- "+manager+".envFrom[0].secretRef.optional = true", "+ "+manager+".envFrom[0].secretRef.optional = false"),
	setting(`aws: {credentialsSecret: {name: ""}}`,
		"- "+manager+".envFrom[0].secretRef.name = aws-credentials", "- "+manager+".envFrom[0].secretRef.optional = true"),
	setting(`serviceAccount: {annotations: {eks.amazonaws.com/role-arn: "arn:aws:iam::123456789012:role/evenkeel"}}`,
		"+ ServiceAccount/evenkeel-controller-manager.metadata.annotations.eks.amazonaws.com/role-arn = arn:aws:iam::123456789012:role/evenkeel"),
	setting(`serviceAccount: {create: false, name: theirs}`, append([]string{"- ServiceAccount/evenkeel-controller-manager"}, account("theirs")...)...),
	setting(`serviceAccount: {name: ours}`, append([]string{"- ServiceAccount/evenkeel-controller-manager", "+ ServiceAccount/ours"}, account("ours")...)...),
	setting(`serviceAccount: {create: false}`, append([]string{"- ServiceAccount/evenkeel-controller-manager"}, account("default")...)...),
	setting(`rbac: {create: false}`, "- ClusterRole/evenkeel-manager-role", "- "+binding+"manager-rolebinding",
		"- Role/evenkeel-leader-election-role", "- RoleBinding/evenkeel-leader-election-rolebinding",
		"- ClusterRole/evenkeel-metrics-auth-role", "- ClusterRole/evenkeel-metrics-reader", "- "+binding+"metrics-auth-rolebinding"),
	setting(`rbac: {aggregate: false}`, slices.Concat(eachKind("- ClusterRole/evenkeel-%s-admin-role"),
		eachKind("- ClusterRole/evenkeel-%s-editor-role"), eachKind("- ClusterRole/evenkeel-%s-viewer-role"))...),
	setting(`watchNamespaces: [dns, web]`, "+ "+manager+".args[] = --watch-namespaces=dns,web", "- "+binding+"manager-rolebinding",
		"+ RoleBinding/dns/evenkeel-manager-rolebinding", "+ RoleBinding/web/evenkeel-manager-rolebinding",
		"+ ClusterRole/evenkeel-namespace-reader", "+ "+binding+"namespace-reader"),
	setting(`controller: {clusterID: blue, resyncPeriod: 10m, zoneBatchInterval: 1.5s, changePollInterval: 250ms, resolver: "10.0.0.2:53",
		awsRequestShare: 0.5, route53LegacyLimits: true, logLevel: debug}`,
		args("cluster-id=blue", "resync-period=10m", "zone-batch-interval=1.5s", "change-poll-interval=250ms", "resolver=10.0.0.2:53",
			"aws-request-share=0.5", "route53-legacy-limits=true", "zap-log-level=debug")...),
	setting(`controller: {zoneBatchInterval: "0"}`, args("zone-batch-interval=0")...),
	setting(`extraArgs: [--zap-encoder=console]`, args("zap-encoder=console")...),
	setting(`metrics: {enabled: false}`, "- "+manager+".args[] = --metrics-bind-address=:8443", "+ "+manager+".args[] = --metrics-bind-address=0",
		"- "+manager+".ports[metrics].containerPort = 8443", "- "+manager+".ports[metrics].name = metrics",
		"- Service/evenkeel-controller-manager-metrics-service",
		"- ClusterRole/evenkeel-metrics-auth-role", "- ClusterRole/evenkeel-metrics-reader", "- "+binding+"metrics-auth-rolebinding"),
	setting(`metrics: {secure: false}`, append(args("metrics-secure=false"),
		"- ClusterRole/evenkeel-metrics-auth-role", "- ClusterRole/evenkeel-metrics-reader", "- "+binding+"metrics-auth-rolebinding",
		"- "+port+"[https].name = https", "- "+port+"[https].port = 8443", "- "+port+"[https].protocol = TCP", "- "+port+"[https].targetPort = metrics",
		"+ "+port+"[http].name = http", "+ "+port+"[http].port = 8443", "+ "+port+"[http].protocol = TCP", "+ "+port+"[http].targetPort = metrics")...),
	setting(`metrics: {port: 9443}`,
		"- "+manager+".args[] = --metrics-bind-address=:8443", "+ "+manager+".args[] = --metrics-bind-address=:9443",
		"- "+manager+".ports[metrics].containerPort = 8443", "+ "+manager+".ports[metrics].containerPort = 9443",
		"- "+port+"[https].port = 8443", "+ "+port+"[https].port = 9443"),
	setting(`metrics: {serviceMonitor: {enabled: true, labels: {release: prometheus}, interval: 30s}}`, "+ "+monitor),
	setting(`resources: {requests: {cpu: 1, memory: 1Gi}, limits: {memory: 1Gi}}`,
		"- "+manager+".resources.requests.cpu = 50m", "+ "+manager+".resources.requests.cpu = 1",
		"- "+manager+".resources.requests.memory = 150Mi", "+ "+manager+".resources.requests.memory = 1Gi",
		"- "+manager+".resources.limits.memory = 256Mi", "+ "+manager+".resources.limits.memory = 1Gi"),
	setting(`goMemLimit: 900MiB`, "- "+manager+".env[GOMEMLIMIT].value = 230MiB", "+ "+manager+".env[GOMEMLIMIT].value = 900MiB"),
	setting(`goMemLimit: ""`, "- "+manager+".env[GOMEMLIMIT].name = GOMEMLIMIT", "- "+manager+".env[GOMEMLIMIT].value = 230MiB"),
	setting(`env: [{name: HTTPS_PROXY, value: "http://proxy"}]`,
		"+ "+manager+".env[HTTPS_PROXY].name = HTTPS_PROXY", "+ "+manager+".env[HTTPS_PROXY].value = http://proxy"),
	setting(`envFrom: [{configMapRef: {name: more}}]`, "+ "+manager+".envFrom[1].configMapRef.name = more"),
	setting(`volumes: [{name: ca, configMap: {name: ca}}]`, "+ "+pod+".volumes[ca].name = ca", "+ "+pod+".volumes[ca].configMap.name = ca"),
	setting(`volumeMounts: [{name: ca, mountPath: /ca}]`, "+ "+manager+".volumeMounts[ca].name = ca", "+ "+manager+".volumeMounts[ca].mountPath = /ca"),
	setting(`podLabels: {team: platform, control-plane: other}`, "+ "+podTemplate+".metadata.labels.team = platform"),
	setting(`podAnnotations: {a/b: c}`, "+ "+podTemplate+".metadata.annotations.a/b = c"),
	setting(`podSecurityContext: {runAsNonRoot: false, runAsUser: 1000, seccompProfile: {type: Unconfined}}`,
		"- "+pod+".securityContext.runAsNonRoot = true", "+ "+pod+".securityContext.runAsNonRoot = false", "+ "+pod+".securityContext.runAsUser = 1000",
		"- "+pod+".securityContext.seccompProfile.type = RuntimeDefault", "+ "+pod+".securityContext.seccompProfile.type = Unconfined"),
	setting(`securityContext: {readOnlyRootFilesystem: false, allowPrivilegeEscalation: true, capabilities: {drop: [NET_RAW]}}`,
		"- "+manager+".securityContext.readOnlyRootFilesystem = true", "+ "+manager+".securityContext.readOnlyRootFilesystem = false",
		"- "+manager+".securityContext.allowPrivilegeEscalation = false", "+ "+manager+".securityContext.allowPrivilegeEscalation = true",
		"- "+manager+".securityContext.capabilities.drop[] = ALL", "+ "+manager+".securityContext.capabilities.drop[] = NET_RAW"),
	setting(`priorityClassName: system-cluster-critical`, "+ "+pod+".priorityClassName = system-cluster-critical"),
	setting(`nodeSelector: {disk: ssd}`, "+ "+pod+".nodeSelector.disk = ssd"),
	setting(`tolerations: [{operator: Exists}]`, "+ "+pod+".tolerations[0].operator = Exists"),
	setting(`affinity: {nodeAffinity: {a: b}}`, "+ "+pod+".affinity.nodeAffinity.a = b"),
}

func eachKind(format string) []string {
	var lines []string
	for _, kind := range []string{"autoscalinggroup", "hostedzone", "loadbalancer", "recordset"} {
		lines = append(lines, fmt.Sprintf(format, kind))
	}
	return lines
}

// withoutCRDs leaves the CRDs out: they are long.
func withoutCRDs(values string) string { return values + "\ncrds: {enabled: false}" }

func args(flags ...string) []string {
	var lines []string
	for _, flag := range flags {
		lines = append(lines, "+ "+manager+".args[] = --"+flag)
	}
	return lines
}

// account is what changes when the controller runs as another service account.
func account(name string) []string {
	const was = "evenkeel-controller-manager"
	lines := []string{"- " + pod + ".serviceAccountName = " + was, "+ " + pod + ".serviceAccountName = " + name}
	for _, of := range []string{binding + "manager-rolebinding", binding + "metrics-auth-rolebinding", "RoleBinding/evenkeel-leader-election-rolebinding"} {
		lines = append(lines, "- "+of+".subjects["+was+"].name = "+was, "+ "+of+".subjects["+name+"].name = "+name,
			"- "+of+".subjects["+was+"].kind = ServiceAccount", "+ "+of+".subjects["+name+"].kind = ServiceAccount",
			"- "+of+".subjects["+was+"].namespace = "+namespace, "+ "+of+".subjects["+name+"].namespace = "+namespace)
	}
	return lines
}

var _ = Describe("A value of the chart", func() {
	for _, s := range sets {
		It("changes what it says and nothing else: "+s.values, func() {
			Expect(changes(render(withoutCRDs("")), render(withoutCRDs(s.values)))).To(ConsistOf(s.changes))
		})
	}

	It("is in this table, whichever it is", func() {
		content, err := os.ReadFile(chartPath + "/values.yaml")
		Expect(err).NotTo(HaveOccurred())
		tried := []string{".crds.enabled", ".crds.keep", ".fullnameOverride", ".topologySpreadConstraints"} // those below
		for _, s := range sets {
			tried = append(tried, paths("", decodeValues(s.values))...)
		}
		for _, path := range paths("", decodeValues(string(content))) {
			Expect(tried).To(ContainElement(HavePrefix(path)))
		}
	})

	It("leaves the CRDs in the cluster, or not, or to others", func() {
		crd := func(format string) (lines []string) {
			for _, line := range eachKind(format) {
				lines = append(lines, strings.Replace(line, ".", "s.", 1))
			}
			return lines
		}
		crds := render("")
		Expect(changes(crds, render("crds: {keep: false}"))).To(ConsistOf(
			crd("- CustomResourceDefinition/%s.aws.evenkeel.io.metadata.annotations.helm.sh/resource-policy = keep")))
		Expect(changes(crds, render("crds: {enabled: false}"))).To(ConsistOf(crd("- CustomResourceDefinition/%s.aws.evenkeel.io")))
	})

	It("names all objects by fullnameOverride, or by the release", func() {
		for release, prefix := range map[string]string{
			"evenkeel": "evenkeel", "my-evenkeel": "my-evenkeel", "prod": "prod-evenkeel",
			strings.Repeat("long", 13): "longlonglonglonglon-evenkeel",
		} {
			expectNamed(release, withoutCRDs(""), prefix)
			expectNamed(release, withoutCRDs("fullnameOverride: ek"), "ek")
		}
	})

	It("takes the place of the spread of replicas", func() {
		rendered := render(withoutCRDs("topologySpreadConstraints: [{maxSkew: 2, topologyKey: rack}]"))
		spec := rendered[deployment]["spec"].(object)["template"].(object)["spec"].(object)
		Expect(spec["topologySpreadConstraints"]).To(Equal([]any{object{"maxSkew": 2.0, "topologyKey": "rack"}}))
	})

	It("lets the controller have its rights in the watched namespaces alone", func() {
		rendered := render(withoutCRDs("watchNamespaces: [dns]"))
		subjects := []any{object{"kind": "ServiceAccount", "name": "evenkeel-controller-manager", "namespace": namespace}}
		role := func(name string) object {
			return object{"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": name}
		}
		Expect(rendered["RoleBinding/dns/evenkeel-manager-rolebinding"]).To(And(
			HaveKeyWithValue("roleRef", role("evenkeel-manager-role")), HaveKeyWithValue("subjects", subjects)))
		Expect(rendered["ClusterRoleBinding/evenkeel-namespace-reader"]).To(And(
			HaveKeyWithValue("roleRef", role("evenkeel-namespace-reader")), HaveKeyWithValue("subjects", subjects)))
		Expect(rendered["ClusterRole/evenkeel-namespace-reader"]["rules"]).To(Equal([]any{
			object{"apiGroups": []any{""}, "resources": []any{"namespaces"}, "verbs": []any{"get", "list", "watch"}}}))
	})

	It("has the ServiceMonitor follow labels, interval and plain HTTP", func() {
		rendered := render("metrics: {secure: false, serviceMonitor: {enabled: true, labels: {release: prometheus, control-plane: other}, interval: 30s}}\ncrds: {enabled: false}")[monitor]
		Expect(rendered["metadata"]).To(HaveKeyWithValue("labels", And(
			HaveKeyWithValue("release", "prometheus"), HaveKeyWithValue("control-plane", "controller-manager"))))
		Expect(rendered["spec"]).To(HaveKeyWithValue("endpoints", []any{object{"port": "http", "path": "/metrics", "scheme": "http", "interval": "30s"}}))
	})
})

// expectNamed checks that all names begin with the prefix and are short enough for any object.
func expectNamed(release, values, prefix string) {
	GinkgoHelper()
	text, err := template(release, values)
	Expect(err).NotTo(HaveOccurred())
	for key, obj := range decode(text) {
		name := obj["metadata"].(object)["name"].(string)
		Expect(name).To(HavePrefix(prefix+"-"), key)
		Expect(len(name)).To(BeNumerically("<=", 63), key)
	}
	Expect(text).NotTo(ContainSubstring(prefix + "-" + prefix))
}

// paths are those of the values: empty maps and lists, whose content is the user's, are values.
func paths(path string, value any) []string {
	members, ok := value.(object)
	if !ok || len(members) == 0 {
		return []string{path}
	}
	var found []string
	for key, member := range members {
		found = append(found, paths(path+"."+key, member)...)
	}
	return found
}
