package packaging_test

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = DescribeTable("The chart refuses", func(values, where string) {
	_, err := template("evenkeel", values)
	Expect(err).To(MatchError(ContainSubstring(where)))
},
	Entry("what it does not know", `replica: 2`, "replica"),
	Entry("what it does not know, further down", `controller: {resync: 5m}`, "resync"),
	Entry("a name that is none", `fullnameOverride: Even_Keel`, "/fullnameOverride"),
	Entry("a name that is too long", `fullnameOverride: a-name-of-twenty-nine-letters-`, "/fullnameOverride"),
	Entry("a name that is no text", `fullnameOverride: 7`, "/fullnameOverride"),
	Entry("no image", `image: {repository: ""}`, "/image/repository"),
	Entry("a tag that is none", `image: {tag: "a b"}`, "/image/tag"),
	Entry("a tag that is a number", `image: {tag: 1.10}`, "/image/tag"),
	Entry("a digest that is none", `image: {digest: "sha256:0"}`, "/image/digest"),
	Entry("a pull policy that is none", `image: {pullPolicy: Sometimes}`, "/image/pullPolicy"),
	Entry("pull secrets that are no references", `imagePullSecrets: [registry]`, "/imagePullSecrets/0"),
	Entry("a switch that is none", `crds: {enabled: "false"}`, "/crds/enabled"),
	Entry("replicas below none", `replicas: -1`, "/replicas"),
	Entry("half a replica", `replicas: 1.5`, "/replicas"),
	Entry("two that work at a time", `{replicas: 2, leaderElection: false}`, "/leaderElection"),
	Entry("no region", `aws: {region: ""}`, "/aws/region"),
	Entry("a zone as region", `aws: {region: us-east-1a}`, "/aws/region"),
	Entry("an endpoint that is no URL", `aws: {endpointURL: "localhost:4566"}`, "/aws/endpointURL"),
	Entry("annotations that are no text", `serviceAccount: {annotations: {a: 1}}`, "/serviceAccount/annotations/a"),
	Entry("a namespace that is none", `watchNamespaces: [Kube_System]`, "/watchNamespaces/0"),
	Entry("a namespace twice", `watchNamespaces: [dns, dns]`, "/watchNamespaces"),
	Entry("namespaces in one text", `watchNamespaces: "dns,web"`, "/watchNamespaces"),
	Entry("a period without a unit", `controller: {resyncPeriod: "300"}`, "/controller/resyncPeriod"),
	Entry("a period that is a number", `controller: {resyncPeriod: 300}`, "/controller/resyncPeriod"),
	Entry("a resolver without a port", `controller: {resolver: 10.0.0.2}`, "/controller/resolver"),
	Entry("no share", `controller: {awsRequestShare: 0}`, "/controller/awsRequestShare"),
	Entry("more than all", `controller: {awsRequestShare: 1.1}`, "/controller/awsRequestShare"),
	Entry("a log level that is none", `controller: {logLevel: loud}`, "/controller/logLevel"),
	Entry("arguments that are no flags", `extraArgs: [leader-elect]`, "/extraArgs/0"),
	Entry("a port that a restricted pod cannot have", `metrics: {port: 443}`, "/metrics/port"),
	Entry("the port of the probes", `metrics: {port: 8081}`, "/metrics/port"),
	Entry("an interval that is none", `metrics: {serviceMonitor: {interval: "30"}}`, "/metrics/serviceMonitor/interval"),
	Entry("resources that are none", `resources: {limit: {}}`, "/resources"),
	Entry("a memory limit in Kubernetes' units", `goMemLimit: 230Mi`, "/goMemLimit"),
	Entry("a variable without a name", `env: [{value: x}]`, "/env/0"),
)
