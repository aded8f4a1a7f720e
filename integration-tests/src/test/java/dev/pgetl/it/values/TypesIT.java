package dev.pgetl.it.values;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.it.Scenario;
import dev.pgetl.testkit.postgres.TestPostgres;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every value of {@code types.jsonl} comes out as stated there, by the copy and by the stream, and
 * so does a null of its type (S58, S61, S63 and what else is stated there).
 */
class TypesIT {
  /** So many samples at least are of types that are read in binary format. */
  private static final int MOST = 200;

  @Test
  void everySampleComesOutAsStatedByBothPaths() throws InterruptedException {
    SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
    try (Scenario scenario = Scenario.with(table.create())) {
      scenario.source().execute(table.insert());
      scenario.start().awaitReady();
      scenario.source().execute(table.insert());
      scenario.awaitApplied();

      assertNoDifferences(table, scenario);
    }
  }

  /** The samples whose types are read in binary format come out the same in that. */
  @Test
  void everySampleComesOutAsStatedInBinaryFormat() throws InterruptedException {
    SampleTable table = readInBinary(new SampleTable(TestPostgres.shared().majorVersion()));
    try (Scenario scenario =
        Scenario.with(table.create()).options(builder -> builder.binary(true))) {
      scenario.source().execute(table.insert());
      scenario.start().awaitReady();
      scenario.source().execute(table.insert());
      scenario.awaitApplied();

      assertNoDifferences(table, scenario);
      assertThat(scenario.streamsBinary()).isTrue();
      assertThat(table.samples()).hasSizeGreaterThan(MOST);
    }
  }

  private static SampleTable readInBinary(SampleTable all) throws InterruptedException {
    try (Scenario scenario = Scenario.with(all.create()).start().awaitReady()) {
      return all.readInBinary(
          scenario.store().getTableSchema(scenario.tableId("sample")).orElseThrow());
    }
  }

  private static void assertNoDifferences(SampleTable table, Scenario scenario) {
    List<String> differences = table.differences(scenario);
    assertThat(differences)
        .as(() -> "number type | path, what | failure\n" + String.join("\n", differences))
        .isEmpty();
  }
}
