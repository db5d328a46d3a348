// Package codectest helps to prove protocols against the SDK: what its client
// sends, and what it reads.
package codectest

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/onsi/ginkgo/v2"
	"github.com/onsi/gomega"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// Environment is what a service needs that is asked for nothing but its definition.
func Environment() *frame.Environment {
	clock := frame.RealClock{}
	return &frame.Environment{
		Clock: clock, Random: frame.NewRandom(1), Identities: frame.NewIdentities(clock), VPCs: frame.NewVPCs(), Changed: func() {},
	}
}

// Config is that of a real client whose requests go to a handler.
func Config(handler http.Handler) aws.Config {
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: aws.String("http://simulated"), HTTPClient: Direct{handler},
		Retryer: func() aws.Retryer { return aws.NopRetryer{} },
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "AKIATEST", SecretAccessKey: "secret"}, nil
		}),
	}
}

// Call calls an operation of a client by its name.
func Call(ctx context.Context, client any, operation string, in any) (any, error) {
	results := reflect.ValueOf(client).MethodByName(operation).Call([]reflect.Value{reflect.ValueOf(ctx), reflect.ValueOf(in)})
	err, _ := results[1].Interface().(error)
	return results[0].Interface(), err
}

// Answering sends a response whatever is asked.
func Answering(response frame.Response) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		for key, values := range response.Header {
			w.Header()[key] = values
		}
		w.WriteHeader(response.Status)
		_, _ = w.Write(response.Body)
	})
}

// Snapshot is a snapshot in an SDK's module, as it is.
func Snapshot(module, snapshot string) []byte {
	ginkgo.GinkgoHelper()
	directory, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", module).Output()
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(directory)), snapshot))
	gomega.Expect(err).NotTo(gomega.HaveOccurred())
	return raw
}

// Body is what the body of a snapshot in an SDK's module holds.
func Body(module, snapshot string) string {
	ginkgo.GinkgoHelper()
	parts := strings.Split(strings.TrimSpace(string(Snapshot(module, snapshot))), "\n\n")
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
	case reflect.Map:
		value := reflect.New(v.Type().Elem()).Elem()
		fill(value, n, within)
		v.Set(reflect.MakeMap(v.Type()))
		v.SetMapIndex(reflect.ValueOf(fmt.Sprintf("key %d", *n)).Convert(v.Type().Key()), value)
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
