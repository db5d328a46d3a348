package dataplane

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// transform rewrites a request before it is forwarded.
type transform func(*http.Request)

// groupReference is $1 in a replacement, where Go reads $1x as a group named 1x.
var groupReference = regexp.MustCompile(`\$(\d+)`)

func compileTransform(t *types.RuleTransform) []transform {
	var rewrites []types.RewriteConfig
	apply := rewriteURL
	switch {
	case t.HostHeaderRewriteConfig != nil:
		rewrites, apply = t.HostHeaderRewriteConfig.Rewrites, rewriteHost
	case t.UrlRewriteConfig != nil:
		rewrites = t.UrlRewriteConfig.Rewrites
	}
	var transforms []transform
	for _, rewrite := range rewrites {
		// An expression that Go cannot read rewrites nothing.
		if expression, err := regexp.Compile(aws.ToString(rewrite.Regex)); err == nil {
			replacement := groupReference.ReplaceAllString(aws.ToString(rewrite.Replace), "$${${1}}")
			transforms = append(transforms, func(r *http.Request) { apply(r, expression, replacement) })
		}
	}
	return transforms
}

func rewriteHost(r *http.Request, expression *regexp.Regexp, replacement string) {
	r.Host = expression.ReplaceAllString(r.Host, replacement)
}

// rewriteURL rewrites the path together with the query string.
func rewriteURL(r *http.Request, expression *regexp.Regexp, replacement string) {
	former := r.URL.RequestURI()
	rewritten := expression.ReplaceAllString(former, replacement)
	if rewritten == former {
		return
	}
	if !strings.HasPrefix(rewritten, "/") {
		rewritten = "/" + rewritten
	}
	if parsed, err := url.ParseRequestURI(rewritten); err == nil {
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = parsed.Path, parsed.RawPath, parsed.RawQuery
	}
}
