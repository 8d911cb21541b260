package dev.waybill.eventlog.decider;

import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.Version;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JavaType;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonSerializer;
import com.fasterxml.jackson.databind.KeyDeserializer;
import com.fasterxml.jackson.databind.Module;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.Deserializers;
import com.fasterxml.jackson.databind.jsontype.TypeDeserializer;
import com.fasterxml.jackson.databind.module.SimpleSerializers;
import com.fasterxml.jackson.databind.type.MapType;
import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import java.io.IOException;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** Teaches Jackson the two kinds of values in states that it doesn't know by itself. */
final class StateModule extends Module {
  @Override
  public String getModuleName() {
    return "waybill-state";
  }

  @Override
  public Version version() {
    return Version.unknownVersion();
  }

  @Override
  public void setupModule(SetupContext context) {
    var serializers = new SimpleSerializers();
    serializers.addSerializer(Message.class, new MessageWriter());
    context.addSerializers(serializers);
    context.addDeserializers(new StateDeserializers());
  }

  private static final class MessageWriter extends JsonSerializer<Message> {
    @Override
    public void serialize(Message value, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeBinary(EventCatalog.encode(value));
    }
  }

  private static final class StateDeserializers extends Deserializers.Base {
    @Override
    public @Nullable JsonDeserializer<?> findBeanDeserializer(
        JavaType type, DeserializationConfig config, BeanDescription description) {
      return Message.class.isAssignableFrom(type.getRawClass())
          ? new MessageReader(prototype(type.getRawClass()))
          : null;
    }

    @Override
    public @Nullable JsonDeserializer<?> findMapDeserializer(
        MapType type,
        DeserializationConfig config,
        BeanDescription description,
        @Nullable KeyDeserializer keys,
        @Nullable TypeDeserializer types,
        @Nullable JsonDeserializer<?> values) {
      return type.getRawClass() == TreePMap.class ? new SortedMapReader(type) : null;
    }

    private static Message prototype(Class<?> generated) {
      try {
        return (Message) generated.getMethod("getDefaultInstance").invoke(null);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException("not a generated message: " + generated.getName(), e);
      }
    }
  }

  private static final class MessageReader extends JsonDeserializer<Message> {
    private final Message prototype;

    MessageReader(Message prototype) {
      this.prototype = prototype;
    }

    @Override
    public Message deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return prototype.getParserForType().parseFrom(in.getBinaryValue());
    }
  }

  private static final class SortedMapReader extends JsonDeserializer<TreePMap<String, Object>> {
    private final MapType type;

    SortedMapReader(MapType type) {
      this.type = type;
    }

    @Override
    public TreePMap<String, Object> deserialize(JsonParser in, DeserializationContext context)
        throws IOException {
      JavaType mutable =
          context
              .getTypeFactory()
              .constructMapType(TreeMap.class, type.getKeyType(), type.getContentType());
      TreeMap<String, Object> read = context.readValue(in, mutable);
      return TreePMap.from(read);
    }
  }
}
