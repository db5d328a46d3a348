package argohealth_test

import (
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/internal/argohealth"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

const root = "../../../"

func TestArgoHealth(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "argohealth")
}

// objects are one of each kind, of generation 2, as an API server gives them out that nobody has looked at.
func objects() []lifecycle.Object {
	all := []lifecycle.Object{&v1alpha1.HostedZone{}, &v1alpha1.RecordSet{}, &v1alpha1.LoadBalancer{}, &v1alpha1.AutoScalingGroup{}}
	scheme := runtime.NewScheme()
	Expect(v1alpha1.AddToScheme(scheme)).To(Succeed())
	for _, obj := range all {
		kinds, _, err := scheme.ObjectKinds(obj)
		Expect(err).NotTo(HaveOccurred())
		obj.GetObjectKind().SetGroupVersionKind(kinds[0])
		obj.SetNamespace("dns")
		obj.SetName("web")
		obj.SetGeneration(2)
		obj.CommonStatus().ObservedGeneration = -1
	}
	return all
}

// reasons are the reasons of conditions that api/v1alpha1 has.
func reasons() []string {
	file, err := parser.ParseFile(token.NewFileSet(), root+"api/v1alpha1/conditions.go", nil, 0)
	Expect(err).NotTo(HaveOccurred())
	var found []string
	ast.Inspect(file, func(node ast.Node) bool {
		if spec, ok := node.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Reason") {
			reason, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			Expect(err).NotTo(HaveOccurred())
			found = append(found, reason)
		}
		return true
	})
	Expect(len(found)).To(BeNumerically(">", 20))
	return found
}

var _ = Describe("Argo CD's health of an object", func() {
	var checks argohealth.Checks

	BeforeEach(func() {
		var err error
		checks, err = argohealth.Load(root + argohealth.File)
		Expect(err).NotTo(HaveOccurred())
	})

	expectHealth := func(obj lifecycle.Object, status, message string) {
		GinkgoHelper()
		health, err := checks.Of(obj)
		Expect(err).NotTo(HaveOccurred())
		Expect(health).To(Equal(argohealth.Health{Status: status, Message: message}))
	}
	const unseen = "Evenkeel has not looked at this version of it yet."

	It("is there for all kinds, and only them", func() {
		files, err := filepath.Glob(root + "config/crd/bases/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		Expect(files).NotTo(BeEmpty())
		Expect(checks).To(HaveLen(len(files)))
		for _, file := range files {
			names := readCRD(file).Spec
			Expect(checks).To(HaveKey(schema.GroupKind{Group: names.Group, Kind: names.Names.Kind}))
		}
	})

	DescribeTable("follows how a turn ended, whatever the reason", func(outcome func(reason string) lifecycle.Outcome, want string) {
		for _, reason := range reasons() {
			for _, obj := range objects() {
				lifecycle.Summarize(obj, outcome(reason))
				status := want
				if reports := reason == v1alpha1.ReasonPlanOnly || reason == v1alpha1.ReasonObserveOnly; want == "Suspended" && !reports {
					status = "Degraded" // not Ready, and nobody is at work on it or says why
				}
				expectHealth(obj, status, "What "+reason+" says.")
				obj.SetGeneration(3)
				expectHealth(obj, "Progressing", unseen)
			}
		}
	},
		Entry("converged", func(reason string) lifecycle.Outcome {
			return lifecycle.Outcome{State: lifecycle.Converged, Reason: reason, Message: "What " + reason + " says."}
		}, "Healthy"),
		Entry("waiting", func(reason string) lifecycle.Outcome {
			return lifecycle.Wait(reason, "What "+reason+" says.", time.Second)
		}, "Progressing"),
		Entry("failing", func(reason string) lifecycle.Outcome {
			return lifecycle.Fail(reason, "What "+reason+" says.", errors.New("broken"))
		}, "Progressing"),
		Entry("stalled", func(reason string) lifecycle.Outcome { return lifecycle.Stall(reason, "What "+reason+" says.") }, "Degraded"),
		Entry("reported, without differences", func(reason string) lifecycle.Outcome {
			return lifecycle.Outcome{State: lifecycle.Reported, Reason: reason, Message: "What " + reason + " says.", Ready: true}
		}, "Healthy"),
		Entry("reported, with differences", func(reason string) lifecycle.Outcome {
			return lifecycle.Outcome{State: lifecycle.Reported, Reason: reason, Message: "What " + reason + " says."}
		}, "Suspended"),
	)

	It("waits for the first look", func() {
		for _, obj := range objects() {
			expectHealth(obj, "Progressing", unseen)
			lifecycle.Summarize(obj, lifecycle.Done("All is well."))
			expectHealth(obj, "Healthy", "All is well.")
		}
	})

	DescribeTable("is never unknown, whatever the status lacks", func(status string) {
		for kind, script := range checks {
			var content map[string]any
			Expect(yaml.Unmarshal([]byte("{apiVersion: aws.evenkeel.io/v1alpha1, metadata: {name: web, generation: 2}"+status+"}"), &content)).To(Succeed())
			health, err := argohealth.Run(script, content)
			Expect(err).NotTo(HaveOccurred(), kind.Kind)
			Expect(health).To(Equal(argohealth.Health{Status: "Progressing", Message: unseen}))
		}
	},
		Entry("no status", ""),
		Entry("null", ", status: null"),
		Entry("empty", ", status: {}"),
		Entry("of no generation", ", status: {conditions: [{type: Ready, status: 'True', message: All is well.}]}"),
		Entry("of a null generation", ", status: {observedGeneration: null, conditions: [{type: Ready, status: 'True', message: All is well.}]}"),
		Entry("as the CRD's default", ", status: {observedGeneration: -1}"),
		Entry("without conditions", ", status: {observedGeneration: 2}"),
		Entry("with null conditions", ", status: {observedGeneration: 2, conditions: null}"),
		Entry("without Ready", ", status: {observedGeneration: 2, conditions: [{type: Signed, status: 'True', message: It is signed.}]}"),
	)

	It("does not depend on the kind's own conditions", func() {
		for _, obj := range objects() {
			lifecycle.SetCondition(obj, v1alpha1.ConditionTargetsHealthy, false, v1alpha1.ReasonUnhealthy, "No target is healthy.")
			lifecycle.Summarize(obj, lifecycle.Done("All is well."))
			expectHealth(obj, "Healthy", "All is well.")
		}
	})

	It("tells a long message whole", func() {
		message := strings.Repeat("“quoted” %d \\n ünïcode\n", 1300)
		for _, obj := range objects() {
			lifecycle.Summarize(obj, lifecycle.Stall(v1alpha1.ReasonConflict, message))
			expectHealth(obj, "Degraded", message)
		}
	})

	It("is Progressing while the object is being deleted, and says what blocks it", func() {
		for _, obj := range objects() {
			lifecycle.Summarize(obj, lifecycle.Done("All is well."))
			now := metav1.Now()
			obj.SetDeletionTimestamp(&now)
			obj.SetGeneration(3) // as the API server does
			expectHealth(obj, "Progressing", "It is being deleted.")
			lifecycle.Summarize(obj, lifecycle.Wait(v1alpha1.ReasonDeletionBlocked, "The zone holds records of others.", time.Minute))
			expectHealth(obj, "Progressing", "The zone holds records of others.")
			lifecycle.Summarize(obj, lifecycle.Stall(v1alpha1.ReasonAccessDenied, "The zone may not be deleted."))
			expectHealth(obj, "Progressing", "The zone may not be deleted.")
		}
	})

	It("needs no ignored differences: no CRD fills in a spec", func() {
		files, err := filepath.Glob(root + "config/crd/bases/*.yaml")
		Expect(err).NotTo(HaveOccurred())
		for _, file := range files {
			for _, version := range readCRD(file).Spec.Versions {
				spec := version.Schema.OpenAPIV3Schema.Properties["spec"]
				Expect(defaults("spec", &spec)).To(BeEmpty(), "Argo CD compares lists as a whole: a default in git's list differs for ever")
			}
		}
	})
})

func readCRD(path string) *apiextensionsv1.CustomResourceDefinition {
	GinkgoHelper()
	content, err := os.ReadFile(path)
	Expect(err).NotTo(HaveOccurred())
	crd := &apiextensionsv1.CustomResourceDefinition{}
	Expect(yaml.UnmarshalStrict(content, crd)).To(Succeed())
	return crd
}

// defaults are the paths of the fields that have a default.
func defaults(path string, schema *apiextensionsv1.JSONSchemaProps) []string {
	var found []string
	if schema.Default != nil {
		found = append(found, path)
	}
	for name := range schema.Properties {
		property := schema.Properties[name]
		found = append(found, defaults(path+"."+name, &property)...)
	}
	if schema.Items != nil && schema.Items.Schema != nil {
		found = append(found, defaults(path+"[]", schema.Items.Schema)...)
	}
	if schema.AdditionalProperties != nil && schema.AdditionalProperties.Schema != nil {
		found = append(found, defaults(path+"{}", schema.AdditionalProperties.Schema)...)
	}
	return found
}
