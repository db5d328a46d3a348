package v1alpha1

// Condition types that every kind has.
const (
	// ConditionReady sums up: True only when AWS is as the spec declares and has said so.
	ConditionReady = "Ready"
	// ConditionReconciling is present, and True, while the controller is working or waiting; absent otherwise.
	ConditionReconciling = "Reconciling"
	// ConditionStalled is present, and True, while a person must act; absent otherwise.
	// The controller goes on looking, slowly, and clears it by itself once the cause is gone.
	ConditionStalled = "Stalled"
)

// Condition types of single kinds. True is good.
const (
	// ConditionPropagated tells that every Route 53 name server answers with the record as declared
	// (GetChange status INSYNC). Kind RecordSet.
	ConditionPropagated = "Propagated"
	// ConditionHealthy tells what Route 53's checkers say of the record's endpoint; present only when spec.healthCheck
	// or spec.healthCheckID is given. Kind RecordSet.
	ConditionHealthy = "Healthy"
	// ConditionDelegated tells that the parent of the zone names the zone's name servers. Kind HostedZone.
	ConditionDelegated = "Delegated"
	// ConditionSigned tells that the zone is signed as declared (spec.dnssec), and its DS record is in the parent when
	// that is a HostedZone too. Kind HostedZone.
	ConditionSigned = "Signed"
	// ConditionProvisioned tells that the load balancer is active, with its listeners and rules in place. Kind LoadBalancer.
	ConditionProvisioned = "Provisioned"
	// ConditionTargetsHealthy tells that every target group that takes requests has a healthy target, or none registered
	// at all. Kind LoadBalancer.
	ConditionTargetsHealthy = "TargetsHealthy"
	// ConditionCertificatesIssued tells that every certificate that is issued for the load balancer's listeners is there
	// and in use; present only when the spec asks for one. Kind LoadBalancer.
	ConditionCertificatesIssued = "CertificatesIssued"
	// ConditionCapacityReached tells that as many instances are in service as the group is to have.
	// Kind AutoScalingGroup.
	ConditionCapacityReached = "CapacityReached"
	// ConditionInstancesRefreshed tells that all instances run what the object declares. Kind AutoScalingGroup.
	ConditionInstancesRefreshed = "InstancesRefreshed"
)

// Reasons of conditions; events carry the same ones.
const (
	// ReasonConverged: AWS is as declared.
	ReasonConverged = "Converged"
	// ReasonCreating: something declared does not exist in AWS yet and is being made.
	ReasonCreating = "Creating"
	// ReasonUpdating: something in AWS differs from the spec and is being changed.
	ReasonUpdating = "Updating"
	// ReasonReplacing: AWS cannot change it in place; a new one is being made before the old one goes.
	ReasonReplacing = "Replacing"
	// ReasonPropagating: Route 53 has accepted the change and is carrying it to its name servers.
	ReasonPropagating = "Propagating"
	// ReasonWaitingForAWS: AWS is busy with an earlier change, or has no room for another request yet by the limits that it
	// publishes (the controller's request budget); the controller looks again later.
	ReasonWaitingForAWS = "WaitingForAWS"
	// ReasonReferenceNotFound: an object that the spec names does not exist (yet).
	ReasonReferenceNotFound = "ReferenceNotFound"
	// ReasonReferenceNotReady: an object that the spec names exists but cannot be used yet.
	ReasonReferenceNotReady = "ReferenceNotReady"
	// ReasonReferenceNotPermitted: the owner of an object that the spec names does not allow its use from here.
	ReasonReferenceNotPermitted = "ReferenceNotPermitted"
	// ReasonInvalidSpec: AWS or the controller refuses the spec; the message says why.
	ReasonInvalidSpec = "InvalidSpec"
	// ReasonConflict: the resource exists and is not this object's; the message says whose it is.
	ReasonConflict = "Conflict"
	// ReasonAccessDenied: the controller's credentials may not make the call named in the message.
	ReasonAccessDenied = "AccessDenied"
	// ReasonQuotaExceeded: a quota of the AWS account is used up.
	ReasonQuotaExceeded = "QuotaExceeded"
	// ReasonThrottled: AWS answers that there are too many requests, and the controller makes fewer for a while.
	ReasonThrottled = "Throttled"
	// ReasonAWSError: AWS failed in a way that is expected to pass; the call is tried again.
	ReasonAWSError = "AWSError"
	// ReasonDeleting: the object is being deleted and the controller is removing what it made.
	ReasonDeleting = "Deleting"
	// ReasonDeletionBlocked: the deletion cannot go on; the message names what blocks it.
	ReasonDeletionBlocked = "DeletionBlocked"
	// ReasonPlanOnly: managementPolicy is Plan; status.plan lists what would be done.
	ReasonPlanOnly = "PlanOnly"
	// ReasonObserveOnly: managementPolicy is Observe; nothing is changed in AWS.
	ReasonObserveOnly = "ObserveOnly"
	// ReasonCapacityBelowMinimum: fewer instances are in service than the spec asks for.
	ReasonCapacityBelowMinimum = "CapacityBelowMinimum"
	// ReasonOutdated: instances run that are not as declared, and nothing replaces them. Of the condition InstancesRefreshed.
	ReasonOutdated = "Outdated"
	// ReasonRefreshFailed: an instance refresh failed, was rolled back or was cancelled; the message says why. It is not
	// started again until the spec changes.
	ReasonRefreshFailed = "RefreshFailed"
	// ReasonHealthy: Route 53's checkers find the endpoint healthy. Of the condition Healthy.
	ReasonHealthy = "Healthy"
	// ReasonUnhealthy: Route 53's checkers find the endpoint unhealthy; the message says what most of them see.
	// Of the condition Healthy.
	ReasonUnhealthy = "Unhealthy"
)

// Reasons of events that tell a principal action rather than a state.
const (
	// EventCreated: a resource was created in AWS.
	EventCreated = "Created"
	// EventUpdated: a resource was changed in AWS because the spec changed.
	EventUpdated = "Updated"
	// EventReplaced: a resource was replaced in AWS because the spec changed.
	EventReplaced = "Replaced"
	// EventDeleted: a resource was deleted in AWS.
	EventDeleted = "Deleted"
	// EventDriftRepaired: a resource had been changed behind the controller's back and was set right again.
	EventDriftRepaired = "DriftRepaired"
	// EventAdopted: an existing resource was taken over.
	EventAdopted = "Adopted"
)
