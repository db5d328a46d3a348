package recordset

import (
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

var _ = DescribeTable("A zone allows names by patterns",
	func(name string, allowed bool, patterns ...v1alpha1.NamePattern) {
		Expect(allowsName(patterns, name, "corp.example.")).To(Equal(allowed))
	},
	Entry("no patterns, every name", "www.corp.example.", true),
	Entry("the name itself", "team-a.corp.example.", true, v1alpha1.NamePattern("team-a")),
	Entry("case makes no difference", "team-a.corp.example.", true, v1alpha1.NamePattern("Team-A")),
	Entry("another name", "www.corp.example.", false, v1alpha1.NamePattern("team-a"), v1alpha1.NamePattern("*.team-a")),
	Entry("a name below", "web.team-a.corp.example.", true, v1alpha1.NamePattern("*.team-a")),
	Entry("a name far below", "x.y.team-a.corp.example.", true, v1alpha1.NamePattern("*.team-a")),
	Entry("a pattern for what is below does not allow the name itself", "team-a.corp.example.", false, v1alpha1.NamePattern("*.team-a")),
	Entry("a name that only ends alike", "xteam-a.corp.example.", false, v1alpha1.NamePattern("*.team-a"), v1alpha1.NamePattern("team-a")),
	Entry("every name below the zone", "a.b.corp.example.", true, v1alpha1.NamePattern("*")),
	Entry("the apex is not below itself", "corp.example.", false, v1alpha1.NamePattern("*")),
	Entry("the apex", "corp.example.", true, v1alpha1.NamePattern("@")),
	Entry("a wildcard record below", `\052.team-a.corp.example.`, true, v1alpha1.NamePattern("*.team-a")),
)
