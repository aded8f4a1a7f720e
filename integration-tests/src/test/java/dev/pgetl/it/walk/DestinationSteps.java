package dev.pgetl.it.walk;

import dev.pgetl.error.ErrorKind;
import dev.pgetl.it.walk.Orders.Call;
import dev.pgetl.it.walk.Orders.Way;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/** What destinations do. */
final class DestinationSteps {
  private static final Set<Call> ANY = Set.of(Call.values());

  static final List<Step> ALL =
      List.of(
          Step.of("refuse once", w -> w.orders().add(Way.REFUSE, ANY, 0)),
          Step.of("refuse three times", DestinationSteps::refuseThrice),
          Step.of("refuse to truncate", w -> order(w, Way.REFUSE, Call.TRUNCATE)),
          Step.of("refuse copied rows", w -> order(w, Way.REFUSE, Call.ROWS)),
          Step.of("take events and fail", w -> order(w, Way.LOSE_ANSWER, Call.EVENTS)).weight(20),
          Step.of("take copied rows and fail", DestinationSteps::takeRowsAndFail),
          Step.of("truncate and fail", w -> order(w, Way.LOSE_ANSWER, Call.TRUNCATE)),
          Step.of("hang", w -> w.orders().add(Way.HANG, ANY, 0)),
          Step.of("hang, and hear no interrupt", w -> w.orders().add(Way.HANG_DEAF, ANY, 0))
              .weight(5),
          Step.of("answer late", w -> w.orders().add(Way.ANSWER_LATE, ANY, 0)),
          Step.of("answer again", w -> w.orders().clear()).weight(20),
          Step.of("refuse the changes of a table", DestinationSteps::blameChanges)
              .mayReport(ErrorKind.DESTINATION_REJECTED)
              .mayCopy(),
          Step.of("refuse the copied rows of a table", DestinationSteps::blameRows)
              .mayReport(ErrorKind.DESTINATION_REJECTED)
              .mayCopy(),
          Step.of("fail with a bug", DestinationSteps::bug)
              .weight(4)
              .mayReport(ErrorKind.DESTINATION_FAILED)
              .mayCopy());

  private DestinationSteps() {}

  private static void order(World world, Way way, Call call) {
    world.orders().add(way, Set.of(call), 0);
  }

  private static void refuseThrice(World world) {
    for (int i = 0; i < 3; i++) {
      world.orders().add(Way.REFUSE, ANY, 0);
    }
  }

  /** Only a key tells rows that come again. */
  private static void takeRowsAndFail(World world) throws SQLException {
    Shape table = TableSteps.any(world);
    if (!table.key().isEmpty()) {
      world.orders().add(Way.LOSE_ANSWER, Set.of(Call.ROWS), table.oid());
    }
  }

  private static void blameChanges(World world) throws SQLException {
    Rows rows = RowSteps.any(world);
    blame(world, Call.EVENTS, rows.table());
    world.source().run(rows.insert());
  }

  private static void blameRows(World world) throws SQLException {
    blame(world, Call.ROWS, RowSteps.any(world).table());
  }

  private static void blame(World world, Call call, Shape table) {
    world.concerns(table.oid());
    world.orders().add(Way.BLAME, Set.of(call), table.oid());
  }

  private static void bug(World world) {
    world.concernsAll();
    world.orders().add(Way.THROW, Set.of(Call.EVENTS), 0);
  }
}
