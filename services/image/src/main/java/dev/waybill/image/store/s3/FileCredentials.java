package dev.waybill.image.store.s3;

import java.nio.file.Path;
import software.amazon.awssdk.auth.credentials.AwsCredentials;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.ProfileCredentialsProvider;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.profiles.ProfileFile;

/** The log-in of a file, read for each request: a changed one counts at once. */
record FileCredentials(Path file) implements AwsCredentialsProvider {
  /** What the message of a failure has in it. */
  static final String NO_LOG_IN = " has no log-in, it needs a profile [default] with";

  @Override
  public AwsCredentials resolveCredentials() {
    try {
      ProfileFile profiles =
          ProfileFile.builder().content(file).type(ProfileFile.Type.CREDENTIALS).build();
      return ProfileCredentialsProvider.builder()
          .profileFile(profiles)
          .profileName("default")
          .build()
          .resolveCredentials();
    } catch (RuntimeException e) { // The SDK has many kinds of it for a file that isn't one.
      throw SdkClientException.create(
          "waybill.image.s3.credentials-file "
              + file
              + NO_LOG_IN
              + " aws_access_key_id and aws_secret_access_key",
          e);
    }
  }
}
