package v1alpha1

// SecurityGroup is an EC2 security group that the controller makes and keeps for one object, and deletes after the last
// network interface has let go of it.
// +kubebuilder:validation:XValidation:rule="has(self.vpcID) == has(oldSelf.vpcID) && (!has(self.vpcID) || self.vpcID == oldSelf.vpcID)",message="securityGroup.vpcID is immutable, a security group cannot move to another VPC: create another object in the other VPC"
// +kubebuilder:validation:XValidation:rule="has(self.name) == has(oldSelf.name) && (!has(self.name) || self.name == oldSelf.name) && has(self.description) == has(oldSelf.description) && (!has(self.description) || self.description == oldSelf.description)",message="securityGroup.name and securityGroup.description are immutable, EC2 cannot change them: remove spec.securityGroup, wait until the group is gone (give another group in spec.securityGroupIDs meanwhile), and declare it anew"
type SecurityGroup struct {
	// VPCID of the group's VPC, for instance "vpc-0123456789abcdef0". Left out, the VPC of the object's subnets.
	// AWS API: CreateSecurityGroup.VpcId. Immutable: a security group cannot move to another VPC.
	// +optional
	VPCID VPCID `json:"vpcID,omitempty"`

	// Name of the group in EC2, up to 255 characters, not starting with "sg-". Left out, it is derived from the object's
	// kind, namespace and name. AWS API: CreateSecurityGroup.GroupName. Immutable: EC2 cannot rename a group.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+$`
	Name string `json:"name,omitempty"`

	// Description of the group, up to 255 characters. Left out, it says which object the group belongs to.
	// AWS API: CreateSecurityGroup.Description. Immutable: EC2 cannot change it.
	// +optional
	// +kubebuilder:validation:MinLength=1
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]+$`
	Description string `json:"description,omitempty"`

	// Ingress are the rules for traffic to the object, 60 at most. The list is the whole truth: a rule of the group that
	// is not here is revoked; [] lets nothing in. Left out, the group's ingress rules are not managed.
	// AWS API: AuthorizeSecurityGroupIngress, RevokeSecurityGroupIngress. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=60
	Ingress []SecurityGroupRule `json:"ingress,omitzero"`

	// Egress are the rules for traffic from the object, 60 at most. The list is the whole truth: a rule of the group that
	// is not here is revoked, EC2's own "everything to everywhere" too; [] lets nothing out. Left out, the group's egress
	// rules are not managed, and what EC2 gives every new group stays: everything may go out.
	// AWS API: AuthorizeSecurityGroupEgress, RevokeSecurityGroupEgress. Mutable.
	// +optional
	// +listType=atomic
	// +kubebuilder:validation:MaxItems=60
	Egress []SecurityGroupRule `json:"egress,omitzero"`
}

// VPCID is the id of a VPC, for instance "vpc-0123456789abcdef0".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^vpc-[0-9a-z]{1,60}$`
type VPCID string

// SubnetID is the id of a subnet, for instance "subnet-0123456789abcdef0".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^subnet-[0-9a-z]{1,57}$`
type SubnetID string

// SecurityGroupID is the id of a security group, for instance "sg-0123456789abcdef0".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^sg-[0-9a-z]{1,61}$`
type SecurityGroupID string

// PrefixListID is the id of a managed prefix list, for instance "pl-0123456789abcdef0".
// +kubebuilder:validation:MaxLength=64
// +kubebuilder:validation:Pattern=`^pl-[0-9a-z]{1,61}$`
type PrefixListID string

// IPv4CIDR is a block of IPv4 addresses, for instance "10.0.0.0/8".
// +kubebuilder:validation:MaxLength=18
// +kubebuilder:validation:Pattern=`^((25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])\.){3}(25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])/(3[0-2]|[12]?[0-9])$`
type IPv4CIDR string

// IPv6CIDR is a block of IPv6 addresses, for instance "2001:db8::/32".
// +kubebuilder:validation:MaxLength=49
// +kubebuilder:validation:Pattern=`^[0-9A-Fa-f:.]*:[0-9A-Fa-f:.]*/(12[0-8]|1[01][0-9]|[1-9]?[0-9])$`
type IPv6CIDR string

// IPProtocol is what a security group rule lets through: tcp, udp, icmp, icmpv6, -1 for everything, or the number of
// another IP protocol.
// +kubebuilder:validation:MaxLength=6
// +kubebuilder:validation:Pattern=`^(tcp|udp|icmp|icmpv6|-1|[0-9]{1,2}|1[0-9]{2}|2[0-4][0-9]|25[0-5])$`
type IPProtocol string

// SecurityGroupRule lets one kind of traffic through, from or to everyone it lists.
// +kubebuilder:validation:XValidation:rule="has(self.cidrs) || has(self.ipv6CIDRs) || has(self.prefixListIDs) || has(self.securityGroupIDs) || has(self.loadBalancerRefs) || has(self.autoScalingGroupRefs)",message="a rule of a security group needs someone whom it lets through: give cidrs, ipv6CIDRs, prefixListIDs, securityGroupIDs, loadBalancerRefs or autoScalingGroupRefs"
// +kubebuilder:validation:XValidation:rule="self.protocol in ['tcp', '6', 'udp', '17'] ? (has(self.port) ? !has(self.fromPort) && !has(self.toPort) : has(self.fromPort) && has(self.toPort) && self.fromPort >= 0 && self.toPort >= self.fromPort) : !has(self.port)",message="a rule for tcp or udp needs either port, or fromPort and toPort in that order (0 and 65535 for all); port is for them only"
// +kubebuilder:validation:XValidation:rule="self.protocol in ['tcp', '6', 'udp', '17'] || (self.protocol in ['icmp', '1', 'icmpv6', '58'] ? has(self.fromPort) == has(self.toPort) && (!has(self.fromPort) || self.fromPort <= 255 && self.toPort <= 255) : !has(self.fromPort) && !has(self.toPort))",message="fromPort and toPort are the type and the code (-1 to 255) in a rule for icmp or icmpv6, where they are given both or not at all; rules for other protocols have none"
type SecurityGroupRule struct {
	// Protocol is tcp, udp, icmp, icmpv6, "-1" (everything) or the number of another IP protocol ("50").
	// AWS API: IpPermission.IpProtocol.
	Protocol IPProtocol `json:"protocol"`

	// Port, for tcp and udp: short for fromPort and toPort of the same number; 0 to 65535.
	// +optional
	// +kubebuilder:validation:Minimum=0
	// +kubebuilder:validation:Maximum=65535
	Port *int32 `json:"port,omitempty"`

	// FromPort is the first port of a range, for tcp and udp; with toPort. For icmp and icmpv6 the type, -1 for all.
	// AWS API: IpPermission.FromPort.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	FromPort *int32 `json:"fromPort,omitempty"`

	// ToPort is the last port of a range, for tcp and udp; with fromPort. For icmp and icmpv6 the code, -1 for all.
	// AWS API: IpPermission.ToPort.
	// +optional
	// +kubebuilder:validation:Minimum=-1
	// +kubebuilder:validation:Maximum=65535
	ToPort *int32 `json:"toPort,omitempty"`

	// CIDRs are blocks of IPv4 addresses, for instance 10.0.0.0/8; 0.0.0.0/0 is everyone.
	// AWS API: IpPermission.IpRanges.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	CIDRs []IPv4CIDR `json:"cidrs,omitempty"`

	// IPv6CIDRs are blocks of IPv6 addresses, for instance 2001:db8::/32; ::/0 is everyone.
	// AWS API: IpPermission.Ipv6Ranges.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	IPv6CIDRs []IPv6CIDR `json:"ipv6CIDRs,omitempty"`

	// PrefixListIDs are managed prefix lists, for instance pl-0123456789abcdef0. AWS API: IpPermission.PrefixListIds.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	PrefixListIDs []PrefixListID `json:"prefixListIDs,omitempty"`

	// SecurityGroupIDs are security groups whose members are meant. AWS API: IpPermission.UserIdGroupPairs.
	// +optional
	// +listType=set
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	SecurityGroupIDs []SecurityGroupID `json:"securityGroupIDs,omitempty"`

	// LoadBalancerRefs name LoadBalancers of the same namespace: the members of their managed security groups are meant,
	// or of all their groups when they have none of their own. Until such a group exists the rule waits.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	LoadBalancerRefs []LoadBalancerReference `json:"loadBalancerRefs,omitempty"`

	// AutoScalingGroupRefs name AutoScalingGroups of the same namespace: the members of their managed security groups are
	// meant. Until such a group exists the rule waits.
	// +optional
	// +listType=map
	// +listMapKey=name
	// +kubebuilder:validation:MinItems=1
	// +kubebuilder:validation:MaxItems=60
	AutoScalingGroupRefs []AutoScalingGroupReference `json:"autoScalingGroupRefs,omitempty"`

	// Description of the rule, up to 255 characters. Left out, it is not managed.
	// AWS API: UpdateSecurityGroupRuleDescriptionsIngress. Mutable.
	// +optional
	// +kubebuilder:validation:MaxLength=255
	// +kubebuilder:validation:Pattern=`^[a-zA-Z0-9 ._:/()#,@\[\]+=&;{}!$*-]*$`
	Description *string `json:"description,omitempty"`
}

// SecurityGroupStatus tells of a managed security group.
type SecurityGroupStatus struct {
	// ID of the group, for instance "sg-0123456789abcdef0"; empty while it is about to be made.
	// +optional
	ID string `json:"id,omitempty"`
	// Name of the group in EC2.
	// +optional
	Name string `json:"name,omitempty"`
}
