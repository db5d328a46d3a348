package loadbalancer

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// shape is what AWS cannot change of a target group, with its defaults filled in.
type shape struct {
	lbType        types.LoadBalancerTypeEnum
	targetType    types.TargetTypeEnum
	protocol      types.ProtocolEnum
	version       string
	port          int32
	vpcID         string
	ipAddressType types.TargetGroupIpAddressTypeEnum
	controlPort   int32
}

const (
	versionHTTP1 = "HTTP1"
	versionGRPC  = "GRPC"
)

// complete fills in what AWS fills in, and leaves out what does not apply.
func (s shape) complete() shape {
	s.targetType = cmp.Or(s.targetType, types.TargetTypeEnumInstance)
	if s.targetType == types.TargetTypeEnumLambda {
		return shape{lbType: s.lbType, targetType: s.targetType}
	}
	if s.speaksHTTP() {
		s.version = cmp.Or(s.version, versionHTTP1)
	} else {
		s.version = ""
	}
	s.ipAddressType = cmp.Or(s.ipAddressType, types.TargetGroupIpAddressTypeEnumIpv4)
	return s
}

// shapeOf is the shape of a target group behind a load balancer of a type.
func shapeOf(lbType types.LoadBalancerTypeEnum, g *types.TargetGroup) shape {
	return shape{
		lbType: lbType, targetType: g.TargetType, protocol: g.Protocol, version: aws.ToString(g.ProtocolVersion),
		port: aws.ToInt32(g.Port), vpcID: aws.ToString(g.VpcId), ipAddressType: g.IpAddressType, controlPort: aws.ToInt32(g.TargetControlPort),
	}.complete()
}

func (s shape) speaksHTTP() bool {
	return s.protocol == types.ProtocolEnumHttp || s.protocol == types.ProtocolEnumHttps
}

func (s shape) datagrams() bool {
	return s.protocol == types.ProtocolEnumUdp || s.protocol == types.ProtocolEnumTcpUdp
}

func (s shape) lambda() bool { return s.targetType == types.TargetTypeEnumLambda }

// differences tells what of a shape another one has otherwise, as fields of the spec with both values.
func (s shape) differences(other shape) []fieldChange {
	var changes []fieldChange
	add := func(field string, from, to any) {
		if from != to {
			changes = append(changes, fieldChange{field, told(from), told(to)})
		}
	}
	add("targetType", s.targetType, other.targetType)
	add("protocol", s.protocol, other.protocol)
	add("protocolVersion", s.version, other.version)
	add("port", s.port, other.port)
	add("vpcID", s.vpcID, other.vpcID)
	add("ipAddressType", s.ipAddressType, other.ipAddressType)
	add("targetControlPort", s.controlPort, other.controlPort)
	return changes
}

// fieldChange is a field with its value before and after.
type fieldChange struct{ field, from, to string }

func told(value any) string {
	if text := fmt.Sprint(value); text != "0" {
		return text
	}
	return ""
}

// Lengths of the parts of a target group's name in AWS, which has at most 32 characters.
const (
	namePartLength = 10
	nameHashLength = 10
)

// groupNamePrefix is how the names of a target group's incarnations in AWS begin.
func groupNamePrefix(object, group string) string {
	return namePart(object) + "-" + namePart(group) + "-"
}

// groupName is the name in AWS of a target group in one shape: of the object's name and the group's, to be recognised,
// and of a hash that makes it unlike those of any other object, group or shape.
func groupName(identity, object, group string, s shape) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s\x00%s\x00%s\x00%+v", identity, object, group, s))
	hash := strings.ToLower(base32.StdEncoding.EncodeToString(sum[:]))
	return groupNamePrefix(object, group) + hash[:nameHashLength]
}

// namePart cuts a name down to characters and a length that AWS takes.
func namePart(name string) string {
	part := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' {
			return r
		}
		return '-'
	}, name)
	return strings.Trim(part[:min(len(part), namePartLength)], "-")
}
