package recordset

import (
	"testing"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

func TestRecordSet(t *testing.T) {
	RegisterFailHandler(Fail)
	RunSpecs(t, "recordset")
}
