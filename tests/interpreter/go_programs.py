"""Small random Go functions, each of which ends and returns a text, for the differential test."""

from __future__ import annotations

import random

KINDS = ("int", "int8", "int16", "int32", "int64", "uint", "uint8", "uint16", "uint32", "uint64")
TEXTS = (
    "",
    "a",
    "Hello, World",
    "  two  spaces ",
    "äö€ß",
    "a,b,,c",
    "x=1;y=22",
    "ABCabc123",
    "line\nnext\t",
    "日本語",
    "aaa",
    "-7",
    "0x1F",
)
IMPORTS = ("bytes", "errors", "fmt", "math", "regexp", "slices", "sort", "strconv", "strings", "unicode")
HEADER = "import (\n" + "".join(f'\t"{p}"\n' for p in IMPORTS) + ")\n"
USES = (
    "var _, _, _, _ = bytes.Equal, errors.New, fmt.Sprint, math.Sqrt\n"
    "var _, _, _ = regexp.MustCompile, sort.Ints, slices.Contains[[]int]\nvar _, _, _ = strconv.Itoa, strings.ToUpper, unicode.IsUpper\n"
)
SHARED = """
type Point struct{ X, Y int }

func (p Point) Add(o Point) Point { return Point{p.X + o.X, p.Y + o.Y} }
func (p *Point) Scale(k int)      { p.X *= k; p.Y *= k }

type Named struct {
	Point
	Name string
	Tags []string
}
type Shape interface{ Area() float64 }
type Square struct{ Side float64 }
type Circle struct{ R float64 }

func (s Square) Area() float64  { return s.Side * s.Side }
func (c *Circle) Area() float64 { return 3 * c.R * c.R }

type Day int

const (
	Monday Day = iota + 1
	Tuesday
	_
	Thursday
)

func (d Day) String() string { return "day" + strconv.Itoa(int(d)) }

type CodeError struct{ Code int }

func (e CodeError) Error() string { return fmt.Sprintf("code %d", e.Code) }

var ErrBase = errors.New("base")

type Number interface{ ~int | ~int64 | ~float64 }

func Sum[T Number](xs ...T) T {
	var total T
	for _, x := range xs {
		total += x
	}
	return total
}
func Map[T, U any](xs []T, f func(T) U) []U {
	out := make([]U, 0, len(xs))
	for _, x := range xs {
		out = append(out, f(x))
	}
	return out
}

type Stack[T any] struct{ items []T }

func (s *Stack[T]) Push(v T) { s.items = append(s.items, v) }
func (s *Stack[T]) Pop() (T, bool) {
	var zero T
	if len(s.items) == 0 {
		return zero, false
	}
	v := s.items[len(s.items)-1]
	s.items = s.items[:len(s.items)-1]
	return v, true
}
"""


def quoted(text: str) -> str:
    """A Go literal."""
    return (
        '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t") + '"'
    )


class Snippets:
    """Writes function bodies, one language feature each, with random parts."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.kinds = [name for name in dir(self) if name.startswith("on_")]

    def n(self, low: int = -9, high: int = 40) -> int:
        return self.random.randint(low, high)

    def pick(self, *choices: str) -> str:
        return self.random.choice(choices)

    def text(self) -> str:
        return quoted(self.random.choice(TEXTS))

    def ints(self, size: int = 5) -> str:
        return "[]int{" + ", ".join(str(self.n()) for _ in range(self.random.randint(1, size))) + "}"

    def body(self, number: int) -> str:
        """The body of a function that returns a string."""
        kind = self.kinds[number % len(self.kinds)]
        made: str = getattr(self, kind)()
        return made

    def on_wrap(self) -> str:
        kind = self.pick(*KINDS)
        bits = 64 if kind in ("int", "uint") else int(kind.lstrip("uint"))
        top = (1 << bits) - 1 if kind[0] == "u" else (1 << (bits - 1)) - 1
        return (
            f"x, y := {kind}({top}), {kind}({self.n(1, 40)})\nx {self.pick('+=', '*=', '-=')} y\n"
            f"z := ^x {self.pick('&', '|', '^', '&^')} y\nz {self.pick('<<=', '>>=')} {self.n(0, 70)}\n"
            f"return fmt.Sprint(x, y, z, x/y, x%y, -x, int8(x), uint16(x), float64(y)/3)"
        )

    def on_division(self) -> str:
        return (
            f"a, b := {self.n(-50, 50)}, {self.n(-3, 3)}\n"
            'defer func() { recover() }()\nreturn fmt.Sprintf("%d %d %d", a/b, a%b, a>>1)'
        )

    def on_aliases(self) -> str:
        n, m = self.n(1, 4), self.n(4, 8)
        return (
            f"xs := make([]int, {n}, {m})\nys := append(xs, {self.n()})\nzs := append(xs, {self.n()})\nxs[0] = {self.n()}\n"
            f"ws := xs[:{self.n(0, n)}]\nws = append(ws, 77)\nreturn fmt.Sprint(xs, ys, zs, ws, len(ys), cap(xs))"
        )

    def on_full_slice(self) -> str:
        return (
            f"a := [6]int{{1, 2, 3, 4, 5, 6}}\ns := a[{self.n(0, 2)}:{self.n(3, 4)}:{self.n(4, 5)}]\ns = append(s, 9)\nb := a\n"
            "b[0] = 42\ns[0] = 7\nreturn fmt.Sprint(a, b, s, a == b, len(s))"
        )

    def on_copy(self) -> str:
        return (
            f"xs := {self.ints()}\nys := make([]int, {self.n(0, 6)})\nn := copy(ys, xs)\nxs[0]++\n"
            f"zs := append([]int(nil), xs...)\nzs = append(zs[:0], zs[len(zs)/2:]...)\nreturn fmt.Sprint(n, xs, ys, zs)"
        )

    def on_closures(self) -> str:
        return (
            f"total := 0\nvar fs []func() int\nfor i := 0; i < {self.n(1, 5)}; i++ {{\n"
            f"fs = append(fs, func() int {{ total += i; i += {self.n(1, 3)}; return i }})\n}}\nout := []int{{}}\n"
            "for _, f := range fs {\nout = append(out, f(), f())\n}\nreturn fmt.Sprint(out, total)"
        )

    def on_defer(self) -> str:
        return (
            f"out := []string{{}}\nfunc() {{\ndefer func() {{\nif r := recover(); r != nil {{\nout = append(out, fmt.Sprint(r))\n}}\n}}()\n"
            f"for i := 0; i < {self.n(1, 3)}; i++ {{\ndefer func(n int) {{ out = append(out, strconv.Itoa(n*i)) }}(i + 10)\n}}\n"
            f'xs := {self.ints(3)}\nout = append(out, fmt.Sprint(xs[{self.n(0, 4)}]))\n}}()\nreturn strings.Join(out, "|")'
        )

    def on_named_result(self) -> str:
        return (
            f'f := func(n int) (result int, err error) {{\ndefer func() {{\nif r := recover(); r != nil {{\nerr = fmt.Errorf("got %v", r)\n}}\nresult *= 2\n}}()\n'
            f'result = n\nif n > {self.n(-5, 30)} {{\npanic("big")\n}}\nreturn n + 1, nil\n}}\n'
            f"a, e1 := f({self.n()})\nb, e2 := f({self.n()})\nreturn fmt.Sprint(a, e1, b, e2)"
        )

    def on_structs(self) -> str:
        return (
            f"p := Point{{{self.n()}, {self.n()}}}\nq := &p\nr := *q\nq.Scale({self.n(1, 4)})\nr.Scale(2)\n"
            f's := Named{{p, "n", []string{{"t"}}}}\nt := s\nt.X = 99\nt.Tags[0] = "shared"\nt.Scale(2)\n'
            'return fmt.Sprintf("%v %+v %v %+v %v %v", p, r, s, t, q.Add(r), p == r)'
        )

    def on_interfaces(self) -> str:
        return (
            f'shapes := []Shape{{Square{{{self.n(1, 9)}}}, &Circle{{{self.n(1, 9)}}}, nil}}\nout := ""\nfor _, s := range shapes {{\n'
            'switch v := s.(type) {\ncase Square:\nout += fmt.Sprint("sq", v.Side, v.Area())\ncase *Circle:\nv.R++\nout += fmt.Sprint("c", v.Area())\n'
            'case nil:\nout += "nil"\n}\n}\n_, ok := shapes[0].(*Circle)\nreturn out + fmt.Sprint(ok)'
        )

    def on_any(self) -> str:
        values = [
            self.pick(
                "1", '"x"', "2.5", "true", "nil", "[]int{1}", "Point{1, 2}", "Tuesday", "'r'", "int64(3)"
            )
            for _ in range(4)
        ]
        return (
            f'out := ""\nfor _, v := range []any{{{", ".join(values)}}} {{\nswitch x := v.(type) {{\ncase int, int64:\nout += fmt.Sprint("i", x)\n'
            'case string:\nout += "s" + x\ncase fmt.Stringer:\nout += x.String()\ncase nil:\nout += "-"\ndefault:\nout += fmt.Sprintf("%v", x)\n}\n}\nreturn out'
        )

    def on_maps(self) -> str:
        keys = ", ".join(f'"{k}": {self.n()}' for k in "abcd"[: self.n(1, 4)])
        return (
            f'm := map[string]int{{{keys}}}\nvar empty map[string]int\nm["a"] += {self.n()}\nm["z"]++\ndelete(m, "b")\n'
            'names := make([]string, 0)\nfor k := range m {\nnames = append(names, k)\n}\nsort.Strings(names)\nv, ok := empty["q"]\n'
            "g := map[Point][]int{}\ng[Point{1, 2}] = append(g[Point{1, 2}], 5)\nreturn fmt.Sprint(m, names, len(m), v, ok, g, empty == nil)"
        )

    def on_strings(self) -> str:
        s = self.text()
        calls = self.random.sample(
            [
                f"strings.Fields({s})", f"strings.Split({s}, {self.pick(quoted(','), quoted(''), quoted('a'))})",
                f"strings.SplitN({s}, \",\", {self.n(-1, 3)})", f"strings.Title({s})", f"strings.ToUpper({s})",
                f"strings.TrimLeft({s}, \" a\")", f"strings.TrimFunc({s}, unicode.IsDigit)", f"strings.Index({s}, \"b\")",
                f"strings.LastIndex({s}, \"a\")", f"strings.Repeat({s}, {self.n(0, 3)})", f"strings.EqualFold({s}, \"abcABC123\")",
                f"strings.Count({s}, \"a\")", f"strings.ContainsAny({s}, \"xyz\")", f"strings.TrimSuffix({s}, \"c\")",
                f"strings.Map(func(r rune) rune {{ if r == 'a' {{ return -1 }}; return unicode.ToUpper(r) }}, {s})",
                f"strings.ReplaceAll({s}, \"\", \"-\")", f"strings.IndexByte({s}, 'b')", f"strings.Compare({s}, \"b\")",
                f"strings.HasPrefix({s}, \"A\")", f"strings.IndexFunc({s}, unicode.IsSpace)", f"strings.TrimSpace({s})",
            ],
            3,
        )  # fmt: skip
        return f'return fmt.Sprintf("%q|%q|%v", {calls[0]}, {calls[1]}, {calls[2]})'.replace(
            "%q", self.pick("%q", "%v")
        )

    def on_runes(self) -> str:
        return (
            f's := {self.text()}\nout := ""\nfor i, r := range s {{\nout += fmt.Sprint(i, r, " ") + string(r)\n}}\nbs := []byte(s)\nrs := []rune(s)\n'
            "for i, j := 0, len(rs)-1; i < j; i, j = i+1, j-1 {\nrs[i], rs[j] = rs[j], rs[i]\n}\n"
            f"if len(bs) > 2 {{\nbs[1] = 'Z'\nout += s[1:] + string(bs[:2])\n}}\nreturn fmt.Sprint(out, len(s), len(rs), string(rs), s < \"b\", bs)"
        )

    def on_strconv(self) -> str:
        s = self.pick(
            '"12"',
            '"-7"',
            '"x1"',
            '""',
            '"99999999999999999999"',
            '"0x1F"',
            '"1_000"',
            '"+5"',
            '" 3"',
            '"1e3"',
        )
        return (
            f"a, e1 := strconv.Atoi({s})\nb, e2 := strconv.ParseInt({s}, {self.pick('0', '10', '16')}, {self.pick('8', '64')})\n"
            f"c, e3 := strconv.ParseBool({self.pick(quoted('true'), quoted('T'), quoted('yes'))})\n"
            f"return fmt.Sprint(a, e1, b, e2, c, e3, strconv.Quote({self.text()}), strconv.FormatInt({self.n(-300, 300)}, {self.pick('2', '16', '36')}))"
        )

    def on_verbs(self) -> str:
        x, f = self.n(-300, 300), self.n(-3000, 3000) / 7
        verbs = self.random.sample(
            [
                ("%5d|%-5d|%05d|%+d", f"{x}, {x}, {x}, {x}"), ("%x|%X|%o|%b|%#x", f"{x}, {x}, {x}, {x}, {x}"),
                ("%8.3f|%-8.2f|%e|%g|%.0f", f"{f}, {f}, {f}, {f}, {f}"), ("%q|%10s|%-10s|%.2s|%x", "s, s, s, s, s"),
                ("%c|%U|%q|%d", "'x', 'ß', 'y', 'z'"), ("%v|%+v|%v|%v", "Point{1, 2}, Named{}, &Point{3, 4}, []string{\"a\", s}"),
                ("%t|%v|%5t", "true, false, true"), ("%d|%v|%x", "[]int{1, -2}, [2]bool{true}, []byte(s)"),
                ("%s|%v|%d", "Tuesday, Thursday, Monday"), ("%*d|%%|%v", f"6, {x}, nil"), ("%d %s", "\"str\", 5"), ("%d", "1, 2"),
                ("%d %d", "1"), ("%v %v", "errors.New(s), map[string]int{\"b\": 1, \"a\": 2}"), ("%6v|%-6v|%06d", f"{x}, {x}, {x}"),
                ("%s|%v", "[]string{\"a b\", s}, []any{1, \"x\", nil, 2.5}"), ("%v|%v|%v", "1e21, 1e20, 1e-7"), ("%T|%T|%T", "1, \"s\", []int{}"),
                ("%q|%v", "[]string{\"a\", s}, struct{A int; B string}{1, s}"), ("%v|%.3v|%v", f"float32(0.1), {f}, 100000000.0"),
            ],
            2,
        )  # fmt: skip
        return (
            f"s := {self.text()}\nreturn " + " + ".join(f'fmt.Sprintf("{v}", {a})' for v, a in verbs) + " + s"
        )

    def on_errors(self) -> str:
        return (
            f'var err error = {self.pick("ErrBase", "CodeError{3}", "&CodeError{4}", "nil")}\nwrapped := fmt.Errorf("outer: %w", err)\n'
            "if err == nil {\nwrapped = nil\n}\nvar code CodeError\nfound := errors.As(wrapped, &code)\n"
            "return fmt.Sprint(wrapped, errors.Is(wrapped, ErrBase), found, code.Code, errors.Unwrap(wrapped) == err, errors.Is(wrapped, CodeError{3}))"
        )

    def on_labels(self) -> str:
        return (
            f"out := 0\nouter:\nfor i := 0; i < {self.n(2, 6)}; i++ {{\nfor j := range {self.n(2, 6)} {{\nswitch {{\ncase j == {self.n(0, 4)}:\ncontinue outer\n"
            f"case i*j > {self.n(3, 12)}:\nbreak outer\ncase j > i:\nbreak\ndefault:\nout += i*10 + j\n}}\nout++\n}}\n}}\nreturn fmt.Sprint(out)"
        )

    def on_switch(self) -> str:
        return (
            f'out := ""\nfor i := {self.n(-2, 1)}; i < {self.n(3, 7)}; i++ {{\nswitch x := i * {self.n(1, 3)}; x {{\ncase 0, 1:\nout += "a"\nfallthrough\n'
            'case 2:\nout += "b"\ncase 3, 4, 5:\nif i%2 == 0 {\nbreak\n}\nout += "c"\ndefault:\nout += strconv.Itoa(x)\n}\n}\nreturn out'
        )

    def on_generics(self) -> str:
        return (
            f"xs := {self.ints()}\nst := &Stack[string]{{}}\nfor _, s := range Map(xs, func(i int) string {{ return strconv.Itoa(i * i) }}) {{\nst.Push(s)\n}}\n"
            f"a, ok := st.Pop()\n_, ok2 := (&Stack[int]{{}}).Pop()\nreturn fmt.Sprint(a, ok, ok2, Sum(xs...), Sum(1.5, {self.n()}), Sum[int64](), len(st.items))"
        )

    def on_sorting(self) -> str:
        return (
            f"xs := {self.ints(7)}\nps := []Point{{{{{self.n()}, 1}}, {{{self.n()}, 2}}, {{{self.n()}, 3}}}}\nsort.Slice(ps, func(i, j int) bool {{ return ps[i].X < ps[j].X }})\n"
            f"sort.{self.pick('Ints(xs)', 'Sort(sort.Reverse(sort.IntSlice(xs)))')}\nys := slices.Clone(xs)\nslices.Reverse(ys)\n"
            f"return fmt.Sprint(xs, ys, ps[0].X <= ps[1].X, slices.Contains(xs, {self.n()}), slices.Index(xs, xs[0]))"
        )

    def on_regexp(self) -> str:
        pattern = self.pick(
            "a+", "[a-z]+", "(\\\\w+)=(\\\\d+)", "\\\\s+", "^\\\\S", "b|c", "(?i)abc", "[^a-c]", "\\\\d", "(a)(b)?", "x*", "c$", ",", "\\\\bA", ".",
        )  # fmt: skip
        s = self.text()
        call = self.pick(
            f"r.FindAllString({s}, {self.n(-1, 3)})", f"r.ReplaceAllString({s}, \"<$0>\")", f"r.FindStringSubmatch({s})",
            f"r.Split({s}, {self.n(-1, 3)})", f"r.MatchString({s})", f"r.FindStringIndex({s})", f"r.ReplaceAllString({s}, \"${{1}}!\")",
            f"r.ReplaceAllStringFunc({s}, strings.ToUpper)", f"r.FindAllStringSubmatch({s}, -1)", f"r.ReplaceAllLiteralString({s}, \"$1\")",
        )  # fmt: skip
        return f'r := regexp.MustCompile("{pattern}")\nreturn fmt.Sprintf("%q", fmt.Sprint({call}))'

    def on_builders(self) -> str:
        return (
            f"var sb strings.Builder\nvar buf bytes.Buffer\nfor i := 0; i < {self.n(0, 4)}; i++ {{\nsb.WriteString({self.text()})\nsb.WriteByte('a' + byte(i))\n"
            f'fmt.Fprintf(&buf, "%d-", i)\nbuf.WriteRune(\'ß\')\n}}\nreturn fmt.Sprint(sb.String(), sb.Len(), buf.String(), buf.Len(), bytes.Equal(buf.Bytes(), []byte("0-ß")))'
        )

    def on_methods(self) -> str:
        return (
            f"p := Point{{{self.n()}, 2}}\nadd := p.Add\nscale := (*Point).Scale\nscale(&p, {self.n(1, 4)})\nops := map[string]func(int, int) int{{\n"
            f'"+": func(a, b int) int {{ return a + b }},\n"max": func(a, b int) int {{ return max(a, b) }},\n}}\n'
            f'return fmt.Sprint(add(Point{{1, 1}}), p, ops["max"]({self.n()}, {self.n()}), ops["nope"] == nil, Day(2), Tuesday+1, min(3, {self.n()}))'
        )

    def on_math(self) -> str:
        x = self.n(-90, 90) / self.random.choice((1, 2, 4, 7, 10))
        return (
            f"x := {x}\nreturn fmt.Sprint(math.Floor(x), math.Ceil(x), math.Round(x), math.Trunc(x), math.Abs(x), math.Max(x, 3), "
            f"math.Pow({self.n(-5, 9)}, {self.n(0, 9)}), math.Sqrt({self.n(0, 99)}), int(x), uint8(int(x)), math.MaxInt64, math.Inf(-1), math.NaN() == math.NaN(), 1/x*3, 0.1+0.2, float32(x)*3)"
        )

    def on_nil(self) -> str:
        what = self.pick("var p *Point\nreturn fmt.Sprint(p.X)", "var m map[string]int\nm[\"a\"] = 1\nreturn \"\"", "var f func() int\nreturn fmt.Sprint(f())",
                         "var s Shape\nreturn fmt.Sprint(s.Area())", "var xs []int\nreturn fmt.Sprint(xs[:0], len(xs), xs == nil, append(xs, 1))",
                         "var a any = 5\nreturn a.(string)", "xs := []int{1}\ni := 5\nreturn fmt.Sprint(xs[1:i])", "var c *Circle\nvar s Shape = c\nreturn fmt.Sprint(s == nil, c == nil)")  # fmt: skip
        return "defer func() { recover() }()\n" + what

    def on_recursion(self) -> str:
        return (
            f"var walk func(n int, acc []int) []int\nwalk = func(n int, acc []int) []int {{\nif n <= 1 {{\nreturn acc\n}}\nif n%2 == 0 {{\nreturn walk(n/2, append(acc, n))\n}}\n"
            f"return walk(3*n+1, append(acc, n))\n}}\nreturn fmt.Sprint(walk({self.n(1, 20)}, nil))"
        )

    def on_constants(self) -> str:
        return (
            f"const big = 1 << 40\nconst f = big / {self.n(1, 9)}.0\nvar b byte = 'a' + {self.n(0, 20)}\nx := {self.n()} << uint({self.n(0, 9)})\n"
            "return fmt.Sprint(big>>30, f, b, string(rune(b)), x, 7/2, 7/2.0, -7%3, 1<<3|1, 'a'*2, Thursday)"
        )
