package dev.pgetl.testkit.crash;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.schema.TableSchema;
import dev.pgetl.store.PipelineStore;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CrashTargetIT {
  /** Its target has a row of an earlier round. */
  public static final class Stale implements CrashSubject {
    @Override
    public PipelineStore openStore(CrashSite site) {
      throw new UnsupportedOperationException();
    }

    @Override
    public Optional<List<List<@Nullable String>>> content(CrashSite site, TableSchema table) {
      return Optional.of(List.of(List.of("1", "1", "left")));
    }
  }

  @Test
  void aRoundNeedsATargetOfItsOwn() {
    assertThatThrownBy(() -> CrashTest.of(Stale.class).kills(1).run())
        .hasRootCauseMessage(
            "the destination holds rows of table a before the round begins:"
                + " each round needs a target of its own");
  }
}
