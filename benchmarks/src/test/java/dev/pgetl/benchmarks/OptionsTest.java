package dev.pgetl.benchmarks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.benchmarks.subject.Subject;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

class OptionsTest {
  @Test
  void measuresEverythingThreeTimesAtFullSizeUnlessToldOtherwise() {
    Options options = parse();

    assertThat(options.runs()).isEqualTo(3);
    assertThat(options.scale()).isEqualTo(1);
    assertThat(options.workloads()).isEmpty();
    assertThat(options.subjects())
        .doesNotContain(Subject.PGETL_BEFORE)
        .hasSize(Subject.values().length - 1);
    assertThat(options.before()).isEmpty();
    assertThat(options.json()).isEmpty();
  }

  @Test
  void aQuickRunIsOneOfAFew() {
    Options options = parse("--quick");

    assertThat(options.runs()).isEqualTo(1);
    assertThat(options.subjects())
        .containsExactlyInAnyOrder(Subject.PGETL, Subject.PG_RECVLOGICAL, Subject.PSQL_COPY);
  }

  @Test
  void whatIsSaidCountsWhereverQuickStands() {
    Options options = parse("--runs", "5", "--quick", "--scale", "0.5", "--seconds", "7");

    assertThat(options.runs()).isEqualTo(5);
    assertThat(options.scale()).isEqualTo(0.5);
    assertThat(options.seconds()).isEqualTo(7);
  }

  @Test
  void aNumberOfRowsIsAScale() {
    assertThat(parse("--rows", "500000").scale()).isEqualTo(0.25);
  }

  @Test
  void serversFlushOnlyOnRequest() {
    assertThat(parse().fsync()).isFalse();
    assertThat(parse("--fsync").fsync()).isTrue();
  }

  @Test
  void takesListsAndAFile() {
    Options options =
        parse("--workloads", "stream,copy-wide", "--subjects", "pgetl,psql_copy", "--json", "f");

    assertThat(options.workloads()).containsExactly("stream", "copy-wide");
    assertThat(options.subjects()).containsExactlyInAnyOrder(Subject.PGETL, Subject.PSQL_COPY);
    assertThat(options.json()).contains(Path.of("f"));
  }

  @Test
  void comparesTwoBuildsInElevenPairs() {
    Options options = parse("--before", "old");

    assertThat(options.before()).contains(Path.of("old"));
    assertThat(options.runs()).isEqualTo(11);
    assertThat(options.subjects()).containsExactlyInAnyOrder(Subject.PGETL, Subject.PGETL_BEFORE);
    assertThat(parse("--runs", "3", "--before", "old").runs()).isEqualTo(3);
    assertThat(parse("--quick", "--before", "old").runs()).isEqualTo(11);
  }

  @Test
  void comparesTwoBuildsBesideOthers() {
    assertThat(parse("--before", "old", "--subjects", "pgetl,pgetl_before,psql_copy").subjects())
        .containsExactlyInAnyOrder(Subject.PGETL, Subject.PGETL_BEFORE, Subject.PSQL_COPY);
  }

  @Test
  void refusesHalfAPair() {
    assertRefused("the subject pgetl_before needs --before", "--subjects", "pgetl,pgetl_before");
    assertRefused("needs the subjects", "--before", "old", "--subjects", "pgetl,psql_copy");
    assertRefused("needs the subjects", "--before", "old", "--subjects", "pgetl_before");
    assertRefused("missing: the value of --before", "--before");
  }

  @Test
  void refusesWhatItDoesNotUnderstand() {
    assertRefused("not understood: --fast", "--fast");
    assertRefused("missing: the value of --json", "--json");
    assertRefused("there is no subject mysql", "--subjects", "mysql");
    assertRefused("must be positive", "--runs", "0");
    assertRefused("must be positive", "--scale", "NaN");
  }

  private static void assertRefused(String message, String... arguments) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> parse(arguments))
        .withMessageContaining(message);
  }

  private static Options parse(String... arguments) {
    return Options.parse(List.of(arguments));
  }
}
