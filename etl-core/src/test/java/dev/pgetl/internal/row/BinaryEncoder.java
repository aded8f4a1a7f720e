package dev.pgetl.internal.row;

import dev.pgetl.data.PgArray;
import dev.pgetl.data.PgInet;
import dev.pgetl.data.PgInterval;
import dev.pgetl.data.PgRange;
import dev.pgetl.data.SpecialValue.EndOfDay;
import dev.pgetl.data.SpecialValue.NonFinite;
import dev.pgetl.data.TableRow;
import dev.pgetl.internal.value.codec.ValueCodecs;
import dev.pgetl.schema.PgType;
import dev.pgetl.wal.Lsn;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.LocalTime;
import java.time.OffsetDateTime;
import java.time.OffsetTime;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Writes values as {@link TableRow#get(int)} gives them in the binary format of their types. */
final class BinaryEncoder {
  private static final LocalDate EPOCH = LocalDate.of(2000, 1, 1);
  private static final BigInteger GROUP_BASE = BigInteger.valueOf(10_000);

  private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
  private final DataOutputStream out = new DataOutputStream(bytes);

  private BinaryEncoder() {}

  static byte[] encode(PgType type, Object value) {
    BinaryEncoder encoder = new BinaryEncoder();
    try {
      encoder.write(type.baseType(), value);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return encoder.bytes.toByteArray();
  }

  private void write(PgType type, Object value) throws IOException {
    PgType inner = type.inner();
    switch (type.kind()) {
      case ARRAY -> array(known(inner), value);
      case RANGE -> range(known(inner), (PgRange<?>) value);
      case MULTIRANGE -> {
        out.writeInt(((List<?>) value).size());
        for (Object range : (List<?>) value) {
          part(known(inner), range);
        }
      }
      default -> scalar(type.name(), value);
    }
  }

  private static PgType known(@Nullable PgType type) {
    if (type == null) {
      throw new AssertionError("no type");
    }
    return type;
  }

  private void part(PgType type, @Nullable Object value) throws IOException {
    if (value == null) {
      out.writeInt(-1);
    } else {
      byte[] part = encode(type, value);
      out.writeInt(part.length);
      out.write(part);
    }
  }

  private void array(PgType element, Object value) throws IOException {
    List<?> elements = value instanceof PgArray array ? array.elements() : (List<?>) value;
    int dimensions =
        value instanceof PgArray array
            ? array.dimensions()
            : depth(elements, ValueCodecs.of(element).javaType() == List.class);
    List<Integer> lower =
        value instanceof PgArray array ? array.lowerBounds() : Collections.nCopies(dimensions, 1);
    out.writeInt(dimensions);
    out.writeInt(1);
    out.writeInt((int) element.oid());
    List<?> inner = elements;
    for (int i = 0; i < dimensions; i++) {
      out.writeInt(inner.size());
      out.writeInt(lower.get(i));
      inner = i + 1 < dimensions ? (List<?>) inner.get(0) : inner;
    }
    elements(element, elements, dimensions);
  }

  private static int depth(List<?> elements, boolean ofLists) {
    if (elements.isEmpty()) {
      return 0;
    }
    return !ofLists && elements.get(0) instanceof List<?> inner ? 1 + depth(inner, false) : 1;
  }

  private void elements(PgType element, List<?> elements, int dimensions) throws IOException {
    for (Object value : elements) {
      if (dimensions > 1) {
        elements(element, (List<?>) value, dimensions - 1);
      } else {
        part(element, value);
      }
    }
  }

  private void range(PgType bound, PgRange<?> range) throws IOException {
    int flags = range.isEmpty() ? 1 : 0;
    flags |= range.lowerInclusive() ? 2 : 0;
    flags |= range.upperInclusive() ? 4 : 0;
    flags |= range.lower() == null && !range.isEmpty() ? 8 : 0;
    flags |= range.upper() == null && !range.isEmpty() ? 16 : 0;
    out.writeByte(flags);
    if (range.lower() != null) {
      part(bound, range.lower());
    }
    if (range.upper() != null) {
      part(bound, range.upper());
    }
  }

  private void scalar(String type, Object value) throws IOException {
    switch (type) {
      case "bool" -> out.writeByte((Boolean) value ? 1 : 0);
      case "int2" -> out.writeShort((Short) value);
      case "int4" -> out.writeInt((Integer) value);
      case "int8" -> out.writeLong((Long) value);
      case "oid" -> out.writeInt((int) (long) value);
      case "xid8" -> out.writeLong(((BigInteger) value).longValue());
      case "pg_lsn" -> out.writeLong(((Lsn) value).value());
      case "float4" -> out.writeFloat((Float) value);
      case "float8" -> out.writeDouble((Double) value);
      case "numeric" -> numeric(value);
      case "bytea" -> out.write(((ByteBuffer) value).array());
      case "uuid" -> {
        out.writeLong(((UUID) value).getMostSignificantBits());
        out.writeLong(((UUID) value).getLeastSignificantBits());
      }
      case "inet", "cidr" -> inet((PgInet) value, type.equals("cidr"));
      case "date", "time", "timetz", "timestamp", "timestamptz", "interval" -> time(type, value);
      case "jsonb" -> {
        out.writeByte(1);
        out.write(((String) value).getBytes(StandardCharsets.UTF_8));
      }
      default -> out.write(((String) value).getBytes(StandardCharsets.UTF_8));
    }
  }

  private void numeric(Object value) throws IOException {
    if (value instanceof NonFinite nonFinite) {
      out.writeInt(0);
      out.writeShort(
          switch (nonFinite) {
            case NAN -> 0xC000;
            case POSITIVE_INFINITY -> 0xD000;
            case NEGATIVE_INFINITY -> 0xF000;
          });
      out.writeShort(0);
      return;
    }
    BigDecimal number = (BigDecimal) value;
    int fraction = (number.scale() + 3) / 4;
    BigInteger rest = number.setScale(4 * fraction).unscaledValue().abs();
    ByteBuffer groups = ByteBuffer.allocate(2 * (rest.bitLength() / 13 + 1));
    int count = 0;
    while (rest.signum() > 0) {
      BigInteger[] parts = rest.divideAndRemainder(GROUP_BASE);
      count++;
      groups.putShort(groups.capacity() - 2 * count, parts[1].shortValue());
      rest = parts[0];
    }
    out.writeShort(count);
    out.writeShort(count - fraction - 1);
    out.writeShort(number.signum() < 0 ? 0x4000 : 0);
    out.writeShort(number.scale());
    out.write(groups.array(), groups.capacity() - 2 * count, 2 * count);
  }

  private void inet(PgInet value, boolean network) throws IOException {
    out.writeByte(value.isV6() ? 3 : 2);
    out.writeByte(value.prefix());
    out.writeByte(network ? 1 : 0);
    out.writeByte(value.address().length);
    out.write(value.address());
  }

  private void time(String type, Object value) throws IOException {
    if (value instanceof NonFinite infinity) {
      boolean positive = infinity == NonFinite.POSITIVE_INFINITY;
      if (!type.equals("date")) {
        out.writeLong(positive ? Long.MAX_VALUE : Long.MIN_VALUE);
      }
      if (type.equals("date") || type.equals("interval")) {
        out.writeInt(positive ? Integer.MAX_VALUE : Integer.MIN_VALUE);
      }
      if (type.equals("interval")) {
        out.writeInt(positive ? Integer.MAX_VALUE : Integer.MIN_VALUE);
      }
    } else if (value instanceof EndOfDay end) {
      out.writeLong(86_400_000_000L);
      if (end.offset() != null) {
        out.writeInt(-end.offset().getTotalSeconds());
      }
    } else if (value instanceof LocalDate date) {
      out.writeInt((int) EPOCH.until(date, ChronoUnit.DAYS));
    } else if (value instanceof LocalTime time) {
      out.writeLong(time.toNanoOfDay() / 1_000);
    } else if (value instanceof OffsetTime time) {
      out.writeLong(time.toLocalTime().toNanoOfDay() / 1_000);
      out.writeInt(-time.getOffset().getTotalSeconds());
    } else if (value instanceof LocalDateTime timestamp) {
      out.writeLong(EPOCH.atStartOfDay().until(timestamp, ChronoUnit.MICROS));
    } else if (value instanceof OffsetDateTime timestamp) {
      out.writeLong(EPOCH.atStartOfDay().until(timestamp.toLocalDateTime(), ChronoUnit.MICROS));
    } else if (value instanceof PgInterval interval) {
      out.writeLong(interval.microseconds());
      out.writeInt(interval.days());
      out.writeInt(interval.months());
    }
  }
}
