package awsclient

import (
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/smithy-go"
	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// Class says how to react to an error of an AWS call.
type Class string

// The classes of errors. Only Unavailable is retried inside the SDK.
const (
	// Throttled: too many requests, by AWS's count or by our own budget. Wait RetryAfter, make no call.
	Throttled Class = "Throttled"
	// Busy: AWS is still at work on an earlier change of the same resource. Try again soon.
	Busy Class = "Busy"
	// NotFound: what the call names does not exist.
	NotFound Class = "NotFound"
	// AlreadyExists: a create met a resource of the same identity. Look it up.
	AlreadyExists Class = "AlreadyExists"
	// Denied: credentials are missing, expired or lack a permission. A person must act.
	Denied Class = "Denied"
	// Quota: a limit on the number of resources is reached. A person must act.
	Quota Class = "Quota"
	// Invalid: AWS refuses the request as it stands. For a refused change batch read BatchMessages.
	Invalid Class = "Invalid"
	// Conflict: the state of this or another resource stands against the call.
	Conflict Class = "Conflict"
	// Unavailable: AWS failed or could not be reached; the call may have taken effect all the same.
	Unavailable Class = "Unavailable"
	// Unknown: none of the above, a cancelled context among them (errors.Is tells that).
	Unknown Class = "Unknown"
)

const (
	// codeInvalidChangeBatch refuses a whole ChangeResourceRecordSets; its messages name the single problems.
	codeInvalidChangeBatch = "InvalidChangeBatch"
	// codeNoSuchHealthCheck refuses a whole ChangeResourceRecordSets because one record names a check that is not there.
	codeNoSuchHealthCheck = "NoSuchHealthCheck"
	// codeValidationError is how Auto Scaling, like others, refuses what it does not model.
	codeValidationError = "ValidationError"
	// codeUnread is what the SDK puts where an error answer carries no code.
	codeUnread = "UnknownError"
	// imdsServiceID names the instance metadata service, the last link of the credentials chain.
	imdsServiceID = "ec2imds"
)

// codesByClass lists the codes that classByShape would not place, or would place wrongly.
var codesByClass = map[Class][]string{
	Throttled: {
		"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
		"TooManyRequestsException", "TooManyRequests", "ProvisionedThroughputExceededException", "TransactionInProgressException",
		"RequestLimitExceeded", "BandwidthLimitExceeded", "SlowDown", "EC2ThrottledException",
	},
	Busy: {
		"PriorRequestNotComplete", "ConcurrentModification", "ConcurrentModificationException", "ResourceContention",
		"ScalingActivityInProgress", "InstanceRefreshInProgress", "HealthCheckVersionMismatch",
		"CidrCollectionVersionMismatchException", "RequestInProgressException", "CapacityReservationPending",
		"InsufficientCapacity", "TrustStoreNotReady", "ConflictException", "ServiceLinkedRoleFailure",
	},
	AlreadyExists: {
		"DelegationSetAlreadyCreated", "DelegationSetAlreadyReusable", "InvalidGroup.Duplicate",
		"InvalidPermission.Duplicate", "InvalidLaunchTemplateName.AlreadyExistsException",
	},
	Denied: {
		"UnauthorizedOperation", "NotAuthorized", "NotAuthorizedException", "AuthFailure", "OptInRequired",
		"ExpiredToken", "ExpiredTokenException", "RequestExpired", "InvalidClientTokenId", "InvalidAccessKeyId",
		"UnrecognizedClientException", "SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature",
		"MissingAuthenticationToken", "MissingAuthenticationTokenException", "RequestTimeTooSkewed",
		"InvalidIdentityToken", "IDPRejectedClaim", "PendingVerification", "Blocked",
		"InsufficientCloudWatchLogsResourcePolicy",
	},
	// LimitExceededException is on the SDK's list of throttles, but the services used here (ACM,
	// CloudWatch) mean a quota by it, and a quota must hold nobody back.
	Quota: {
		"LimitExceeded", "LimitExceededException", "LimitExceededFault", "LimitsExceeded", "DelegationSetNotAvailable",
		"TargetGroupAssociationLimit", "CapacityDecreaseRequestLimitExceeded", "ResourceLimitExceeded",
	},
	Invalid: {
		codeValidationError, "ValidationException", "MissingParameter", "MissingRequiredParameterException", "MissingAction", "MalformedInput",
		"MalformedQueryString", "UnsupportedProtocol", "IncompatibleProtocols", "UnsupportedOperation",
		"AvailabilityZoneNotSupported", "UnsupportedCertificate", "ALPNPolicyNotFound", "SSLPolicyNotFound", "DuplicateTagKeys",
		"TagPolicyException", "HostedZoneNotPrivate", "PublicZoneVPCAssociation", "DelegationSetNotReusable",
		codeInvalidChangeBatch,
	},
	Conflict: {
		"ConflictingDomainExists", "ConflictingTypes", "HostedZoneNotEmpty", "HostedZonePartiallyDelegated",
		"LastVPCAssociation", "DelegationSetInUse", "HealthCheckInUse", "TrafficPolicyInUse", "IncompatibleVersion",
		"CidrBlockInUseException", "CidrCollectionInUseException", "KeySigningKeyInUse", "KeySigningKeyInParentDSRecord",
		"KeySigningKeyWithActiveStatusNotFound", "InvalidKeySigningKeyStatus", "InvalidSigningStatus",
		"ResourceInUse", "ResourceInUseException", "DependencyViolation", "PriorityInUse", "OperationNotPermitted",
		"IrreversibleInstanceRefresh", "IdempotentParameterMismatch", "InvalidGroup.InUse",
		"CannotDelete", "TrustStoreInUse",
	},
	Unavailable: {
		"RequestTimeout", "RequestTimeoutException", "ServiceUnavailable", "ServiceUnavailableException", "Unavailable",
		"InternalFailure", "InternalError", "InternalServerError", "InternalServiceError", "InternalServiceFault", "HealthUnavailable",
	},
}

// unstableTextCodes carry a time stamp or a signature in their text, so Message does not repeat it.
var unstableTextCodes = map[string]bool{
	"SignatureDoesNotMatch": true, "InvalidSignatureException": true, "RequestExpired": true, "RequestTimeTooSkewed": true,
}

var classByCode = indexCodes(codesByClass)

func indexCodes(lists map[Class][]string) map[string]Class {
	index := map[string]Class{}
	for class, codes := range lists {
		for _, code := range codes {
			index[code] = class
		}
	}
	return index
}

// codeShapes place the codes AWS forms by rule; the first that fits wins.
var codeShapes = []struct {
	fits  func(code, affix string) bool
	affix string
	class Class
}{
	{strings.HasPrefix, "AccessDenied", Denied},
	{strings.HasPrefix, "TooMany", Quota},
	{strings.HasSuffix, "LimitExceeded", Quota},
	{strings.HasPrefix, "NoSuch", NotFound},
	{strings.HasSuffix, "NotFound", NotFound},
	{strings.HasSuffix, "NotFoundException", NotFound},
	{strings.HasSuffix, "AlreadyExists", AlreadyExists},
	{strings.HasSuffix, "AlreadyExistsException", AlreadyExists},
	{strings.HasPrefix, "Duplicate", AlreadyExists},
	{strings.HasPrefix, "Invalid", Invalid},
}

func classOfCode(code string) Class {
	if class, ok := classByCode[code]; ok {
		return class
	}
	for _, shape := range codeShapes {
		if shape.fits(code, shape.affix) {
			return shape.class
		}
	}
	return Unknown
}

// ThrottleError is AWS's own throttle answer with the time all callers of the service are held back for.
type ThrottleError struct {
	RetryAfter time.Duration
	Err        error
}

func (e *ThrottleError) Error() string { return e.Err.Error() }

// Unwrap returns AWS's answer.
func (e *ThrottleError) Unwrap() error { return e.Err }

// CredentialsError says that no credentials could be had, so no call was made.
type CredentialsError struct{ Err error }

func (e *CredentialsError) Error() string { return "retrieving AWS credentials: " + e.Err.Error() }

// Unwrap returns what the credentials chain reported.
func (e *CredentialsError) Unwrap() error { return e.Err }

// Classify places err by AWS's code, by its HTTP status, or by what went wrong on the way; nil has no class.
func Classify(err error) Class {
	if err == nil {
		return ""
	}
	var creds *CredentialsError
	if errors.As(err, &creds) {
		return classifyCredentials(creds)
	}
	var budget *BudgetError
	if errors.As(err, &budget) {
		if budget.Err != nil { // an earlier attempt may have taken effect, which matters more
			return Classify(budget.Err)
		}
		return Throttled
	}
	if canceled(err) {
		return Unknown
	}
	if errors.Is(err, ErrAbsent) {
		return NotFound
	}
	if unknownToAutoScaling(err) {
		return NotFound
	}
	if class := classOfCode(Code(err)); class != Unknown {
		return class
	}
	return classifyTransport(err)
}

// classifyCredentials: a token service that is throttled or down heals by itself, all else needs a person.
func classifyCredentials(err *CredentialsError) Class {
	switch class := Classify(err.Err); class {
	case Throttled:
		return Throttled
	case Unavailable:
		var op *smithy.OperationError
		if errors.As(err.Err, &op) && op.ServiceID == imdsServiceID { // not on an instance: nothing was configured
			return Denied
		}
		return Unavailable
	default:
		return Denied
	}
}

func classifyTransport(err error) Class {
	var invalid smithy.InvalidParamsError
	if errors.As(err, &invalid) {
		return Invalid
	}
	if status := httpStatus(err); status >= http.StatusBadRequest {
		return classOfStatus(status)
	}
	var undecoded *smithy.DeserializationError
	if errors.As(err, &undecoded) || connectionFailed(err) {
		return Unavailable
	}
	return Unknown
}

func classOfStatus(status int) Class {
	switch {
	case status == http.StatusTooManyRequests:
		return Throttled
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return Denied
	case status >= http.StatusInternalServerError:
		return Unavailable
	default:
		return Unknown
	}
}

// canceled tells a caller that gave up from a connection that timed out: the HTTP client's own
// time-outs call themselves context.DeadlineExceeded too, but arrive as RequestSendError.
func canceled(err error) bool {
	if errors.Is(err, context.Canceled) {
		return true
	}
	var send *smithyhttp.RequestSendError
	return errors.Is(err, context.DeadlineExceeded) && !errors.As(err, &send)
}

func connectionFailed(err error) bool {
	var (
		send *smithyhttp.RequestSendError
		wire net.Error
		cert *tls.CertificateVerificationError
	)
	return errors.As(err, &send) || errors.As(err, &wire) || errors.As(err, &cert) ||
		errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
}

// httpStatus is the status AWS answered with, 0 when there was no answer.
func httpStatus(err error) int {
	var response interface{ HTTPStatusCode() int }
	if errors.As(err, &response) {
		return response.HTTPStatusCode()
	}
	return 0
}

// Code is AWS's error code, such as NoSuchHostedZone; "" when AWS gave none.
func Code(err error) string {
	var api smithy.APIError
	if !errors.As(err, &api) || api.ErrorCode() == codeUnread {
		return ""
	}
	return api.ErrorCode()
}

// Paced reports whether a call was not made for no other reason than our own request budget: AWS did not throttle.
func Paced(err error) bool {
	var budget *BudgetError
	return errors.As(err, &budget) && budget.Err == nil && budget.Throttle == ""
}

// RetryAfter is how long to wait before a call of this kind has a chance; 0 when unknown.
func RetryAfter(err error) time.Duration {
	var budget *BudgetError
	if errors.As(err, &budget) {
		return budget.RetryAfter
	}
	var throttle *ThrottleError
	if errors.As(err, &throttle) {
		return throttle.RetryAfter
	}
	return 0
}
