// Package argohealth runs health checks as Argo CD does, from the file that its users apply.
package argohealth

import (
	"context"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	lua "github.com/yuin/gopher-lua"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"
)

// File is the file of the health checks, from the root of the repository.
const File = "config/argocd/argocd-cm.yaml"

// keyPrefix begins the keys of health checks in Argo CD's ConfigMap; the group, an underscore and the kind follow.
const keyPrefix = "resource.customizations.health."

// timeout is what Argo CD gives a script.
const timeout = time.Second

// Health is what Argo CD shows of a resource.
type Health struct {
	// Status is one of those that Argo CD lets a script answer.
	Status string
	// Message says why.
	Message string
}

// statuses are those that Argo CD lets a script answer; anything else it shows as Unknown.
var statuses = []string{"Healthy", "Progressing", "Degraded", "Suspended", "Missing", "Unknown"}

// Checks are the scripts of a ConfigMap by what they are for.
type Checks map[schema.GroupKind]string

// Load reads the health checks of a ConfigMap in a file.
func Load(path string) (Checks, error) {
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var config corev1.ConfigMap
	if err := yaml.UnmarshalStrict(content, &config); err != nil {
		return nil, fmt.Errorf("reading %s: %w", path, err)
	}
	checks := Checks{}
	for key, script := range config.Data {
		group, kind, ok := strings.Cut(strings.TrimPrefix(key, keyPrefix), "_")
		if !ok || !strings.HasPrefix(key, keyPrefix) {
			return nil, fmt.Errorf("%s: the key %s is not that of a health check", path, key)
		}
		checks[schema.GroupKind{Group: group, Kind: kind}] = script
	}
	return checks, nil
}

// Of returns the health of an object; its group and kind must be set.
func (c Checks) Of(obj client.Object) (Health, error) {
	kind := obj.GetObjectKind().GroupVersionKind().GroupKind()
	script, ok := c[kind]
	if !ok {
		return Health{}, fmt.Errorf("there is no health check for %s", kind)
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(obj)
	if err != nil {
		return Health{}, err
	}
	return Run(script, content)
}

// Run evaluates a script. It may use what Argo CD lets scripts use: the base and table libraries, nothing to format or match
// strings with.
func Run(script string, obj map[string]any) (Health, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	state.SetContext(ctx)
	for name, open := range map[string]lua.LGFunction{lua.LoadLibName: lua.OpenPackage, lua.BaseLibName: lua.OpenBase, lua.TabLibName: lua.OpenTable} {
		if err := state.CallByParam(lua.P{Fn: state.NewFunction(open), Protect: true}, lua.LString(name)); err != nil {
			return Health{}, fmt.Errorf("opening the library %s: %w", name, err)
		}
	}
	state.SetGlobal("obj", toLua(state, obj))
	if err := state.DoString(script); err != nil {
		return Health{}, err
	}
	table, ok := state.Get(-1).(*lua.LTable)
	if !ok {
		return Health{}, fmt.Errorf("the script returned %s, not a table", state.Get(-1).Type())
	}
	return fromLua(table)
}

func fromLua(table *lua.LTable) (Health, error) {
	status, message := table.RawGetString("status"), table.RawGetString("message")
	if status.Type() != lua.LTString || !slices.Contains(statuses, status.String()) {
		return Health{}, fmt.Errorf("the script returned a status that Argo CD does not know: %s", status)
	}
	if message.Type() != lua.LTString {
		return Health{}, errors.New("the script returned no message")
	}
	return Health{Status: status.String(), Message: message.String()}, nil
}

// toLua hands a decoded JSON value to a script.
func toLua(state *lua.LState, value any) lua.LValue {
	switch v := value.(type) {
	case map[string]any:
		table := state.NewTable()
		for key, member := range v {
			table.RawSetString(key, toLua(state, member))
		}
		return table
	case []any:
		table := state.NewTable()
		for _, item := range v {
			table.Append(toLua(state, item))
		}
		return table
	case string:
		return lua.LString(v)
	case bool:
		return lua.LBool(v)
	case int64:
		return lua.LNumber(v)
	case float64:
		return lua.LNumber(v)
	default:
		return lua.LNil
	}
}
