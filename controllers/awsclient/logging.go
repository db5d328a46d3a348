package awsclient

import (
	"context"
	"fmt"

	"github.com/aws/smithy-go/logging"
	"github.com/go-logr/logr"
)

// sdkLogger takes what the SDK has to say into the controller's log, with the object whose turn it is where that is known.
// It is for those who look closely: what a call came to is its caller's to tell. The SDK's own logger would write lines of
// another form to standard error, for instance when AWS closes a connection right after an answer.
type sdkLogger struct{ logr.Logger }

// WithContext returns the logger of the turn in which a call is made, if it is made in one.
func (l sdkLogger) WithContext(ctx context.Context) logging.Logger {
	if found, err := logr.FromContext(ctx); err == nil {
		return sdkLogger{found}
	}
	return l
}

// Logf logs one message.
func (l sdkLogger) Logf(class logging.Classification, format string, v ...any) {
	l.V(1).Info("The AWS SDK says: "+fmt.Sprintf(format, v...), "class", class)
}
