package acm

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/acm/types"
)

// authority is who issues the certificates of the simulated world.
type authority struct {
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
}

// newAuthority makes one that is valid whatever the clock says.
func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("making the key of the certificate authority: %w", err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1),
		Subject:      pkix.Name{Country: []string{"US"}, Organization: []string{"Simulated Amazon"}, CommonName: "Simulated Amazon Root CA"},
		NotBefore:    time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC),
		NotAfter:     time.Date(2100, 1, 1, 0, 0, 0, 0, time.UTC),
		IsCA:         true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign | x509.KeyUsageDigitalSignature,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return nil, fmt.Errorf("signing the certificate authority: %w", err)
	}
	text, err := keyPEM(key)
	return &authority{Certificate: certificatePEM(der), Key: text}, err
}

// issue makes a certificate valid from now on for 395 days, as ACM does.
func (a *authority) issue(c certificate, now time.Time) (certificate, error) {
	pair, err := tls.X509KeyPair([]byte(a.Certificate), []byte(a.Key))
	if err != nil {
		return c, fmt.Errorf("reading the certificate authority: %w", err)
	}
	key, err := keyOf(c.Algorithm)
	if err != nil {
		return c, err
	}
	serial := make([]byte, 16)
	if _, err := rand.Read(serial); err != nil {
		return c, fmt.Errorf("drawing a serial number: %w", err)
	}
	serial[0] &= 0x7f
	start := now.UTC().Truncate(24 * time.Hour)
	template := &x509.Certificate{
		SerialNumber: new(big.Int).SetBytes(serial),
		Subject:      pkix.Name{CommonName: c.Names[0]},
		NotBefore:    start, NotAfter: start.Add(396*24*time.Hour - time.Second),
		DNSNames: c.Names, BasicConstraintsValid: true,
		KeyUsage:    x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, pair.Leaf, key.Public(), pair.PrivateKey)
	if err != nil {
		return c, fmt.Errorf("issuing a certificate for %s: %w", c.Names[0], err)
	}
	if c.Key, err = keyPEM(key); err != nil {
		return c, err
	}
	leaf, err := x509.ParseCertificate(der)
	if err != nil {
		return c, fmt.Errorf("reading the certificate for %s: %w", c.Names[0], err)
	}
	c.Leaf, c.Chain, c.Issuer = certificatePEM(der), a.Certificate, "Amazon"
	c.describe(leaf)
	c.Status, c.Issued = types.CertificateStatusIssued, now.UTC().Truncate(time.Millisecond)
	return c, nil
}

// describe notes what a certificate says of itself.
func (c *certificate) describe(leaf *x509.Certificate) {
	var pairs []string
	for _, b := range leaf.SerialNumber.Bytes() {
		pairs = append(pairs, fmt.Sprintf("%02x", b))
	}
	c.Serial = strings.Join(pairs, ":")
	c.NotBefore, c.NotAfter = leaf.NotBefore, leaf.NotAfter
	// Go calls them SHA256-RSA and ECDSA-SHA256, ACM SHA256WITHRSA and SHA256WITHECDSA.
	first, second, _ := strings.Cut(leaf.SignatureAlgorithm.String(), "-")
	if first == "ECDSA" {
		first, second = second, first
	}
	c.Signature = first + "WITH" + second
}

func certificatePEM(der []byte) string {
	return string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}))
}

func keyPEM(key crypto.Signer) (string, error) {
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return "", fmt.Errorf("rendering a key: %w", err)
	}
	return string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der})), nil
}

// madeKeys are the keys of this process by algorithm. Certificates share them,
// for making an RSA key takes long and nobody's secret depends on it.
var (
	madeKeysMu sync.Mutex
	madeKeys   = map[types.KeyAlgorithm]crypto.Signer{}
)

func keyOf(algorithm types.KeyAlgorithm) (crypto.Signer, error) {
	madeKeysMu.Lock()
	defer madeKeysMu.Unlock()
	if key, ok := madeKeys[algorithm]; ok {
		return key, nil
	}
	key, err := newKey(algorithm)
	if err != nil {
		return nil, fmt.Errorf("making a key of %s: %w", algorithm, err)
	}
	madeKeys[algorithm] = key
	return key, nil
}

func newKey(algorithm types.KeyAlgorithm) (crypto.Signer, error) {
	curves := map[types.KeyAlgorithm]elliptic.Curve{
		types.KeyAlgorithmEcPrime256v1: elliptic.P256(), types.KeyAlgorithmEcSecp384r1: elliptic.P384(), types.KeyAlgorithmEcSecp521r1: elliptic.P521(),
	}
	if curve, ok := curves[algorithm]; ok {
		return ecdsa.GenerateKey(curve, rand.Reader)
	}
	sizes := map[types.KeyAlgorithm]int{types.KeyAlgorithmRsa2048: 2048, types.KeyAlgorithmRsa3072: 3072, types.KeyAlgorithmRsa4096: 4096}
	if size, ok := sizes[algorithm]; ok {
		return rsa.GenerateKey(rand.Reader, size)
	}
	return nil, errors.New("there is no such algorithm")
}

// algorithmOf is how ACM calls the algorithm of a public key.
func algorithmOf(key any) (types.KeyAlgorithm, bool) {
	switch typed := key.(type) {
	case *rsa.PublicKey:
		algorithm, ok := map[int]types.KeyAlgorithm{
			1024: types.KeyAlgorithmRsa1024, 2048: types.KeyAlgorithmRsa2048, 3072: types.KeyAlgorithmRsa3072, 4096: types.KeyAlgorithmRsa4096,
		}[typed.N.BitLen()]
		return algorithm, ok
	case *ecdsa.PublicKey:
		algorithm, ok := map[string]types.KeyAlgorithm{
			"P-256": types.KeyAlgorithmEcPrime256v1, "P-384": types.KeyAlgorithmEcSecp384r1, "P-521": types.KeyAlgorithmEcSecp521r1,
		}[typed.Params().Name]
		return algorithm, ok
	}
	return "", false
}
