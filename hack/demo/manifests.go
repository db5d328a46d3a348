package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer"
	"k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
)

// object is one of ours.
type object interface {
	client.Object
	CommonSpec() *v1alpha1.Policies
	CommonStatus() *v1alpha1.CommonStatus
}

// decodeManifests returns the objects of ours in a stream of YAML documents, in its order. Other kinds are left out.
func decodeManifests(stream string) ([]object, error) {
	scheme := runtime.NewScheme()
	if err := v1alpha1.AddToScheme(scheme); err != nil {
		return nil, fmt.Errorf("registering the kinds: %w", err)
	}
	decoder := serializer.NewCodecFactory(scheme, serializer.EnableStrict).UniversalDeserializer()
	documents := yaml.NewYAMLReader(bufio.NewReader(strings.NewReader(stream)))
	var objects []object
	for {
		document, err := documents.Read()
		switch {
		case errors.Is(err, io.EOF):
			return objects, nil
		case err != nil:
			return nil, fmt.Errorf("reading the manifests: %w", err)
		case len(bytes.TrimSpace(document)) == 0:
			continue
		}
		decoded, _, err := decoder.Decode(document, nil, nil)
		if runtime.IsNotRegisteredError(err) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading the manifests: %w", err)
		}
		obj, ours := decoded.(object)
		if !ours {
			continue
		}
		if obj.GetNamespace() == "" {
			obj.SetNamespace("default")
		}
		objects = append(objects, obj)
	}
}

// reference is how kubectl takes an object: its kind's short name and its name.
func reference(obj client.Object) string {
	switch obj.(type) {
	case *v1alpha1.HostedZone:
		return "hz/" + obj.GetName()
	case *v1alpha1.RecordSet:
		return "rrset/" + obj.GetName()
	}
	return obj.GetName()
}

// count says how many objects there are of which kind.
func count(objects []object) string {
	zones, records := 0, 0
	for _, obj := range objects {
		switch obj.(type) {
		case *v1alpha1.HostedZone:
			zones++
		case *v1alpha1.RecordSet:
			records++
		}
	}
	return plural(zones, "HostedZone") + " and " + plural(records, "RecordSet")
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
