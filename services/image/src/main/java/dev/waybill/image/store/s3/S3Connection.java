package dev.waybill.image.store.s3;

import java.time.Duration;
import software.amazon.awssdk.auth.credentials.AwsCredentialsProvider;
import software.amazon.awssdk.auth.credentials.DefaultCredentialsProvider;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.S3Configuration;

/** Makes the client. How often it tries again, and how long it waits, is the SDK's own setting. */
final class S3Connection {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration SILENCE_TIMEOUT = Duration.ofSeconds(30);

  private S3Connection() {}

  static S3Client open(S3Settings settings) {
    S3ClientBuilder builder =
        S3Client.builder()
            .httpClientBuilder(
                defaults ->
                    new JdkHttpClient(
                        UrlConnectionHttpClient.builder()
                            .connectionTimeout(CONNECT_TIMEOUT)
                            .socketTimeout(SILENCE_TIMEOUT)
                            .buildWithDefaults(defaults)))
            .credentialsProvider(credentials(settings))
            .forcePathStyle(settings.addressing() == S3Settings.Addressing.PATH)
            // Each request names an MD5 of its body: every server checks that, not all know more.
            .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
            .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED)
            .serviceConfiguration(S3Configuration.builder().chunkedEncodingEnabled(false).build());
    settings.endpoint().ifPresent(builder::endpointOverride);
    settings
        .region()
        .map(Region::of)
        .or(() -> settings.endpoint().map(_ -> Region.US_EAST_1))
        .ifPresent(builder::region);
    return builder.build();
  }

  private static AwsCredentialsProvider credentials(S3Settings settings) {
    return settings
        .credentials()
        .<AwsCredentialsProvider>map(FileCredentials::new)
        .orElseGet(() -> DefaultCredentialsProvider.builder().build());
  }
}
