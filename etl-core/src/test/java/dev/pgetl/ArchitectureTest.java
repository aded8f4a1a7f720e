package dev.pgetl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;

/** Keeps the house in order: who may import whom, and who may touch the outside world. */
@AnalyzeClasses(packages = "dev.pgetl", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "dev.pgetl";
  private static final String FAILPOINT = "internal.failpoint";

  /** What each package may import of ours, besides itself. The root package is the empty name. */
  private static final Map<String, Set<String>> MAY_IMPORT =
      Map.ofEntries(
          Map.entry("wal", Set.of()),
          Map.entry("error", Set.of()),
          Map.entry("schema", Set.of("wal", "error")),
          Map.entry("data", Set.of("schema", "wal", "error")),
          Map.entry("event", Set.of("data", "schema", "wal")),
          Map.entry("config", Set.of("schema", "error")),
          Map.entry("store", Set.of("schema", "wal", "error")),
          Map.entry("observe", Set.of("store", "schema", "wal", "error")),
          Map.entry("destination", Set.of("data", "event", "schema", "wal", "error")),
          Map.entry(FAILPOINT, Set.of()),
          Map.entry("internal.capture", Set.of("config", "schema", "wal", "error", FAILPOINT)),
          Map.entry(
              "internal.decode", Set.of("data", "event", "schema", "wal", "error", FAILPOINT)),
          Map.entry(
              "internal.copy",
              Set.of(
                  "internal.capture",
                  "internal.decode",
                  "config",
                  "data",
                  "schema",
                  "wal",
                  "error",
                  FAILPOINT)),
          Map.entry(
              "internal.deliver",
              Set.of(
                  "destination",
                  "event",
                  "data",
                  "schema",
                  "wal",
                  "config",
                  "observe",
                  "error",
                  FAILPOINT)),
          Map.entry(
              "internal.runtime",
              Set.of(
                  "wal",
                  "error",
                  "schema",
                  "data",
                  "event",
                  "config",
                  "store",
                  "observe",
                  "destination",
                  "internal.capture",
                  "internal.decode",
                  "internal.copy",
                  "internal.deliver",
                  FAILPOINT)),
          Map.entry(
              "",
              Set.of(
                  "wal",
                  "error",
                  "schema",
                  "data",
                  "event",
                  "config",
                  "store",
                  "observe",
                  "destination",
                  "internal.runtime")));

  private static final String[] DATABASE = {"java.sql..", "javax.sql..", "org.postgresql.."};

  /** Packages that see the driver. */
  private static final Set<String> TOUCH_THE_DATABASE = Set.of("internal.capture", "internal.copy");

  /** Packages that log. The rest of the public API and the decoder have nothing to say. */
  private static final Set<String> LOG =
      Set.of("", "internal.capture", "internal.copy", "internal.deliver", "internal.runtime");

  @ArchTest
  static void importTable(JavaClasses imported) {
    MAY_IMPORT.forEach((name, others) -> importRule(name, others).check(imported));
  }

  @ArchTest
  static final ArchRule EVERY_PACKAGE_STANDS_IN_THE_IMPORT_TABLE =
      classes()
          .should()
          .resideInAnyPackage(
              MAY_IMPORT.keySet().stream().map(ArchitectureTest::ours).toArray(String[]::new));

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles().allowEmptyShould(true);

  @ArchTest
  static final ArchRule ONLY_THE_RUNTIME_STARTS_THREADS =
      noClasses()
          .that()
          .resideOutsideOfPackage(ours("internal.runtime"))
          .should()
          .accessTargetWhere(describe("a thread is started", ArchitectureTest::startsAThread))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule ONLY_THE_RUNTIME_READS_THE_CLOCK =
      noClasses()
          .that()
          .resideOutsideOfPackage(ours("internal.runtime"))
          .should()
          .accessTargetWhere(describe("the clock is read", ArchitectureTest::readsTheClock))
          .allowEmptyShould(true);

  @ArchTest
  static final ArchRule DATA_AND_DECODE_DO_NO_INPUT_OR_OUTPUT =
      noClasses()
          .that()
          .resideInAnyPackage(ours("data"), ours("internal.decode"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.net..", "java.nio.file..", "java.nio.channels..", "java.net.http..")
                  .or(describe("streams and files", ArchitectureTest::isAStreamOrFile)))
          .allowEmptyShould(true);

  private static ArchRule importRule(String name, Set<String> others) {
    List<String> allowed = new ArrayList<>(List.of("java..", "org.jspecify..", ours(name)));
    others.stream().map(ArchitectureTest::ours).forEach(allowed::add);
    if (LOG.contains(name)) {
      allowed.add("org.slf4j");
    }
    DescribedPredicate<JavaClass> permitted =
        resideInAnyPackage(allowed.toArray(String[]::new))
            .and(DescribedPredicate.not(resideInAnyPackage(DATABASE)));
    if (TOUCH_THE_DATABASE.contains(name)) {
      permitted = permitted.or(resideInAnyPackage(DATABASE)).or(resideInAPackage("javax.net.."));
    }
    return classes()
        .that()
        .resideInAPackage(ours(name))
        .should()
        .onlyDependOnClassesThat(permitted.as("it may import: %s", new TreeSet<>(others)))
        .allowEmptyShould(true);
  }

  private static String ours(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name;
  }

  private static boolean startsAThread(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String member = access.getTarget().getName();
    if (owner.isAssignableTo(Thread.class)) {
      return member.equals("start") || member.equals("<init>");
    }
    if (owner.isEquivalentTo(CompletableFuture.class)) {
      return member.endsWith("Async");
    }
    return owner.isEquivalentTo(Executors.class)
        || owner.isAssignableTo(ForkJoinPool.class)
        || owner.isAssignableTo(Timer.class);
  }

  private static boolean readsTheClock(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String member = access.getTarget().getName();
    if (owner.isEquivalentTo(System.class)) {
      return member.equals("currentTimeMillis") || member.equals("nanoTime");
    }
    return owner.getPackageName().equals("java.time")
        && (member.equals("now") || member.startsWith("system") || member.startsWith("tick"));
  }

  private static boolean isAStreamOrFile(JavaClass type) {
    return type.getPackageName().equals("java.io")
        && type.getSimpleName().matches("File.*|RandomAccessFile|PrintStream|Console");
  }
}
