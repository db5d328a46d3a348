// Package codectest helps to prove protocols against the SDK: what its client
// sends, and what it reads.
package codectest

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"
)

// Body is what the body of a snapshot in an SDK's module holds.
func Body(module, snapshot string) string {
	ginkgo.GinkgoHelper()
	directory, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(directory)), snapshot))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	parts := strings.Split(strings.TrimSpace(string(raw)), "\n\n")
	return parts[len(parts)-1]
}

// Direct is an HTTP client that gives requests to a handler without a network.
type Direct struct{ http.Handler }

// Do serves the request.
func (d Direct) Do(r *http.Request) (*http.Response, error) {
	answer := httptest.NewRecorder()
	d.ServeHTTP(answer, r)
	return answer.Result(), nil
}

// Fill sets every member of the struct that target points to, each to
// something of its own. A struct is not entered again inside of itself.
func Fill(target any) {
	ginkgo.GinkgoHelper()
	n := 0
	fill(reflect.ValueOf(target).Elem(), &n, map[reflect.Type]bool{})
}

func fill(v reflect.Value, n *int, within map[reflect.Type]bool) {
	*n++
	if v.Type() == reflect.TypeFor[time.Time]() {
		v.Set(reflect.ValueOf(time.Unix(int64(1_700_000_000+*n), 0).UTC()))
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(v.Elem(), n, within)
	case reflect.String:
		v.SetString(fmt.Sprintf("text <&> %d", *n))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int32, reflect.Int64:
		v.SetInt(int64(*n))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(*n) + 0.5)
	case reflect.Slice:
		if v.Type().Elem().Kind() == reflect.Uint8 {
			v.SetBytes(fmt.Appendf(nil, "blob %d", *n))
			return
		}
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		fill(v.Index(0), n, within)
		fill(v.Index(1), n, within)
	case reflect.Struct:
		fillStruct(v, n, within)
	default:
		ginkgo.Fail("no filling for " + v.Type().String())
	}
}

func fillStruct(v reflect.Value, n *int, within map[reflect.Type]bool) {
	if within[v.Type()] {
		return
	}
	within[v.Type()] = true
	for i := range v.NumField() {
		if field := v.Type().Field(i); field.IsExported() && field.Name != "ResultMetadata" {
			fill(v.Field(i), n, within)
		}
	}
	delete(within, v.Type())
}
