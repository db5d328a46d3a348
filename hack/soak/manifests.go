package main

import (
	"fmt"
	"math/rand/v2"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/yaml"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// namespace is where the manifests are applied.
const namespace = "default"

// app is a highly available application, as its user has it in Git. Deletions take along what could not go alone.
type app struct {
	name    string
	zone    *thing[*v1alpha1.HostedZone]
	records []*thing[*v1alpha1.RecordSet]
	lb      *thing[*v1alpha1.LoadBalancer]
	group   *thing[*v1alpha1.AutoScalingGroup]
}

// declared is a thing of any kind.
type declared interface {
	manifest() lifecycle.Object
	kind() schema.GroupVersionKind
	// turn changes something in the manifest, and says what.
	turn(*rand.Rand) string
	// absent is set while the user has taken the manifest out of Git.
	absent() *bool
}

// thing is one manifest.
type thing[T lifecycle.Object] struct {
	object T
	gvk    schema.GroupVersionKind
	knobs  []knob[T]
	gone   bool
}

// knob is something that a user changes in a manifest, and that can be read back from AWS.
type knob[T any] struct {
	name string
	turn func(T, *rand.Rand)
}

func (t *thing[T]) manifest() lifecycle.Object    { return t.object }
func (t *thing[T]) kind() schema.GroupVersionKind { return t.gvk }
func (t *thing[T]) absent() *bool                 { return &t.gone }

func (t *thing[T]) turn(r *rand.Rand) string {
	k := pick(r, t.knobs)
	k.turn(t.object, r)
	return k.name
}

func pick[T any](r *rand.Rand, from []T) T { return from[r.IntN(len(from))] }

func (a *app) things() []declared {
	all := []declared{a.zone}
	for _, record := range a.records {
		all = append(all, record)
	}
	return append(all, a.lb, a.group)
}

// newThing reads a manifest.
func newThing[T lifecycle.Object](kind, manifest string, empty T, knobs ...knob[T]) (*thing[T], error) {
	if err := yaml.UnmarshalStrict([]byte(manifest), empty); err != nil {
		return nil, fmt.Errorf("reading the manifest of a %s: %w", kind, err)
	}
	empty.SetNamespace(namespace)
	return &thing[T]{object: empty, gvk: v1alpha1.GroupVersion.WithKind(kind), knobs: knobs}, nil
}

func newApp(i int) (*app, error) {
	a := &app{name: fmt.Sprintf("app-%d", i)}
	fill := func(text string) string { return strings.ReplaceAll(text, "APP", a.name) }
	var err error
	if a.zone, err = newThing("HostedZone", fill(zoneManifest), &v1alpha1.HostedZone{}, zoneKnobs...); err != nil {
		return nil, err
	}
	for _, manifest := range recordManifests {
		knobs := recordKnobs
		if strings.Contains(manifest, "aliasTarget") || strings.Contains(manifest, "instancesOf") {
			knobs = nil
		}
		record, err := newThing("RecordSet", fill(manifest), &v1alpha1.RecordSet{}, knobs...)
		if err != nil {
			return nil, err
		}
		a.records = append(a.records, record)
	}
	if a.lb, err = newThing("LoadBalancer", fill(balancerManifest), &v1alpha1.LoadBalancer{}, balancerKnobs...); err != nil {
		return nil, err
	}
	a.group, err = newThing("AutoScalingGroup", fill(groupManifest), &v1alpha1.AutoScalingGroup{}, groupKnobs...)
	return a, err
}

const zoneManifest = `
metadata: {name: APP}
spec:
  name: APP.example
  comment: first
  tags: {team: a}
`

var recordManifests = []string{`
metadata: {name: APP-www}
spec: {hostedZoneRef: {name: APP}, name: www, type: A, ttl: 60, resourceRecords: [192.0.2.1]}
`, `
metadata: {name: APP-mail}
spec: {hostedZoneRef: {name: APP}, name: mail, type: A, ttl: 60, resourceRecords: [192.0.2.2]}
`, `
metadata: {name: APP-blue}
spec:
  hostedZoneRef: {name: APP}
  name: shared
  type: A
  ttl: 60
  setIdentifier: blue
  routingPolicy: {weighted: {weight: 1}}
  resourceRecords: [192.0.2.3]
  healthCheck: {type: HTTP, ipAddress: 192.0.2.3, port: 80, resourcePath: /up}
`, `
metadata: {name: APP-green}
spec:
  hostedZoneRef: {name: APP}
  name: shared
  type: A
  ttl: 60
  setIdentifier: green
  routingPolicy: {weighted: {weight: 1}}
  resourceRecords: [192.0.2.4]
`, `
metadata: {name: APP-apex}
spec: {hostedZoneRef: {name: APP}, name: "@", type: A, aliasTarget: {loadBalancerRef: {name: APP}}}
`, `
metadata: {name: APP-workers}
spec: {hostedZoneRef: {name: APP}, name: workers, type: A, ttl: 15, instancesOf: {autoScalingGroupRef: {name: APP}, address: PrivateIPv4}}
`}

const balancerManifest = `
metadata: {name: APP}
spec:
  type: application
  subnetIDs: [subnet-0a, subnet-0b]
  tags: {team: a}
  attributes: {idleTimeoutSeconds: 60}
  securityGroup:
    ingress:
    - {protocol: tcp, port: 80, cidrs: [0.0.0.0/0]}
  targetGroups:
  - name: http
    protocol: HTTP
    port: 8080
    healthCheck: {path: /, intervalSeconds: 30}
  listeners:
  - port: 80
    protocol: HTTP
    defaultActions:
    - forward: {targetGroups: [{name: http}]}
    rules:
    - priority: 10
      name: fixed
      conditions: [{pathPattern: [/fixed]}]
      actions: [{fixedResponse: {statusCode: "503"}}]
  - port: 443
    protocol: HTTPS
    certificates:
    - issue: {domainNames: [APP.example], hostedZoneRef: {name: APP}}
    defaultActions:
    - fixedResponse: {statusCode: "404"}
`

const groupManifest = `
metadata: {name: APP}
spec:
  minSize: 1
  maxSize: 4
  subnetIDs: [subnet-0a, subnet-0b]
  launchTemplate:
    imageID: ami-0123456789abcdef0
    instanceType: t3.micro
    userData: "#!/bin/sh\necho first\n"
  securityGroup:
    ingress:
    - {protocol: tcp, port: 8080, loadBalancerRefs: [{name: APP}]}
  targetGroups:
  - {loadBalancerRef: {name: APP}, targetGroup: http}
  defaultCooldownSeconds: 60
  tags:
  - {key: team, value: a, propagateAtLaunch: true}
  scalingPolicies:
  - name: cpu
    targetTracking: {predefinedMetric: {type: ASGAverageCPUUtilization}, targetValue: "70"}
  - name: queue
    step:
      adjustmentType: ChangeInCapacity
      steps: [{metricIntervalLowerBound: "0", scalingAdjustment: 1}]
      alarm:
        metric: {namespace: AWS/SQS, name: Depth, dimensions: {QueueName: jobs}, statistic: Average, periodSeconds: 60}
        comparisonOperator: GreaterThanThreshold
        threshold: "100"
        evaluationPeriods: 2
  scheduledActions:
  - {name: morning, recurrence: "0 8 * * *", minSize: 1}
  suspendedProcesses: [AZRebalance]
  instanceRefresh: {mode: Automatic, minHealthyPercentage: 50}
`
