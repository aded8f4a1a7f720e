package dev.pgetl.benchmarks.subject;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.benchmarks.client.PgetlClient;
import dev.pgetl.benchmarks.client.ReplicaClient;
import dev.pgetl.benchmarks.client.ResumeClient;
import dev.pgetl.benchmarks.client.SubscriptionClient;
import dev.pgetl.benchmarks.client.Task;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class SubjectTest {
  private static final Jvm JVM = new Jvm("", "classes");

  @Test
  void onlyThisLibraryIsKilledAndStartedAgain() {
    assertThat(those(Task.Mode.RESUME)).containsExactly(Subject.PGETL, Subject.PGETL_BEFORE);
  }

  @Test
  void everybodyCopiesButTheClientThatCannot() {
    assertThat(Subject.values())
        .filteredOn(subject -> !subject.does(Task.Mode.COPY))
        .containsExactly(Subject.PG_RECVLOGICAL);
  }

  @Test
  void aSubscriptionCopiesAndKeepsReplicas() {
    assertThat(Task.Mode.values())
        .filteredOn(Subject.SUBSCRIPTION::does)
        .containsExactly(
            Task.Mode.COPY,
            Task.Mode.REPLICA_STREAM,
            Task.Mode.REPLICA_COPY,
            Task.Mode.REPLICA_FOLLOW);
  }

  @Test
  void onlyThisLibraryAndASubscriptionKeepReplicas() {
    assertThat(those(Task.Mode.REPLICA_FOLLOW))
        .containsExactly(Subject.PGETL, Subject.SUBSCRIPTION);
    assertThat(those(Task.Mode.REPLICA_STREAM))
        .containsExactly(Subject.PGETL, Subject.PGETL_BEFORE, Subject.SUBSCRIPTION);
  }

  @Test
  void thoseThatStreamAfterwardsHaveTwoMoments() {
    assertThat(Subject.values())
        .filteredOn(Subject::streamsAfterCopy)
        .containsExactly(Subject.PGETL, Subject.PGETL_BEFORE, Subject.SUBSCRIPTION);
  }

  @Test
  void theTaskDecidesWhichClientRuns() {
    assertThat(command(Subject.PGETL, Task.Mode.COPY)).contains(PgetlClient.class.getName());
    assertThat(command(Subject.PGETL, Task.Mode.RESUME)).contains(ResumeClient.class.getName());
    assertThat(command(Subject.PGETL, Task.Mode.REPLICA_COPY))
        .contains(ReplicaClient.class.getName());
    assertThat(command(Subject.SUBSCRIPTION, Task.Mode.COPY))
        .contains(SubscriptionClient.class.getName());
  }

  private static List<Subject> those(Task.Mode mode) {
    return Arrays.stream(Subject.values()).filter(subject -> subject.does(mode)).toList();
  }

  private static List<String> command(Subject subject, Task.Mode mode) {
    return subject.command(Task.of(mode), JVM);
  }
}
