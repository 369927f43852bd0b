package dev.weft.benchmarks.wire.app;

import dev.weft.benchmarks.ground.app.Commands;
import dev.weft.benchmarks.ground.app.Latencies;
import dev.weft.benchmarks.ground.app.Schedule;

/** What the client of one stack can do to its server. Called by one thread. */
interface LoadClient {
  /** One request on a connection of its own, closed afterwards. */
  void once() throws Exception;

  /** Sends each request when it is due, or as soon as a connection is free. */
  Latencies openLoop(Schedule schedule, int connections) throws Exception;

  /**
   * Each connection asks again as soon as it is answered.
   *
   * @return how many answers came in that time
   */
  long closedLoop(String path, int connections, long nanos) throws Exception;

  /**
   * Opens a connection for every request, and closes it.
   *
   * @param parallel how many at a time
   * @return how many were opened and answered in that time
   */
  long fresh(int parallel, long nanos) throws Exception;

  /** Opens connections, sends one request on each and keeps them; zero closes them. */
  void idle(int connections) throws Exception;

  /** Serves the launcher. */
  default void serve() throws java.io.IOException {
    new Commands()
        .on(
            "once",
            arguments -> {
              long start = System.nanoTime();
              once();
              return "millis=" + (System.nanoTime() - start) / 1e6;
            })
        .on(
            "open",
            arguments ->
                openLoop(
                        Schedule.poisson(
                            Double.parseDouble(arguments.get(0)),
                            nanos(arguments.get(1)),
                            Long.parseLong(arguments.get(2))),
                        Integer.parseInt(arguments.get(3)))
                    .answer())
        .on(
            "closed",
            arguments ->
                timed(
                    () ->
                        closedLoop(
                            Content.SMALL,
                            Integer.parseInt(arguments.get(1)),
                            nanos(arguments.get(0)))))
        .on(
            "bulk",
            arguments ->
                timed(
                    () ->
                        closedLoop(
                            Content.BULK,
                            Integer.parseInt(arguments.get(1)),
                            nanos(arguments.get(0)))))
        .on(
            "fresh",
            arguments ->
                timed(() -> fresh(Integer.parseInt(arguments.get(1)), nanos(arguments.get(0)))))
        .on(
            "idle",
            arguments -> {
              idle(Integer.parseInt(arguments.get(0)));
              return "";
            })
        .serve("ready=true");
  }

  private static String timed(java.util.concurrent.Callable<Long> load) throws Exception {
    long start = System.nanoTime();
    long count = load.call();
    return "count=" + count + " seconds=" + (System.nanoTime() - start) / 1e9;
  }

  private static long nanos(String seconds) {
    return (long) (Double.parseDouble(seconds) * 1e9);
  }
}
