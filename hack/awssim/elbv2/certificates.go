package elbv2

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	sdk "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/evenkeel/evenkeel/hack/awssim/frame"
)

func addListenerCertificates(w *write, in *sdk.AddListenerCertificatesInput) (*sdk.AddListenerCertificatesOutput, error) {
	former, b, err := w.certified(in.ListenerArn, in.Certificates)
	if err != nil {
		return nil, err
	}
	l := change(w.listeners, former)
	l.Certificates = slices.Clone(l.Certificates)
	for _, given := range in.Certificates {
		arn := aws.ToString(given.CertificateArn)
		if err := w.checkCertificate(arn); err != nil {
			return nil, err
		}
		if !slices.Contains(l.certificates(), arn) {
			l.Certificates = append(l.Certificates, arn)
		}
	}
	if most := w.service.quotas.Certificates; w.countCertificates(b) > most {
		return nil, frame.Errorf("TooManyCertificates", "The maximum number of certificates for load balancer '%s' has been reached: %d", b.ARN, most)
	}
	added := []types.Certificate{}
	for _, given := range in.Certificates {
		added = append(added, types.Certificate{CertificateArn: given.CertificateArn, IsDefault: aws.Bool(false)})
	}
	return &sdk.AddListenerCertificatesOutput{Certificates: added}, nil
}

// certified finds a listener that can have certificates for SNI.
func (w *write) certified(arn *string, given []types.Certificate) (*listener, *balancer, error) {
	l, b, err := w.listener(arn)
	switch {
	case err != nil:
		return nil, nil, err
	case l.Certificate == "":
		return nil, nil, frame.Errorf(operationNotAllowed, "Certificates are not supported for %s listeners", l.Protocol)
	case len(given) == 0:
		return nil, nil, missing("Certificates")
	}
	return l, b, nil
}

// countCertificates counts a load balancer's certificates, the default ones not included.
func (w *write) countCertificates(b *balancer) int {
	all := map[string]bool{}
	for _, l := range w.listeners {
		if l.Balancer == b.ARN {
			for _, arn := range l.Certificates {
				all[arn] = true
			}
		}
	}
	return len(all)
}

func removeListenerCertificates(w *write, in *sdk.RemoveListenerCertificatesInput) (*sdk.RemoveListenerCertificatesOutput, error) {
	former, _, err := w.certified(in.ListenerArn, in.Certificates)
	if err != nil {
		return nil, err
	}
	l := change(w.listeners, former)
	l.Certificates = slices.Clone(l.Certificates)
	for _, given := range in.Certificates {
		arn := aws.ToString(given.CertificateArn)
		if arn == l.Certificate {
			return nil, frame.Errorf(operationNotAllowed, "Default Certificate cannot be removed")
		}
		l.Certificates = slices.DeleteFunc(l.Certificates, func(one string) bool { return one == arn })
	}
	return &sdk.RemoveListenerCertificatesOutput{}, nil
}

func describeListenerCertificates(r *reading, in *sdk.DescribeListenerCertificatesInput) (*sdk.DescribeListenerCertificatesOutput, error) {
	l, err := r.listener(in.ListenerArn)
	if err != nil {
		return nil, err
	}
	cut, next, err := page(l.certificates(), in.Marker, in.PageSize, func(arn string) string { return arn })
	if err != nil {
		return nil, err
	}
	out := &sdk.DescribeListenerCertificatesOutput{Certificates: []types.Certificate{}, NextMarker: next}
	for _, arn := range cut {
		out.Certificates = append(out.Certificates, types.Certificate{
			CertificateArn: aws.String(arn), IsDefault: aws.Bool(arn == l.Certificate),
		})
	}
	return out, nil
}
