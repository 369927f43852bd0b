package systems;

import static systems.Stories.expect;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * Works on Kafka. Each argument is {@code <variant>=<bootstrap servers>}; every variant has topics
 * of its own. {@code MARKER} is part of each record. A variant whose name starts with {@code brief}
 * plays only what moves the most bytes.
 */
public final class KafkaClient {
  private static final String MARKER = System.getenv().getOrDefault("MARKER", "a record");
  private static final int RECORDS = 20_000;
  private static final int LARGE = 800_000;
  private static final int LARGE_RECORDS = 10;
  private static final int PARTITIONS = 4;
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String servers;
  private final String prefix;

  private KafkaClient(String servers, String prefix) {
    this.servers = servers;
    this.prefix = prefix;
  }

  /** Prints {@code ready}, the stories and {@code done}. */
  public static void main(String[] args) throws IOException {
    System.out.println("ready");
    List<KafkaConsumer<String, String>> idle = new ArrayList<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      KafkaClient client = new KafkaClient(arg.substring(equals + 1), arg.substring(0, equals));
      client.playAll();
      KafkaConsumer<String, String> consumer = client.consumer("idle");
      consumer.subscribe(List.of(client.prefix + "-small"));
      consumer.poll(Duration.ofSeconds(1));
      idle.add(consumer);
    }
    Stories.awaitFarewell();
    idle.forEach(KafkaConsumer::close);
  }

  private void playAll() {
    Stories stories = new Stories(prefix + "_");
    stories.play("topicsAreCreated", this::topicsAreCreated);
    stories.play("largeRecordsArriveUnchanged", this::largeRecordsArriveUnchanged);
    if (prefix.startsWith("brief")) {
      return;
    }
    stories.play("everyRecordArrivesInOrder", this::everyRecordArrivesInOrder);
    stories.play("anAbortedTransactionIsNotRead", this::anAbortedTransactionIsNotRead);
  }

  private void topicsAreCreated() throws Exception {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", servers))) {
      admin
          .createTopics(
              List.of(
                  new NewTopic(prefix + "-small", PARTITIONS, (short) 1),
                  new NewTopic(prefix + "-large", 1, (short) 1),
                  new NewTopic(prefix + "-transactions", 1, (short) 1)))
          .all()
          .get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      expect(1, admin.describeCluster().nodes().get().size());
    }
  }

  private void everyRecordArrivesInOrder() throws Exception {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      List<Future<RecordMetadata>> sent = new ArrayList<>();
      for (int i = 0; i < RECORDS; i++) {
        sent.add(
            producer.send(
                new ProducerRecord<>(
                    prefix + "-small", i % PARTITIONS, null, MARKER + " " + i / PARTITIONS)));
      }
      for (Future<RecordMetadata> one : sent) {
        one.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
      }
    }
    int[] next = new int[PARTITIONS];
    for (ConsumerRecord<String, String> record : read("-small", RECORDS)) {
      expect(MARKER + " " + next[record.partition()]++, record.value());
    }
  }

  private void largeRecordsArriveUnchanged() throws Exception {
    try (KafkaProducer<String, String> producer = producer(Map.of())) {
      for (int i = 0; i < LARGE_RECORDS; i++) {
        producer.send(new ProducerRecord<>(prefix + "-large", large(i))).get();
      }
    }
    int i = 0;
    for (ConsumerRecord<String, String> record : read("-large", LARGE_RECORDS)) {
      expect(true, large(i++).equals(record.value()));
    }
  }

  private void anAbortedTransactionIsNotRead() throws Exception {
    String topic = prefix + "-transactions";
    try (KafkaProducer<String, String> producer =
        producer(Map.of("transactional.id", prefix, "transaction.timeout.ms", 60_000))) {
      producer.initTransactions();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "aborted")).get();
      producer.abortTransaction();
      producer.beginTransaction();
      producer.send(new ProducerRecord<>(topic, "committed")).get();
      producer.commitTransaction();
    }
    expect("committed", read("-transactions", 1).get(0).value());
  }

  private List<ConsumerRecord<String, String>> read(String topic, int count) {
    List<ConsumerRecord<String, String>> found = new ArrayList<>();
    try (KafkaConsumer<String, String> consumer = consumer("reader" + topic)) {
      consumer.subscribe(List.of(prefix + topic));
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (found.size() < count && System.nanoTime() < deadline) {
        consumer.poll(Duration.ofMillis(200)).forEach(found::add);
      }
    }
    expect(count, found.size());
    return found;
  }

  private KafkaProducer<String, String> producer(Map<String, Object> more) {
    Map<String, Object> config = new HashMap<>(more);
    config.put("bootstrap.servers", servers);
    config.put("linger.ms", 2);
    return new KafkaProducer<>(config, new StringSerializer(), new StringSerializer());
  }

  private KafkaConsumer<String, String> consumer(String group) {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            servers,
            "group.id",
            prefix + "-" + group,
            "auto.offset.reset",
            "earliest",
            "isolation.level",
            "read_committed"),
        new StringDeserializer(),
        new StringDeserializer());
  }

  private static String large(int i) {
    String line = MARKER + " large " + i + "\n";
    return line.repeat(LARGE / line.length());
  }
}
