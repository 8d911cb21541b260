package dev.waybill.eventlog;

import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * A cell: up to some 10,000 nodes whose facts are one total order.
 *
 * @param name for example {@code local}
 * @param number its partition of every topic but the assignments
 * @param assignmentPartitions over how many partitions the nodes' assignments are laid
 */
public record Cell(String name, int number, int assignmentPartitions) {
  /** The one cell of the embedded platform. */
  public static final Cell LOCAL = new Cell("local", 0, 4);

  /** The source attribute of a part of this cell, for example {@code /cells/local/scheduling}. */
  public String source(String part) {
    return "/cells/" + name + "/" + part;
  }

  /** How many partitions a topic has. */
  public int partitions(Topic topic) {
    return topic == Topic.ASSIGNMENTS ? assignmentPartitions : number + 1;
  }

  /** The partition that holds a node's assignments. */
  public int partitionOfNode(String nodeId) {
    var crc = new CRC32C();
    crc.update(nodeId.getBytes(StandardCharsets.UTF_8));
    return (int) (crc.getValue() % assignmentPartitions);
  }

  /** The partition that a payload goes to: its node's for an assignment, else the cell's. */
  public Partition partitionOf(Topic topic, Message payload) {
    if (topic != Topic.ASSIGNMENTS) {
      return new Partition(topic, number);
    }
    FieldDescriptor node = payload.getDescriptorForType().findFieldByName("node_id");
    if (node == null) {
      throw new IllegalStateException(
          "an assignment must name its node: " + payload.getDescriptorForType().getFullName());
    }
    return new Partition(topic, partitionOfNode((String) payload.getField(node)));
  }

  /** The record's key. */
  public String key(String subject) {
    return name + "/" + subject;
  }
}
