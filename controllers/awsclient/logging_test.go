package awsclient

import (
	"net/http"
	"strings"

	"github.com/go-logr/logr"
	"github.com/go-logr/logr/funcr"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

var _ = Describe("What the SDK has to say", func() {
	It("comes into the log of the turn, and elsewhere into that of the controller", func(ctx SpecContext) {
		// A connection that breaks right after a whole answer makes the SDK complain, and the call has gone well.
		f := newFakeAWS(always(answer{200, noZones}))
		whole := f.Config.Handler
		f.Config.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Length", "100000")
			whole.ServeHTTP(w, r)
			Expect(http.NewResponseController(w).Flush()).To(Succeed())
			panic(http.ErrAbortHandler)
		})
		var told []string
		logger := func(verbosity int) logr.Logger {
			return funcr.New(func(_, args string) { told = append(told, args) }, funcr.Options{Verbosity: verbosity})
		}
		o := Options{}
		o.Logger = logger(1).WithValues("of", "controller")
		c := clientsFor(ctx, f, o)
		Expect(listZones(ctx, c)).To(Succeed())
		Expect(listZones(logr.NewContext(ctx, logger(1).WithValues("of", "turn")), c)).To(Succeed())
		Expect(listZones(logr.NewContext(ctx, logger(0)), c)).To(Succeed(), "most do not want to know")
		Expect(told).To(HaveExactElements(
			And(ContainSubstring("failed to discard"), ContainSubstring("controller"), Not(ContainSubstring("turn"))),
			And(ContainSubstring("failed to discard"), ContainSubstring("turn")),
		), strings.Join(told, "\n"))
	})
})
