package dev.pgetl.testkit.documentation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Every advice that a failure carries is known here: by the tests that carry it out, or by why no
 * test can.
 */
class AdviceTest {
  private static final Path ROOT = Path.of("..");

  /** The argument of {@code withFix}, or the problem that comes with a fix. */
  private static final Pattern ADVICE =
      Pattern.compile("(?:\\.withFix\\(|\\bproblem\\(\\s*ErrorKind\\.\\w+,)\\s*([^;]{1,24})");

  /** The class, how its advice begins, and the tests, or a reason in parentheses. */
  private static final String KNOWN =
      """
      BodyWriter: "Leave the column out of | (the publication or the program has to change)
      Policies: refusal.fix()) | (passed on)
      Policies: refusal.fix()) | (passed on)
      ReplayRun: "Resync the table: a cop | (the oracle of QuarantineSimulationProperties does it)
      Wards: "Fix the cause of the re | (the destination or the row has to change)
      ColumnSelection: "If a column was added, | (the program has to change)
      ConditionCheck: "Correct the condition i | CopyConditionIT
      Connector: "The server must be Post | (another server or address is needed)
      Connector: SqlErrors.DISTRUST), | (another address or certificate is needed)
      CopyDualStream: "Changes made meanwhile | AdviceIT PublicationIT
      CopyRun: Failed.ANOTHER_RUN) | CopyOnlyIT
      CopyWriter: "Check that it is the ri | TakeoverIT
      Credentials: "Check what the supplier | (the program has to change)
      DestinationCall: "The destination threw s | (the program has to change)
      DirectoryLock: "Stop that pipeline firs | (whoever runs both decides)
      DriverVersion: "Put org.postgresql:post | (the class path has to change)
      EventsDestination: "Set tableCopy(TableCopy | EventHandlerIT
      EventsDestination: "The event handler threw | (the program has to change)
      Failures: outweighed ? IN_DOUBT : | HttpDestinationDeadLettersTest HttpDestinationDoubtTest HttpDestinationTroubleTest
      Failures: "Check tls.trustedRootCe | (another certificate is needed)
      Failures: fix(state, table)) | PrivilegesIT
      FileDeadLetters: "Check that its director | FileDeadLettersTest
      FileDeadLetters: "Check the disk and the | FileDeadLettersTest
      FileFailures: "If you have an undamage | StoreAdviceIT
      FileFailures: "Let no other process us | StoreAdviceIT
      FileFailures: "Put the file itself the | (whoever keeps the files decides)
      FileFailures: "The process must be abl | (the directory or its disk has to change)
      Hosts: passes ? "" : first.fix( | (repeats another)
      InitialCopy: published.missingPrivile | PrivilegeIT
      JournalReader: "Use the version of the | (another version of the library is needed)
      LockTable: "Raise max_locks_per_tra | ManyPartitionsIT
      LoginSource: CUT_OFF) | SecureLoginIT
      LoginSource: e.fix()) | (repeats another)
      OrderedApply: "Only the pipeline may w | (the other writer decides)
      Ownership: "Give it another name wi | TakeoverIT
      Ownership: "If the other process wo | TakeoverIT
      Ownership: "Run one process for eac | (whoever runs both decides)
      Ownership: "Stop that process, or g | (whoever runs both decides)
      Ownership: RESTORED + "resync the t | LostCommitsIT
      Ownership: RESTORED + "start the pi | LostCommitsIT
      OwnershipClaim: "Make sure that only one | (whoever runs both decides)
      Primary: "Give it a connection to | (another address is needed)
      Primary: "If it is to stay one: c | (another address is needed)
      Promotion: ALL | PromotionTest
      Promotion: ALL + " Or bring back th | FailoverIT
      Promotion: ALL + " Or connect to th | (another address is needed)
      PublicationCatalog: "Create it: CREATE PUBLI | AdviceIT
      PublishedNames: "Correct or remove the n | RulesIT
      PublishedNames: first.fix()) | (repeats another)
      Receiver: "The receiver refuses ev | (the receiver has to change)
      RowErrors: "Have the destination re | (the program has to change)
      RowErrors: "If the type was altered | (the program has to change)
      RowJson: e.fix()) | (repeats another)
      RuleBook: "Rules go by the name of | RulesIT
      ServerIdentity: "Let the address lead to | (another address is needed)
      SlotCatalog: "End them, or raise pgCo | (whoever runs the transactions decides)
      SlotCatalog: "End them, or try again | UnfinishedSlotIT
      SlotCatalog: "Give this pipeline anot | (whoever runs both decides)
      SlotCatalog: "If no other pipeline ha | AdviceIT
      SlotFailover: "Upgrade it to " + FIRST | (another server is needed)
      SlotSnapshot: "Connect to one server i | (another address is needed)
      SlotSnapshot: "Raise max_replication_s | (the server has to be restarted)
      SlotState: "Give the pipeline anoth | AdviceIT
      SlotState: first | AdviceIT SlotLossIT LineageIT StandbySourceIT
      SnapshotCopier: unsent.fix()) | AdviceIT
      SourceCheck: "publication \\"" + publi | AdviceIT
      SourceCheck: Objects.requireNonNull(f | (joins others)
      SourceFacts: SqlErrors.NO_POOLER) | (another address is needed)
      Span: "Find the rows whose tex | EncodingIT
      SqlErrors: "Give the JVM more heap | (the command line has to change)
      SqlErrors: fix.isEmpty() && isSafe( | EncodingIT
      StandbySource: "On the primary, while t | StandbySourceIT
      StandbySource: "failoverSlots is ON, an | (the configuration has to change)
      StandbySource: "hot_standby_feedback of | StandbySourceIT
      StandbySource: "replication slot " + sl | (the configuration has to change)
      StandbySource: "the server is a standby | StandbySourceIT
      StandbySource: "the server is a standby | (another server is needed)
      StandbySource: "the server is no standb | (another address is needed)
      StandbySource: WAL_LEVEL.strip())) | StandbySourceIT
      Startup: "Give what only copies a | CopyOnlyIT
      Startup: "Publish a table that ta | CopyOnlyTest
      StoreFailures: fix).withRetry(RetryDire | StoreAdviceIT StoreTablesIT
      StoreFailures: rowsGone()) | StoreAdviceIT
      StoreMigrations: "Run the SQL that Postgr | EarlierTablesIT
      StoreMigrations: "Use the version of the | (another version of the library is needed)
      SyncFailures: Failed.ANOTHER_RUN) | CopyOnlyIT
      TableClaims: "Leave each table in the | (whoever runs both decides)
      TableOrders: "Use a store that keeps | PausedTableTest
      TargetTables: "Resync the table") | SchemaChangesIT
      TargetTables: "Run on the destination: | SchemaChangesIT
      TlsConfig: "It must be an X.509 cer | (another certificate is needed)
      TlsConfig: "It must hold X.509 cert | (other certificates are needed)
      TransformRules: "Correct the transform: | (the program has to change)
      Trouble: errored.solution()) | (repeats another)
      VerifiableTables: "A new column is added w | VerifiedShapesIT
      VerifiedSource: "Run on the source: " + | (repeats another)
      WireReader: "Check that nothing but | (another address is needed)
      """;

  @Test
  void everyAdviceIsKnown() throws IOException {
    List<String> known = KNOWN.lines().map(line -> line.split("\\|")[0].strip()).toList();
    assertThat(advice()).containsExactlyInAnyOrderElementsOf(known);
  }

  @Test
  void everyTestOfAdviceExists() throws IOException {
    Set<String> tests =
        sources("src/test/java")
            .map(file -> file.getFileName().toString().replace(".java", ""))
            .collect(Collectors.toSet());
    for (String line : KNOWN.lines().toList()) {
      String covered = line.split("\\|")[1].strip();
      if (!covered.startsWith("(")) {
        assertThat(tests).as(line).containsAll(Arrays.asList(covered.split(" ")));
      }
    }
  }

  private static List<String> advice() throws IOException {
    List<String> found = new ArrayList<>();
    for (Path file : sources("src/main/java").toList()) {
      Matcher advice = ADVICE.matcher(Files.readString(file));
      while (advice.find()) {
        String name = file.getFileName().toString().replace(".java", "");
        found.add(name + ": " + advice.group(1).lines().findFirst().orElseThrow().strip());
      }
    }
    return found;
  }

  private static Stream<Path> sources(String folder) throws IOException {
    try (Stream<Path> modules = Files.list(ROOT)) {
      return modules
          .filter(module -> module.getFileName().toString().matches("etl-.*|integration-tests"))
          .map(module -> module.resolve(folder))
          .filter(Files::isDirectory)
          .toList()
          .stream()
          .flatMap(AdviceTest::javaFiles);
    }
  }

  private static Stream<Path> javaFiles(Path folder) {
    try (Stream<Path> files = Files.walk(folder)) {
      return files.filter(file -> file.toString().endsWith(".java")).toList().stream();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
