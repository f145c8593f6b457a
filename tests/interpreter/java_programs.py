"""Small random Java methods, each of which ends and returns a text or throws, for the differential test."""

from __future__ import annotations

import random

TEXTS = (
    "",
    "a",
    "Hello, World",
    "  two  spaces ",
    "a,b,,c,",
    "x=1;y=22",
    "ABCabc123",
    "aaa",
    "-7",
    "0x1F",
    "12",
    "3.5",
    "true",
)
SHARED = """
interface Shape { double area(); default String label() { return "shape " + area(); } }
record Square(double side) implements Shape { public double area() { return side * side; } }
record Pair<A, B>(A first, B second) { static <T> Pair<T, T> twin(T t) { return new Pair<>(t, t); } }
enum Level {
    LOW(1), MID(5) { @Override int weigh(int n) { return n * 100; } }, HIGH(9);
    private final int weight;
    Level(int weight) { this.weight = weight; }
    int weigh(int n) { return n * weight; }
}
static class Circle implements Shape {
    protected double r; private static int made = 0;
    Circle(double r) { this.r = r; made++; }
    Circle() { this(1); }
    public double area() { return 3 * r * r; }
    @Override public String label() { return "circle " + r; }
    static int count() { return made; }
}
static class Ring extends Circle {
    private final double inner;
    Ring(double r, double inner) { super(r); this.inner = inner; }
    @Override public double area() { return super.area() - 3 * inner * inner; }
    @Override public boolean equals(Object o) { return o instanceof Ring x && x.inner == inner && x.r == r; }
    @Override public int hashCode() { return (int) (r * 31 + inner); }
    @Override public String toString() { return "Ring" + r + "/" + inner; }
}
static class Broken extends RuntimeException {
    final int code;
    Broken(String message, int code) { super(message); this.code = code; }
}
static int fail(String message, int code) { throw new Broken(message, code); }
Inner make() { return new Inner(); }
class Inner { int n = base; int next() { return n += base; } }
int base = 3;
static String over(int x) { return "int"; }
static String over(long x) { return "long"; }
static String over(double x) { return "double"; }
static String over(Object x) { return "Object"; }
static String over(String x) { return "String"; }
static String over(Integer x) { return "Integer"; }
static String over(int... x) { return "ints" + x.length; }
static String over(Object x, Object y) { return "two"; }
static int sum(int... xs) { int t = 0; for (int x : xs) t += x; return t; }
static <T extends Comparable<T>> T top(List<T> xs) { T best = xs.get(0); for (T x : xs) if (x.compareTo(best) > 0) best = x; return best; }
"""


def quoted(text: str) -> str:
    """A Java literal."""
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


class Snippets:
    """Writes method bodies, one language feature each, with random parts."""

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
        return ", ".join(str(self.n()) for _ in range(self.random.randint(1, size)))

    def body(self, number: int) -> str:
        """The body of a method that returns a String or throws."""
        made: str = getattr(self, self.kinds[number % len(self.kinds)])()
        return made

    def on_wrap(self) -> str:
        kind, top = self.random.choice(
            (
                ("int", "Integer.MAX_VALUE"),
                ("long", "Long.MAX_VALUE"),
                ("byte", "(byte) 127"),
                ("short", "(short) -32768"),
                ("char", "'\\uffff'"),
            )
        )
        return (
            f"{kind} x = {top}; {kind} y = ({kind}) {self.n(1, 60)}; x {self.pick('+=', '*=', '-=', '^=')} y; x{self.pick('++', '--')};\n"
            f'return "" + (x + 0) + " " + (x {self.pick("<<", ">>", ">>>")} {self.n(0, 70)}) + " " + (y * 1000003 * 1000003) + " " + (x / y) + " " + (-7 % y) + " " + (byte) x + " " + (float) y / 3;'
        )

    def on_casts(self) -> str:
        x = self.n(-5000, 5000) / 7
        return f'double d = {x} * {self.pick("1", "1e6", "1e12", "1e20")}; return "" + (int) d + " " + (long) d + " " + (byte) d + " " + (char) (65 + (((int) d) & 15)) + " " + d + " " + (float) d * 0 + " " + Math.round(d) + " " + (int) \'a\' + (char) (\'a\' + {self.n(0, 9)}) + (\'a\' + 1);'

    def on_doubles(self) -> str:
        a, b = self.n(-40, 40) / self.n(1, 9), self.n(-3, 3)
        return f'double a = {a}, b = {b}; return "" + a / b + " " + a % 3 + " " + (a + 0.1) * 3 + " " + Math.floor(a) + " " + Math.ceil(a) + " " + Math.sqrt(Math.abs(a)) + " " + Math.max(a, b) + " " + Math.pow(b, 3) + " " + 1e7 + " " + 1.0E-5 + " " + 100.0 + " " + 12345678.9 + " " + Double.compare(a, b) + " " + (0.1f + 0.2) + " " + 1 / 3.0;'

    def on_overloads(self) -> str:
        args = [
            self.pick(
                "1",
                "1L",
                "1.5",
                '"s"',
                "'c'",
                "Integer.valueOf(3)",
                '(Object) "s"',
                "new int[]{1, 2}",
                "1, 2",
                "1, 2, 3",
                "(short) 1",
                "new Circle()",
                "o",
                "i",
            )
            for _ in range(4)
        ]
        return "Object o = 5; Integer i = 7; return " + ' + " " + '.join(f"over({a})" for a in args) + ";"

    def on_boxes(self) -> str:
        return (
            f"Integer a = {self.n(-140, 140)}, b = a + 0; Long c = {self.n()}L; List<Integer> xs = new ArrayList<>(List.of({self.ints()}, 1)); xs.remove(Integer.valueOf(1)); int before = xs.size(); if (before > 0) xs.remove(0);\n"
            'return a.equals(b) + " " + c.equals(a) + " " + (a < b + 1) + " " + xs + before + " " + a.compareTo(b) + " " + Integer.compare(a, 5) + " " + a.hashCode() + " " + c.intValue() + Integer.toBinaryString(a) + Integer.toHexString(a) + Long.toString(c);'
        )

    def on_strings(self) -> str:
        s = self.text()
        calls = self.random.sample(
            [
                f"{s}.toUpperCase()", f"{s}.indexOf({self.pick(quoted('a'), quoted('b'), quoted(''))})", f"{s}.lastIndexOf('a')", f"{s}.trim()", f"{s}.isBlank()",
                f"{s}.replace('a', 'b')", f"{s}.replaceAll(\"[aeiou]+\", \"<$0>\")", f"Arrays.toString({s}.split({self.pick(quoted(','), quoted('=|;'), quoted(''), quoted(' +'))}))",
                f"{s}.contains(\"b\")", f"{s}.startsWith(\"A\")", f"{s}.compareTo(\"b\")", f"{s}.equalsIgnoreCase(\"abcabc123\")", f"{s}.repeat({self.n(0, 3)})", f"{s}.hashCode()",
                f"{s}.chars().filter(Character::isDigit).count()", f"{s}.strip() + {s}.length()", f"String.join(\"-\", List.of({s}, \"z\"))", f"{s}.matches(\"[a-z,]*\")", f"{s}.substring({self.n(0, 4)})",
                f"{s}.charAt({self.n(0, 4)})", f"{s}.toCharArray().length", f"{s}.concat(\"!\")", f"{s}.replaceFirst(\"(\\\\w)(\\\\w)\", \"$2$1\")", f"{s}.isEmpty()", f"{s}.indexOf('a', 1)", f"{s}.compareToIgnoreCase(\"ABD\")",
                f"Arrays.toString({s}.split(\",\", {self.n(-1, 3)}))", f"{s}.endsWith(\"c\")",
            ],
            3,
        )  # fmt: skip
        return 'return "" + ' + ' + "|" + '.join(calls) + ";"

    def on_builder(self) -> str:
        return (
            f"StringBuilder sb = new StringBuilder({self.text()}); for (int i = 0; i < {self.n(0, 4)}; i++) sb.append(i).append({self.text()}).append('c').append(1.5).append(i > 1);\n"
            f'sb.insert({self.n(0, 3)}, "[]"); if (sb.length() > 3) {{ sb.setCharAt(1, \'Z\'); sb.deleteCharAt(0); sb.delete({self.n(0, 2)}, {self.n(1, 50)}); }} return sb.reverse() + " " + sb.length() + sb.indexOf("c");'
        )

    def on_format(self) -> str:
        x, f = self.n(-300, 300), self.n(-3000, 3000) / 8
        parts = self.random.sample(
            [("%5d|%-5d|%05d", f"{x}, {x}, {x}"), ("%s|%10s|%-6s|", '"ab", "cd", "ef"'), ("%.2f|%8.3f|%.0f", f"{f}, {f}, {f}"), ("%b|%c|%%", "true, 'x'"), ("%x|%X|%o", f"{x}, {x}, {x}"),
             ("%s|%s", "List.of(1, 2), null"), ("%,d", f"{x}000"), ("%+d", str(x)), ("%d", '"text"'), ("%s %s", '"one"'), ("%08.2f", str(f)), ("%S|%10.3s|", '"abc", "abcdef"'), ("%2$s %1$s", '"a", "b"'), ("%e", str(f))], 2,
        )  # fmt: skip
        return "return " + ' + "#" + '.join(f'String.format("{v}", {a})' for v, a in parts) + ";"

    def on_lists(self) -> str:
        return (
            f"List<Integer> xs = new {self.pick('ArrayList', 'LinkedList')}<>(Arrays.asList({self.ints(6)})); xs.add({self.n()}); xs.add(0, 5); xs.removeIf(x -> x % {self.n(2, 4)} == 0); Collections.sort(xs);\n"
            f"List<Integer> ys = new ArrayList<>(xs); Collections.reverse(ys); ys.set(ys.size() - 1, 42); Iterator<Integer> it = xs.iterator(); int t = 0; while (it.hasNext()) {{ int v = it.next(); if (v > {self.n()}) it.remove(); else t += v; }}\n"
            f'return xs + " " + ys + " " + t + " " + xs.indexOf(5) + ys.contains(42) + xs.equals(ys) + ys.subList(0, 1) + ys.hashCode() + {self.pick("xs.get(" + str(self.n(0, 7)) + ")", "ys.get(0)", "List.of(1).size()")};'
        )

    def on_immutable(self) -> str:
        return f"List<String> xs = {self.pick('List.of(' + quoted('a') + ')', 'Collections.unmodifiableList(new ArrayList<>())', 'Arrays.asList(' + quoted('q') + ')', 'new ArrayList<>()', 'Collections.emptyList()')}; {self.pick('xs.add(' + quoted('b') + ');', 'xs.set(0, ' + quoted('c') + ');', 'xs.clear();', 'xs.size();')} return xs.toString();"

    def on_maps(self) -> str:
        keys = " ".join(f'm.put("{k}", {self.n()});' for k in self.random.sample("abcdefgh", self.n(1, 5)))
        return (
            f'Map<String, Integer> m = new {self.pick("HashMap", "TreeMap", "LinkedHashMap")}<>(); {keys} m.merge("a", 1, Integer::sum); m.putIfAbsent("b", 7); m.computeIfAbsent("z", k -> k.length()); m.remove("c");\n'
            "StringBuilder sb = new StringBuilder(); for (Map.Entry<String, Integer> e : m.entrySet()) sb.append(e.getKey()).append(e.getValue()); int t = 0; for (int v : m.values()) t += v;\n"
            'return m + " " + sb + t + m.getOrDefault("q", -1) + m.get("nope") + m.containsKey("a") + m.keySet() + m.size() + m.entrySet().iterator().next();'
        )

    def on_sets(self) -> str:
        return f'Set<{self.pick("Integer", "Integer")}> s = new {self.pick("HashSet", "TreeSet", "LinkedHashSet")}<>(List.of({", ".join(str(v) for v in self.random.sample(range(-20, 90), self.n(1, 7)))})); boolean a = s.add(5); boolean b = s.add(5); s.remove({self.n()}); s.retainAll(new HashSet<>(Arrays.asList(5, {self.ints(6)}, 7))); return s + " " + a + b + s.size() + s.contains(7) + s.equals(Set.of(5));'

    def on_queues(self) -> str:
        return f'Deque<Integer> q = new ArrayDeque<>(); for (int i = 0; i < {self.n(0, 5)}; i++) {{ q.addLast(i); q.push(-i); }} String s = "" + q.peekFirst() + q.pollLast() + q.size(); Stack<Integer> st = new Stack<>(); st.push(1); st.push({self.n()}); s += st.pop() + st.peek(); return s + q + q.isEmpty() + q.{self.pick("pop()", "removeFirst()", "poll()", "peek()")};'

    def on_streams(self) -> str:
        end = self.pick(
            "collect(Collectors.toList())", "mapToInt(x -> x).sum()", "reduce(0, Integer::sum)", "map(String::valueOf).collect(Collectors.joining(\",\"))", "max(Integer::compare).get()", "count()",
            "anyMatch(x -> x > 10)", "findFirst().orElse(-1)", "sorted(Comparator.reverseOrder()).collect(Collectors.toList())", "mapToInt(Integer::intValue).average().getAsDouble()", "distinct().toList()",
        )  # fmt: skip
        return f'return "" + List.of({self.ints(6)}, 3).stream().filter(x -> x % {self.n(2, 5)} != 0).map(x -> x * {self.n(1, 3)}).{end} + IntStream.rangeClosed(1, {self.n(0, 6)}).mapToObj(i -> "i" + i).toList();'

    def on_optional(self) -> str:
        return f'Optional<String> o = {self.pick("Optional.of(" + self.text() + ")", "Optional.empty()", "Optional.ofNullable(null)")}; return o + " " + o.map(String::length).orElse(-1) + o.isPresent() + o.filter(s -> s.isEmpty()).isPresent() + o.{self.pick("get()", "orElse(" + quoted("d") + ")", "orElseGet(() -> " + quoted("e") + ")", "orElseThrow(() -> new Broken(" + quoted("m") + ", 4))")};'

    def on_classes(self) -> str:
        return (
            f'Shape[] all = {{new Square({self.n(1, 5)}), new Circle({self.n(1, 5)}), new Ring({self.n(3, 6)}, {self.n(1, 2)}), new Circle()}}; String s = ""; for (Shape x : all) {{ s += x.label() + x.area(); if (x instanceof Circle c && c.r > 2) s += "big"; }}\n'
            f'return s + new Ring(2, 1) + new Ring(2, 1).equals(new Ring(2, {self.n(1, 2)})) + new Square(2).equals(new Square(2)) + new Pair<>(1, "x") + Pair.twin(3).first() + new HashSet<>(List.of(new Ring(1, 1))).contains(new Ring(1, 1));'
        )

    def on_enums(self) -> str:
        return f'Level l = Level.{self.pick("LOW", "MID", "HIGH")}; String s = switch (l) {{ case LOW -> "l"; case MID -> {{ int q = l.weigh(2); yield "m" + q; }} default -> "h"; }}; int t = 0; for (Level x : Level.values()) t += x.weigh({self.n()}); return s + t + l + l.ordinal() + l.name() + l.compareTo(Level.MID) + Level.valueOf({self.pick(quoted("LOW"), quoted("NOPE"))}) + (l == Level.MID);'

    def on_inner(self) -> str:
        return f'Focal f = new Focal(); f.base = {self.n()}; Inner a = f.new Inner(); int t = {self.n()}; Shape s = new Shape() {{ int calls = 0; public double area() {{ calls++; return calls + t; }} }}; Comparator<Integer> c = new Comparator<>() {{ @Override public int compare(Integer x, Integer y) {{ return y - x; }} }}; List<Integer> xs = new ArrayList<>(List.of({self.ints()})); xs.sort(c); return a.next() + " " + a.n + s.area() + s.label() + xs;'.replace(
            "f.new Inner()", "f.make()"
        )

    def on_exceptions(self) -> str:
        bad = self.pick('Integer.parseInt("x1")', "new int[2][{0}].length".replace("{0}", str(self.n(-1, 3))), '"abc".charAt(7)', "1 / zero", '((Object) "s").hashCode() / zero', "((String) none).length()", 'fail("m", 3)', "List.of(1).get(3)", '(Integer) (Object) "s"', "Objects.requireNonNull(none, \"why\").hashCode()", "new ArrayList<Integer>().iterator().next()")  # fmt: skip
        return (
            f'int zero = 0; Object none = null; String s = ""; try {{ s += "a"; int v = {bad}; s += v; }} catch (ArithmeticException | IndexOutOfBoundsException e) {{ s += "m:" + e.getMessage(); }}\n'
            f'catch (Broken e) {{ s += e.code + e.getMessage(); if (e.code > {self.n(0, 6)}) throw new IllegalStateException("again", e); }} catch (NumberFormatException e) {{ s += e.getMessage(); }} finally {{ s += "f"; }} return s;'
        )

    def on_finally(self) -> str:
        return f'StringBuilder s = new StringBuilder(); for (int i = 0; i < {self.n(2, 5)}; i++) {{ try {{ if (i == 1) continue; if (i == {self.n(2, 4)}) break; s.append(i); if (i == 3) throw new Broken("b" + i, i); }} catch (Broken e) {{ s.append(e.getMessage()).append(e.code); }} finally {{ s.append("f"); }} }} return s.toString();'

    def on_loops(self) -> str:
        return f'int out = 0; outer: for (int i = 0; i < {self.n(2, 6)}; i++) {{ int j = 0; do {{ if (j == {self.n(0, 4)}) {{ j++; continue outer; }} if (i * j > {self.n(3, 12)}) break outer; out += i * 10 + j++; }} while (j < {self.n(1, 6)}); out++; }} int k = {self.n(0, 9)}; while (k-- > 0) out += k++ + ++k - k--; return "" + out + k;'.replace(
            "while (k-- > 0) out += k++ + ++k - k--;", "while (k > 0) { out += k-- + --k; k++; }"
        )

    def on_switch(self) -> str:
        return f'String s = ""; for (int i = {self.n(-2, 1)}; i < {self.n(3, 7)}; i++) {{ switch (i * {self.n(1, 3)}) {{ case 0: case 1: s += "a"; case 2: s += "b"; break; case 3: if (i % 2 == 0) break; s += "c"; default: s += i; }} s += switch ("k" + i) {{ case "k1", "k2" -> "x"; default -> "y"; }}; }} return s;'

    def on_arrays(self) -> str:
        return f"int[] a = {{{self.ints(6)}}}; int[] b = Arrays.copyOf(a, {self.n(0, 8)}); Arrays.sort(a); int[][] g = new int[{self.n(1, 3)}][2]; g[0][1] = 5; int[] c = a; c[0] = 9; System.arraycopy(a, 0, b, 0, Math.min(a.length, b.length)); String[] t = new String[2]; return Arrays.toString(a) + Arrays.toString(b) + Arrays.deepToString(g) + (a == c) + Arrays.equals(a, b) + t[1] + sum(a) + sum() + Arrays.stream(a).sum() + a[{self.n(0, 6)}] + Arrays.hashCode(a) + Arrays.asList(1, 2).indexOf(2);"

    def on_lambdas(self) -> str:
        return f'int[] count = {{0}}; java.util.function.Function<Integer, Integer> f = x -> {{ count[0]++; return x * {self.n(1, 4)}; }}; java.util.function.BiFunction<Integer, Integer, Integer> g = (x, y) -> x - y; java.util.function.Supplier<String> h = () -> "h" + count[0]; Runnable r = () -> count[0] += 10; r.run(); java.util.function.Predicate<String> p = String::isEmpty; return "" + f.apply({self.n()}) + g.apply(f.apply(2), {self.n()}) + h.get() + p.test("") + top(List.of({self.ints()})) + top(List.of("b", "a"));'

    def on_characters(self) -> str:
        c = self.pick("'a'", "'Z'", "'5'", "' '", "'_'")
        return f"char c = {c}; int t = 0; for (char x : {self.text()}.toCharArray()) {{ if (Character.isLetter(x)) t += x - 'a'; else if (Character.isDigit(x)) t += Character.getNumericValue(x); x++; }} c += 1; return \"\" + c + t + Character.isUpperCase(c) + Character.toUpperCase(c) + (c + 1) + (char) (c + 1) + Character.toString(c) + String.valueOf(c) + Character.isWhitespace(' ');"

    def on_parsing(self) -> str:
        s = self.text()
        return f'return "" + {self.pick("Integer.parseInt", "Long.parseLong", "Double.parseDouble", "Integer.valueOf", "Boolean.parseBoolean")}({s}) + Integer.parseInt("ff", 16) + Integer.MAX_VALUE + Long.MIN_VALUE;'

    def on_regex(self) -> str:
        pattern = self.pick(
            "a+", "(\\\\w)=(\\\\d+)", "\\\\s+", "[^a-c]", "(?<n>[a-z])([0-9])?", "b|c", "^\\\\S", "x*", ","
        )
        return f'java.util.regex.Matcher m = java.util.regex.Pattern.compile("{pattern}").matcher({self.text()}); StringBuilder s = new StringBuilder(); while (m.find()) s.append(m.group()).append(m.start()).append(m.end()).append(m.groupCount() > 0 ? m.group(1) : "-"); return s.toString() + m.replaceAll("<>");'

    def on_math(self) -> str:
        a, b = self.n(-50, 50), self.n(-4, 4)
        return f'return "" + Math.floorMod({a}, {b}) + Math.floorDiv({a}, {self.n(1, 4)}) + Math.abs({a}) + Math.signum({a}.0) + Math.addExact({a}, {b}) + {self.pick("Math.multiplyExact(100000, 100000)", "Math.toIntExact(5L)", "Math.negateExact(-3)")} + Integer.bitCount({abs(a)}) + Math.max({a}, {b}L);'
