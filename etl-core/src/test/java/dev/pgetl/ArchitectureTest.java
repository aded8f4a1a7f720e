package dev.pgetl;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.base.DescribedPredicate.not;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.fields;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.GeneralCodingRules.NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static java.util.Map.entry;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaAccess;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import dev.pgetl.internal.platform.OwnedBy;
import dev.pgetl.internal.runtime.worker.Worker;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.Timer;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.locks.Lock;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Keeps the architecture: who may import whom, and who may touch the world outside. */
@AnalyzeClasses(packages = "dev.pgetl", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String ROOT = "dev.pgetl";
  private static final String CATALOG = "internal.capture.catalog ";
  private static final String FACTS = "internal.capture.facts ";
  private static final String SESSION = "internal.capture.session ";
  private static final String CONDITION = "internal.capture.condition ";
  private static final String STANDBY = "internal.capture.standby ";
  private static final String WIRE = "internal.capture.wire ";
  private static final String WAITS = "internal.runtime.waits ";
  private static final String WORKER = "internal.runtime.worker ";
  private static final String LINEAGE = "internal.runtime.lineage ";
  private static final String STREAM = "internal.runtime.stream ";
  private static final String ORDER = "internal.runtime.order ";
  private static final String TALLY = "internal.runtime.tally ";

  private static final String GUARDED_BY = GuardedBy.class.getPackageName();

  /** What a package may import of ours besides itself; the root package has the empty name. */
  private static final Map<String, String> MAY_IMPORT =
      Map.ofEntries(
          entry("wal", ""),
          entry("forecast", "wal"),
          entry("error", ""),
          entry("schema", "wal"),
          entry("data", "schema error internal.value"),
          entry("event", "data schema wal"),
          entry("config", "schema store error internal.pem internal.settings"),
          entry("diagnose", "schema"),
          entry("store", "diagnose schema wal error"),
          entry("observe", "forecast quarantine store schema wal error"),
          entry(
              "destination",
              "data diagnose event schema error internal.row internal.value internal.value.order"),
          entry("quarantine", "data destination diagnose error event schema wal internal.row"),
          entry("verify", "destination schema wal"),
          entry("internal.value", "schema"),
          entry("internal.value.text", "data wal internal.value"),
          entry("internal.value.binary", "data wal internal.value internal.value.text"),
          entry(
              "internal.value.codec",
              "data schema wal internal.value internal.value.text internal.value.binary"),
          entry(
              "internal.value.order",
              "data schema internal.value internal.value.text internal.value.codec"),
          entry(
              "internal.row",
              "data schema error internal.value internal.value.text internal.value.codec"),
          entry("internal.failpoint", ""),
          entry("internal.platform", "error"),
          entry("internal.pem", ""),
          entry("internal.settings", ""),
          entry("internal.connect", "config error"),
          entry("internal.capture.wire", "internal.connect internal.platform"),
          entry(
              "internal.capture.session", WIRE + "config error internal.connect internal.platform"),
          entry("internal.capture.advice", SESSION + "diagnose schema"),
          entry(
              "internal.capture.diagnose",
              CATALOG
                  + SESSION
                  + STANDBY
                  + "config diagnose error schema internal.capture internal.capture.advice"
                  + " internal.connect internal.platform"),
          entry("internal.capture.facts", SESSION + "schema wal"),
          entry(
              "internal.capture.catalog",
              FACTS
                  + SESSION
                  + STANDBY
                  + "diagnose schema wal error store internal.capture.advice internal.platform"),
          entry("internal.capture.standby", SESSION + "config wal error internal.connect"),
          entry("internal.capture.condition", CATALOG + SESSION + "schema error"),
          entry(
              "internal.capture",
              CATALOG
                  + CONDITION
                  + FACTS
                  + SESSION
                  + STANDBY
                  + WIRE
                  + "config diagnose schema wal error internal.connect internal.platform internal.value"),
          entry("internal.decode", "data event schema wal error internal.row internal.value"),
          entry(
              "internal.range",
              "destination data event schema store wal error internal.value.order"),
          entry("internal.estimate", "internal.platform"),
          entry("internal.copy.sample", CONDITION + SESSION + "schema internal.estimate"),
          entry("internal.copy.key", SESSION + "config destination schema internal.value.order"),
          entry(
              "internal.copy",
              CATALOG
                  + CONDITION
                  + SESSION
                  + "config destination internal.capture internal.copy.key internal.copy.sample"
                  + " internal.estimate internal.range internal.row"
                  + " internal.value data schema wal error internal.failpoint"),
          entry("internal.verify", "schema verify wal internal.platform"),
          entry("internal.verify.sql", "destination schema verify"),
          entry(
              "internal.verify.source",
              CATALOG
                  + FACTS
                  + SESSION
                  + "config destination error schema verify wal internal.copy.key"
                  + " internal.platform internal.verify internal.verify.sql"),
          entry(
              "internal.deliver",
              "destination event data schema wal config error internal.failpoint"
                  + " internal.platform internal.row"),
          entry("internal.runtime.order", "destination schema"),
          entry("internal.runtime.tally", "event observe schema"),
          entry(
              "internal.runtime.waits",
              "data destination diagnose event observe schema internal.platform"),
          entry(
              "internal.runtime.worker",
              WAITS
                  + ORDER
                  + "config destination diagnose store observe schema wal error"
                  + " internal.capture internal.copy internal.platform"),
          entry(
              "internal.runtime.lineage",
              CATALOG
                  + WORKER
                  + "config destination event schema store wal error internal.capture"
                  + " internal.deliver internal.range"),
          entry(
              "internal.runtime.stream",
              CATALOG
                  + FACTS
                  + WORKER
                  + LINEAGE
                  + "config event observe schema store wal error internal.capture"
                  + " internal.decode internal.deliver internal.estimate internal.row internal.value"
                  + " internal.platform internal.failpoint"),
          entry(
              "internal.runtime.table",
              WORKER
                  + STREAM
                  + TALLY
                  + "destination observe schema store wal error internal.decode internal.estimate"
                  + " internal.platform internal.failpoint"),
          entry(
              "internal.runtime.rows",
              CATALOG
                  + WORKER
                  + STREAM
                  + "config data destination observe schema store wal error internal.runtime.table internal.value"
                  + " internal.copy internal.estimate internal.range internal.deliver internal.platform internal.failpoint"),
          entry(
              "internal.runtime.exit",
              CATALOG
                  + WORKER
                  + LINEAGE
                  + STREAM
                  + "destination schema store wal internal.capture internal.copy internal.deliver"
                  + " internal.range internal.runtime.table"),
          entry(
              "internal.runtime.operate",
              CATALOG
                  + WORKER
                  + ORDER
                  + STREAM
                  + "config destination error observe quarantine schema store wal internal.capture"
                  + " internal.deliver"
                  + " internal.platform internal.range internal.runtime.sync"
                  + " internal.runtime.table"),
          entry(
              "internal.runtime.sync",
              CATALOG
                  + WORKER
                  + LINEAGE
                  + STREAM
                  + TALLY
                  + "config destination event observe schema store wal error internal.capture internal.runtime.exit internal.runtime.rows internal.runtime.table"
                  + " internal.range internal.copy internal.decode internal.deliver internal.estimate internal.value"
                  + " internal.platform internal.failpoint"),
          entry(
              "internal.runtime.copyonly",
              WORKER
                  + ORDER
                  + STREAM
                  + "config error observe schema store wal internal.platform"
                  + " internal.runtime.rows internal.runtime.sync internal.runtime.table"),
          entry(
              "internal.runtime.retain",
              WORKER
                  + "error forecast observe store wal internal.capture internal.platform"
                  + " internal.runtime.table"),
          entry(
              "internal.runtime",
              CATALOG
                  + FACTS
                  + WAITS
                  + WORKER
                  + LINEAGE
                  + STREAM
                  + TALLY
                  + "config destination event forecast observe schema store wal error internal.capture"
                  + " internal.runtime.retain internal.runtime.operate internal.runtime.order"
                  + " internal.range internal.decode internal.deliver internal.value internal.runtime.copyonly internal.runtime.rows internal.runtime.sync internal.runtime.table internal.platform"
                  + " internal.failpoint"),
          entry(
              "internal.runtime.replica",
              WAITS
                  + WORKER
                  + ORDER
                  + "config data destination diagnose error event observe schema store wal internal.capture"
                  + " internal.decode internal.deliver internal.platform internal.runtime"),
          entry(
              "internal.runner",
              "diagnose error observe internal.platform internal.runtime.worker"),
          entry(
              "",
              CATALOG
                  + WORKER
                  + ORDER
                  + "config destination diagnose error observe schema store verify wal internal.capture.diagnose internal.runner"
                  + " internal.runtime internal.runtime.replica internal.platform"
                  + " internal.verify internal.verify.source"));

  private static final Set<String> SEE_THE_DATABASE =
      Set.of(
          "internal.capture",
          "internal.capture.advice",
          "internal.capture.catalog",
          "internal.capture.condition",
          "internal.capture.diagnose",
          "internal.capture.facts",
          "internal.capture.session",
          "internal.capture.standby",
          "internal.connect",
          "internal.copy",
          "internal.copy.key",
          "internal.copy.sample",
          "internal.verify.source",
          "internal.verify.sql");
  private static final Set<String> LOG =
      Set.of(
          "internal.capture",
          "internal.capture.catalog",
          "internal.capture.condition",
          "internal.capture.session",
          "internal.capture.standby",
          "internal.copy",
          "internal.copy.key",
          "internal.copy.sample",
          "",
          "internal.runner",
          "quarantine",
          "internal.runtime",
          "internal.runtime.copyonly",
          "internal.runtime.exit",
          "internal.runtime.lineage",
          "internal.runtime.operate",
          "internal.runtime.replica",
          "internal.runtime.retain",
          "internal.runtime.rows",
          "internal.runtime.stream",
          "internal.runtime.sync",
          "internal.runtime.table",
          "internal.runtime.worker");

  private static final DescribedPredicate<JavaClass> DATABASE =
      resideInAnyPackage("java.sql..", "javax.sql..", "org.postgresql..");

  @ArchTest
  static final ArchRule EVERY_PACKAGE_IS_IN_THE_TABLE =
      classes()
          .should()
          .resideInAnyPackage(
              MAY_IMPORT.keySet().stream().map(ArchitectureTest::ours).toArray(String[]::new));

  @ArchTest
  static final ArchRule PACKAGES_HAVE_NO_CYCLES =
      slices().matching(ROOT + ".(**)").should().beFreeOfCycles();

  @ArchTest
  static final ArchRule ONLY_THE_PLATFORM_MAKES_THREADS =
      noClasses()
          .that()
          .resideOutsideOfPackage(ours("internal.platform"))
          .should()
          .accessTargetWhere(describe("a thread is made", ArchitectureTest::makesAThread));

  @ArchTest
  static final ArchRule ONLY_WORKERS_START_THREADS =
      noClasses()
          .that()
          .doNotBelongToAnyOf(Worker.class)
          .should()
          .callMethod(Thread.class, "start");

  @ArchTest
  static final ArchRule ONLY_THE_PLATFORM_READS_THE_CLOCK =
      noClasses()
          .that()
          .resideOutsideOfPackage(ours("internal.platform"))
          .should()
          .accessTargetWhere(describe("the clock is read", ArchitectureTest::readsTheClock));

  @ArchTest
  static final ArchRule FIELDS_BESIDE_A_LOCK_SAY_WHAT_GUARDS_THEM =
      fields()
          .that()
          .areDeclaredInClassesThat(describe("share a lock", ArchitectureTest::sharesALock))
          .and()
          .areNotStatic()
          .and()
          .areNotFinal()
          .and()
          .doNotHaveModifier(JavaModifier.VOLATILE)
          .should()
          .beAnnotatedWith(GuardedBy.class)
          .orShould()
          .beAnnotatedWith(OwnedBy.class);

  @ArchTest
  static final ArchRule VALUES_AND_DECODE_TOUCH_NOTHING_OUTSIDE =
      noClasses()
          .that()
          .resideInAnyPackage(
              ours("data"),
              ours("internal.row"),
              ours("internal.value") + "..",
              ours("internal.decode"))
          .should()
          .dependOnClassesThat(
              resideInAnyPackage("java.net..", "java.nio.channels..", "java.nio.file..")
                  .or(describe("files", ArchitectureTest::isAFile)));

  @ArchTest static final ArchRule NOTHING_PRINTS = NO_CLASSES_SHOULD_ACCESS_STANDARD_STREAMS;

  @ArchTest
  static void packagesImportWhatTheTableSays(JavaClasses imported) {
    MAY_IMPORT.forEach((name, others) -> importRule(name, others).check(imported));
  }

  /** Reads the sources, because a constant leaves no trace in the classes that use it. */
  @Test
  void theTableAllowsNothingUnused() throws IOException {
    Set<String> unused = new TreeSet<>();
    for (String name : MAY_IMPORT.keySet()) {
      String sources = sources(ours(name));
      Stream.of(
              names(MAY_IMPORT.get(name)).map(ArchitectureTest::ours),
              Stream.of("org.slf4j").filter(log -> LOG.contains(name)),
              Stream.of("(java.sql|org.postgresql.*)")
                  .filter(db -> SEE_THE_DATABASE.contains(name)))
          .flatMap(others -> others)
          .filter(other -> !Pattern.compile("import " + other + "\\.[A-Z]").matcher(sources).find())
          .forEach(other -> unused.add(ours(name) + " does not import " + other));
    }
    assertThat(unused).isEmpty();
  }

  /** {@return the text of a package's files} */
  private static String sources(String packageName) throws IOException {
    Path folder = Path.of("src/main/java", packageName.replace('.', '/'));
    StringBuilder text = new StringBuilder();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.java")) {
      for (Path file : files) {
        text.append(Files.readString(file));
      }
    }
    return text.toString();
  }

  private static ArchRule importRule(String name, String others) {
    return classes()
        .that()
        .resideInAPackage(ours(name))
        .should()
        .onlyDependOnClassesThat(
            mayImport(name, others).as("%s may import: %s", ours(name), others))
        .allowEmptyShould(true);
  }

  private static DescribedPredicate<JavaClass> mayImport(String name, String others) {
    String[] allowed =
        Stream.of(
                Stream.of("java..", "javax..", "org.jspecify..", GUARDED_BY, ours(name)),
                names(others).map(ArchitectureTest::ours),
                LOG.contains(name) ? Stream.of("org.slf4j..") : Stream.<String>empty())
            .flatMap(packages -> packages)
            .toArray(String[]::new);
    return SEE_THE_DATABASE.contains(name)
        ? resideInAnyPackage(allowed).or(DATABASE)
        : resideInAnyPackage(allowed).and(not(DATABASE));
  }

  private static Stream<String> names(String list) {
    return Pattern.compile("\\w[\\w.]*").matcher(list).results().map(MatchResult::group);
  }

  private static String ours(String name) {
    return name.isEmpty() ? ROOT : ROOT + "." + name;
  }

  /** A class with a lock, or one nested in it. */
  private static boolean sharesALock(JavaClass type) {
    return type.getFields().stream()
            .anyMatch(field -> field.getRawType().isAssignableTo(Lock.class))
        || type.getEnclosingClass().filter(ArchitectureTest::sharesALock).isPresent();
  }

  private static boolean makesAThread(JavaAccess<?> access) {
    JavaClass owner = access.getTargetOwner();
    String member = access.getTarget().getName();
    if (owner.isAssignableTo(Thread.class)) {
      return member.equals("<init>");
    }
    if (owner.isAssignableTo(ExecutorService.class)) {
      return member.equals("<init>") || member.equals("commonPool");
    }
    return owner.isEquivalentTo(Executors.class)
        || owner.isAssignableTo(Timer.class)
        || (owner.isEquivalentTo(CompletableFuture.class) && member.endsWith("Async"))
        || member.equals("parallelStream");
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

  private static boolean isAFile(JavaClass type) {
    return type.getPackageName().equals("java.io")
        && type.getSimpleName().matches("File.*|RandomAccessFile");
  }
}
