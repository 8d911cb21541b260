package dev.waybill.contracts;

import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Descriptors.Descriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import dev.waybill.contracts.api.ApiProto;
import dev.waybill.contracts.runner.v1.StatsResponse;
import java.nio.file.Path;
import java.util.TreeMap;

/**
 * The platform API as an OpenAPI document: routes as written by hand, and the schemas of request
 * bodies from their messages, in Protobuf's JSON form.
 */
final class OpenApi {
  private static final Path ROUTES = Path.of("src/test/resources/openapi/routes.yaml");

  private final CompiledContracts contracts = new CompiledContracts();
  private final TreeMap<String, Descriptor> messages = new TreeMap<>();

  ObjectNode document() {
    ObjectNode document = (ObjectNode) YamlText.read(ROUTES);
    ApiProto.getDescriptor().getMessageTypes().forEach(this::collect);
    collect(StatsResponse.getDescriptor());
    ObjectNode schemas = (ObjectNode) document.at("/components/schemas");
    messages.forEach(
        (name, message) -> {
          if (schemas.has(name)) {
            throw new IllegalStateException("two schemas named " + name + ", rename the answer's");
          }
          describe(message, schemas.putObject(name));
        });
    return document;
  }

  private void collect(Descriptor message) {
    Descriptor earlier = messages.put(message.getName(), message);
    if (earlier != null) {
      if (!earlier.equals(message)) {
        throw new IllegalStateException("two messages named " + message.getName());
      }
      return;
    }
    for (FieldDescriptor field : message.getFields()) {
      FieldDescriptor held = held(field);
      if (held.getJavaType() == FieldDescriptor.JavaType.MESSAGE) {
        collect(held.getMessageType());
      }
    }
  }

  /** A map's values, or the field itself. */
  private static FieldDescriptor held(FieldDescriptor field) {
    return field.isMapField() ? field.getMessageType().findFieldByNumber(2) : field;
  }

  private void describe(Descriptor message, ObjectNode schema) {
    schema.put("type", "object");
    schema.put("description", contracts.comment(message).replace("\n", " "));
    // Unknown fields are refused by name.
    schema.put("additionalProperties", false);
    ObjectNode properties = schema.putObject("properties");
    for (FieldDescriptor field : message.getFields()) {
      ObjectNode property = properties.putObject(field.getJsonName());
      ObjectNode value = property;
      if (field.isMapField()) {
        property.put("type", "object");
        value = property.putObject("additionalProperties");
      } else if (field.isRepeated()) {
        property.put("type", "array");
        value = property.putObject("items");
      }
      value(held(field), value);
      property.put("description", contracts.comment(field).replace("\n", " "));
    }
  }

  private static void value(FieldDescriptor field, ObjectNode schema) {
    switch (field.getJavaType()) {
      case STRING -> schema.put("type", "string");
      case BOOLEAN -> schema.put("type", "boolean");
      case FLOAT, DOUBLE -> schema.put("type", "number");
      case INT -> integer(field, schema.put("type", "integer"));
      case LONG -> {
        // Protobuf prints them as strings, because JavaScript's numbers are too short for them.
        schema.putArray("type").add("integer").add("string");
        schema.put("format", "int64");
      }
      case BYTE_STRING -> schema.put("type", "string").put("contentEncoding", "base64");
      case ENUM -> {
        schema.put("type", "string");
        var names = schema.putArray("enum");
        field.getEnumType().getValues().forEach(value -> names.add(value.getName()));
      }
      case MESSAGE ->
          schema.put("$ref", "#/components/schemas/" + field.getMessageType().getName());
    }
  }

  private static void integer(FieldDescriptor field, ObjectNode schema) {
    if (field.getType() == FieldDescriptor.Type.UINT32) {
      schema.put("minimum", 0);
    }
    schema.put("format", "int32");
  }
}
