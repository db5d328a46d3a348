package controllers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/route53"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// crashed are the operations that crashAndFail tells of.
var crashed = map[string]bool{}

var _ = DescribeTable("Any write to Route 53 may be the last, in some table", func(folder string, tables func() map[string]bool) {
	written := route53Writes(folder)
	Expect(written).NotTo(BeEmpty(), "the code is somewhere else now")
	told := tables()
	Expect(slices.DeleteFunc(written, func(operation string) bool { return told[operation] })).To(BeEmpty(),
		"operations of which no table tells that the controller may die before and after them, and that they may fail")
},
	Entry("of zones", "hostedzone", func() map[string]bool { return toldBy(acts, func(a act) []string { return a.calls }) }),
	Entry("of records", "recordset", func() map[string]bool { return toldBy(acts, func(a act) []string { return a.calls }) }),
	Entry("of health checks", "healthcheck", func() map[string]bool { return toldBy(checkActs, func(a checkAct) []string { return a.calls }) }),
)

// toldBy are the operations that a table tells of, and those of crashAndFail, which no longer grow when specs run.
func toldBy[T any](table []T, calls func(T) []string) map[string]bool {
	told := map[string]bool{}
	for operation := range crashed {
		told[operation] = true
	}
	for _, row := range table {
		for _, operation := range calls(row) {
			told[operation] = true
		}
	}
	return told
}

// route53Writes are the operations of Route 53 that the code of a package calls and that change something, sorted.
func route53Writes(folder string) []string {
	GinkgoHelper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	Expect(err).NotTo(HaveOccurred())
	written := map[string]bool{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		Expect(err).NotTo(HaveOccurred())
		ast.Inspect(parsed, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok && changesRoute53(selector.Sel.Name) {
				written[selector.Sel.Name] = true
			}
			return true
		})
	}
	operations := make([]string, 0, len(written))
	for operation := range written {
		operations = append(operations, operation)
	}
	slices.Sort(operations)
	return operations
}

// changesRoute53 reports whether a name is that of an operation which changes something.
func changesRoute53(name string) bool {
	_, exists := reflect.TypeFor[*route53.Client]().MethodByName(name)
	reads := slices.ContainsFunc([]string{"Get", "List", "Test", "Options"}, func(prefix string) bool { return strings.HasPrefix(name, prefix) })
	return exists && !reads
}
