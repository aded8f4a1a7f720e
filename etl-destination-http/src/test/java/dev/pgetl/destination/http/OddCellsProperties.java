package dev.pgetl.destination.http;

import static dev.pgetl.destination.http.Data.insert;
import static dev.pgetl.destination.http.Data.transaction;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.pgetl.data.TableRow;
import dev.pgetl.destination.http.DeliveryRequest.Kind;
import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.event.Event;
import dev.pgetl.internal.row.WireRow;
import dev.pgetl.random.RandomRuns;
import dev.pgetl.random.Seed;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.testkit.data.TestTable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * Whatever bytes a cell of any type holds, a body is valid in its format, or the call fails for the
 * table as the getters do.
 */
class OddCellsProperties {
  @RegisterExtension private static final Seed SEED = Seed.of("cells");
  private static final int RUNS = RandomRuns.count("cells.count", 3_000);
  private static final JsonMapper STRICT =
      JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS).build();

  private static final RequestFormat LINES =
      new RequestFormat(RowLayout.NAMES, NumberStyle.EXACT) {
        @Override
        public void writeHead(DeliveryRequest request, JsonGenerator json) {
          // lines only
        }

        @Override
        public String separator() {
          return "\n";
        }

        @Override
        public String tail(DeliveryRequest request) {
          return "\n";
        }
      };
  private static final List<RequestFormat> FORMATS =
      List.of(
          LINES,
          new RequestFormat(RowLayout.NAMES, NumberStyle.SAFE),
          new RequestFormat(RowLayout.POSITIONS, NumberStyle.EXACT));

  private static final PgType JSON = PgType.base(114, "json");
  private static final PgType CHAR = PgType.base(18, "char");
  private static final PgType COMPOSITE =
      new PgType(
          20_002,
          "public",
          "pair",
          PgType.Kind.COMPOSITE,
          null,
          ',',
          List.of(new PgType.Field("j", JSON), new PgType.Field("c", CHAR)));
  private static final List<PgType> TYPES = types();

  private static final List<String> TEXTS =
      List.of(
          "{\n \"a\":\r\n1}",
          "[1,\n\"two\\n\"]",
          "\"\"",
          "-0.0e+7",
          "NaN",
          "t",
          "\\x00ff",
          "2026-01-02 03:04:05+00",
          "294276-12-31 23:59:59 BC",
          "1 year -2 mons",
          "infinity",
          "\u2028\u2029\u0085\u007f\u0000\u001f",
          "😀\uFEFF\uFFFE",
          "a\"b\\c\n,;{}()[]=>",
          "123456789012345678901234567890",
          "");

  private final Random random = new Random(SEED.value());

  private static List<PgType> types() {
    List<PgType> types = new ArrayList<>(List.of(JSON, CHAR, COMPOSITE, PgType.unknown(30_000)));
    for (int oid : new int[] {16, 17, 20, 23, 25, 700, 1082, 1114, 1184, 1186, 1266, 1700, 3802}) {
      types.add(PgType.base(oid, "t" + oid));
    }
    types.add(new PgType(20_001, "public", "hstore", PgType.Kind.BASE, null, ',', List.of()));
    types.add(new PgType(20_003, "public", "e", PgType.Kind.ENUM, null, ',', List.of()));
    for (PgType inner : List.copyOf(types)) {
      types.add(inner.arrayOf(21_000 + types.size()));
      types.add(new PgType(22_000, "public", "r", PgType.Kind.RANGE, inner, ',', List.of()));
      types.add(new PgType(22_001, "public", "d", PgType.Kind.DOMAIN, inner, ',', List.of()));
    }
    return types;
  }

  @Test
  void everyBodyIsValidOrFailsForItsTable() throws IOException {
    int written = 0;
    for (int i = 0; i < RUNS; i++) {
      PgType type = TYPES.get(random.nextInt(TYPES.size()));
      TableRow row = row(type, cell(type, 0));
      for (RequestFormat format : FORMATS) {
        written += check(format, new Batch.Rows(row.table(), List.of(row, row), "c", 0)) ? 1 : 0;
        Event event = insert(transaction(100), 2, row);
        written += check(format, new Batch.Events(List.of(event, event))) ? 1 : 0;
      }
    }
    int bodies = 2 * FORMATS.size() * RUNS;
    assertThat(written).as("written of %d", bodies).isBetween(bodies / 4, bodies * 9 / 10);
  }

  private static TableRow row(PgType type, byte[] cell) {
    TableSchema table = TestTable.named("odd").id(77).column("c", type).build();
    return WireRow.of(table, cell, new int[] {0, cell.length});
  }

  /** {@return whether there is a body, which is valid then} */
  private static boolean check(RequestFormat format, Batch batch) throws IOException {
    byte[] body;
    try {
      body = body(format, batch);
    } catch (EtlException e) {
      assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
      assertThat(e.tableOid()).hasValue(77);
      return false;
    }
    String text = utf8(body);
    if (format == LINES) {
      List<String> lines = List.of(text.split("\n", -1));
      assertThat(lines).hasSize(3).last().isEqualTo("");
      assertValid(lines.get(0), batch);
      assertValid(lines.get(1), batch);
    } else {
      assertValid(text, batch);
    }
    return true;
  }

  private static void assertValid(String text, Batch batch) throws IOException {
    JsonNode tree = STRICT.readTree(text);
    assertThat(tree.isObject()).as("%s: %s", batch, text).isTrue();
  }

  private static byte[] body(RequestFormat format, Batch batch) {
    BodyWriter writer = new BodyWriter(format);
    for (int i = 0; i < batch.size(); i++) {
      writer.write(batch, i);
    }
    Kind kind = batch.kind();
    DeliveryRequest request = new DeliveryRequest(kind, "", batch.tables(0, 2), 2, "key");
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    for (ByteBuffer part :
        List.of(writer.head(request), writer.items().items(0, 2), writer.tail(request))) {
      body.write(part.array(), part.arrayOffset() + part.position(), part.remaining());
    }
    return body.toByteArray();
  }

  private static String utf8(byte[] body) {
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(body)).toString();
    } catch (CharacterCodingException e) {
      throw new AssertionError("a body that is not UTF-8", e);
    }
  }

  /** {@return a cell that fits its type more often than not, but may hold anything} */
  private byte[] cell(PgType type, int depth) {
    byte[] cell = random.nextInt(8) == 0 ? noise() : structured(type, depth);
    if (cell.length > 0 && random.nextInt(12) == 0) {
      cell[random.nextInt(cell.length)] = (byte) random.nextInt(256);
    }
    return cell;
  }

  private byte[] structured(PgType type, int depth) {
    PgType inner = type.inner();
    return switch (type.kind()) {
      case ARRAY -> joined("{", "}", "\\", List.of(part(inner, depth), part(inner, depth)));
      case RANGE -> joined("[", ")", "\\", List.of(part(inner, depth), part(inner, depth)));
      case COMPOSITE -> joined("(", ")", "\\", List.of(part(JSON, depth), part(CHAR, depth)));
      case DOMAIN -> part(inner, depth);
      default -> scalar(type);
    };
  }

  private byte[] part(@Nullable PgType type, int depth) {
    return type == null || depth > 3 ? noise() : cell(type, depth + 1);
  }

  private byte[] scalar(PgType type) {
    if (type.name().equals("hstore")) {
      byte[] pair = joined("", "", "\\", List.of(scalar(JSON)));
      byte[] arrow = {'=', '>'};
      return concat(List.of(pair, arrow, pair));
    }
    if (type.oid() == CHAR.oid()) {
      return new byte[] {(byte) random.nextInt(256)};
    }
    return TEXTS.get(random.nextInt(TEXTS.size())).getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] joined(String open, String close, String escape, List<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    out.writeBytes(open.getBytes(StandardCharsets.UTF_8));
    for (int i = 0; i < parts.size(); i++) {
      out.writeBytes((i == 0 ? "\"" : ",\"").getBytes(StandardCharsets.UTF_8));
      for (byte each : parts.get(i)) {
        if (each == '"' || each == '\\') {
          out.writeBytes(escape.getBytes(StandardCharsets.UTF_8));
        }
        out.write(each);
      }
      out.write('"');
    }
    out.writeBytes(close.getBytes(StandardCharsets.UTF_8));
    return out.toByteArray();
  }

  private static byte[] concat(List<byte[]> parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    parts.forEach(out::writeBytes);
    return out.toByteArray();
  }

  private byte[] noise() {
    byte[] noise = new byte[random.nextInt(12)];
    random.nextBytes(noise);
    return noise;
  }
}
