package frame

import "time"

// Certification is how long ACM takes.
type Certification struct {
	// Recorded is the time from a request until its validation records are shown.
	Recorded Span
	// Check is how long after a request DNS is asked for the records for the
	// first time; later it is asked less often.
	Check time.Duration
	// Validated is the time from the records' being in DNS until the certificate is issued.
	Validated Span
	// Released is how long a certificate stays in use by what let go of it.
	Released Span
}

func realisticCertification() Certification {
	return Certification{
		Recorded:  Span{2 * time.Second, 10 * time.Second},
		Check:     5 * time.Second,
		Validated: Span{time.Minute, 30 * time.Minute},
		Released:  Span{10 * time.Second, 60 * time.Second},
	}
}

func fastCertification() Certification {
	return Certification{Check: 25 * time.Millisecond, Validated: Exactly(100 * time.Millisecond)}
}
