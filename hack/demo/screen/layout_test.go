package screen

import (
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/demo/record"
	"github.com/evenkeel/evenkeel/hack/demo/scene"
	"github.com/evenkeel/evenkeel/hack/demo/stage"
)

// view is a demo in its second act.
func view(instances, objects int) View {
	v := View{
		Title: "2/11 An instance dies",
		Told:  "The server on one instance starts to answer every request with 503. The health check must see it.",
		News:  []string{"first", "noticed after 2.5 s: the load balancer took the instance out of rotation", "last"},
		Keys:  "p pause · n next · q quit", Elapsed: 65 * time.Second, Now: 65 * time.Second, Sent: 1500, Failed: 12,
		Versions: map[string]int64{"i-00000000000000000": 2},
		Scene: scene.Scene{
			Objects: []scene.Object{
				{Ref: "hz/mywebsite", Ready: "True", Reason: "Converged", Message: "Hosted zone Z3DP0GEG2EKJE84IZEJ9R is as declared, on all of its name servers."},
				{Ref: "lb/web", Ready: "False", Reason: "WaitingForAWS", Message: "AWS is setting up the load balancer."},
			},
			Events: []stage.Event{{About: "lb/web", Reason: "Created", Detail: "Created load balancer default-web."}},
		},
	}
	for i := range objects {
		v.Scene.Objects = append(v.Scene.Objects, scene.Object{Ref: fmt.Sprintf("rrset/a-name-that-goes-on-%d", i), Ready: "True", Reason: "Converged", Message: strings.Repeat("wörd ", 40)})
	}
	for i := range instances {
		v.Scene.Instances = append(v.Scene.Instances, scene.Instance{ID: fmt.Sprintf("i-%017d", i), Zone: "us-east-1a", State: scene.States[i%len(scene.States)]})
	}
	for i := range 50 {
		r := record.Request{Sent: 63*time.Second + time.Duration(i)*40*time.Millisecond, Instance: fmt.Sprintf("i-%017d", i%2)}
		if i%10 == 9 {
			r.Failure = "HTTP 503"
		}
		v.Recent = append(v.Recent, r)
	}
	return v
}

var _ = Describe("The screen", func() {
	It("shows all of it in 80 columns and 24 lines", func() {
		lines := view(2, 0).Layout(80, 24)
		Expect(lines).To(HaveExactElements(
			"Evenkeel · 2/11 An instance dies                p pause · n next · q quit  1:05",
			"The server on one instance starts to answer every request with 503. The health",
			"  check must see it.",
			"→ noticed after 2.5 s: the load balancer took the instance out of rotation",
			"→ last",
			"",
			"OBJECT       READY REASON            MESSAGE",
			"hz/mywebsite True  Converged         Hosted zone Z3DP0GEG2EKJE84IZEJ9R is as d…",
			"lb/web       False WaitingForAWS     AWS is setting up the load balancer.",
			"lb/web: AWS is setting up the load balancer.",
			"",
			"INSTANCE             ZONE        STATE     TEMPLATE REQUESTS/S",
			"i-00000000000000000  us-east-1a  starting  v2        12  54 % █████████",
			"i-00000000000000001  us-east-1a  healthy   –         10  45 % ███████",
			"",
			"1500 requests sent, 12 failed; the last 53 seconds:",
			"answered/s  "+strings.Repeat(" ", 51)+"██  22",
			"failed/s    "+strings.Repeat(" ", 51)+"▁▂   3 HTTP 503",
			"Event lb/web Created: Created load balancer default-web.",
		))
	})

	DescribeTable("stays within the terminal, and keeps what matters most", func(instances, objects, width, height int) {
		lines := view(instances, objects).Layout(width, height)
		Expect(len(lines)).To(BeNumerically("<", height))
		for _, line := range lines {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<", width), line)
		}
		if height >= 24 {
			Expect(lines).To(ContainElement(HavePrefix("failed/s")))
			Expect(lines).To(ContainElement(HavePrefix("lb/web")))
		}
	},
		Entry("as the demo is", 3, 4, 80, 24), Entry("many instances", 12, 4, 80, 24), Entry("many objects", 3, 30, 80, 24),
		Entry("wide", 5, 6, 200, 60), Entry("narrow", 3, 4, 40, 24), Entry("flat", 3, 4, 80, 8), Entry("empty", 0, 0, 80, 24),
	)
})

var _ = Describe("Text", func() {
	It("is wrapped and cut by characters, not bytes", func() {
		Expect(cut("äöü", 3)).To(Equal("äöü"))
		Expect(cut("äöüß", 3)).To(Equal("äö…"))
		Expect(wrap("one two three", 7)).To(HaveExactElements("one two", "  three"))
		Expect(pad("ä", 3)).To(Equal("ä  "))
	})

	It("draws numbers as heights, and what is not nothing as something", func() {
		Expect(spark([]int{0, 1, 50, 100, 150}, 100)).To(Equal(" ▁▄██"))
		Expect(spark([]int{0, 0}, 0)).To(Equal("  "))
	})
})
