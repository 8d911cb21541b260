package dev.waybill.contracts;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import java.util.Locale;

/**
 * The log as an AsyncAPI document: channels are topics, messages are events, operations are who
 * sends and who receives.
 *
 * @see <a href="https://www.asyncapi.com/docs/reference/specification/v3.0.0">AsyncAPI 3.0</a>
 */
final class AsyncApi {
  private static final String[][] HEADERS = {
    {"ce_specversion", "CloudEvents version.", "required"},
    {"ce_id", "Identifies the event: UUIDv7 for causes from outside, derived else.", "required"},
    {"ce_source", "The writer, with its cell.", "required"},
    {"ce_type", "Full name of the payload's message.", "required"},
    {"ce_subject", "The aggregate that it is about.", "required"},
    {"ce_time", "When it happened, RFC 3339.", "required"},
    {"ce_correlationid", "The request that began it all.", "required"},
    {"ce_causationid", "The event that directly caused it; absent on first causes.", ""},
    {"ce_actor", "Who asked.", "required"},
    {"ce_traceparent", "W3C trace context of the work that wrote it.", ""},
    {"ce_sequence", "Gapless per source.", "required"},
    {"ce_inputs", "Offsets that a decider had consumed, per input partition.", ""},
    {"ce_deciderversion", "Version of the decider; absent on what none decided.", ""},
  };

  private final CompiledContracts contracts = new CompiledContracts();
  private final ObjectNode document = JsonNodeFactory.instance.objectNode();

  ObjectNode document() {
    document.put("asyncapi", "3.0.0");
    document
        .putObject("info")
        .put("title", "Waybill's log")
        .put("version", "1")
        .put(
            "description",
            "CloudEvents 1.0 in Kafka's binary mode with Protobuf payloads. Generated from the"
                + " contracts: change those, then run their tests with -Dgolden.update.");
    document.put("defaultContentType", "application/protobuf");
    channels();
    operations();
    components();
    return document;
  }

  private static String id(Topic topic) {
    return topic.name().toLowerCase(Locale.ROOT);
  }

  private static Iterable<EventType> types(Topic topic) {
    return EventCatalog.all().stream().filter(type -> type.topic() == topic)::iterator;
  }

  private void channels() {
    ObjectNode channels = document.putObject("channels");
    for (Topic topic : Topic.values()) {
      ObjectNode channel = channels.putObject(id(topic));
      channel.put("address", topic.topicName());
      channel.put(
          "description",
          topic.keeping() == Topic.Keeping.FOR_GOOD
              ? "Every record for ever."
              : "The newest record of each key.");
      ObjectNode messages = channel.putObject("messages");
      for (EventType type : types(topic)) {
        messages.putObject(type.simpleName()).put("$ref", "#/components/messages/" + type.name());
      }
      channel
          .putObject("bindings")
          .putObject("kafka")
          .put("topic", topic.topicName())
          .putObject("topicConfiguration")
          .putArray("cleanup.policy")
          .add(topic.keeping() == Topic.Keeping.FOR_GOOD ? "delete" : "compact");
    }
  }

  private void operations() {
    ObjectNode operations = document.putObject("operations");
    for (Topic topic : Topic.values()) {
      operation(operations, topic, "send", topic.writers());
      operation(operations, topic, "receive", topic.readers());
    }
  }

  private static void operation(
      ObjectNode operations, Topic topic, String action, String services) {
    for (String service : services.split(", ")) {
      ObjectNode operation = operations.putObject("%s.%s.%s".formatted(service, action, id(topic)));
      operation.put("action", action);
      operation.putObject("channel").put("$ref", "#/channels/" + id(topic));
      operation.putArray("tags").addObject().put("name", service);
    }
  }

  private void components() {
    ObjectNode components = document.putObject("components");
    ObjectNode messages = components.putObject("messages");
    for (EventType type : EventCatalog.all()) {
      Descriptor descriptor = type.prototype().getDescriptorForType();
      ObjectNode message = messages.putObject(type.name());
      message.put("name", type.name());
      message.put("summary", contracts.comment(descriptor).replace("\n", " "));
      message.put("contentType", "application/protobuf");
      message.putObject("headers").put("$ref", "#/components/schemas/CloudEvent");
      ObjectNode payload = message.putObject("payload");
      payload.put("schemaFormat", "application/vnd.google.protobuf;version=3");
      // An own keyword: the document names the message, contracts.desc beside it holds its schema.
      payload.put("schema", "contracts.desc#" + type.name());
      message.put("x-subject", type.subjectPattern());
      if (type.observation()) {
        message.put("x-observation", true);
      }
    }
    headers(components.putObject("schemas").putObject("CloudEvent"));
  }

  private static void headers(ObjectNode schema) {
    schema.put("type", "object");
    ObjectNode properties = schema.putObject("properties");
    for (String[] header : HEADERS) {
      properties.putObject(header[0]).put("type", "string").put("description", header[1]);
    }
    properties.putObject("content-type").put("type", "string").put("const", "application/protobuf");
    var required = schema.putArray("required");
    for (String[] header : HEADERS) {
      if (!header[2].isEmpty()) {
        required.add(header[0]);
      }
    }
  }
}
