package dev.waybill.contracts;

import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.Parser;
import dev.waybill.contracts.event.EventOptions;
import dev.waybill.contracts.event.EventProto;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One type of event, as its message in {@code contracts/} declares it.
 *
 * @param name the CloudEvents type, which is the message's full name: {@code
 *     waybill.node.v1.ContainerStarted}
 * @param topic the one topic that holds it
 * @param observation made at a decider's edge (a clock, a pulse) and read again by that decider
 */
public record EventType(
    String name, Topic topic, boolean observation, String subjectPattern, Message prototype) {
  private static final Pattern FIELD = Pattern.compile("\\{(\\w+)}");

  static EventType of(Message prototype) {
    EventOptions options =
        prototype.getDescriptorForType().getOptions().getExtension(EventProto.event);
    return new EventType(
        prototype.getDescriptorForType().getFullName(),
        Topic.of(options.getTopic()),
        options.getObservation(),
        options.getSubject(),
        prototype);
  }

  static boolean isEvent(Descriptor descriptor) {
    return descriptor.getOptions().hasExtension(EventProto.event);
  }

  /** The name without its package: {@code ContainerStarted}. */
  public String simpleName() {
    return prototype.getDescriptorForType().getName();
  }

  /** The CloudEvents subject of a message of this type, for example {@code container/4f2a…}. */
  public String subject(Message message) {
    Matcher fields = FIELD.matcher(subjectPattern);
    return fields.replaceAll(
        match -> Matcher.quoteReplacement(field(message, match.group(1)).toString()));
  }

  private static Object field(Message message, String name) {
    FieldDescriptor field = message.getDescriptorForType().findFieldByName(name);
    if (field == null) {
      throw new IllegalStateException(
          "subject of " + message.getDescriptorForType().getFullName() + " names field " + name);
    }
    return message.getField(field);
  }

  /**
   * Reads a payload of this type.
   *
   * @throws InvalidProtocolBufferException if the bytes aren't such a message
   */
  public Message parse(byte[] payload) throws InvalidProtocolBufferException {
    Parser<? extends Message> parser = prototype.getParserForType();
    return parser.parseFrom(payload);
  }
}
