package controllers

import (
	"context"
	"fmt"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// listWithin is how long counting the objects may take; the cache answers at once unless it is still being filled.
const listWithin = 5 * time.Second

// objectMetrics counts the objects by how they stand, at each scrape, from the cache. Only the replica that works has
// them there; the others tell nothing.
type objectMetrics struct {
	reader  client.Reader
	elected <-chan struct{}
	objects *prometheus.Desc
}

// CountObjects registers a metric of how many objects of each kind stand how, which is told from when elected is closed.
func CountObjects(registerer prometheus.Registerer, reader client.Reader, elected <-chan struct{}) error {
	return registerer.Register(&objectMetrics{
		reader: reader, elected: elected,
		objects: prometheus.NewDesc("evenkeel_objects", "Objects by their condition Ready and its reason.", []string{"kind", "ready", "reason"}, nil),
	})
}

// Describe implements prometheus.Collector.
func (m *objectMetrics) Describe(descriptions chan<- *prometheus.Desc) { descriptions <- m.objects }

// Collect implements prometheus.Collector.
func (m *objectMetrics) Collect(samples chan<- prometheus.Metric) {
	select {
	case <-m.elected:
	default:
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), listWithin)
	defer cancel()
	for kind, list := range map[string]client.ObjectList{
		"HostedZone": &v1alpha1.HostedZoneList{}, "RecordSet": &v1alpha1.RecordSetList{},
		"LoadBalancer": &v1alpha1.LoadBalancerList{}, "AutoScalingGroup": &v1alpha1.AutoScalingGroupList{},
	} {
		if err := m.collect(ctx, samples, kind, list); err != nil {
			samples <- prometheus.NewInvalidMetric(m.objects, fmt.Errorf("counting objects of kind %s: %w", kind, err))
		}
	}
}

// standing is how an object stands.
type standing struct{ ready, reason string }

func (m *objectMetrics) collect(ctx context.Context, samples chan<- prometheus.Metric, kind string, list client.ObjectList) error {
	if err := m.reader.List(ctx, list, client.UnsafeDisableDeepCopy); err != nil {
		return err
	}
	counts := map[standing]float64{}
	err := meta.EachListItem(list, func(item runtime.Object) error {
		object, ok := item.(lifecycle.Object)
		if !ok {
			return fmt.Errorf("%T has no conditions", item)
		}
		how := standing{ready: string(metav1.ConditionUnknown)}
		if ready := meta.FindStatusCondition(object.CommonStatus().Conditions, v1alpha1.ConditionReady); ready != nil {
			how = standing{string(ready.Status), ready.Reason}
		}
		counts[how]++
		return nil
	})
	for how, count := range counts {
		samples <- prometheus.MustNewConstMetric(m.objects, prometheus.GaugeValue, count, kind, how.ready, how.reason)
	}
	return err
}
