package scene

import (
	"time"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// manifest decodes one object.
func manifest(text string) stage.Object {
	GinkgoHelper()
	objects, err := stage.Decode([]byte(text))
	Expect(err).NotTo(HaveOccurred())
	Expect(objects).To(HaveLen(1))
	return objects[0]
}

const balancer = `
apiVersion: aws.evenkeel.io/v1alpha1
kind: LoadBalancer
metadata: {name: web, generation: 2`

var _ = Describe("An object", func() {
	DescribeTable("stands as its conditions say", func(rest string, want Object) {
		Expect(objectOf(manifest(balancer + rest))).To(Equal(want))
	},
		Entry("new", "}", Object{Ref: "lb/web", Ready: "-", Reason: "-"}),
		Entry("Ready", "}\nstatus: {conditions: [{type: Ready, status: \"True\", reason: Converged, message: Fine., observedGeneration: 2}]}",
			Object{Ref: "lb/web", Ready: "True", Reason: "Converged", Message: "Fine."}),
		Entry("Ready for an older generation", "}\nstatus: {conditions: [{type: Ready, status: \"True\", reason: Converged, observedGeneration: 1}]}",
			Object{Ref: "lb/web", Ready: "-", Reason: "-"}),
		Entry("stalled", "}\nstatus: {conditions: [{type: Stalled, status: \"True\", reason: Conflict}, {type: Ready, status: \"False\", reason: Conflict, message: Taken., observedGeneration: 2}]}",
			Object{Ref: "lb/web", Ready: "False", Reason: "Conflict", Message: "Taken.", Stalled: true}),
		Entry("Ready, but being deleted", ", deletionTimestamp: \"2026-01-02T03:04:05Z\"}\nstatus: {conditions: [{type: Ready, status: \"True\", reason: Converged, observedGeneration: 2}]}",
			Object{Ref: "lb/web", Ready: "False", Reason: "Deleting", Message: "The object is being deleted.", Deleting: true}),
	)

	It("tells its message only while it is not Ready", func() {
		Expect(Object{Ref: "lb/web", Ready: "True", Reason: "Converged", Message: "Fine."}.Line()).To(Equal("lb/web Ready=True Converged"))
		Expect(Object{Ref: "lb/web", Ready: "False", Reason: "Creating", Message: "Soon."}.Line()).To(Equal("lb/web Ready=False Creating: Soon."))
	})
})

var _ = Describe("An instance", func() {
	DescribeTable("is in the state that matters to requests", func(ec2, target, want string) {
		Expect(instanceOf(stage.Instance{State: ec2}, target).State).To(Equal(want))
	},
		Entry("new", "pending", "", Starting), Entry("not yet checked", "running", "initial", Starting), Entry("serving", "running", "healthy", Healthy),
		Entry("failing its health check", "running", "unhealthy", Unhealthy), Entry("leaving", "running", "draining", Draining),
		Entry("not a target", "running", "", Aside), Entry("without a load balancer", "running", "unused", Aside),
		Entry("ends before it has drained", "shutting-down", "draining", Ending),
	)

	It("is shown by zone, the oldest first", func() {
		now := time.Now()
		older, newer, other := Instance{ID: "i-2", Zone: "a", Launched: now}, Instance{ID: "i-1", Zone: "a", Launched: now.Add(1)}, Instance{ID: "i-0", Zone: "b"}
		Expect(byZoneAndAge(older, newer)).To(BeNumerically("<", 0))
		Expect(byZoneAndAge(other, newer)).To(BeNumerically(">", 0))
	})
})

var _ = Describe("A watcher", func() {
	It("keeps the order of the manifests and tells what changed", func() {
		zone := manifest("{apiVersion: v1, kind: HostedZone, metadata: {name: z}}")
		record := manifest("{apiVersion: v1, kind: RecordSet, metadata: {name: r}}")
		other := manifest("{apiVersion: v1, kind: RecordSet, metadata: {name: a}}")
		w := NewWatcher(nil, nil, []stage.Object{zone, record})
		var told []string
		w.Changed = func(o Object, gone bool) {
			if gone {
				o.Ref += " gone"
			}
			told = append(told, o.Ref)
		}
		for _, obj := range []stage.Object{other, record, zone, zone} {
			w.take(stage.Change{Object: obj})
		}
		w.take(stage.Change{Object: record, Gone: true})
		seen, err := w.Scene()
		Expect(err).NotTo(HaveOccurred())
		Expect(seen.Objects).To(HaveExactElements(HaveField("Ref", "hz/z"), HaveField("Ref", "rrset/a")))
		Expect(told).To(HaveExactElements("rrset/a", "rrset/r", "hz/z", "rrset/r gone"), "the second hz/z tells nothing new")
	})

	It("tells every event once", func() {
		w := NewWatcher(nil, nil, nil)
		var told []string
		w.Told = func(e stage.Event) { told = append(told, e.Reason) }
		created, again := stage.Event{At: time.Unix(1, 0), Reason: "Created"}, stage.Event{At: time.Unix(2, 0), Reason: "Created"}
		w.hear([]stage.Event{created})
		w.hear([]stage.Event{created, again})
		Expect(told).To(HaveExactElements("Created", "Created"))
	})
})
