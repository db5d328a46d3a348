package v1alpha1

// MaxTargetGroups is how many target groups the status of a LoadBalancer lists: as many as its spec may declare.
const MaxTargetGroups = 100

// LoadBalancerStatus tells what the controller found in AWS.
type LoadBalancerStatus struct {
	CommonStatus `json:",inline"`

	// ARN of the load balancer. AWS API: LoadBalancer.LoadBalancerArn.
	// +optional
	ARN string `json:"arn,omitempty"`

	// Name of the load balancer in AWS. AWS API: LoadBalancer.LoadBalancerName.
	// +optional
	Name string `json:"name,omitempty"`

	// DNSName that resolves to the load balancer's addresses. AWS API: LoadBalancer.DNSName.
	// +optional
	DNSName string `json:"dnsName,omitempty"`

	// CanonicalHostedZoneID is the Route 53 zone of dnsName, for aliases. AWS API: LoadBalancer.CanonicalHostedZoneId.
	// +optional
	CanonicalHostedZoneID string `json:"canonicalHostedZoneID,omitempty"`

	// VPCID of the load balancer. AWS API: LoadBalancer.VpcId.
	// +optional
	VPCID string `json:"vpcID,omitempty"`

	// IPAddressType that the load balancer has. AWS API: LoadBalancer.IpAddressType.
	// +optional
	IPAddressType string `json:"ipAddressType,omitempty"`

	// State of the load balancer: provisioning, active, active_impaired or failed. AWS API: LoadBalancerState.Code.
	// +optional
	State string `json:"state,omitempty"`

	// SecurityGroupIDs that the load balancer has: the first 50. AWS API: LoadBalancer.SecurityGroups.
	// +optional
	// +listType=set
	SecurityGroupIDs []string `json:"securityGroupIDs,omitempty"`

	// SecurityGroup is the one that is made for the load balancer.
	// +optional
	SecurityGroup *SecurityGroupStatus `json:"securityGroup,omitempty"`

	// TargetGroups that this object made: the first 100, by name; targetGroupsTotal counts them all. AutoScalingGroups
	// read their ARNs here.
	// +optional
	// +listType=map
	// +listMapKey=name
	TargetGroups []TargetGroupStatus `json:"targetGroups,omitempty"`

	// TargetGroupsTotal is the number of target groups, when targetGroups does not list them all.
	// +optional
	TargetGroupsTotal int64 `json:"targetGroupsTotal,omitempty"`

	// Listeners that this object made, by port: the first 50; a gateway load balancer's has port 0.
	// +optional
	// +listType=map
	// +listMapKey=port
	Listeners []ListenerStatus `json:"listeners,omitempty"`

	// ForeignListeners are listeners on this load balancer that others added, as "PROTOCOL:port": the first 50;
	// foreignListenersTotal counts them all. They are left alone.
	// +optional
	// +listType=set
	ForeignListeners []string `json:"foreignListeners,omitempty"`

	// ForeignListenersTotal is the number of foreign listeners, when foreignListeners does not list them all.
	// +optional
	ForeignListenersTotal int64 `json:"foreignListenersTotal,omitempty"`

	// Certificates that are, or were, issued for the listeners, until they are deleted.
	// +optional
	// +listType=map
	// +listMapKey=id
	Certificates []CertificateStatus `json:"certificates,omitempty"`

	// ClientSecretHashes tell, for each list of actions that authenticates with a client secret ("port.default" or
	// "port.priority"), by a keyed hash which content of the secret AWS has.
	// +optional
	ClientSecretHashes map[string]string `json:"clientSecretHashes,omitempty"`
}

// TargetGroupStatus tells of a target group and its targets.
type TargetGroupStatus struct {
	// Name of the group in the spec.
	Name string `json:"name"`

	// ARN of the group that requests go to. AWS API: TargetGroup.TargetGroupArn.
	// +optional
	ARN string `json:"arn,omitempty"`

	// AWSName is the name of the group in AWS. AWS API: TargetGroup.TargetGroupName.
	// +optional
	AWSName string `json:"awsName,omitempty"`

	// ReplacementARN is the group that takes the place of arn, until the listeners and rules are switched over to it.
	// +optional
	ReplacementARN string `json:"replacementARN,omitempty"`

	// PreviousARNs are groups that have been replaced and are draining, before they are deleted.
	// +optional
	// +listType=set
	PreviousARNs []string `json:"previousARNs,omitempty"`

	// ReleasedARNs are those of previousARNs that no node of the load balancer sends requests to any more: who registers
	// targets there, as an AutoScalingGroup does, may take them out.
	// +optional
	// +listType=set
	ReleasedARNs []string `json:"releasedARNs,omitempty"`

	// Healthy targets. AWS API: TargetHealth.State healthy.
	Healthy int64 `json:"healthy"`

	// Unhealthy targets, those that cannot be checked included. AWS API: TargetHealth.State unhealthy,
	// unhealthy.draining and unavailable.
	Unhealthy int64 `json:"unhealthy"`

	// Draining targets have been deregistered and finish their requests. AWS API: TargetHealth.State draining.
	Draining int64 `json:"draining"`

	// Initial targets are being registered or checked for the first time. AWS API: TargetHealth.State initial.
	Initial int64 `json:"initial"`

	// Unused targets get no requests, for instance because nothing forwards to the group.
	// AWS API: TargetHealth.State unused.
	Unused int64 `json:"unused"`
}

// ListenerStatus tells of a listener.
type ListenerStatus struct {
	// Port of the listener; 0 for a gateway load balancer's.
	Port int32 `json:"port"`

	// Protocol of the listener; none for a gateway load balancer's.
	// +optional
	Protocol string `json:"protocol,omitempty"`

	// ARN of the listener. AWS API: Listener.ListenerArn.
	// +optional
	ARN string `json:"arn,omitempty"`

	// Rules is the number of rules on the listener, without the default one.
	// +optional
	Rules int64 `json:"rules,omitempty"`

	// ForeignRules are the priorities of rules that others added: the first 50. They are left alone.
	// +optional
	// +listType=set
	ForeignRules []int32 `json:"foreignRules,omitempty"`
}
