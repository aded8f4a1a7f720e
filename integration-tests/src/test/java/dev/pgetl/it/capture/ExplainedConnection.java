package dev.pgetl.it.capture;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A connection that counts what its queries cost the server: the rows all nodes of their plans have
 * touched, however fast the machine is.
 */
final class ExplainedConnection {
  /** What a node reports, in this order; the nodes below it come behind. */
  private static final Pattern COUNT =
      Pattern.compile("\"(Actual Rows|Actual Loops|Rows Removed by [^\"]+)\": ([0-9.]+)");

  private final Connection real;
  private long rows;

  ExplainedConnection(Connection real) {
    this.real = real;
  }

  /** {@return how many rows the queries since the last call have touched} */
  long takeCost() {
    long cost = rows;
    rows = 0;
    return cost;
  }

  Connection connection() {
    return proxy(
        Connection.class,
        (proxy, method, arguments) ->
            method.getName().equals("prepareStatement") && isQuery((String) arguments[0])
                ? statement((String) arguments[0])
                : invoke(method, real, arguments));
  }

  private static boolean isQuery(String sql) {
    return sql.stripLeading().startsWith("SELECT") || sql.stripLeading().startsWith("WITH");
  }

  private PreparedStatement statement(String sql) throws SQLException {
    PreparedStatement query = real.prepareStatement(sql);
    PreparedStatement explain =
        real.prepareStatement("explain (analyze, timing off, format json) " + sql);
    return proxy(
        PreparedStatement.class,
        (proxy, method, arguments) -> {
          if (method.getName().equals("executeQuery")) {
            count(explain);
          } else {
            invoke(method, explain, arguments);
          }
          return invoke(method, query, arguments);
        });
  }

  private void count(PreparedStatement explain) throws SQLException {
    try (ResultSet plan = explain.executeQuery()) {
      plan.next();
      Matcher counts = COUNT.matcher(plan.getString(1));
      double perLoop = 0;
      double loops = 0;
      while (counts.find()) {
        double count = Double.parseDouble(counts.group(2));
        switch (counts.group(1)) {
          case "Actual Rows" -> perLoop = count;
          case "Actual Loops" -> {
            loops = count;
            rows += Math.round(loops * (1 + perLoop));
          }
          default -> rows += Math.round(loops * count);
        }
      }
    }
  }

  private static <T> T proxy(Class<T> type, InvocationHandler handler) {
    return type.cast(
        Proxy.newProxyInstance(
            ExplainedConnection.class.getClassLoader(), new Class<?>[] {type}, handler));
  }

  private static Object invoke(Method method, Object target, Object[] arguments)
      throws SQLException, IllegalAccessException {
    try {
      return method.invoke(target, arguments);
    } catch (InvocationTargetException e) {
      if (e.getCause() instanceof SQLException refused) {
        throw refused;
      }
      throw new IllegalStateException(e);
    }
  }
}
