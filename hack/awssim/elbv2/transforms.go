package elbv2

import (
	"regexp"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

const longestRewrite = 1024

func checkTransforms(b *balancer, transforms []types.RuleTransform) error {
	if len(transforms) > 0 && b.Type != types.LoadBalancerTypeEnumApplication {
		return misconfigured("Transforms are not supported for load balancers with type '%s'", b.Type)
	}
	seen := map[types.TransformTypeEnum]bool{}
	for _, t := range transforms {
		var rewrites []types.RewriteConfig
		switch {
		case seen[t.Type]:
			return invalid("A rule can only have one transform of type '%s'", t.Type)
		case t.Type == types.TransformTypeEnumHostHeaderRewrite && t.HostHeaderRewriteConfig != nil && t.UrlRewriteConfig == nil:
			rewrites = t.HostHeaderRewriteConfig.Rewrites
		case t.Type == types.TransformTypeEnumUrlRewrite && t.UrlRewriteConfig != nil && t.HostHeaderRewriteConfig == nil:
			rewrites = t.UrlRewriteConfig.Rewrites
		default:
			return invalid("A transform of type '%s' must have the configuration of its type, and no other", t.Type)
		}
		seen[t.Type] = true
		if len(rewrites) != 1 {
			return invalid("A transform must have exactly one rewrite")
		}
		if err := checkRewrite(rewrites[0]); err != nil {
			return err
		}
	}
	return nil
}

func checkRewrite(rewrite types.RewriteConfig) error {
	regex, replace := aws.ToString(rewrite.Regex), rewrite.Replace
	switch _, err := regexp.Compile(regex); {
	case regex == "" || len(regex) > longestRewrite || err != nil:
		return invalid("The regular expression '%s' of a transform is not valid", regex)
	case replace == nil || len(*replace) > longestRewrite:
		return invalid("The replacement of a transform must be specified, with at most %d characters", longestRewrite)
	}
	return nil
}
