package systems;

import static systems.Stories.expect;
import static systems.Stories.expectSame;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Works on a database by JDBC. Each argument is {@code <variant>=<url>}; every variant plays all
 * stories in tables of its own.
 */
public final class Jdbc {
  private static final int ROWS = 20_000;
  private static final int LARGE = 12 << 20;
  private static final int WORKERS = 8;
  private static final int ROUNDS = 10;

  private final String url;
  private final String prefix;

  private Jdbc(String url, String prefix) {
    this.url = url;
    this.prefix = prefix;
  }

  /** Prints {@code ready}, the stories and {@code done}. */
  public static void main(String[] args) throws IOException, SQLException {
    System.out.println("ready");
    List<Connection> idle = new ArrayList<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      Jdbc jdbc = new Jdbc(arg.substring(equals + 1), arg.substring(0, equals) + "_");
      jdbc.playAll();
      idle.add(jdbc.open());
    }
    Stories.awaitFarewell();
    for (Connection connection : idle) {
      connection.close();
    }
  }

  private void playAll() {
    Stories stories = new Stories(prefix);
    stories.play("batchesAreStoredWhole", this::batchesAreStoredWhole);
    stories.play("largeResultsArriveWhole", this::largeResultsArriveWhole);
    stories.play("largeObjectsComeBackUnchanged", this::largeObjectsComeBackUnchanged);
    stories.play("aRollbackLeavesNothing", this::aRollbackLeavesNothing);
    stories.play("concurrentTransactionsLoseNothing", this::concurrentTransactionsLoseNothing);
    stories.play("aRunningStatementIsCancelled", this::aRunningStatementIsCancelled);
  }

  private void batchesAreStoredWhole() throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      statement.execute("create table " + prefix + "item (id int primary key, name varchar(100))");
      try (PreparedStatement insert =
          connection.prepareStatement("insert into " + prefix + "item values (?, ?)")) {
        for (int i = 0; i < ROWS; i++) {
          insert.setInt(1, i);
          insert.setString(2, "name of " + i);
          insert.addBatch();
        }
        expect(ROWS, insert.executeBatch().length);
      }
      expect((long) ROWS, number(statement, "select count(distinct name) from " + prefix + "item"));
    }
  }

  private void largeResultsArriveWhole() throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery("select id, name from " + prefix + "item order by id")) {
      int expected = 0;
      while (rows.next()) {
        expect(expected, rows.getInt(1));
        expect("name of " + expected, rows.getString(2));
        expected++;
      }
      expect(ROWS, expected);
    }
  }

  private void largeObjectsComeBackUnchanged() throws SQLException, IOException {
    byte[] content = new byte[LARGE];
    new Random(42).nextBytes(content);
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      statement.execute("create table " + prefix + "blob (id int primary key, content blob)");
      try (PreparedStatement insert =
          connection.prepareStatement("insert into " + prefix + "blob values (1, ?)")) {
        insert.setBinaryStream(1, new ByteArrayInputStream(content), content.length);
        insert.executeUpdate();
      }
      try (ResultSet row = statement.executeQuery("select content from " + prefix + "blob")) {
        row.next();
        try (InputStream in = row.getBinaryStream(1)) {
          expectSame(content, in.readAllBytes());
        }
      }
    }
  }

  private void aRollbackLeavesNothing() throws SQLException {
    try (Connection writer = open();
        Connection reader = open();
        Statement write = writer.createStatement();
        Statement read = reader.createStatement()) {
      write.execute("create table " + prefix + "entry (id int)");
      writer.setAutoCommit(false);
      write.executeUpdate("insert into " + prefix + "entry select x from system_range(1, 1000)");
      expect(1000L, number(write, "select count(*) from " + prefix + "entry"));
      expect(0L, number(read, "select count(*) from " + prefix + "entry"));
      writer.rollback();
      expect(0L, number(write, "select count(*) from " + prefix + "entry"));
    }
  }

  /** Each round on a new connection: opening is what a mesh makes dearer. */
  private void concurrentTransactionsLoseNothing() throws Exception {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      statement.execute("create table " + prefix + "counter (n bigint)");
      statement.execute("insert into " + prefix + "counter values (0)");
      ExecutorService threads = Executors.newFixedThreadPool(WORKERS);
      List<Future<?>> workers = new ArrayList<>();
      for (int i = 0; i < WORKERS; i++) {
        workers.add(
            threads.submit(
                () -> {
                  for (int round = 0; round < ROUNDS; round++) {
                    increment();
                  }
                  return null;
                }));
      }
      for (Future<?> worker : workers) {
        worker.get();
      }
      threads.shutdown();
      expect((long) WORKERS * ROUNDS, number(statement, "select n from " + prefix + "counter"));
    }
  }

  private void increment() throws SQLException {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      connection.setAutoCommit(false);
      statement.execute("set lock_timeout 20000");
      long n = number(statement, "select n from " + prefix + "counter for update");
      statement.executeUpdate("update " + prefix + "counter set n = " + (n + 1));
      connection.commit();
    }
  }

  /** The driver cancels by a second connection while the first waits for its answer. */
  private void aRunningStatementIsCancelled() throws Exception {
    try (Connection connection = open();
        Statement statement = connection.createStatement()) {
      Thread cancel =
          new Thread(
              () -> {
                try {
                  while (!Thread.currentThread().isInterrupted()) {
                    statement.cancel(); // of no effect before it runs
                    Thread.sleep(20);
                  }
                } catch (SQLException | InterruptedException ended) {
                  // the statement has been cancelled
                }
              });
      cancel.start();
      try {
        number(statement, "select max(x * sin(x)) from system_range(1, 100000000000)");
        throw new AssertionError("was not cancelled");
      } catch (SQLException e) {
        expect(57014, Integer.parseInt(e.getSQLState()));
      } finally {
        cancel.interrupt();
        cancel.join();
      }
    }
  }

  private Connection open() throws SQLException {
    return DriverManager.getConnection(url, "sa", "");
  }

  private static long number(Statement statement, String query) throws SQLException {
    try (ResultSet row = statement.executeQuery(query)) {
      row.next();
      return row.getLong(1);
    }
  }
}
