package dev.waybill.image.store.s3;

import dev.waybill.image.store.StoreFailedException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import java.util.Optional;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.S3Exception;

/** Says in one line what is wrong with the object storage, and what to do; never a secret. */
record S3Failures(S3Settings settings) {
  private static final int MOVED = 301;
  private static final int MOVED_FOR_NOW = 307;
  private static final int MALFORMED = 400;
  private static final int UNAUTHORIZED = 401;
  private static final int FORBIDDEN = 403;
  private static final int NO_SUCH_RANGE = 416;

  /** A request for this key. */
  interface Request<T> {
    T send() throws IOException;
  }

  /**
   * Sends a request.
   *
   * @throws NoSuchFileException if there is no such object
   * @throws StoreFailedException if the storage is of no use now
   */
  <T> T telling(String key, Request<T> request) throws IOException {
    try {
      return request.send();
    } catch (SdkException e) {
      throw of(key, e);
    }
  }

  IOException of(String key, SdkException failure) {
    if (!(failure instanceof S3Exception answer)) {
      return unanswered(failure);
    }
    // A refusal of a body before it was sent has a status and nothing more.
    String code =
        Optional.ofNullable(answer.awsErrorDetails()).map(AwsErrorDetails::errorCode).orElse("");
    String why = (answer.statusCode() + " " + code).strip();
    String bucket = "bucket " + settings.bucket() + " at " + settings.place();
    if (code.equals("NoSuchKey")) {
      return new NoSuchFileException(key);
    }
    if (answer.statusCode() == NO_SUCH_RANGE) {
      return new OtherSizeException(key);
    }
    if (code.equals("NoSuchBucket")) {
      return new StoreFailedException(
          bucket + " is not there, create it or set waybill.image.s3.bucket", failure);
    }
    String message =
        switch (answer.statusCode()) {
          case UNAUTHORIZED, FORBIDDEN ->
              bucket
                  + " is not ours to use ("
                  + why
                  + "), set waybill.image.s3.credentials-file or allow s3:ListBucket,"
                  + " s3:ListBucketMultipartUploads, s3:AbortMultipartUpload, s3:GetObject,"
                  + " s3:PutObject and s3:DeleteObject";
          case MOVED, MOVED_FOR_NOW, MALFORMED ->
              bucket
                  + " refuses a request ("
                  + why
                  + "), see whether waybill.image.s3.region, endpoint and path-style are right";
          default -> bucket + " fails with " + why + ", try again later";
        };
    return new StoreFailedException(message, failure);
  }

  private StoreFailedException unanswered(SdkException failure) {
    String text = String.valueOf(failure.getMessage());
    if (text.contains(FileCredentials.NO_LOG_IN)) {
      return new StoreFailedException(text, failure);
    }
    if (text.contains("load credentials")) {
      return new StoreFailedException(
          "there are no credentials for "
              + settings.place()
              + ", set waybill.image.s3.credentials-file or AWS_ACCESS_KEY_ID and"
              + " AWS_SECRET_ACCESS_KEY",
          failure);
    }
    if (text.contains("load region")) {
      return new StoreFailedException(
          "no region is known for bucket " + settings.bucket() + ", set waybill.image.s3.region",
          failure);
    }
    return broken(failure);
  }

  /** A connection that couldn't be made or broke off. */
  StoreFailedException broken(Exception failure) {
    return new StoreFailedException(
        "cannot reach "
            + settings.place()
            + ": "
            + root(failure)
            + ", see whether it runs and waybill.image.s3.endpoint is right",
        failure);
  }

  private static String root(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = Objects.requireNonNull(root.getCause());
    }
    return root.getClass().getSimpleName() + " " + root.getMessage();
  }
}
