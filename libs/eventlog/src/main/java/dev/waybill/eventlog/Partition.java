package dev.waybill.eventlog;

import dev.waybill.contracts.Topic;

/** One totally ordered part of a topic; partition numbers count from 0. */
public record Partition(Topic topic, int number) implements Comparable<Partition> {
  /** Reads {@code topic/number}; the inverse of {@link #toString()}. */
  public static Partition parse(String text) {
    int slash = text.indexOf('/');
    return new Partition(
        Topic.of(text.substring(0, slash)), Integer.parseInt(text.substring(slash + 1)));
  }

  @Override
  public int compareTo(Partition other) {
    int byTopic = topic.compareTo(other.topic);
    return byTopic != 0 ? byTopic : Integer.compare(number, other.number);
  }

  @Override
  public String toString() {
    return topic.topicName() + "/" + number;
  }
}
