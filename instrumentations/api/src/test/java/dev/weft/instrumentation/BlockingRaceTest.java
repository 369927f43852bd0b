package dev.weft.instrumentation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.weft.instrumentation.testing.FakeClientMesh;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whose answer a caller gets, and what becomes of the others. */
@Timeout(30)
class BlockingRaceTest {
  private final List<Scripted> rivals = new CopyOnWriteArrayList<>();
  private final BlockingRace<String, RuntimeException> race =
      new BlockingRace<>(
          new OneRival(),
          Duration.ofMillis(1),
          running -> {
            Scripted rival = new Scripted();
            rivals.add(rival);
            return rival;
          });
  private final Scripted own = new Scripted();

  private static Attempt attempt() {
    return new Attempt(
        FakeClientMesh.address(80),
        List.of(),
        Duration.ZERO,
        Optional.empty(),
        Duration.ofSeconds(1));
  }

  /** The caller, once a rival is under way. */
  private CompletableFuture<String> raced() {
    Attempt first = attempt();
    CompletableFuture<String> answer = running(first);
    race.sent(first);
    await().until(() -> !rivals.isEmpty());
    return answer;
  }

  private CompletableFuture<String> running(Attempt first) {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                answer.complete(race.run(own, first, () -> {}));
              } catch (Throwable t) {
                answer.completeExceptionally(t);
              }
            });
    caller.setDaemon(true);
    caller.start();
    return answer;
  }

  @Test
  void anAnswerInTimeTakesNoThread() throws Exception {
    Attempt first = attempt();
    CompletableFuture<String> answer = running(first);
    Limit rival = race.sent(first);
    rival.cancel();

    own.ends("own");

    assertThat(answer.get()).isEqualTo("own");
    assertThat(race.over()).isTrue();
  }

  @Test
  void aRivalThatAnswersBreaksTheCallersAttemptOff() throws Exception {
    CompletableFuture<String> answer = raced();

    rivals.get(0).ends("rival");

    assertThat(answer.get()).isEqualTo("rival");
    assertThat(own.brokenOff()).isTrue();
    assertThat(rivals.get(0).brokenOff()).isFalse();
  }

  @Test
  void aRivalHasADaemonThreadThatTheWireLayerDoesNotTakeForTheAgents() throws Exception {
    CompletableFuture<String> answer = raced();

    Thread thread = rivals.get(0).thread.get();

    assertThat(thread.isDaemon()).isTrue();
    assertThat(thread.getThreadGroup().getParent()).isNull();
    assertThat(thread.getContextClassLoader()).isSameAs(getClass().getClassLoader());
    rivals.get(0).ends("rival");
    answer.get();
  }

  @Test
  void anAnswerOfTheCallersOwnBreaksTheRivalOff() throws Exception {
    CompletableFuture<String> answer = raced();

    own.ends("own");

    assertThat(answer.get()).isEqualTo("own");
    await().until(() -> rivals.get(0).brokenOff());
    assertThat(own.brokenOff()).isFalse();
  }

  @Test
  void aFailureThatDecidesIsTheCallers() {
    CompletableFuture<String> answer = raced();

    rivals.get(0).fails(new IOException("refused"));

    assertThatThrownBy(answer::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseMessage("refused");
    assertThat(own.brokenOff()).isTrue();
  }

  @Test
  void whatEndsItFromOutsideBreaksAllOff() {
    CompletableFuture<String> answer = raced();

    assertThat(race.fail(new IOException("Canceled"))).isTrue();

    assertThatThrownBy(answer::get).hasRootCauseMessage("Canceled");
    assertThat(own.brokenOff()).isTrue();
    await().until(() -> rivals.get(0).brokenOff());
    assertThat(race.fail(new IOException("again"))).isFalse();
  }

  @Test
  void anAnswerThatComesTooLateIsDiscarded() {
    CompletableFuture<String> answer = raced();
    Scripted rival = rivals.get(0);
    rival.stubborn = true;
    race.fail(new IOException("Canceled"));

    rival.ends("late");

    assertThatThrownBy(answer::get).hasRootCauseMessage("Canceled");
    await().until(() -> rival.discarded.contains("late"));
  }

  @Test
  void aCallerThatGivesUpWaitingBreaksTheRivalOff() {
    Attempt first = attempt();
    own.ends(null);
    race.sent(first);
    await().until(() -> !rivals.isEmpty());

    assertThatThrownBy(
            () ->
                race.run(
                    own,
                    first,
                    () -> {
                      throw new InterruptedIOException("interrupted");
                    }))
        .isInstanceOf(InterruptedIOException.class);

    await().until(() -> rivals.get(0).brokenOff());
  }

  /** Does what the test says, when it says so. */
  private static final class Scripted implements BlockingRace.Contender<String, RuntimeException> {
    private final CompletableFuture<@Nullable String> end = new CompletableFuture<>();
    private final CompletableFuture<Thread> thread = new CompletableFuture<>();
    private final CountDownLatch broken = new CountDownLatch(1);
    private final List<String> discarded = new CopyOnWriteArrayList<>();
    private volatile boolean stubborn;

    void ends(@Nullable String answer) {
      end.complete(answer);
    }

    void fails(IOException failure) {
      end.completeExceptionally(failure);
    }

    boolean brokenOff() {
      return broken.getCount() == 0;
    }

    @Override
    public @Nullable String run(Step first) throws IOException {
      thread.complete(Thread.currentThread());
      try {
        return end.get();
      } catch (ExecutionException e) {
        throw (IOException) e.getCause();
      } catch (InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    @Override
    public void breakOff() {
      broken.countDown();
      if (!stubborn) {
        end.complete(null);
      }
    }

    @Override
    public void discard(String answer) {
      discarded.add(answer);
    }
  }

  /** Grants one rival. */
  private static final class OneRival implements ClientExchange {
    private boolean granted;

    @Override
    public synchronized @Nullable Attempt hedge(Attempt unanswered) {
      if (granted) {
        return null;
      }
      granted = true;
      return attempt();
    }

    @Override
    public Step first() {
      return attempt();
    }

    @Override
    public @Nullable Step retry(Attempt attempt, Throwable failure, Progress progress) {
      return null;
    }

    @Override
    public Optional<Duration> remaining() {
      return Optional.empty();
    }

    @Override
    public boolean expired() {
      return false;
    }

    @Override
    public String timeoutMessage() {
      return "";
    }

    @Override
    public Verdict responded(Attempt attempt, int status, Headers headers) {
      return Deliver.UNCHANGED;
    }

    @Override
    public void end(@Nullable Throwable failure) {}
  }
}
