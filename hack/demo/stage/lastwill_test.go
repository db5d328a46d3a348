package stage

import (
	"os"
	"path/filepath"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("The last will", func() {
	var child *process
	var will *lastWill
	BeforeEach(func() {
		var err error
		child, err = start("child", filepath.Join(GinkgoT().TempDir(), "log"), os.Environ(), "/bin/sh", "-c", "sleep 600")
		Expect(err).NotTo(HaveOccurred())
		DeferCleanup(func() { _ = child.stop() })
		will, err = writeLastWill()
		Expect(err).NotTo(HaveOccurred())
		Expect(will.name()).To(Succeed())
	})

	It("ends the children of a demo whose pipe the system has closed", func() {
		Expect(will.pipe.Close()).To(Succeed())
		Eventually(child.ended).WithTimeout(stopTimeout).Should(BeClosed())
		Expect(child.death()).To(MatchError(ContainSubstring("terminated")))
	})

	It("ends nothing once it is revoked", func() {
		Expect(will.revoke()).To(Succeed())
		Consistently(child.ended).ShouldNot(BeClosed())
	})

	It("is about the demo's own children alone", func() {
		Expect(childrenIn("  10 1\n 11 10\n12 10\n13 11\nodd\n", 10, 12)).To(Equal([]int{11}))
	})
})
