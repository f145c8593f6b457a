import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectNestedMethod;

import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.Writer;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.net.MalformedURLException;
import java.net.URL;
import java.net.URLClassLoader;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.Paths;
import java.security.CodeSource;
import java.security.ProtectionDomain;
import java.security.cert.Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import javax.tools.Diagnostic;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.StandardLocation;
import javax.tools.ToolProvider;
import org.jacoco.core.analysis.Analyzer;
import org.jacoco.core.analysis.CoverageBuilder;
import org.jacoco.core.analysis.ICounter;
import org.jacoco.core.analysis.ISourceFileCoverage;
import org.jacoco.core.data.ExecutionData;
import org.jacoco.core.data.ExecutionDataStore;
import org.jacoco.core.instr.Instrumenter;
import org.jacoco.core.runtime.IExecutionDataAccessorGenerator;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.launcher.Launcher;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherConfig;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.objectweb.asm.MethodVisitor;
import org.objectweb.asm.Opcodes;

/**
 * One warm JVM that compiles Java sources and runs single JUnit tests, with JaCoCo's lines for each.
 *
 * <p>{@code java -cp ... JavaHost PLAN RESULTS}: both are lines of tab-separated, URL-encoded fields. Plan:
 *
 * <pre>
 * classpath  PATH...                 libraries and folders for compiling
 * options    OPTION...               of the compiler, besides those for all
 * folders    FOLDER...               the project's classes, loaded afresh for every run
 * focal      BINARY/NAME...          top-level classes of the focal file, instrumented in covering runs
 * compile    ID OUT ROUNDS FILE...   as many of the files as compile; an "error" line for each other one; those with
 *                                    errors are left out and the others tried again, in so many rounds at most
 * run        ID cover|plain OVERRIDE MILLISECONDS TEST...   TEST: pkg.Class$Inner#method; OVERRIDE: a folder or "-"
 * </pre>
 *
 * Results: {@code error ID FILE LINE MESSAGE}, {@code compiled ID}, {@code begin ID TEST},
 * {@code result ID TEST OUTCOME MILLISECONDS ERROR}, {@code lines ID COVERED EXECUTABLE}, {@code end ID}. A test that
 * runs too long ends the JVM after its result is written, for a thread cannot be ended; the caller starts another.
 */
public final class JavaHost {
    static final int TIMED_OUT = 98;
    static final int TIRED = 99;
    static final String PROCESSORS = "-Arunfree.processors=yes"; // an option that asks for annotation processors
    static final long LEFT_FREE = 150L << 20;

    /** Where instrumented classes ask for their probes; they see it through the parent loader. */
    public static final class Probes {
        static final Map<Long, boolean[]> ARRAYS = new ConcurrentHashMap<>();
        static final Map<Long, String> NAMES = new ConcurrentHashMap<>();

        public static boolean[] get(long id, String name, int count) {
            NAMES.put(id, name);
            return ARRAYS.computeIfAbsent(id, key -> new boolean[count]);
        }

        static void reset() {
            ARRAYS.values().forEach(array -> Arrays.fill(array, false));
        }
    }

    /** Calls {@link Probes#get} from an instrumented class. */
    static final class Accessor implements IExecutionDataAccessorGenerator {
        @Override
        public int generateDataAccessor(long id, String name, int count, MethodVisitor visitor) {
            visitor.visitLdcInsn(id);
            visitor.visitLdcInsn(name);
            visitor.visitLdcInsn(count);
            visitor.visitMethodInsn(
                    Opcodes.INVOKESTATIC, "JavaHost$Probes", "get", "(JLjava/lang/String;I)[Z", false);
            return 4;
        }
    }

    /** Loads the project's classes before anything else of the same name, the override's before those. */
    static final class ProjectLoader extends URLClassLoader {
        private final List<Path> folders;
        private final Set<String> focal;
        private final Instrumenter instrumenter;

        ProjectLoader(List<Path> folders, Set<String> focal, Instrumenter instrumenter) {
            super(folders.stream().map(ProjectLoader::url).toArray(URL[]::new), JavaHost.class.getClassLoader());
            this.folders = folders;
            this.focal = focal;
            this.instrumenter = instrumenter;
        }

        static URL url(Path folder) {
            try {
                return folder.toUri().toURL();
            } catch (MalformedURLException error) {
                throw new IllegalArgumentException(error);
            }
        }

        @Override
        protected Class<?> loadClass(String name, boolean resolve) throws ClassNotFoundException {
            synchronized (getClassLoadingLock(name)) {
                Class<?> loaded = findLoadedClass(name);
                if (loaded == null) {
                    loaded = define(name);
                }
                return loaded == null ? super.loadClass(name, resolve) : loaded;
            }
        }

        private Class<?> define(String name) throws ClassNotFoundException {
            String file = name.replace('.', '/') + ".class";
            for (Path folder : folders) {
                Path place = folder.resolve(file);
                if (!Files.isRegularFile(place)) {
                    continue;
                }
                try {
                    byte[] code = Files.readAllBytes(place);
                    if (instrumenter != null && isFocal(name.replace('.', '/'), focal)) {
                        code = instrumenter.instrument(code, name);
                    }
                    int dot = name.lastIndexOf('.');
                    if (dot > 0 && getDefinedPackage(name.substring(0, dot)) == null) {
                        definePackage(name.substring(0, dot), null, null, null, null, null, null, null);
                    }
                    CodeSource source = new CodeSource(url(folder), (Certificate[]) null);
                    return defineClass(name, code, 0, code.length, new ProtectionDomain(source, null, this, null));
                } catch (IOException error) {
                    throw new ClassNotFoundException(name, error);
                }
            }
            return null;
        }

        @Override
        public URL getResource(String name) {
            URL own = findResource(name);
            return own == null ? super.getResource(name) : own;
        }

        @Override
        public Enumeration<URL> getResources(String name) throws IOException {
            List<URL> found = new ArrayList<>(Collections.list(findResources(name)));
            Collections.list(super.getResources(name)).stream().filter(u -> !found.contains(u)).forEach(found::add);
            return Collections.enumeration(found);
        }
    }

    /** What the tests selected by one name did together. */
    static final class Verdict implements TestExecutionListener {
        int passed;
        int failed;
        Throwable first;

        @Override
        public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            if (result.getStatus() == TestExecutionResult.Status.FAILED) {
                failed++;
                first = first == null ? result.getThrowable().orElse(null) : first;
            } else if (test.isTest() && result.getStatus() == TestExecutionResult.Status.SUCCESSFUL) {
                passed++;
            }
        }

        String outcome() {
            if (failed > 0) {
                return first instanceof AssertionError ? "failed" : "error";
            }
            return passed > 0 ? "passed" : "not-run";
        }

        String error() {
            if (first == null) {
                return passed > 0 ? "" : "no test was run";
            }
            String message;
            try {
                message = String.valueOf(first.getMessage());
            } catch (Throwable hostile) {
                message = "";
            }
            String line = message.strip().lines().findFirst().orElse("");
            String text = first.getClass().getName() + (line.isEmpty() || line.equals("null") ? "" : ": " + line);
            return text.length() > 300 ? text.substring(0, 300) : text;
        }
    }

    private final Writer results;
    private final JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    private final Launcher launcher = LauncherFactory.create(LauncherConfig.builder()
            .enableTestExecutionListenerAutoRegistration(false)
            .enableLauncherSessionListenerAutoRegistration(false)
            .enableLauncherDiscoveryListenerAutoRegistration(false)
            .enablePostDiscoveryFilterAutoRegistration(false)
            .build());
    private final Instrumenter instrumenter = new Instrumenter(new Accessor());
    private final PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream());
    private StandardJavaFileManager files;
    private List<String> options = List.of();
    private List<Path> folders = List.of();
    private Set<String> focal = Set.of();
    private boolean linesWritten;

    private JavaHost(Writer results) {
        this.results = results;
    }

    public static void main(String[] arguments) throws Exception {
        List<String> plan = Files.readAllLines(Paths.get(arguments[0]));
        try (Writer results = Files.newBufferedWriter(Paths.get(arguments[1]))) {
            JavaHost host = new JavaHost(results);
            for (String line : plan) {
                String[] fields = line.split("\t", -1);
                for (int i = 0; i < fields.length; i++) {
                    fields[i] = URLDecoder.decode(fields[i], StandardCharsets.UTF_8);
                }
                host.carryOut(fields[0], List.of(fields).subList(1, fields.length));
            }
        }
        Runtime.getRuntime().halt(0); // threads that tests left behind do not keep the JVM
    }

    private void carryOut(String verb, List<String> fields) throws Exception {
        switch (verb) {
            case "classpath":
                files = compiler.getStandardFileManager(null, Locale.ROOT, StandardCharsets.UTF_8);
                files.setLocation(
                        StandardLocation.CLASS_PATH, fields.stream().map(File::new).collect(Collectors.toList()));
                break;
            case "options":
                options = fields;
                break;
            case "folders":
                folders = fields.stream().map(Paths::get).collect(Collectors.toList());
                break;
            case "focal":
                focal = Set.copyOf(fields);
                break;
            case "compile":
                compile(fields.get(0), Paths.get(fields.get(1)), Integer.parseInt(fields.get(2)),
                        fields.subList(3, fields.size()));
                break;
            case "run":
                run(fields);
                break;
            default:
                throw new IllegalArgumentException("unknown verb " + verb);
        }
    }

    private void write(String... fields) throws IOException {
        StringBuilder line = new StringBuilder();
        for (String field : fields) {
            line.append(line.length() == 0 ? "" : "\t").append(URLEncoder.encode(field, StandardCharsets.UTF_8));
        }
        results.write(line.append('\n').toString());
        results.flush();
    }

    /** Compiles what compiles: files with errors are left out, and the rest is tried again. */
    private void compile(String id, Path out, int rounds, List<String> names) throws IOException {
        Files.createDirectories(out);
        files.setLocation(StandardLocation.CLASS_OUTPUT, List.of(out.toFile()));
        List<String> all = new ArrayList<>(List.of(
                "-g", "-nowarn", "-Xlint:none", "-Xmaxerrs", "100000", "-XDshould-stop.ifError=FLOW"));
        all.addAll(options);
        if (!options.contains("-sourcepath")) {
            all.add("-implicit:none");
        }
        if (!options.contains(PROCESSORS)) {
            all.add("-proc:none");
        }
        List<String> left = new ArrayList<>(names);
        for (int round = 0; round < rounds && !left.isEmpty(); round++) {
            DiagnosticCollector<JavaFileObject> said = new DiagnosticCollector<>();
            Iterable<? extends JavaFileObject> units = files.getJavaFileObjectsFromStrings(left);
            boolean done = compiler.getTask(Writer.nullWriter(), files, said, all, null, units).call();
            if (done) {
                write("compiled", id);
                return;
            }
            Map<String, Diagnostic<? extends JavaFileObject>> refused = new LinkedHashMap<>();
            for (Diagnostic<? extends JavaFileObject> one : said.getDiagnostics()) {
                if (one.getKind() == Diagnostic.Kind.ERROR) {
                    String file = one.getSource() == null ? "" : one.getSource().toUri().getPath();
                    refused.putIfAbsent(file, one);
                }
            }
            for (Map.Entry<String, Diagnostic<? extends JavaFileObject>> entry : refused.entrySet()) {
                Diagnostic<? extends JavaFileObject> one = entry.getValue();
                String message = one.getMessage(Locale.ROOT).replace('\n', ' ');
                write("error", id, entry.getKey(), String.valueOf(one.getLineNumber()), message);
            }
            if (!left.removeAll(refused.keySet())) {
                return;
            }
        }
    }

    private void run(List<String> fields) throws Exception {
        String id = fields.get(0);
        boolean cover = fields.get(1).equals("cover");
        List<Path> places = new ArrayList<>(folders);
        if (!fields.get(2).equals("-")) {
            places.add(0, Paths.get(fields.get(2)));
            if (!Files.isDirectory(places.get(0)) || isEmpty(places.get(0))) {
                write("end", id); // a mutant that did not compile
                return;
            }
        }
        long limit = Long.parseLong(fields.get(3));
        if (cover) {
            Probes.reset();
        }
        try (ProjectLoader loader = new ProjectLoader(places, focal, cover ? instrumenter : null)) {
            for (String test : fields.subList(4, fields.size())) {
                write("begin", id, test);
                one(id, loader, test, limit);
            }
        }
        if (cover) {
            writeLines(id);
        }
        write("end", id);
        if (Runtime.getRuntime().maxMemory() - Runtime.getRuntime().totalMemory()
                        + Runtime.getRuntime().freeMemory() < LEFT_FREE) {
            Runtime.getRuntime().halt(TIRED);
        }
    }

    private void one(String id, ProjectLoader loader, String test, long limit) throws Exception {
        Verdict verdict = new Verdict();
        Throwable[] broken = new Throwable[1];
        System.setOut(nowhere);
        System.setErr(nowhere);
        System.setIn(new ByteArrayInputStream(new byte[0]));
        Locale.setDefault(Locale.US);
        Thread thread = new Thread(() -> {
            try {
                launcher.execute(request(loader, test), verdict);
            } catch (Throwable error) {
                broken[0] = error;
            }
        });
        thread.setContextClassLoader(loader);
        thread.setDaemon(true);
        long begun = System.nanoTime();
        thread.start();
        thread.join(limit);
        String taken = String.valueOf((System.nanoTime() - begun) / 1_000_000);
        if (thread.isAlive()) {
            write("result", id, test, "timeout", taken, "");
            Runtime.getRuntime().halt(TIMED_OUT);
        }
        if (broken[0] != null) {
            verdict.first = broken[0];
            verdict.failed++;
        }
        write("result", id, test, verdict.outcome(), taken, verdict.error());
        if (verdict.first instanceof OutOfMemoryError) {
            Runtime.getRuntime().halt(TIRED);
        }
    }

    private static LauncherDiscoveryRequest request(ClassLoader loader, String test) throws ClassNotFoundException {
        String[] parts = test.split("#");
        Class<?> type = Class.forName(parts[0], false, loader);
        List<Method> methods = new ArrayList<>();
        for (Class<?> at = type; at != null && methods.isEmpty(); at = at.getSuperclass()) {
            for (Method method : at.getDeclaredMethods()) {
                if (method.getName().equals(parts[1]) && !method.isSynthetic()) {
                    methods.add(method);
                }
            }
        }
        if (methods.stream().anyMatch(JavaHost::isAnnotated)) {
            methods.removeIf(method -> !isAnnotated(method));
        }
        List<Class<?>> around = new ArrayList<>();
        for (Class<?> at = type; at.getEnclosingClass() != null && !Modifier.isStatic(at.getModifiers()); ) {
            at = at.getEnclosingClass();
            around.add(0, at);
        }
        List<DiscoverySelector> selectors = methods.stream()
                .map(m -> around.isEmpty() ? selectMethod(type, m) : selectNestedMethod(around, type, m))
                .collect(Collectors.toList());
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors)
                .configurationParameter("junit.jupiter.execution.parallel.enabled", "false")
                .configurationParameter("junit.vintage.execution.parallel.enabled", "false")
                .build();
    }

    private static boolean isAnnotated(Method method) {
        return Arrays.stream(method.getAnnotations())
                .anyMatch(a -> a.annotationType().getSimpleName().matches("Test|.+Test|Test.+|.+Source|Property"));
    }

    static boolean isFocal(String name, Set<String> focal) {
        return focal.contains(name) || focal.stream().anyMatch(top -> name.startsWith(top + "$"));
    }

    private void writeLines(String id) throws IOException {
        ExecutionDataStore store = new ExecutionDataStore();
        Probes.ARRAYS.forEach((key, probes) ->
                store.put(new ExecutionData(key, Probes.NAMES.get(key), probes)));
        CoverageBuilder builder = new CoverageBuilder();
        Analyzer analyzer = new Analyzer(store, builder);
        for (String top : focal) {
            for (Path folder : folders) {
                Path place = folder.resolve(top + ".class");
                if (!Files.isRegularFile(place)) {
                    continue;
                }
                String simple = place.getFileName().toString().replace(".class", "");
                try (var listing = Files.list(place.getParent())) {
                    for (Path one : listing.collect(Collectors.toList())) {
                        String name = one.getFileName().toString();
                        if (name.equals(simple + ".class") || name.startsWith(simple + "$") && name.endsWith(".class")) {
                            try (InputStream stream = Files.newInputStream(one)) {
                                analyzer.analyzeClass(stream, name);
                            }
                        }
                    }
                }
                break;
            }
        }
        Set<Integer> covered = new TreeSet<>();
        Set<Integer> executable = new TreeSet<>();
        for (ISourceFileCoverage file : builder.getSourceFiles()) {
            for (int line = file.getFirstLine(); line > 0 && line <= file.getLastLine(); line++) {
                int status = file.getLine(line).getStatus();
                if (status != ICounter.EMPTY) {
                    executable.add(line);
                }
                if (status == ICounter.FULLY_COVERED || status == ICounter.PARTLY_COVERED) {
                    covered.add(line);
                }
            }
        }
        write("lines", id, joined(covered), linesWritten ? "" : joined(executable));
        linesWritten = true;
    }

    private static boolean isEmpty(Path folder) throws IOException {
        try (var listing = Files.list(folder)) {
            return listing.findAny().isEmpty();
        }
    }

    private static String joined(Set<Integer> numbers) {
        return numbers.stream().map(String::valueOf).collect(Collectors.joining(","));
    }
}
