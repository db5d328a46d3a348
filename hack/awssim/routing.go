package awssim

import (
	"net/http"
	"strings"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

// credential is the credential scope of a signature. Signatures themselves are
// not verified.
type credential struct {
	accessKey, region, service string
}

// readAuthorization reads the credential scope from the Authorization header
// or from a presigned URL.
func readAuthorization(r *http.Request) (credential, error) {
	text := r.URL.Query().Get("X-Amz-Credential")
	if header := r.Header.Get("Authorization"); header != "" {
		_, rest, found := strings.Cut(header, "Credential=")
		if !found || !strings.HasPrefix(header, "AWS4-") {
			return credential{}, frame.StatusErrorf(http.StatusBadRequest, "IncompleteSignature",
				"Authorization header requires 'Credential' parameter. Authorization=%s", header)
		}
		text, _, _ = strings.Cut(rest, ",")
	}
	if text == "" {
		return credential{}, frame.StatusErrorf(http.StatusForbidden, "MissingAuthenticationToken",
			"Missing Authentication Token")
	}
	parts := strings.Split(strings.TrimSpace(text), "/")
	if len(parts) != 5 || parts[4] != "aws4_request" {
		return credential{}, frame.StatusErrorf(http.StatusBadRequest, "IncompleteSignature",
			"Credential must have exactly 5 slash-delimited elements, e.g. "+
				"keyid/date/region/service/term, got '%s'", text)
	}
	return credential{accessKey: parts[0], region: parts[2], service: parts[3]}, nil
}

// find tells which service a request is for: by its credential scope, else by
// its host (route53.amazonaws.com), else by its path.
func (s *Server) find(r *http.Request, scope credential) *served {
	if service := s.service(scope.service); service != nil {
		return service
	}
	label, _, _ := strings.Cut(r.Host, ".")
	if service := s.service(label); service != nil {
		return service
	}
	for _, service := range s.services {
		if service.Path != "" && strings.HasPrefix(r.URL.Path, service.Path) {
			return service
		}
	}
	return nil
}
