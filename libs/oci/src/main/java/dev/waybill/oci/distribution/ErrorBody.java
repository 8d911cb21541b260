package dev.waybill.oci.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The JSON body of a refused request: {@code {"errors":[{"code":…,"message":…}]}}. */
public final class ErrorBody {
  /** The content type of the body. */
  public static final String CONTENT_TYPE = "application/json";

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private ErrorBody() {}

  /** The body that says this one thing. */
  public static byte[] write(ErrorCode code, String message) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.putArray("errors").addObject().put("code", code.name()).put("message", message);
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory can always be written", e);
    }
  }

  /**
   * What a registry's error body says, on one line: {@code CODE: message; …}. A body that isn't of
   * this form says nothing: proxies answer in HTML, and that is no reason to fail differently.
   */
  public static String summary(byte[] body) {
    List<String> said = new ArrayList<>();
    try {
      JsonNode root = MAPPER.readTree(body);
      for (JsonNode error : root == null ? List.<JsonNode>of() : root.path("errors")) {
        String message = error.path("message").asText("");
        said.add(error.path("code").asText("?") + (message.isEmpty() ? "" : ": " + message));
      }
    } catch (IOException notJson) {
      return "";
    }
    return String.join("; ", said);
  }
}
