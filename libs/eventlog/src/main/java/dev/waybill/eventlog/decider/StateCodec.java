package dev.waybill.eventlog.decider;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * The canonical form of a decider's state: JSON of records in declaration order, maps sorted by
 * key, contract messages as the base64 of their canonical bytes. Equal states are equal bytes.
 *
 * @param <S> a record of records, strings, numbers, enums, lists, {@code TreePMap}s with string
 *     keys and contract messages
 */
public final class StateCodec<S> {
  private final ObjectMapper mapper;
  private final Class<S> type;

  public StateCodec(Class<S> type) {
    this.type = type;
    this.mapper =
        JsonMapper.builder()
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            // Only a record's components are state; its derived getters are not.
            .visibility(PropertyAccessor.FIELD, JsonAutoDetect.Visibility.ANY)
            .visibility(PropertyAccessor.GETTER, JsonAutoDetect.Visibility.NONE)
            .visibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
            .addModule(new StateModule())
            .build();
  }

  public byte[] encode(S state) {
    try {
      return mapper.writeValueAsBytes(state);
    } catch (IOException e) {
      throw new UncheckedIOException("state of " + type.getName() + " has no canonical form", e);
    }
  }

  /**
   * @throws UncheckedIOException if the bytes aren't such a state
   */
  public S decode(byte[] bytes) {
    try {
      return mapper.readValue(bytes, type);
    } catch (IOException e) {
      throw new UncheckedIOException("not a state of " + type.getName(), e);
    }
  }

  /** SHA-256 of the canonical form. */
  public Digest hash(S state) {
    return Digest.of(encode(state));
  }
}
