package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/workqueue"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

const (
	// parallel is how many writes bench makes at a time: as many as the controller does.
	parallel  = 16
	zoneName  = "bench.example."
	zoneRef   = "zone"
	recordTTL = 300
)

// world is what one row has for itself: a control plane, an AWS, and one zone in both.
type world struct {
	*bench
	*cluster
	namespace string
	aws       *cloud
	dir       string
}

// newWorld makes a world with a Ready zone. No manager runs when it returns.
func (b *bench) newWorld(ctx context.Context, name string) (*world, error) {
	dir := filepath.Join(b.dir, name)
	if err := os.Mkdir(dir, 0o700); err != nil {
		return nil, err
	}
	aws, err := newCloud()
	if err != nil {
		return nil, err
	}
	b.say("  starting the control plane")
	control, err := newCluster(b.assets, dir)
	if err != nil {
		return nil, errors.Join(err, aws.close())
	}
	w := &world{bench: b, cluster: control, namespace: name, aws: aws, dir: dir}
	if err := w.makeZone(ctx); err != nil {
		return nil, errors.Join(err, w.close())
	}
	return w, nil
}

func (w *world) close() error { return errors.Join(w.aws.close(), w.stop()) }

func namespaceOf(name string) *corev1.Namespace {
	return &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}
}

func (w *world) makeZone(ctx context.Context) (err error) {
	if err := w.admin.Create(ctx, namespaceOf(w.namespace)); err != nil {
		return fmt.Errorf("creating namespace %s: %w", w.namespace, err)
	}
	zone := &v1alpha1.HostedZone{
		ObjectMeta: metav1.ObjectMeta{Namespace: w.namespace, Name: zoneRef}, Spec: v1alpha1.HostedZoneSpec{Name: zoneName},
	}
	if err := w.admin.Create(ctx, zone); err != nil {
		return fmt.Errorf("creating the zone: %w", err)
	}
	m, err := w.start()
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, m.Stop()) }()
	return m.Poll(ctx, time.Minute, "the zone to become Ready", func() (bool, error) {
		err := w.admin.Get(ctx, client.ObjectKeyFromObject(zone), zone)
		return meta.IsStatusConditionTrue(zone.Status.Conditions, v1alpha1.ConditionReady), err
	})
}

// records returns n RecordSets of one A record each.
func records(namespace string, n int) []*v1alpha1.RecordSet {
	ttl := int64(recordTTL)
	all := make([]*v1alpha1.RecordSet, n)
	for i := range all {
		all[i] = &v1alpha1.RecordSet{
			ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: fmt.Sprintf("record-%05d", i)},
			Spec: v1alpha1.RecordSetSpec{
				HostedZoneRef: &v1alpha1.HostedZoneReference{Name: zoneRef},
				Name:          fmt.Sprintf("host-%05d", i), Type: "A", TTL: &ttl,
				ResourceRecords: []v1alpha1.ResourceRecord{v1alpha1.ResourceRecord(address(i))},
			},
		}
	}
	return all
}

func address(i int) string { return fmt.Sprintf("10.%d.%d.%d", i>>16, i>>8&255, i&255) }

// create creates the objects with a client that is not measured.
func (w *world) create(ctx context.Context, objects []*v1alpha1.RecordSet) error {
	w.say("  creating %d RecordSets", len(objects))
	return inParallel(ctx, len(objects), func(i int) error {
		if err := w.admin.Create(ctx, objects[i]); err != nil {
			return fmt.Errorf("creating RecordSet %s: %w", objects[i].Name, err)
		}
		return nil
	})
}

// inParallel does n things, and returns the first failure.
func inParallel(ctx context.Context, n int, do func(i int) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var once sync.Once
	workqueue.ParallelizeUntil(ctx, parallel, n, func(i int) {
		if err := do(i); err != nil {
			once.Do(func() { cancel(err) })
		}
	})
	return context.Cause(ctx)
}
