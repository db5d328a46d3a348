package loadbalancer

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"github.com/evenkeel/evenkeel/api/v1alpha1"
	"github.com/evenkeel/evenkeel/controllers/lifecycle"
)

// Of Secrets only the metadata is watched and kept in memory; those that are named are read one by one when they are needed.
// +kubebuilder:rbac:groups="",resources=secrets,verbs=get;list;watch

// fieldClientSecret ends the name of the field in plans, since AWS does not tell what secret it has.
const fieldClientSecret = "authenticateOIDC.clientSecretRef"

// hashLength is how many bytes of a keyed hash tell one content of a client secret from another.
const hashLength = 8

// observeSecrets reads the client secrets that actions of the spec refer to. They are kept for this turn only.
func (k *Kind) observeSecrets(ctx context.Context, obj *v1alpha1.LoadBalancer, o *observed) error {
	o.secrets, o.sentSecrets = map[v1alpha1.SecretKeyReference]string{}, map[string]string{}
	if lifecycle.Deleting(obj) {
		return nil
	}
	for _, actions := range declaredActions(obj) {
		ref := secretRef(actions.list)
		if ref == nil {
			continue
		}
		if _, read := o.secrets[*ref]; read {
			continue
		}
		var secret corev1.Secret
		err := k.secrets.Get(ctx, client.ObjectKey{Namespace: obj.Namespace, Name: ref.Name}, &secret)
		switch {
		case apierrors.IsNotFound(err):
			continue
		case err != nil:
			return fmt.Errorf("reading Secret %s: %w", ref.Name, err)
		}
		if value := secret.Data[ref.Key]; len(value) > 0 {
			o.secrets[*ref] = string(value)
		}
	}
	return nil
}

// secretMetadata is what is watched of Secrets.
func secretMetadata() *metav1.PartialObjectMetadata {
	watched := &metav1.PartialObjectMetadata{}
	watched.SetGroupVersionKind(corev1.SchemeGroupVersion.WithKind("Secret"))
	return watched
}

// secretNames are the Secrets that actions of the spec refer to.
func secretNames(obj *v1alpha1.LoadBalancer) []string {
	var names []string
	for _, actions := range declaredActions(obj) {
		if ref := secretRef(actions.list); ref != nil && !slices.Contains(names, ref.Name) {
			names = append(names, ref.Name)
		}
	}
	return names
}

// secretRef names the client secret that a list of actions needs; nil when it needs none.
func secretRef(actions []v1alpha1.Action) *v1alpha1.SecretKeyReference {
	for i := range actions {
		if oidc := actions[i].AuthenticateOIDC; oidc != nil {
			return &oidc.ClientSecretRef
		}
	}
	return nil
}

// secretHash tells one content of a secret from another and reveals nothing of it: it is keyed and cut short.
func secretHash(obj *v1alpha1.LoadBalancer, ref v1alpha1.SecretKeyReference, secret string) string {
	mac := hmac.New(sha256.New, []byte(obj.UID))
	mac.Write([]byte(ref.Name + "/" + ref.Key + "\x00" + secret))
	return hex.EncodeToString(mac.Sum(nil)[:hashLength])
}

// credential is the client secret that a list of actions needs, and whether AWS has it already.
type credential struct {
	// place names the actions in status.clientSecretHashes; empty when they need no secret.
	place string
	// missing names what does not exist.
	missing string
	secret  string
	hash    string
}

// credentialOf returns the client secret of a list of actions at a place.
func credentialOf(obj *v1alpha1.LoadBalancer, o *observed, actions []v1alpha1.Action, place string) credential {
	ref := secretRef(actions)
	if ref == nil {
		return credential{}
	}
	c := credential{place: place}
	secret, ok := o.secrets[*ref]
	if !ok {
		c.missing = fmt.Sprintf("key %s of Secret %s", ref.Key, ref.Name)
		return c
	}
	c.secret, c.hash = secret, secretHash(obj, *ref, secret)
	return c
}

// fill puts the secret into actions that are about to be sent.
func (c credential) fill(actions []types.Action) {
	for i := range actions {
		if oidc := actions[i].AuthenticateOidcConfig; oidc != nil {
			oidc.ClientSecret = &c.secret
		}
	}
}

// sent notes that AWS has the secret.
func (c credential) sent(o *observed) {
	if c.place != "" {
		o.sentSecrets[c.place] = c.hash
	}
}

// renewed reports whether AWS may have another secret than the actions, which stand at a place by the status, are to
// have. It keeps in mind what AWS is known to have.
func (c credential) renewed(obj *v1alpha1.LoadBalancer, o *observed, place string) bool {
	known := obj.Status.ClientSecretHashes[place]
	switch {
	case c.place == "":
		return false
	case c.missing != "":
		if known != "" {
			o.sentSecrets[c.place] = known
		}
		return false
	case known == c.hash:
		c.sent(o)
		return false
	}
	return true
}

// wait tells of a secret that is missing.
func (c credential) wait(what string) lifecycle.Outcome {
	return lifecycle.Wait(v1alpha1.ReasonReferenceNotFound,
		fmt.Sprintf("The client secret of %s is not there yet: %s.", what, c.missing), 0)
}
