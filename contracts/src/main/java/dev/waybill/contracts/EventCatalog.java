package dev.waybill.contracts;

import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FileDescriptor;
import com.google.protobuf.Message;
import dev.waybill.contracts.assignment.AssignmentProto;
import dev.waybill.contracts.audit.AuditProto;
import dev.waybill.contracts.container.ContainerProto;
import dev.waybill.contracts.event.EventProto;
import dev.waybill.contracts.image.ImageProto;
import dev.waybill.contracts.network.NetworkProto;
import dev.waybill.contracts.node.NodeProto;
import dev.waybill.contracts.registry.RegistryProto;
import dev.waybill.contracts.snapshot.SnapshotProto;
import dev.waybill.contracts.spec.SpecProto;
import dev.waybill.contracts.workload.WorkloadProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/** Every event type there is, found in the compiled contracts: nothing to register by hand. */
public final class EventCatalog {
  private static final List<FileDescriptor> FILES =
      List.of(
          EventProto.getDescriptor(),
          SpecProto.getDescriptor(),
          WorkloadProto.getDescriptor(),
          ImageProto.getDescriptor(),
          RegistryProto.getDescriptor(),
          ContainerProto.getDescriptor(),
          NetworkProto.getDescriptor(),
          NodeProto.getDescriptor(),
          AssignmentProto.getDescriptor(),
          AuditProto.getDescriptor(),
          SnapshotProto.getDescriptor());

  private static final SortedMap<String, EventType> TYPES = types();

  private EventCatalog() {}

  private static SortedMap<String, EventType> types() {
    var types = new TreeMap<String, EventType>();
    for (FileDescriptor file : FILES) {
      for (Descriptor descriptor : file.getMessageTypes()) {
        if (EventType.isEvent(descriptor)) {
          types.put(descriptor.getFullName(), EventType.of(prototype(file, descriptor)));
        }
      }
    }
    return types;
  }

  /** The generated class's default instance, so that parsing gives typed messages. */
  private static Message prototype(FileDescriptor file, Descriptor descriptor) {
    String className = file.getOptions().getJavaPackage() + "." + descriptor.getName();
    try {
      return (Message) Class.forName(className).getMethod("getDefaultInstance").invoke(null);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("no generated class for " + descriptor.getFullName(), e);
    }
  }

  /** All contract files, for publishing beside the log and for the compatibility check. */
  public static List<FileDescriptor> files() {
    return FILES;
  }

  /** All event types, sorted by name. */
  public static Collection<EventType> all() {
    return TYPES.values();
  }

  /** The type by its full name; empty for one that a newer writer knows and we don't. */
  public static Optional<EventType> find(String typeName) {
    return Optional.ofNullable(TYPES.get(typeName));
  }

  /**
   * The type of a message.
   *
   * @throws IllegalArgumentException if the message isn't an event
   */
  public static EventType typeOf(Message message) {
    String name = message.getDescriptorForType().getFullName();
    return find(name).orElseThrow(() -> new IllegalArgumentException("not an event: " + name));
  }

  /**
   * The payload's canonical bytes: map entries sorted by key, so that equal messages are equal
   * bytes.
   */
  public static byte[] encode(Message message) {
    byte[] bytes = new byte[message.getSerializedSize()];
    CodedOutputStream out = CodedOutputStream.newInstance(bytes);
    out.useDeterministicSerialization();
    try {
      message.writeTo(out);
      out.checkNoSpaceLeft();
    } catch (IOException e) {
      throw new UncheckedIOException("an array of the exact size took no message", e);
    }
    return bytes;
  }
}
