package lifecycle

import (
	"sync"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/resourceversion"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// latest remembers what was written until the cache shows it, so that a turn right after a write does not act on the
// status from before. controller-runtime's own read-your-writes mode blocks every list until all writers of the kind
// are seen, and does not work with several watched namespaces.
type latest struct {
	mu      sync.Mutex
	written map[types.NamespacedName]client.Object
	gone    map[types.NamespacedName]types.UID
}

func newLatest() *latest {
	return &latest{written: map[types.NamespacedName]client.Object{}, gone: map[types.NamespacedName]types.UID{}}
}

// set remembers an object as the API server answered it.
func (l *latest) set(obj client.Object) {
	l.mu.Lock()
	defer l.mu.Unlock()
	kept := obj.DeepCopyObject().(client.Object)
	kept.SetManagedFields(nil)
	l.written[client.ObjectKeyFromObject(obj)] = kept
}

// release remembers that the object's last finalizer was dropped: the cache may show it a little longer.
func (l *latest) release(obj client.Object) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := client.ObjectKeyFromObject(obj)
	delete(l.written, key)
	l.gone[key] = obj.GetUID()
}

// forget drops what is remembered of an object that the cache says is gone.
func (l *latest) forget(key types.NamespacedName) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.written, key)
	delete(l.gone, key)
}

// of returns the newer of the cached object and what was written last, and whether the object still exists.
// What it returns must not be changed.
func (l *latest) of(cached client.Object) (client.Object, bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	key := client.ObjectKeyFromObject(cached)
	if uid, ok := l.gone[key]; ok {
		if uid == cached.GetUID() {
			return nil, false
		}
		delete(l.gone, key)
	}
	written, ok := l.written[key]
	if !ok {
		return cached, true
	}
	order, err := resourceversion.CompareResourceVersion(written.GetResourceVersion(), cached.GetResourceVersion())
	if err != nil || order <= 0 || written.GetUID() != cached.GetUID() {
		delete(l.written, key)
		return cached, true
	}
	return written, true
}
