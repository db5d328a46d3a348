package awsclient

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

// wrapped dresses an error as the SDK and a caller do.
func wrapped(status int, err error) error {
	return fmt.Errorf("listing records: %w", &smithy.OperationError{ServiceID: "Route 53", OperationName: "ListHostedZones",
		Err: &smithyhttp.ResponseError{Response: &smithyhttp.Response{Response: &http.Response{StatusCode: status}}, Err: err}})
}

func coded(code, message string) error {
	return wrapped(http.StatusBadRequest, &smithy.GenericAPIError{Code: code, Message: message})
}

func sendError(err error) error {
	return &smithy.OperationError{ServiceID: "Route 53", OperationName: "GetChange",
		Err: &smithyhttp.RequestSendError{Err: &url.Error{Op: "Get", URL: "https://route53.amazonaws.com/2013-04-01/change/C1", Err: err}}}
}

var expectedCodes = map[Class]string{
	Throttled: `Throttling ThrottlingException ThrottledException RequestThrottled RequestThrottledException TooManyRequestsException
		ProvisionedThroughputExceededException TransactionInProgressException RequestLimitExceeded BandwidthLimitExceeded SlowDown
		EC2ThrottledException`,
	Busy: `PriorRequestNotComplete ConcurrentModification ResourceContention ScalingActivityInProgress InstanceRefreshInProgress
		HealthCheckVersionMismatch CidrCollectionVersionMismatchException CapacityReservationPending InsufficientCapacity
		TrustStoreNotReady RequestInProgressException ConflictException ServiceLinkedRoleFailure`,
	NotFound: `NoSuchHostedZone NoSuchChange NoSuchHealthCheck NoSuchDelegationSet HostedZoneNotFound NoSuchKeySigningKey
		NoSuchCidrCollectionException NoSuchCloudWatchLogsLogGroup NoSuchQueryLoggingConfig DNSSECNotFound VPCAssociationNotFound
		VPCAssociationAuthorizationNotFound LoadBalancerNotFound TargetGroupNotFound ListenerNotFound RuleNotFound SubnetNotFound
		InvalidGroup.NotFound InvalidInstanceID.NotFound InvalidLaunchTemplateName.NotFoundException
		InvalidLaunchTemplateId.VersionNotFound ResourceNotFoundException ResourceNotFound ActiveInstanceRefreshNotFound CertificateNotFound
		AllocationIdNotFound TrustStoreNotFound InvalidPermission.NotFound InvalidSubnetID.NotFound InvalidVpcID.NotFound`,
	AlreadyExists: `HostedZoneAlreadyExists HealthCheckAlreadyExists KeySigningKeyAlreadyExists QueryLoggingConfigAlreadyExists
		CidrCollectionAlreadyExistsException DelegationSetAlreadyCreated DelegationSetAlreadyReusable AlreadyExists
		DuplicateLoadBalancerName DuplicateTargetGroupName DuplicateListener InvalidGroup.Duplicate InvalidPermission.Duplicate
		InvalidLaunchTemplateName.AlreadyExistsException`,
	Denied: `AccessDenied AccessDeniedException UnauthorizedOperation NotAuthorizedException AuthFailure ExpiredToken
		ExpiredTokenException InvalidClientTokenId UnrecognizedClientException SignatureDoesNotMatch InvalidSignatureException
		OptInRequired InsufficientCloudWatchLogsResourcePolicy`,
	Quota: `TooManyHostedZones TooManyHealthChecks TooManyKeySigningKeys TooManyVPCAssociationAuthorizations TooManyRules
		TooManyUniqueTargetGroupsPerLoadBalancer LimitExceeded LimitsExceeded LimitExceededException LimitExceededFault TopicLimitExceeded
		TargetGroupAssociationLimit DelegationSetNotAvailable TooManyLoadBalancers TooManyTags CapacityUnitsLimitExceeded
		CapacityDecreaseRequestLimitExceeded RulesPerSecurityGroupLimitExceeded SecurityGroupLimitExceeded`,
	Invalid: `InvalidInput InvalidDomainName InvalidChangeBatch InvalidVPCId InvalidArgument InvalidKMSArn InvalidPaginationToken
		ValidationError ValidationException InvalidParameterValue MissingParameter MissingRequiredParameterException
		InvalidParameterCombination InvalidParameterCombinationException InvalidFormat PublicZoneVPCAssociation HostedZoneNotPrivate
		InvalidConfigurationRequest UnsupportedProtocol IncompatibleProtocols InvalidScheme InvalidSubnet InvalidSecurityGroup
		InvalidTarget InvalidLoadBalancerAction UnsupportedCertificate ALPNPolicyNotFound SSLPolicyNotFound
		AvailabilityZoneNotSupported InvalidDomainValidationOptionsException InvalidArnException`,
	Conflict: `ConflictingDomainExists HostedZoneNotEmpty LastVPCAssociation DelegationSetInUse KeySigningKeyInUse
		KeySigningKeyInParentDSRecord KeySigningKeyWithActiveStatusNotFound InvalidKeySigningKeyStatus CidrCollectionInUseException
		ResourceInUse ResourceInUseException DependencyViolation PriorityInUse OperationNotPermitted CannotDelete TrustStoreInUse`,
	Unavailable: `ServiceUnavailable InternalFailure InternalError InternalServiceFault RequestTimeout RequestTimeoutException`,
	Unknown:     `SomethingNew`,
}

var _ = Describe("Classify", func() {
	for class, codes := range expectedCodes {
		for _, code := range strings.Fields(codes) {
			It(fmt.Sprintf("places %s in %s", code, class), func() {
				Expect(Classify(coded(code, "text"))).To(Equal(class))
				Expect(Code(coded(code, "text"))).To(Equal(code))
			})
		}
	}

	DescribeTable("what has no code of its own",
		func(err error, class Class) { Expect(Classify(err)).To(Equal(class)) },
		Entry("nil", nil, Class("")),
		Entry("a typed error", wrapped(400, &types.InvalidChangeBatch{}), Invalid),
		Entry("a typed throttle of the tag operations", wrapped(400, &types.ThrottlingException{}), Throttled),
		Entry("the code before the status (Auto Scaling sends 500)", wrapped(500, &smithy.GenericAPIError{Code: "ResourceContention"}), Busy),
		Entry("a group that Auto Scaling does not know", coded("ValidationError", "AutoScalingGroup name not found - null"), NotFound),
		Entry("a policy that it does not know", coded("ValidationError", "PolicyName not found: p"), NotFound),
		Entry("a part of a batch", Refusal("BatchDeleteScheduledAction", "ValidationError", "Scheduled action name not found - a"), NotFound),
		Entry("an unknown code with status 500", wrapped(500, &smithy.GenericAPIError{Code: "Oops"}), Unavailable),
		Entry("status 503 without a code", wrapped(503, &smithy.GenericAPIError{Code: "UnknownError"}), Unavailable),
		Entry("status 429 without a code", wrapped(429, io.EOF), Throttled),
		Entry("status 403 without a code", wrapped(403, io.EOF), Denied),
		Entry("status 404 of a proxy", wrapped(404, &smithy.DeserializationError{Err: io.EOF}), Unknown),
		Entry("an answer that cannot be read", wrapped(200, &smithy.DeserializationError{Err: io.EOF}), Unavailable),
		Entry("a refused connection", sendError(&net.OpError{Op: "dial", Err: syscall.ECONNREFUSED}), Unavailable),
		Entry("a connection cut", sendError(io.EOF), Unavailable),
		Entry("the HTTP client's own time-out", sendError(context.DeadlineExceeded), Unavailable),
		Entry("a cancelled call", &smithy.OperationError{Err: &smithy.CanceledError{Err: context.Canceled}}, Unknown),
		Entry("a call past its deadline", &smithy.OperationError{Err: &smithy.CanceledError{Err: context.DeadlineExceeded}}, Unknown),
		Entry("a cancelled wait between attempts", &aws.RequestCanceledError{Err: context.Canceled}, Unknown),
		Entry("our budget", &smithy.OperationError{Err: &BudgetError{Service: "route53"}}, Throttled),
		Entry("our budget after an attempt that failed", &BudgetError{Err: wrapped(500, io.EOF)}, Unavailable),
		Entry("missing parameters, found before sending", smithy.InvalidParamsError{Context: "X"}, Invalid),
		Entry("no credentials", &CredentialsError{Err: errors.New("no EC2 IMDS role found")}, Denied),
		Entry("no instance metadata service", &CredentialsError{Err: &smithy.OperationError{ServiceID: imdsServiceID,
			Err: &smithyhttp.RequestSendError{Err: io.EOF}}}, Denied),
		Entry("a token service that is down", &CredentialsError{Err: &smithy.OperationError{ServiceID: "STS",
			Err: &smithyhttp.RequestSendError{Err: io.EOF}}}, Unavailable),
		Entry("a token service that throttles", &CredentialsError{Err: coded("Throttling", "Rate exceeded")}, Throttled),
		Entry("a role that may not be assumed", &CredentialsError{Err: coded("AccessDenied", "no")}, Denied),
		Entry("a key that a batched read left out", fmt.Errorf("x: %w", ErrAbsent), NotFound),
		Entry("anything else", errors.New("AccessDenied NoSuchHostedZone"), Unknown),
	)

	It("keeps a cancelled context recognisable", func() {
		err := &smithy.OperationError{Err: &smithy.CanceledError{Err: context.Canceled}}
		Expect(errors.Is(err, context.Canceled)).To(BeTrue())
		Expect(Message(err)).To(Equal("The call was given up before AWS answered."))
	})

	It("knows RetryAfter from our budget and from a throttle", func() {
		Expect(RetryAfter(fmt.Errorf("x: %w", &BudgetError{RetryAfter: time.Second}))).To(Equal(time.Second))
		Expect(RetryAfter(&smithy.OperationError{Err: &ThrottleError{RetryAfter: time.Minute, Err: io.EOF}})).To(Equal(time.Minute))
		Expect(RetryAfter(io.EOF)).To(BeZero())
	})
})

var _ = Describe("Message", func() {
	DescribeTable("names the operation, is AWS's own text and stays the same",
		func(err error, message string) { Expect(Message(err)).To(Equal(message)) },
		Entry("nil", nil, ""),
		Entry("no wrapping", coded("NoSuchHostedZone", "No hosted zone found with ID: Z1"), "Route 53 ListHostedZones: No hosted zone found with ID: Z1"),
		Entry("a throttle, which says nothing else", wrapped(400, &ThrottleError{RetryAfter: time.Second, Err: coded("Throttling", "Rate exceeded")}),
			"Route 53 ListHostedZones: Rate exceeded"),
		Entry("no request id", coded("ValidationError",
			"The security group 'sg-1' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: InvalidGroup.NotFound; Request ID: 3d8f1d6c-1f0b-4c8e-9e7d-aaaaaaaaaaaa; Proxy: null)"),
			"Route 53 ListHostedZones: The security group 'sg-1' does not exist (Service: AmazonEC2; Status Code: 400; Error Code: InvalidGroup.NotFound)"),
		Entry("no encoded blob", coded("UnauthorizedOperation",
			"You are not authorized to perform this operation. Encoded authorization failure message: Abc-_123xyz"),
			"Route 53 ListHostedZones: You are not authorized to perform this operation."),
		Entry("no time stamps of signatures", coded("SignatureDoesNotMatch", "Signature expired: 20261123T100000Z is now earlier than 20261123T100500Z"),
			"Route 53 ListHostedZones: AWS refuses the signature of the request (SignatureDoesNotMatch): check the secret access key and the clock of this machine."),
		Entry("a code alone", coded("NoSuchHostedZone", ""), "Route 53 ListHostedZones: AWS answered with the code NoSuchHostedZone and no explanation."),
		Entry("a status alone", wrapped(503, &smithy.GenericAPIError{Code: "UnknownError", Message: "UnknownError"}),
			"Route 53 ListHostedZones: AWS answered with HTTP status 503 Service Unavailable and no explanation."),
		Entry("a batch as sentences", wrapped(400, &types.InvalidChangeBatch{Message: aws.String("[one [a='x'], Two]")}), "Route 53 ListHostedZones: one [a='x']; Two"),
		Entry("a refused connection", sendError(&net.OpError{Op: "dial", Source: &net.TCPAddr{Port: 40001}, Err: syscall.ECONNREFUSED}),
			"Route 53 GetChange: route53.amazonaws.com refused the connection."),
		Entry("a reset connection", sendError(&net.OpError{Op: "read", Source: &net.TCPAddr{Port: 40002}, Err: syscall.ECONNRESET}),
			"Route 53 GetChange: The connection to route53.amazonaws.com broke before an answer came."),
		Entry("an unknown host", sendError(&net.DNSError{Name: "route53.amazonaws.com", Server: "10.0.0.1:53", IsNotFound: true}),
			"Route 53 GetChange: The address of route53.amazonaws.com could not be looked up."),
		Entry("a time-out", sendError(context.DeadlineExceeded), "Route 53 GetChange: route53.amazonaws.com did not answer in time."),
		Entry("an unreadable answer", wrapped(200, io.EOF), "Route 53 ListHostedZones: The connection to AWS broke before an answer came."),
		Entry("our budget", &BudgetError{Service: "route53", RetryAfter: time.Second}, "The controller waits for its request budget for route53, which keeps it within the limits of AWS."),
		Entry("our budget after a failure", &BudgetError{Service: "route53", Err: coded("InternalFailure", "We failed.")}, "Route 53 ListHostedZones: We failed."),
		Entry("no credentials", &CredentialsError{Err: errors.New("x")},
			"No AWS credentials were found: give them by environment variables, a profile, a web identity or an instance role."),
		Entry("refused credentials", &CredentialsError{Err: coded("AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")},
			"AWS gave no credentials: Route 53 ListHostedZones: Not authorized to perform sts:AssumeRoleWithWebIdentity"),
		Entry("other errors", errors.New("plain"), "plain"),
	)
})

const (
	exists   = `Tried to create resource record set [name='a.example.com.', type='A'] but it already exists`
	illegal  = `Invalid Resource Record: 'FATAL problem: ARRDATAIllegalIPv4Address (Value is not a valid IPv4 address) encountered with 'x''`
	cname    = `RRSet of type CNAME with DNS name z. is not permitted at apex in zone z.`
	policies = `RRSet with DNS name n., type TXT, SetIdentifier s, and Region Name=eu-west-2 cannot be created because a non-latency RRSet with the same name and type already exists.`
	geo      = `RRSet with DNS name n., type A, SetIdentifier "s, T", and routing to [continent = (NA, North America)] cannot be created because a non-GEO RRSet with the same name and type already exists`
)

func value(v string) string {
	return `Invalid Resource Record: 'FATAL problem: InvalidCharacterString (Value should be enclosed in quotation marks) encountered with '` + v + `''`
}

var _ = Describe("BatchMessages", func() {
	DescribeTable("takes the list apart", func(problems ...string) {
		err := wrapped(400, &types.InvalidChangeBatch{Message: aws.String("[" + strings.Join(problems, ", ") + "]")})
		Expect(BatchMessages(err)).To(Equal(problems))
	},
		Entry("one", exists),
		Entry("two", exists, cname),
		Entry("brackets and commas inside", exists, geo, policies, cname),
		Entry("nested quotes", illegal, illegal, exists),
		Entry("a value with commas", value("a, B, c"), exists),
		Entry("a value with a bracket", value("a], [B, c"), exists, value("]")),
		Entry("a value with a double quote that never closes", value(`"a, B`), exists, cname),
		Entry("a value with a single quote that never closes", value(`a 'b, C`), exists, cname),
		Entry("an apostrophe", value("it's, Well"), exists),
		Entry("an escaped quote", value(`"a\", B"`), exists),
		Entry("an empty value", value(""), exists),
		Entry("a bracket that never opens", value(`x) y`), `Duplicate Resource Record: '1.2.3.4'`),
		Entry("an unseen problem", exists, "Something new, with [x, Y] happened", cname),
	)

	It("prefers the list AWS sends", func() {
		err := wrapped(400, &types.InvalidChangeBatch{Message: aws.String("ChangeBatch errors occurred"), Messages: []string{exists, "a, B"}})
		Expect(BatchMessages(err)).To(Equal([]string{exists, "a, B"}))
	})

	It("takes a message without brackets as one problem", func() {
		Expect(BatchMessages(coded("InvalidChangeBatch", "Number of records limit of 1000 exceeded."))).To(
			Equal([]string{"Number of records limit of 1000 exceeded."}))
	})

	It("has nothing to say about other errors", func() {
		Expect(BatchMessages(coded("InvalidInput", "[a, B]"))).To(BeNil())
		Expect(BatchMessages(nil)).To(BeNil())
	})
})

var _ = DescribeTable("Refusals are told of a batch that is to blame", func(err error, refusals ...string) {
	Expect(Refusals(err)).To(ConsistOf(refusals))
},
	Entry("by its problems", coded("InvalidChangeBatch", "["+exists+", "+cname+"]"), exists, cname),
	Entry("by a health check that is not there", coded("NoSuchHealthCheck", "No health check exists with the specified ID: abc"), "No health check exists with the specified ID: abc"),
	Entry("by its form", coded("InvalidInput", "[a, B]"), "[a, B]"),
	Entry("but not of a zone that is not there", coded("NoSuchHostedZone", "No hosted zone found with ID: Z1")),
	Entry("nor of one that is busy", coded("PriorRequestNotComplete", "The request was rejected")),
	Entry("nor of a throttle", coded("Throttling", "Rate exceeded")),
	Entry("nor of nothing", nil),
)
