package v1alpha1

// ListenerRule says what becomes of the requests that meet all its conditions.
type ListenerRule struct {
	// Priority, 1 to 50000: of the rules that match a request, the one with the lowest number counts. It identifies the
	// rule, unless name does. AWS API: CreateRule.Priority. Mutable where the rule has a name; several are moved at once.
	// +kubebuilder:validation:Minimum=1
	// +kubebuilder:validation:Maximum=50000
	Priority int32 `json:"priority"`

	// Name of the rule, unique within its listener: with it the rule in AWS stays the same when its priority changes.
	// Without it another priority is another rule. Kept in AWS as a tag.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=63
	// +kubebuilder:validation:Pattern=`^[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?$`
	Name string `json:"name,omitempty"`

	// Conditions that a request must meet, all of them; 1 to 5, with at most 5 values in all. At most one each of host,
	// path, method and source address; several of header and query string. AWS API: CreateRule.Conditions. Mutable.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	// +kubebuilder:validation:XValidation:rule="size(self.filter(c, has(c.hostHeader) || has(c.hostHeaderRegex))) <= 1 && size(self.filter(c, has(c.pathPattern) || has(c.pathPatternRegex))) <= 1 && size(self.filter(c, has(c.httpRequestMethod))) <= 1 && size(self.filter(c, has(c.sourceIP) || has(c.sourceIPAddressType))) <= 1",message="a rule has at most one condition each of host, path, method and source address: put the values into one condition"
	// +kubebuilder:validation:XValidation:rule="self.map(c, has(c.hostHeader) ? size(c.hostHeader) : has(c.hostHeaderRegex) ? size(c.hostHeaderRegex) : has(c.pathPattern) ? size(c.pathPattern) : has(c.pathPatternRegex) ? size(c.pathPatternRegex) : has(c.queryString) ? size(c.queryString) : has(c.httpRequestMethod) ? size(c.httpRequestMethod) : has(c.sourceIP) ? size(c.sourceIP) : has(c.httpHeader) && has(c.httpHeader.values) ? size(c.httpHeader.values) : has(c.httpHeader) && has(c.httpHeader.regexValues) ? size(c.httpHeader.regexValues) : 1).sum() <= 5",message="a rule has at most 5 values in all its conditions: split it into several rules"
	Conditions []RuleCondition `json:"conditions"`

	// Actions are what becomes of the request, in order: none or one that authenticates, then one of forward, redirect and
	// fixedResponse. AWS API: CreateRule.Actions. Mutable.
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=3
	// +kubebuilder:validation:XValidation:rule="self.all(a, has(a.forward) || has(a.redirect) || has(a.fixedResponse)) ? size(self) == 1 : self.exists_one(a, has(a.forward) || has(a.redirect) || has(a.fixedResponse)) && (has(self[size(self) - 1].forward) || has(self[size(self) - 1].redirect) || has(self[size(self) - 1].fixedResponse))",message="the actions of a rule, or of a listener by default, must have exactly one of forward, redirect and fixedResponse, as the last"
	// +kubebuilder:validation:XValidation:rule="size(self.filter(a, has(a.authenticateOIDC) || has(a.authenticateCognito))) <= 1 && size(self.filter(a, has(a.jwtValidation))) <= 1",message="a request is authenticated once: keep one of the actions authenticateOIDC and authenticateCognito, and one of jwtValidation"
	Actions []Action `json:"actions"`

	// Transforms rewrite the request before it is forwarded. AWS API: CreateRule.Transforms. Mutable; removed, none.
	// +optional
	Transforms *RuleTransforms `json:"transforms,omitempty"`

	// Tags of the rule, 47 at most, beside those by which the controller marks what it owns. Only the keys listed here are
	// managed. AWS API: AddTags, RemoveTags. Mutable.
	// +optional
	// +kubebuilder:validation:MaxProperties=47
	// +kubebuilder:validation:XValidation:rule="self.all(k, size(k) >= 1 && size(k) <= 128)",message="tag keys must have 1 to 128 characters"
	// +kubebuilder:validation:XValidation:rule="self.all(k, !k.startsWith('aws:') && !k.startsWith('evenkeel.io/'))",message="tag keys must not start with aws: (AWS keeps them) or evenkeel.io/ (the controller's ownership marks): choose another key"
	Tags map[string]TagValue `json:"tags,omitempty"`
}

// RuleCondition is one condition: exactly one member. It is met when one of its values is.
// +kubebuilder:validation:XValidation:rule="[has(self.hostHeader), has(self.hostHeaderRegex), has(self.pathPattern), has(self.pathPatternRegex), has(self.httpHeader), has(self.queryString), has(self.httpRequestMethod), has(self.sourceIP), has(self.sourceIPAddressType)].exists_one(x, x)",message="a condition is exactly one of hostHeader, hostHeaderRegex, pathPattern, pathPatternRegex, httpHeader, queryString, httpRequestMethod, sourceIP and sourceIPAddressType: make each an item of the list"
type RuleCondition struct {
	// HostHeader are names that the request's host is compared with, without regard to case; * stands for any characters,
	// ? for one. AWS API: host-header, HostHeaderConfig.Values.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	HostHeader []HostPattern `json:"hostHeader,omitempty"`

	// HostHeaderRegex are regular expressions for the request's host. AWS API: host-header, HostHeaderConfig.RegexValues.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	HostHeaderRegex []ConditionValue `json:"hostHeaderRegex,omitempty"`

	// PathPattern are patterns for the path of the URL, without the query string, with regard to case; * stands for any
	// characters, ? for one. AWS API: path-pattern, PathPatternConfig.Values.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	PathPattern []PathPattern `json:"pathPattern,omitempty"`

	// PathPatternRegex are regular expressions for the path. AWS API: path-pattern, PathPatternConfig.RegexValues.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	PathPatternRegex []ConditionValue `json:"pathPatternRegex,omitempty"`

	// HTTPHeader looks at one header field. AWS API: http-header.
	// +optional
	HTTPHeader *HTTPHeaderCondition `json:"httpHeader,omitempty"`

	// QueryString are parameters of the query string, compared without regard to case. AWS API: query-string.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	QueryString []QueryStringParameter `json:"queryString,omitempty"`

	// HTTPRequestMethod are methods, in capitals, compared exactly. AWS API: http-request-method.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	HTTPRequestMethod []HTTPMethod `json:"httpRequestMethod,omitempty"`

	// SourceIP are blocks of addresses, IPv4 or IPv6, that the client's connection comes from. Type application.
	// AWS API: source-ip, SourceIpConfig.Values.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	SourceIP []SourceCIDR `json:"sourceIP,omitempty"`

	// SourceIPAddressType is the kind of address that the client's connection comes from: ipv4 or ipv6. Type network with
	// ipAddressType dualstack. AWS API: source-ip, SourceIpConfig.IpAddressType.
	// +optional
	SourceIPAddressType SourceIPAddressType `json:"sourceIPAddressType,omitempty"`
}

// HostPattern is a host name, in which * stands for any characters and ? for one, with at least one dot.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9.*?-]*\.[A-Za-z0-9*?-]+$`
type HostPattern string

// PathPattern is a path, in which * stands for any characters and ? for one.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
// +kubebuilder:validation:Pattern=`^[A-Za-z0-9_.$/~"'@:+&*?-]+$`
type PathPattern string

// ConditionValue is a value that a part of the request is compared with.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=128
type ConditionValue string

// HTTPMethod is a method of HTTP, for instance GET.
// +kubebuilder:validation:MinLength=1
// +kubebuilder:validation:MaxLength=40
// +kubebuilder:validation:Pattern=`^[A-Z_-]+$`
type HTTPMethod string

// SourceCIDR is a block of IPv4 or IPv6 addresses.
// +kubebuilder:validation:MaxLength=49
// +kubebuilder:validation:Pattern=`^([0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}|[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/[0-9]{1,3})$`
type SourceCIDR string

// SourceIPAddressType is the kind of address that a connection comes from.
// +kubebuilder:validation:Enum=ipv4;ipv6
type SourceIPAddressType string

// HTTPHeaderCondition looks at one header field; exactly one of values and regexValues.
// +kubebuilder:validation:XValidation:rule="has(self.values) != has(self.regexValues)",message="give exactly one of httpHeader.values and httpHeader.regexValues"
// +kubebuilder:validation:XValidation:rule="self.name.lowerAscii() != 'host'",message="the Host header has a condition of its own: use hostHeader instead of httpHeader"
type HTTPHeaderCondition struct {
	// Name of the header field, up to 40 characters, without regard to case; not Host, for which there is hostHeader.
	// AWS API: HttpHeaderConfig.HttpHeaderName.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=40
	// +kubebuilder:validation:Pattern="^[A-Za-z0-9!#$%&'*+.^_`|~-]+$"
	Name string `json:"name"`

	// Values that the field is compared with, without regard to case; * stands for any characters, ? for one.
	// AWS API: HttpHeaderConfig.Values.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	Values []ConditionValue `json:"values,omitempty"`

	// RegexValues are regular expressions for the field. AWS API: HttpHeaderConfig.RegexValues.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=5
	RegexValues []ConditionValue `json:"regexValues,omitempty"`
}

// QueryStringParameter is a parameter of a query string.
type QueryStringParameter struct {
	// Key of the parameter; left out, a parameter of any key. A literal * or ? is written \* or \?.
	// AWS API: QueryStringKeyValuePair.Key.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Key string `json:"key,omitempty"`

	// Value of the parameter; * stands for any characters, ? for one; a literal * or ? is written \* or \?.
	// AWS API: QueryStringKeyValuePair.Value.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=128
	Value string `json:"value"`
}

// RuleTransforms rewrite a request before it is forwarded.
// +kubebuilder:validation:XValidation:rule="has(self.hostHeaderRewrite) || has(self.urlRewrite)",message="give transforms.hostHeaderRewrite, transforms.urlRewrite or both, or remove transforms"
type RuleTransforms struct {
	// HostHeaderRewrite rewrites the host. AWS API: host-header-rewrite.
	// +optional
	HostHeaderRewrite *Rewrite `json:"hostHeaderRewrite,omitempty"`

	// URLRewrite rewrites the path and query string. AWS API: url-rewrite.
	// +optional
	URLRewrite *Rewrite `json:"urlRewrite,omitempty"`
}

// Rewrite replaces what a regular expression matches.
type Rewrite struct {
	// Regex that is looked for, up to 1,024 characters. AWS API: RewriteConfig.Regex.
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=1024
	Regex string `json:"regex"`

	// Replace is what it is replaced with, up to 1,024 characters; $1, $2 … are the groups of the expression.
	// AWS API: RewriteConfig.Replace.
	// +kubebuilder:validation:MaxLength=1024
	Replace string `json:"replace"`
}
