package cloudwatch

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"text/scanner"
)

// expression is metric math: arithmetic, comparisons, SUM, AVG, MIN, MAX, ABS,
// FILL, IF and METRICS, of the values of one period. A missing value is not a
// number; so is what is made of it, but by FILL and by sums of several metrics.
type expression struct {
	scan  scanner.Scanner
	next  rune
	text  string
	value func(id string) (float64, bool)
	// all are the values of all metrics, for METRICS().
	all []float64
	err error
}

// evaluate gives the value of an expression; value knows the other queries.
func evaluate(formula string, value func(id string) (float64, bool), all []float64) (float64, error) {
	e := &expression{value: value, all: all}
	e.scan.Init(strings.NewReader(formula))
	e.scan.Mode = scanner.ScanIdents | scanner.ScanFloats
	e.scan.Error = func(*scanner.Scanner, string) {}
	e.advance()
	result := e.comparison()
	if e.next != scanner.EOF {
		e.fail("unexpected %q", e.text)
	}
	if e.err != nil {
		return 0, fmt.Errorf("invalid expression %q: %w", formula, e.err)
	}
	return single(result), nil
}

func (e *expression) advance() { e.next, e.text = e.scan.Scan(), e.scan.TokenText() }

func (e *expression) fail(format string, args ...any) {
	if e.err == nil {
		e.err = fmt.Errorf(format, args...)
	}
}

// single is the only value, or the sum of several.
func single(values []float64) float64 {
	if len(values) == 1 {
		return values[0]
	}
	return sum(values)
}

func (e *expression) comparison() []float64 {
	left := e.terms()
	for strings.ContainsRune("<>=!", e.next) && e.err == nil {
		operator := string(e.next)
		e.advance()
		if e.next == '=' {
			operator += "="
			e.advance()
		}
		left = compared(operator, single(left), single(e.terms()))
	}
	return left
}

func compared(operator string, a, b float64) []float64 {
	holds := map[string]bool{"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b, "==": a == b, "!=": a != b}[operator]
	switch {
	case math.IsNaN(a) || math.IsNaN(b):
		return []float64{math.NaN()}
	case holds:
		return []float64{1}
	}
	return []float64{0}
}

func (e *expression) terms() []float64 {
	left := e.factors()
	for (e.next == '+' || e.next == '-') && e.err == nil {
		operator := e.next
		e.advance()
		right := single(e.factors())
		if operator == '-' {
			right = -right
		}
		left = []float64{single(left) + right}
	}
	return left
}

func (e *expression) factors() []float64 {
	left := e.operand()
	for (e.next == '*' || e.next == '/') && e.err == nil {
		operator := e.next
		e.advance()
		right := single(e.operand())
		switch {
		case operator == '*':
			left = []float64{single(left) * right}
		case right == 0:
			left = []float64{math.NaN()}
		default:
			left = []float64{single(left) / right}
		}
	}
	return left
}

func (e *expression) operand() []float64 {
	text := e.text
	switch e.next {
	case '-':
		e.advance()
		return []float64{-single(e.operand())}
	case '(':
		e.advance()
		inside := e.comparison()
		e.expect(')')
		return inside
	case '[':
		e.advance()
		return e.list(']')
	case scanner.Float, scanner.Int:
		e.advance()
		number, err := strconv.ParseFloat(text, 64)
		if err != nil {
			e.fail("%q is not a number", text)
		}
		return []float64{number}
	case scanner.Ident:
		e.advance()
		if e.next == '(' {
			e.advance()
			return e.call(strings.ToUpper(text))
		}
		value, ok := e.value(text)
		if !ok {
			e.fail("there is no query %q", text)
		}
		return []float64{value}
	}
	e.fail("unexpected %q", text)
	return []float64{math.NaN()}
}

func (e *expression) expect(closing rune) {
	if e.next != closing {
		e.fail("%q is missing", closing)
		return
	}
	e.advance()
}

// list reads the items up to a closing bracket as one list.
func (e *expression) list(closing rune) []float64 {
	var items []float64
	for e.next != closing && e.err == nil {
		items = append(items, e.comparison()...)
		if e.next != ',' {
			break
		}
		e.advance()
	}
	e.expect(closing)
	return items
}

func (e *expression) call(function string) []float64 {
	if function == "METRICS" {
		e.expect(')')
		return e.all
	}
	arguments := e.list(')')
	least := map[string]int{"SUM": 0, "AVG": 0, "MIN": 0, "MAX": 0, "ABS": 1, "FILL": 2, "IF": 2}
	needed, ok := least[function]
	if !ok || len(arguments) < needed {
		e.fail("the function %s with %d arguments is not simulated", function, len(arguments))
		return []float64{math.NaN()}
	}
	return []float64{applied(function, arguments)}
}

func applied(function string, arguments []float64) float64 {
	present := slices.DeleteFunc(slices.Clone(arguments), math.IsNaN)
	switch function {
	case "ABS":
		return math.Abs(arguments[0])
	case "FILL":
		if math.IsNaN(arguments[0]) {
			return arguments[1]
		}
		return arguments[0]
	case "IF":
		return chosen(arguments)
	}
	if len(present) == 0 {
		return math.NaN()
	}
	switch function {
	case "AVG":
		return sum(present) / float64(len(present))
	case "MIN":
		return slices.Min(present)
	case "MAX":
		return slices.Max(present)
	}
	return sum(present)
}

func chosen(arguments []float64) float64 {
	switch {
	case math.IsNaN(arguments[0]):
		return math.NaN()
	case arguments[0] != 0:
		return arguments[1]
	case len(arguments) > 2:
		return arguments[2]
	}
	return math.NaN()
}

// sum is that of the values that are there, not a number when none is.
func sum(values []float64) float64 {
	total, found := 0.0, false
	for _, value := range values {
		if !math.IsNaN(value) {
			total, found = total+value, true
		}
	}
	if !found {
		return math.NaN()
	}
	return total
}
