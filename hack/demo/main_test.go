package main

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("Ports", func() {
	DescribeTable("are read", func(text string, once bool, want int) {
		Expect(parsePort(text, 4566, once)).To(Equal(want))
	},
		Entry("the usual one", "", false, 4566), Entry("any when checking", "", true, 0),
		Entry("given", "4600", true, 4600), Entry("any", "0", false, 0),
	)

	DescribeTable("are refused", func(text string) {
		_, err := parsePort(text, 4566, false)
		Expect(err).To(MatchError(ContainSubstring("give one from 1 to 65535, or 0 for any that is free")))
	},
		Entry("text", "tcp://10.0.0.1:53"), Entry("too high", "65536"), Entry("negative", "-1"),
	)
})

var _ = Describe("ONCE", func() {
	DescribeTable("is set", func(value string, set bool) { Expect(isSet(value)).To(Equal(set)) },
		Entry("by 1", "1", true), Entry("by yes", "yes", true), Entry("not by nothing", "", false), Entry("not by 0", "0", false))
})
