package dev.waybill.oci.runtime;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.exc.InvalidFormatException;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.stream.Collectors;

/** Reads and writes {@code config.json} and parts of it. */
public final class SpecCodec {
  private static final JsonMapper JSON =
      JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT)
          .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
          .defaultPropertyInclusion(
              JsonInclude.Value.construct(
                  JsonInclude.Include.NON_EMPTY, JsonInclude.Include.ALWAYS))
          .build();

  private SpecCodec() {}

  /** Reads a whole {@code config.json}. */
  public static Spec readSpec(byte[] json) throws SpecFormatException {
    return read(json, Spec.class, "");
  }

  /** Reads a {@code process} object by itself, as {@code exec --process} has it. */
  public static ContainerProcess readProcess(byte[] json) throws SpecFormatException {
    return read(json, ContainerProcess.class, "process");
  }

  /** Reads a {@code linux.resources} object by itself, as {@code update --resources} has it. */
  public static Resources readResources(byte[] json) throws SpecFormatException {
    return read(json, Resources.class, "linux.resources");
  }

  private static <T> T read(byte[] json, Class<T> type, String prefix) throws SpecFormatException {
    try {
      T value = JSON.readValue(json, type);
      if (value == null) {
        throw new SpecFormatException(
            prefix, "null instead of an object", new IllegalArgumentException("null"));
      }
      return value;
    } catch (MismatchedInputException e) {
      throw new SpecFormatException(path(prefix, e.getPath()), mismatch(e), e);
    } catch (JsonMappingException e) {
      throw new SpecFormatException(path(prefix, e.getPath()), firstLine(e), e);
    } catch (JsonProcessingException e) {
      throw new SpecFormatException(prefix, position(e) + firstLine(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException("reading from memory cannot fail", e);
    }
  }

  private static String path(String prefix, List<JsonMappingException.Reference> references) {
    String path =
        references.stream()
            .map(r -> r.getFieldName() == null ? "[" + r.getIndex() + "]" : "." + r.getFieldName())
            .collect(Collectors.joining());
    return prefix.isEmpty() && path.startsWith(".") ? path.substring(1) : prefix + path;
  }

  private static String mismatch(MismatchedInputException e) {
    String expected = e.getTargetType() == null ? "" : name(e.getTargetType());
    if (e instanceof InvalidFormatException format) {
      return "expected " + expected + ", found '" + format.getValue() + "'";
    }
    return expected.isEmpty() ? firstLine(e) : "expected " + expected + position(e, ", ");
  }

  private static String name(Class<?> type) {
    if (type == boolean.class || type == Boolean.class) {
      return "true or false";
    }
    if (type.isPrimitive() || Number.class.isAssignableFrom(type)) {
      return "an integer";
    }
    if (type == String.class) {
      return "a string";
    }
    return List.class.isAssignableFrom(type) || type.isArray() ? "an array" : "an object";
  }

  private static String position(JsonProcessingException e) {
    return e.getLocation() == null ? "" : position(e, "").strip() + ": ";
  }

  private static String position(JsonProcessingException e, String before) {
    return e.getLocation() == null
        ? ""
        : before
            + "line "
            + e.getLocation().getLineNr()
            + ", column "
            + e.getLocation().getColumnNr();
  }

  private static String firstLine(JsonProcessingException e) {
    return e.getOriginalMessage().lines().findFirst().orElse("not JSON");
  }

  /** Writes a document or a part of it; members that are absent or empty are left out. */
  public static byte[] write(Record value) {
    try {
      return JSON.writeValueAsBytes(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("cannot write " + value.getClass().getSimpleName(), e);
    }
  }
}
