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

  @Test
  void everySampleComesOutAsStatedByBothPaths() throws InterruptedException {
    SampleTable table = new SampleTable(TestPostgres.shared().majorVersion());
    try (Scenario scenario = Scenario.with(table.create())) {
      scenario.source().execute(table.insert());
      scenario.start().awaitReady();
      scenario.source().execute(table.insert());
      scenario.awaitApplied();

      List<String> differences = table.differences(scenario);
      assertThat(differences)
          .as(() -> "number type | path, what | failure\n" + String.join("\n", differences))
          .isEmpty();
    }
  }
}
