package dev.weft.it.chaos;

import static dev.weft.it.chaos.Hurt.Kind.KILL;
import static dev.weft.it.chaos.Hurt.Kind.PAUSE;
import static dev.weft.it.chaos.Hurt.Kind.SERVER;

import dev.weft.server.demo.LocalMesh;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/**
 * Does harm, of every kind in turn, to one instance of a service at a time: its twin is well, so
 * the policy says what is allowed. An instance is well again when somebody has called it.
 */
final class Conductor implements AutoCloseable {
  private static final int BEAT_MILLIS = 1200;
  private static final int WELL_AGAIN_MILLIS = 500;

  private final LocalMesh mesh;
  private final List<Instance> instances;
  private final Random dice;
  private final Set<String> unwell = Collections.synchronizedSet(new HashSet<>());
  private final List<Hurt> done = new CopyOnWriteArrayList<>();
  private final List<Future<?>> started = new ArrayList<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final ExecutorService hands = Executors.newCachedThreadPool();

  /** Harms those of {@code instances} that have a twin. */
  Conductor(LocalMesh mesh, List<Instance> instances, long seed) {
    this.mesh = mesh;
    this.instances = instances.stream().filter(each -> each.member().harmable()).toList();
    this.dice = new Random(seed);
  }

  /** Conducts for so long, then waits until everybody is well. */
  void play(long seconds) throws InterruptedException, ExecutionException {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
    List<Hurt.Kind> deck = new ArrayList<>();
    while (System.nanoTime() - end < 0) {
      if (deck.isEmpty()) {
        // Without the config server no policy changes, so it dies half as often as others.
        deck.addAll(EnumSet.allOf(Hurt.Kind.class));
        deck.addAll(EnumSet.complementOf(EnumSet.of(SERVER)));
        Collections.shuffle(deck, dice);
      }
      deal(deck);
      pause(BEAT_MILLIS);
      for (Future<?> each : started) {
        if (each.isDone()) {
          each.get(); // what has failed ends the storm
        }
      }
    }
    over.countDown();
    for (Future<?> each : started) {
      each.get();
    }
  }

  private void deal(List<Hurt.Kind> deck) {
    Hurt.Kind kind = deck.get(deck.size() - 1);
    int millis = kind == KILL ? dice.nextInt(1500) : 500 + dice.nextInt(2500);
    Instance victim = instances.get(dice.nextInt(instances.size()));
    boolean coin = dice.nextBoolean();
    String whose = kind == SERVER ? "" : victim.member().service();
    if (unwell.add(whose)) {
      deck.remove(deck.size() - 1);
      started.add(hands.submit(() -> hurt(kind, whose, victim, millis, coin)));
    }
  }

  private Void hurt(Hurt.Kind kind, String whose, Instance victim, int millis, boolean coin)
      throws Exception {
    long from = System.nanoTime();
    switch (kind) {
      case KILL -> {
        victim.kill(coin);
        pause(millis);
        victim.start();
        victim.awaitStart();
      }
      case PAUSE -> {
        victim.signal("STOP");
        pause(millis);
        victim.signal("CONT");
      }
      case SERVER -> {
        mesh.killServer();
        pause(millis);
        mesh.startServer();
      }
      default -> {
        victim.tell("harm " + kind + " " + (100 + millis / 2) + " " + (coin ? 100 : 50));
        pause(millis);
        victim.tell("harm NONE 0 0");
      }
    }
    if (kind == KILL) {
      Awaitility.await(victim.member().name() + " serves again")
          .atMost(Instance.PATIENCE)
          .until(victim::hasServed);
    }
    String member = kind == SERVER ? "" : victim.member().name();
    done.add(new Hurt(kind, whose, member, from, System.nanoTime()));
    pause(WELL_AGAIN_MILLIS);
    unwell.remove(whose);
    return null;
  }

  /** Ends early when the storm does. */
  private void pause(int millis) throws InterruptedException {
    over.await(millis, TimeUnit.MILLISECONDS);
  }

  /** What was done. */
  List<Hurt> done() {
    return List.copyOf(done);
  }

  @Override
  public void close() {
    hands.shutdownNow();
  }
}
