package awssim_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/evenkeel/evenkeel/hack/awssim"
	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// batchXML is a change batch of n records from the given number on.
func batchXML(action string, from, n int) string {
	var body strings.Builder
	body.WriteString(`<ChangeResourceRecordSetsRequest xmlns="https://route53.amazonaws.com/doc/2013-04-01/"><ChangeBatch><Changes>`)
	for i := range n {
		fmt.Fprintf(&body, `<Change><Action>%s</Action><ResourceRecordSet><Name>r%d.example.com</Name><ResourceRecords><ResourceRecord>`+
			`<Value>192.0.2.1</Value></ResourceRecord></ResourceRecords><TTL>60</TTL><Type>A</Type></ResourceRecordSet></Change>`, action, from+i)
	}
	body.WriteString(`</Changes></ChangeBatch></ChangeResourceRecordSetsRequest>`)
	return body.String()
}

// benchmarkZone serves a zone of 10,000 records without waits and limits.
func benchmarkZone(b *testing.B) (call func(method, path, body string), records string) {
	b.Helper()
	none := frame.Exactly(0)
	server, err := awssim.New(awssim.Options{Limits: awssim.LimitsOff, Latency: &none, Busy: &none})
	if err != nil {
		b.Fatal(err)
	}
	call = func(method, path, body string) {
		request := httptest.NewRequest(method, path, strings.NewReader(body))
		request.Header.Set("Authorization", signed("route53"))
		response := httptest.NewRecorder()
		server.ServeHTTP(response, request)
		if response.Code >= http.StatusBadRequest {
			b.Fatal(response.Body)
		}
	}
	call(http.MethodPost, "/2013-04-01/hostedzone", "<r><Name>example.com</Name><CallerReference>r</CallerReference></r>")
	records = "/2013-04-01/hostedzone/" + server.Zones()[0].ID + "/rrset"
	for i := range 9 {
		call(http.MethodPost, records, batchXML("CREATE", i*1000, 1000))
	}
	return call, records
}

func BenchmarkListingPage(b *testing.B) {
	call, records := benchmarkZone(b)
	for b.Loop() {
		call(http.MethodGet, records+"?maxitems=300&name=r5.example.com", "")
	}
}

func BenchmarkBatchOf500Upserts(b *testing.B) {
	call, records := benchmarkZone(b)
	for b.Loop() {
		call(http.MethodPost, records, batchXML("UPSERT", 4000, 500))
	}
}

func BenchmarkSingleChange(b *testing.B) {
	call, records := benchmarkZone(b)
	for b.Loop() {
		call(http.MethodPost, records, batchXML("UPSERT", 4000, 1))
	}
}
