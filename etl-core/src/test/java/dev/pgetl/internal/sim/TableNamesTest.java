package dev.pgetl.internal.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.error.EtlException;
import dev.pgetl.internal.runtime.PipelineEngine;
import dev.pgetl.internal.runtime.order.TableOrder;
import dev.pgetl.internal.runtime.order.TableOrder.Act;
import dev.pgetl.internal.sim.server.Statement;
import dev.pgetl.schema.TableId;
import dev.pgetl.schema.TableName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** Which table an operator means by a name. */
class TableNamesTest {
  private static final Duration LIMIT = Duration.ofMinutes(2);

  /** Tables whose copy has begun. */
  private final List<TableId> copied = new ArrayList<>();

  /** The publication is read once, so that the pipeline knows less than the server. */
  private PipelineEngine started(EngineScene scene) throws InterruptedException {
    scene.createTables(3);
    scene.whenCopying =
        (call, table) -> {
          if (call.equals("truncate")) {
            copied.add(table);
          }
        };
    PipelineEngine engine =
        scene.engine(EngineScene.config().publicationRefreshInterval(Duration.ofHours(1)).build());
    engine.start();
    assertThat(engine.awaitReady(LIMIT)).isTrue();
    copied.clear();
    return engine;
  }

  private static void resync(PipelineEngine engine, String name) throws InterruptedException {
    engine.operated().order(TableOrder.of(Act.RESYNC, new TableName("public", name)));
  }

  private static void refused(ThrowingCallable order, String message) {
    assertThatIllegalArgumentException().isThrownBy(order).withMessage(message);
  }

  @Test
  void aTableIsFoundByItsName() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);

          resync(engine, "t1");

          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(copied).containsExactly(scene.cluster().id(1));
          EngineScene.end(engine);
        });
  }

  @Test
  void aNameThatNoTableHasIsRefusedWithThoseThatAreNear() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);

          refused(
              () -> resync(engine, "t5"),
              "table public.t5 is not part of pipeline shop; near: public.t0, public.t1, public.t2");
          refused(
              () -> resync(engine, "orders"),
              "table public.orders is not part of pipeline shop,"
                  + " which has public.t0, public.t1, public.t2");
          refused(
              () -> engine.operated().order(TableOrder.of(Act.RESYNC, new TableId(99_999))),
              "table 99999 is not part of pipeline shop, which has public.t0, public.t1, public.t2");
          EngineScene.end(engine);
        });
  }

  @Test
  void aRenamedTableIsFoundByItsPresentName() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);
          scene.execute(new Statement.RenameTable(1, "orders"));

          resync(engine, "orders");

          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(copied).containsExactly(scene.cluster().id(1));
          refused(() -> resync(engine, "t1"), "table public.t1 is called public.orders now");
          EngineScene.end(engine);
        });
  }

  @Test
  void anotherTableThatHasTheNameIsNotTakenForTheOneBefore() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);
          scene.execute(new Statement.RenameTable(1, "old"));
          scene.execute(new Statement.RenameTable(2, "t1"));

          resync(engine, "t1");

          assertThat(engine.awaitReady(LIMIT)).isTrue();
          assertThat(copied).containsExactly(scene.cluster().id(2));

          scene.execute(new Statement.Recreate(0));
          refused(
              () -> resync(engine, "t0"),
              "table public.t0 is published, but not yet part of pipeline shop;"
                  + " the table that had the name before is another one");
          assertThat(copied).hasSize(1);
          EngineScene.end(engine);
        });
  }

  @Test
  void aTableThatHasLeftIsNamedAsSuch() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);
          scene.execute(new Statement.Publish(1, Script.PUBLICATION, false));

          refused(() -> resync(engine, "t1"), "table public.t1 has left the publication");
          EngineScene.end(engine);
        });
  }

  /** By its id it can be asked for nevertheless. */
  @Test
  void withoutTheServerNoNameIsKnown() throws InterruptedException {
    EngineScene.play(
        scene -> {
          PipelineEngine engine = started(scene);
          scene.cluster().unreachable(Duration.ofSeconds(10).toNanos());

          assertThatExceptionOfType(EtlException.class)
              .isThrownBy(() -> resync(engine, "t1"))
              .satisfies(e -> assertThat(e.kind()).isEqualTo(ErrorKind.SOURCE_UNAVAILABLE));
          TableId id = scene.cluster().id(1);
          assertThatCode(() -> engine.operated().order(TableOrder.of(Act.RETRY, id)))
              .doesNotThrowAnyException();
          EngineScene.end(engine);
        });
  }
}
