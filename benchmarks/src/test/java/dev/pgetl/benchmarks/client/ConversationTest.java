package dev.pgetl.benchmarks.client;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConversationTest {
  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aCopySaysWhenItHasTheLastRowAndWhenItIsDone() throws IOException {
    Conversation harness = conversation("go\nexit\n");

    harness.awaitBegin();
    harness.copied(Map.of(Conversation.TAKEN, 5L));
    harness.done(10);

    assertThat(said())
        .satisfiesExactly(
            line -> assertThat(line).isEqualTo("@ready"),
            line -> assertThat(line).startsWith("@copied taken=5 ALLOC_MB="),
            line -> assertThat(line).startsWith("@done rows=10 ALLOC_MB="));
  }

  @Test
  void whatAServerDoesHasNoFiguresOfThisProcess() throws IOException {
    Conversation harness = conversation("exit\n");

    harness.copiedElsewhere();
    harness.done();

    assertThat(said()).containsExactly("@copied", "@done");
  }

  @Test
  void oneThatIsToBeKilledSaysHowManyRowsItHas() throws IOException {
    conversation("exit\n").halted(9);

    assertThat(said()).containsExactly("@halted rows=9");
  }

  private Conversation conversation(String heard) {
    Allocation allocation = new Allocation();
    allocation.close();
    return new Conversation(
        new ByteArrayInputStream(heard.getBytes(StandardCharsets.UTF_8)),
        new PrintStream(out, true, StandardCharsets.UTF_8),
        allocation);
  }

  private List<String> said() {
    return out.toString(StandardCharsets.UTF_8).lines().toList();
  }
}
