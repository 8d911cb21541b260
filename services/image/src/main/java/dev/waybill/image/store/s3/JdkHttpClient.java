package dev.waybill.image.store.s3;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Objects;
import software.amazon.awssdk.http.ExecutableHttpRequest;
import software.amazon.awssdk.http.HttpExecuteRequest;
import software.amazon.awssdk.http.HttpExecuteResponse;
import software.amazon.awssdk.http.SdkHttpClient;

/**
 * The SDK's client over the JDK's, whose failures are all failures of I/O: of a kept connection
 * that ended before a body went out it says so by another exception, which the SDK wouldn't try
 * again after.
 */
record JdkHttpClient(SdkHttpClient inner) implements SdkHttpClient {
  @Override
  public ExecutableHttpRequest prepareRequest(HttpExecuteRequest wanted) {
    ExecutableHttpRequest request = inner.prepareRequest(wanted);
    return new ExecutableHttpRequest() {
      @Override
      public HttpExecuteResponse call() throws IOException {
        try {
          return request.call();
        } catch (UncheckedIOException e) {
          throw Objects.requireNonNull(e.getCause());
        }
      }

      @Override
      public void abort() {
        request.abort();
      }
    };
  }

  @Override
  public String clientName() {
    return inner.clientName();
  }

  @Override
  public void close() {
    inner.close();
  }
}
