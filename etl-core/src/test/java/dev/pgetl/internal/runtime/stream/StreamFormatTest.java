package dev.pgetl.internal.runtime.stream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.worker.RecordedLog;
import dev.pgetl.internal.value.ValueFormat;
import dev.pgetl.schema.ColumnSchema;
import dev.pgetl.schema.PgType;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import dev.pgetl.schema.TableSchema;
import dev.pgetl.wal.Lsn;
import java.util.List;
import org.junit.jupiter.api.Test;

class StreamFormatTest {
  private static final TableSchema TABLE =
      TableSchema.builder(new TableId(7), new TableName("public", "orders"))
          .snapshotLsn(new Lsn(0x100))
          .columns(List.of(ColumnSchema.of("shape", PgType.unknown(99_999))))
          .build();

  /** A stream has one format for all tables. */
  @Test
  void aTableThatIsNotReadInBinaryEndsTheFormatForAll() {
    StreamFormat format = new StreamFormat(ValueFormat.BINARY);

    EtlException failure = format.notRead(TABLE);

    assertThat(format.current()).isEqualTo(ValueFormat.TEXT);
    assertThat(failure.kind()).isEqualTo(ErrorKind.SOURCE_DATA);
    assertThat(failure.tableOid()).hasValue(7);
    assertThat(failure).hasMessageContaining("public.orders").hasMessageContaining("shape");
  }

  /** Several streams may meet such a value at the same time. */
  @Test
  void saysSoOnce() {
    StreamFormat format = new StreamFormat(ValueFormat.BINARY);
    EtlException failure = new EtlException(ErrorKind.SOURCE_FAILED, "no binary output function");
    try (RecordedLog log = new RecordedLog(StreamFormat.class)) {
      format.refused(failure);
      format.refused(failure);

      assertThat(format.current()).isEqualTo(ValueFormat.TEXT);
      assertThat(log.lines())
          .singleElement()
          .satisfies(line -> assertThat(line).contains("continue in text format"));
    }
  }
}
