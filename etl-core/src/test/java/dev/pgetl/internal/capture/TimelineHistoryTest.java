package dev.pgetl.internal.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.wal.Lsn;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TimelineHistoryTest {
  @Test
  void readsWhereEachTimelineEnded() {
    TimelineHistory history =
        TimelineHistory.parse(
            3,
            """
            # a comment
            1\t0/3000148\tno recovery target specified

            2\t1A/FFFFFFF8\tbefore 2000-01-01 00:00:00+00 at the latest
            """);
    assertThat(history.endOf(1)).contains(Lsn.parse("0/3000148"));
    assertThat(history.endOf(2)).contains(Lsn.parse("1A/FFFFFFF8"));
    assertThat(history.endOf(3)).isEmpty();
  }

  @Test
  void theFirstTimelineHasNoneBefore() {
    assertThat(TimelineHistory.parse(1, "").ends()).isEqualTo(Map.of());
    assertThat(TimelineHistory.unknown(2).endOf(1)).isEmpty();
  }

  @Test
  void refusesWhatIsNoHistory() {
    for (String text : new String[] {"1", "x\t0/1\tr", "1\tzero\tr", "1 0/1/2"}) {
      assertThatThrownBy(() -> TimelineHistory.parse(2, text))
          .isInstanceOfSatisfying(
              EtlException.class, e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_PROTOCOL));
    }
  }
}
