package awsclient

import (
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"unicode"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/service/route53/types"
	"github.com/aws/smithy-go"
)

var (
	// requestIDs match the ids some services append to their text: "; Request ID: 4c1b…; Proxy: null)".
	requestIDs = regexp.MustCompile(`(?i)[;,(]?\s*(?:request|host)[ -]?id(?:\s*:\s*|\s+)[0-9a-z/+=-]{8,}(?:\s*[;,]\s*proxy\s*:\s*null)?`)
	// authorizationBlob matches EC2's encoded explanation, which differs at every call.
	authorizationBlob = regexp.MustCompile(`\s*Encoded authorization failure message:\s*\S+`)
)

// Message is a sentence that says which operation failed, and then AWS's own text without what the SDK wraps around it
// and without what changes from one attempt to the next (request ids, local addresses, time stamps), so it may stand in
// a status.
func Message(err error) string {
	if err == nil {
		return ""
	}
	var creds *CredentialsError
	if errors.As(err, &creds) {
		return credentialsMessage(creds)
	}
	var budget *BudgetError
	if errors.As(err, &budget) {
		if budget.Err != nil {
			return Message(budget.Err)
		}
		return budget.Error()
	}
	if canceled(err) {
		return "The call was given up before AWS answered."
	}
	return operation(err) + text(err)
}

// operation names the service and the operation of a call that failed, as in "Route 53 GetChange: ".
func operation(err error) string {
	var op *smithy.OperationError
	if !errors.As(err, &op) {
		return ""
	}
	return op.ServiceID + " " + op.OperationName + ": "
}

// text is what a call was answered with, or why there was no answer.
func text(err error) string {
	if problems := BatchMessages(err); len(problems) > 0 {
		return strings.Join(problems, "; ")
	}
	var api smithy.APIError
	if errors.As(err, &api) && Code(err) != "" {
		return apiMessage(api)
	}
	return transportMessage(err)
}

func apiMessage(api smithy.APIError) string {
	code := api.ErrorCode()
	if unstableTextCodes[code] {
		return fmt.Sprintf("AWS refuses the signature of the request (%s): check the secret access key and the clock of this machine.", code)
	}
	text := authorizationBlob.ReplaceAllString(api.ErrorMessage(), "")
	text = strings.TrimSpace(requestIDs.ReplaceAllString(text, ""))
	if text == "" || text == codeUnread {
		return fmt.Sprintf("AWS answered with the code %s and no explanation.", code)
	}
	return text
}

func credentialsMessage(err *CredentialsError) string {
	if Code(err.Err) != "" {
		return "AWS gave no credentials: " + Message(err.Err)
	}
	if Classify(err) == Denied {
		return "No AWS credentials were found: give them by environment variables, a profile, a web identity or an instance role."
	}
	return "AWS gave no credentials: " + operation(err.Err) + transportMessage(err.Err)
}

func transportMessage(err error) string {
	if status := httpStatus(err); status >= http.StatusBadRequest {
		return fmt.Sprintf("AWS answered with HTTP status %d %s and no explanation.", status, http.StatusText(status))
	}
	var undecoded *smithy.DeserializationError
	if errors.As(err, &undecoded) {
		return "The answer of AWS could not be read."
	}
	if connectionFailed(err) {
		return connectionMessage(err)
	}
	var op *smithy.OperationError
	if errors.As(err, &op) {
		return strings.Join(strings.Fields(op.Err.Error()), " ")
	}
	return err.Error()
}

// connectionMessage names the far host only: the local port is another one at every attempt.
func connectionMessage(err error) string {
	host := "AWS"
	var at *url.Error
	if errors.As(err, &at) {
		if u, parseErr := url.Parse(at.URL); parseErr == nil && u.Host != "" {
			host = u.Host
		}
	}
	var (
		lookup *net.DNSError
		cert   *tls.CertificateVerificationError
		wire   net.Error
	)
	switch {
	case errors.As(err, &lookup):
		return fmt.Sprintf("The address of %s could not be looked up.", host)
	case errors.As(err, &cert):
		return fmt.Sprintf("The certificate of %s is not trusted: %v.", host, cert.Err)
	case errors.Is(err, syscall.ECONNREFUSED):
		return fmt.Sprintf("%s refused the connection.", host)
	case errors.As(err, &wire) && wire.Timeout():
		return fmt.Sprintf("%s did not answer in time.", host)
	default:
		return fmt.Sprintf("The connection to %s broke before an answer came.", host)
	}
}

// BatchMessages lists the single problems for which ChangeResourceRecordSets refused a batch, in
// AWS's order. AWS sends them as a list, or in one text as "[problem, problem]". Nil for other errors.
func BatchMessages(err error) []string {
	if Code(err) != codeInvalidChangeBatch {
		return nil
	}
	var batch *types.InvalidChangeBatch
	if errors.As(err, &batch) && len(batch.Messages) > 0 {
		return slices.Clone(batch.Messages)
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return nil
	}
	text := strings.TrimSpace(api.ErrorMessage())
	if text == "" {
		return nil
	}
	inner, bracketed := strings.CutPrefix(text, "[")
	if !bracketed || !strings.HasSuffix(inner, "]") {
		return []string{text}
	}
	return splitProblems(strings.TrimSuffix(inner, "]"))
}

// Refusals lists why ChangeResourceRecordSets refused a batch for what is in it: the single problems, or the one text of
// the codes that blame the content of a batch as a whole. Nil when the batch is not to blame.
func Refusals(err error) []string {
	if problems := BatchMessages(err); len(problems) > 0 {
		return problems
	}
	if Classify(err) == Invalid || Code(err) == codeNoSuchHealthCheck {
		return []string{text(err)}
	}
	return nil
}

// problemOpenings begin the problem texts seen from Route 53.
var problemOpenings = []string{
	"Tried to ", "RRSet with DNS name ", "RRSet of type ", "Invalid Resource Record: ", "Duplicate Resource Record: ",
	"The request contains ", "Number of records limit ", "A HostedZone must ", "FATAL problem: ", "Invalid request: ",
}

// continuation begins a capitalised part inside of a problem: "RRSet with DNS name n., type A, SetIdentifier s, …".
const continuation = "SetIdentifier "

// splitProblems cuts at each comma that ends a problem. Commas also stand inside quoted values,
// inside brackets ("[name='n.', type='A']") and between the parts of one problem, and a value may hold
// quotes that never close. So the nesting decides where it comes out even; where it does not, only
// a comma before a well-known opening counts.
func splitProblems(text string) []string {
	nested, even := nesting(text)
	var problems []string
	start := 0
	for i := 0; i+2 < len(text); i++ {
		if text[i:i+2] != ", " || (even && nested[i]) || !opensProblem(text[i+2:], even) {
			continue
		}
		problems = append(problems, text[start:i])
		start = i + 2
	}
	return append(problems, text[start:])
}

func opensProblem(rest string, even bool) bool {
	for _, opening := range problemOpenings {
		if strings.HasPrefix(rest, opening) {
			return true
		}
	}
	first, _ := utf8.DecodeRuneInString(rest)
	return even && unicode.IsUpper(first) && !strings.HasPrefix(rest, continuation)
}

// nesting tells for each byte whether it stands inside quotes or brackets, and whether all of them close.
func nesting(text string) (nested []bool, even bool) {
	nested = make([]bool, len(text))
	n := nest{even: true}
	for i := range len(text) {
		n.step(text, i)
		nested[i] = len(n.open) > 0
	}
	return nested, n.even && len(n.open) == 0
}

// nest holds the closing bytes awaited, innermost last; even turns false at a bracket that never opened.
type nest struct {
	open []byte
	even bool
}

func (n *nest) step(text string, i int) {
	switch c, top := text[i], n.top(); {
	case c == '"':
		n.doubleQuote(text, i)
	case top == '"': // all else inside double quotes is a value
	case c == '\'':
		n.singleQuote(text, i)
	case top == '\'': // brackets inside quotes are part of the value
	case c == '[':
		n.open = append(n.open, ']')
	case c == '(':
		n.open = append(n.open, ')')
	case c == ']', c == ')':
		if c != top {
			n.even = false
			return
		}
		n.pop()
	}
}

func (n *nest) doubleQuote(text string, i int) {
	switch {
	case i > 0 && text[i-1] == '\\': // an escaped quote is part of the value
	case n.top() == '"':
		n.pop()
	default:
		n.open = append(n.open, '"')
	}
}

func (n *nest) singleQuote(text string, i int) {
	switch {
	case n.top() == '\'' && closesQuote(text, i):
		n.pop()
	case opensQuote(text, i):
		n.open = append(n.open, '\'')
	}
}

func (n *nest) top() byte {
	if len(n.open) == 0 {
		return 0
	}
	return n.open[len(n.open)-1]
}

func (n *nest) pop() { n.open = n.open[:len(n.open)-1] }

// opensQuote: Route 53 nests single quotes ('FATAL problem: … encountered with 'x' and one more), so a quote
// opens after a space, a bracket or an equals sign, and closes elsewhere.
func opensQuote(text string, i int) bool {
	return i == 0 || strings.IndexByte(" =[(", text[i-1]) >= 0
}

// closesQuote: not where it would open one, nor as the apostrophe of a word.
func closesQuote(text string, i int) bool {
	if opensQuote(text, i) {
		return false
	}
	return i+1 >= len(text) || strings.IndexByte(" '],).;", text[i+1]) >= 0
}
