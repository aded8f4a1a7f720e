package dev.pgetl.internal.range;

import static dev.pgetl.internal.range.RangeEvents.range;
import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.destination.KeyRange;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.store.SlotLineage;
import dev.pgetl.wal.Lsn;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CopyRangesTextTest {
  private static final CopyRanges RANGES =
      CopyRanges.planned(
              new CopyOrigin(
                  new SlotLineage("712", 3, Lsn.parse("1/2A")),
                  Lsn.parse("1/2B"),
                  "a digest",
                  false),
              List.of(range(null, "-5"), range("-5", "10"), range("10", null)))
          .finished(0, Lsn.parse("FFFFFFFF/FFFFFFFF"), 12, 3456)
          .begun(1);

  private static final String TEXT =
      """
      copy-ranges-1
      712 3 1/2A 1/2B a+digest
      id
      * =-5 FINISHED FFFFFFFF/FFFFFFFF 12 3456
      =-5 =10 BEGUN 0/0 0 0
      =10 * WAITING 0/0 0 0\
      """;

  @Test
  void hasALineForEachRange() {
    assertThat(CopyRangesText.of(RANGES)).isEqualTo(TEXT);
    assertThat(CopyRangesText.read(TEXT)).contains(RANGES);
    assertThat(CopyRangesText.read(TEXT + "\n")).contains(RANGES);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "*",
        "=",
        "=*",
        "+",
        "%",
        "%2A",
        "a b",
        " a ",
        "\n",
        "\r\n",
        "\u2028",
        "\u0085",
        "\t",
        "\u0001",
        "\"'\\",
        "ä€𝄞",
        "\\x00ff",
        "2026-11-30 06:16:51.123456+00 BC",
        "-Infinity"
      })
  void aKeyComesBackAsItWas(String key) {
    CopyRanges ranges = named(key, List.of(key), key.isBlank());

    assertThat(CopyRangesText.read(CopyRangesText.of(ranges))).contains(ranges);
  }

  @Test
  void theOriginOfAReplacementHasAWordMore() {
    CopyOrigin origin = RANGES.origin();
    CopyRanges replacing =
        new CopyRanges(
            new CopyOrigin(origin.lineage(), origin.version(), origin.shape(), true),
            RANGES.ranges());
    String text = TEXT.replace("a+digest", "a+digest replacing");

    assertThat(CopyRangesText.of(replacing)).isEqualTo(text);
    assertThat(CopyRangesText.read(text)).contains(replacing);
    assertThat(CopyRangesText.read(text.replace("replacing", "removing"))).isEmpty();
  }

  @Test
  void anyRangesComeBackAsTheyWere() throws Exception {
    RandomRuns.repeat(
        1_000,
        random -> {
          List<String> ends = new ArrayList<>();
          for (int i = random.nextInt(5); i > 0; i--) {
            ends.add(text(random));
          }
          CopyRanges ranges = named(text(random), ends, random.nextBoolean());
          for (int i = 0; i <= ends.size(); i++) {
            ranges = random.nextBoolean() ? ranges.begun(i) : ranges;
            Lsn position = new Lsn(random.nextLong() | 1);
            long rows = random.nextLong(Long.MAX_VALUE);
            ranges = random.nextBoolean() ? ranges.finished(i, position, rows, 7) : ranges;
          }

          assertThat(CopyRangesText.read(CopyRangesText.of(ranges))).contains(ranges);
        });
  }

  /** Any characters of Unicode, no halves of them. */
  private static String text(RandomGenerator random) {
    int[] characters =
        random
            .ints(random.nextInt(6), 0, Character.MAX_CODE_POINT + 1)
            .map(c -> random.nextBoolean() ? c & 0x7F : c)
            .filter(c -> Character.getType(c) != Character.SURROGATE)
            .toArray();
    return new String(characters, 0, characters.length);
  }

  /** {@return ranges in which a name is wherever one can be} */
  private static CopyRanges named(String name, List<String> ends, boolean replaces) {
    String column = name.isEmpty() ? "c" : name; // a column has a name
    List<KeyRange> keys = new ArrayList<>();
    String from = null;
    for (String end : ends) {
      keys.add(new KeyRange(column, from, end));
      from = end;
    }
    keys.add(new KeyRange(column, from, null));
    return CopyRanges.planned(
        new CopyOrigin(new SlotLineage(name, -1, new Lsn(-1)), new Lsn(-2), name, replaces), keys);
  }

  @Test
  void aTextThatWasCutIsNotRead() {
    int statistics = TEXT.lastIndexOf(' ') + 1; // the bytes of the last range
    for (int length = 0; length <= statistics; length++) {
      assertThat(CopyRangesText.read(TEXT.substring(0, length))).as("%d", length).isEmpty();
    }
  }

  @Test
  void aTextWithoutOneOfItsLinesIsNotRead() {
    List<String> lines = TEXT.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      List<String> others = new ArrayList<>(lines);
      others.remove(i);
      assertThat(CopyRangesText.read(String.join("\n", others))).as(lines.get(i)).isEmpty();
      others.add(i, lines.get(i) + "\n" + lines.get(i));
      assertThat(CopyRangesText.read(String.join("\n", others))).as(lines.get(i)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "copy-ranges-1 > copy-ranges-2",
        "copy-ranges-1 > Copy-Ranges-1",
        "copy-ranges-1 > ",
        "712 3 > 712 three",
        "712 3 > 712  3",
        "712 3 > 712",
        "1/2A > 12A",
        "a+digest > a digest",
        "a+digest > a%digest",
        "* =-5 > *  =-5",
        "* =-5 > *",
        "* =-5 >  =-5",
        "* =-5 > * -5",
        "* =-5 > * ",
        "* =-5 > =-5 =-5",
        "=-5 =10 > =-5 =1",
        "=-5 =10 > =-5 10",
        "=-5 =10 > =-5 =1%",
        "=10 * > =10 =20",
        "=10 * > =10 **",
        "FINISHED > DONE",
        "FINISHED > BEGUN",
        "FINISHED > finished",
        "BEGUN > FINISHED",
        "FFFFFFFF/FFFFFFFF > 0/0",
        "FFFFFFFF/FFFFFFFF > FFFFFFFF",
        "12 3456 > twelve 3456",
        "12 3456 > 12",
        "12 3456 > -12 3456",
        "12 3456 > 12 3456 7",
        "12 3456 > 12 99999999999999999999"
      })
  void aDamagedTextIsNotRead(String damage) {
    String[] parts = damage.split(" > ", 2);
    assertThat(TEXT).contains(parts[0]);

    Optional<CopyRanges> read =
        CopyRangesText.read(TEXT.replaceFirst("\\Q" + parts[0] + "\\E", parts[1]));

    assertThat(read).isEmpty();
  }

  @Test
  void anyDamageIsNoFailure() throws Exception {
    RandomRuns.repeat(
        5_000,
        random -> {
          StringBuilder text = new StringBuilder(TEXT);
          for (int i = 1 + random.nextInt(3); i > 0; i--) {
            int at = random.nextInt(text.length());
            switch (random.nextInt(3)) {
              case 0 -> text.deleteCharAt(at);
              case 1 -> text.setCharAt(at, TEXT.charAt(random.nextInt(TEXT.length())));
              default -> text.insert(at, TEXT.charAt(random.nextInt(TEXT.length())));
            }
          }

          Optional<CopyRanges> read = CopyRangesText.read(text.toString());

          assertThat(read).isNotNull();
        });
  }
}
