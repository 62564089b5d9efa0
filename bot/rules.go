package bot

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/parser"
	"github.com/expr-lang/expr/vm"

	"github.com/parleyhq/parley/desk"
)

// The bounds of a rule. There are no loops, so a rule ends after as many steps
// as it has nodes.
const (
	maxRuleChars = 500
	maxRuleNodes = 200
)

// allowedBuiltins are the functions of the expression language that rules may
// call; today, days, hours and weekday are ours (see scope.env).
var allowedBuiltins = []string{"len", "lower", "upper", "trim", "abs", "ceil", "floor", "round", "min", "max", "int", "float", "string"}

// rule is a compiled expression over the slots of a flow: text for most types,
// a number for number and money. Empty text and 0 stand for what is not known.
type rule struct {
	source  string
	program *vm.Program
	names   []string // the variables it mentions, sorted
}

// scope is what the rules of a flow may mention.
type scope struct {
	slots []Slot
	names []string // further text variables: what tools gave
	value *Slot    // set for validate: the type of "value"
}

// env builds the variables and functions, with the values of get. It is used
// for compiling too, so that what compiles runs.
func (sc scope) env(get func(name string) string, who contactEnv, now time.Time) map[string]any {
	env := make(map[string]any, len(sc.slots)+len(sc.names)+8)
	for _, s := range sc.slots {
		env[s.Name] = typed(s.Type, get(s.Name))
	}
	for _, n := range sc.names {
		env[n] = get(n)
	}
	if sc.value != nil {
		env["value"] = typed(sc.value.Type, get("value"))
	}
	env["contact"] = who
	env["today"] = func() string { return now.Format(time.DateOnly) }
	env["days"] = func(date string) float64 { return daysUntil(date, now) }
	env["hours"] = func(clock string) float64 { return hoursOf(clock) }
	env["weekday"] = func(date string) int { return weekdayOf(date) }
	return env
}

// contactEnv is the contact as rules and templates see him.
type contactEnv struct {
	ID         string            `expr:"id"`
	Name       string            `expr:"name"`
	Email      string            `expr:"email"`
	Phone      string            `expr:"phone"`
	Verified   bool              `expr:"verified"`
	Attributes map[string]string `expr:"attributes"`
}

// contactOf keeps what a verified contact only claims from the rules.
func contactOf(c desk.Contact) contactEnv {
	c = c.Vouched()
	return contactEnv{string(c.ID), c.Name, c.Email, c.Phone, c.Verified, c.Attributes}
}

func typed(t desk.SlotType, v string) any {
	if t != desk.SlotNumber && t != desk.SlotMoney {
		return v
	}
	f, _ := strconv.ParseFloat(v, 64)
	return f
}

// compile checks source against the scope. Its errors are for the author.
func (sc scope) compile(source string, as reflect.Kind) (*rule, error) {
	if len(source) > maxRuleChars {
		return nil, fmt.Errorf("the expression has %d characters, the limit is %d", len(source), maxRuleChars)
	}
	tree, err := parser.Parse(source)
	if err != nil {
		return nil, plainError(err)
	}
	look := &inspector{scope: sc}
	ast.Walk(&tree.Node, look)
	if look.err != nil {
		return nil, look.err
	}
	opts := []expr.Option{
		expr.Env(sc.env(func(string) string { return "" }, contactEnv{}, time.Time{})),
		expr.MaxNodes(maxRuleNodes), expr.DisableAllBuiltins(),
	}
	for _, name := range allowedBuiltins {
		opts = append(opts, expr.EnableBuiltin(name))
	}
	if as != reflect.Invalid {
		opts = append(opts, expr.AsKind(as))
	}
	program, err := expr.Compile(source, opts...)
	if err != nil {
		return nil, plainError(err)
	}
	slices.Sort(look.names)
	return &rule{source: source, program: program, names: slices.Compact(look.names)}, nil
}

// plainError takes the snippet off an error of the expression language: the
// file's own line says where it is.
func plainError(err error) error {
	var at *file.Error
	if errors.As(err, &at) {
		return errors.New(at.Message)
	}
	return err
}

// inspector collects the variables of an expression and refuses what is
// unbounded or surely a slip.
type inspector struct {
	scope scope
	names []string
	err   error
}

func (in *inspector) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		in.names = append(in.names, n.Value)
	case *ast.PredicateNode, *ast.MapNode:
		in.fail("loops and maps are not part of rules")
	case *ast.BinaryNode:
		switch n.Operator {
		case "..":
			in.fail("ranges are not part of rules: compare with >= and <=")
		case "matches":
			if _, fixed := n.Right.(*ast.StringNode); !fixed {
				in.fail("the pattern after matches must be written out")
			}
		case "==", "!=":
			in.choice(n.Left, n.Right)
			in.choice(n.Right, n.Left)
		case "in":
			if list, ok := n.Right.(*ast.ArrayNode); ok {
				for _, x := range list.Nodes {
					in.choice(n.Left, x)
				}
			}
		}
	}
}

// choice refuses the comparison of a choice slot with what it can never be.
func (in *inspector) choice(name, value ast.Node) {
	id, ok := name.(*ast.IdentifierNode)
	lit, ok2 := value.(*ast.StringNode)
	if !ok || !ok2 || lit.Value == "" {
		return
	}
	for _, s := range in.scope.slots {
		if s.Name != id.Value && (id.Value != "value" || in.scope.value == nil || in.scope.value.Name != s.Name) {
			continue
		}
		if _, known := s.Choice(lit.Value); s.Type == desk.SlotChoice && !known {
			in.fail("%s is never %q: it is one of %s", s.Name, lit.Value, strings.Join(s.values(), ", "))
		}
		if s.Type == desk.SlotYesNo && lit.Value != "yes" && lit.Value != "no" {
			in.fail("%s is never %q: it is yes or no", s.Name, lit.Value)
		}
	}
}

func (in *inspector) fail(format string, args ...any) {
	if in.err == nil {
		in.err = fmt.Errorf(format, args...)
	}
}

// holds runs a condition. A rule that fails while it runs, which the checks
// make unlikely, does not hold.
func (ru *rule) holds(env map[string]any) bool {
	if ru == nil {
		return true
	}
	v, err := expr.Run(ru.program, env)
	yes, ok := v.(bool)
	return err == nil && ok && yes
}

// text runs an expression for its value as text.
func (ru *rule) text(env map[string]any) string {
	v, err := expr.Run(ru.program, env)
	if err != nil {
		return ""
	}
	switch v := v.(type) {
	case nil:
		return ""
	case string:
		return v
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64)
	}
	return fmt.Sprint(v)
}

// daysUntil counts the days from now to date ("2026-03-01" or longer);
// yesterday is -1, what is no date 0.
func daysUntil(date string, now time.Time) float64 {
	d, err := time.Parse(time.DateOnly, date[:min(len(date), 10)])
	if err != nil {
		return 0
	}
	today, _ := time.Parse(time.DateOnly, now.Format(time.DateOnly))
	return d.Sub(today).Hours() / 24
}

// hoursOf is the time of day of "15:30" or of an RFC 3339 time: 15.5.
func hoursOf(clock string) float64 {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		if t, err = time.Parse(time.RFC3339, clock); err != nil {
			return 0
		}
	}
	return float64(t.Hour()) + float64(t.Minute())/60
}

// weekdayOf is 1 for Monday to 7 for Sunday, 0 for what is no date.
func weekdayOf(date string) int {
	d, err := time.Parse(time.DateOnly, date[:min(len(date), 10)])
	if err != nil {
		return 0
	}
	return (int(d.Weekday())+6)%7 + 1
}
