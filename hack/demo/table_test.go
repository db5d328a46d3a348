package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func uncoloured(_ color, text string) string { return text }

var _ = Describe("The table", func() {
	ready := row{name: "hz/example", record: "example.com.", recordType: "zone", ready: "True", reason: "Converged", message: "Fine."}
	waiting := row{name: "rrset/www", record: "www.example.com.", recordType: "A", ready: "False", reason: "Propagating", message: "On its way."}
	stalled := row{name: "rrset/bad", record: "bad.example.com.", recordType: "A", ready: "False", reason: "Conflict", message: "Somebody has it.", stalled: true}

	It("aligns columns and tells why rows are not Ready, what a person must do first", func() {
		Expect(renderTable([]row{ready, waiting, stalled}, 80, 24, uncoloured)).To(HaveExactElements(
			"KIND/NAME   RECORD            TYPE  READY  REASON",
			"hz/example  example.com.      zone  True   Converged",
			"rrset/www   www.example.com.  A     False  Propagating",
			"rrset/bad   bad.example.com.  A     False  Conflict",
			"rrset/bad: Somebody has it.",
			"rrset/www: On its way.",
		))
	})

	It("tells messages that are alike once", func() {
		other := waiting
		other.name, other.message = "rrset/other", "The other one is on its way."
		lines := renderTable([]row{waiting, other}, 80, 24, uncoloured)
		Expect(lines[len(lines)-1]).To(Equal("rrset/www: On its way. (1 more alike)"))
	})

	DescribeTable("stays within the screen", func(count, width, height int) {
		rows := []row{}
		for i := range count {
			r := waiting
			if i%2 == 0 {
				r = ready
			}
			r.name = fmt.Sprintf("rrset/a-name-that-goes-on-and-on-%d", i)
			r.message = strings.Repeat("word ", 60)
			rows = append(rows, r)
		}
		lines := renderTable(rows, width, height, uncoloured)
		Expect(len(lines)).To(BeNumerically("<", height))
		for _, line := range lines {
			Expect(utf8.RuneCountInString(line)).To(BeNumerically("<", width), line)
		}
	},
		Entry("few", 5, 80, 24), Entry("as many as lines", 22, 80, 24), Entry("many", 500, 80, 24),
		Entry("wide", 14, 200, 60), Entry("narrow", 14, 40, 24), Entry("flat", 14, 80, 8), Entry("none", 0, 80, 24),
	)

	It("leaves out Ready rows first", func() {
		rows := []row{ready, ready, ready, ready, ready, waiting, stalled}
		lines := renderTable(rows, 80, 9, uncoloured)
		Expect(lines).To(ContainElements(HavePrefix("rrset/www "), HavePrefix("rrset/bad "), Equal("… and 3 more")))
	})

	It("wraps and cuts by characters, not bytes", func() {
		Expect(cut("äöü", 3)).To(Equal("äöü"))
		Expect(cut("äöüß", 3)).To(Equal("äö…"))
		Expect(wrap("one two three", 7)).To(HaveExactElements("one two", "  three"))
	})
})
