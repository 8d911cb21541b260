package dev.waybill.image.distribution;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.kernel.Digest;

/** What a client wants of the registry. */
public sealed interface RegistryCall {
  /** Whether this is a registry, and whether the client may use it. */
  record Base() implements RegistryCall {}

  /** Whether a blob is there: who asks that is about to push. */
  record HeadBlob(String repository, Digest digest) implements RegistryCall {}

  /** A blob's bytes. */
  record GetBlob(String repository, Digest digest) implements RegistryCall {}

  record DeleteBlob(String repository, Digest digest) implements RegistryCall {}

  record StartUpload(String repository) implements RegistryCall {}

  record UploadStatus(String repository, String upload) implements RegistryCall {}

  record AppendUpload(String repository, String upload) implements RegistryCall {}

  record FinishUpload(String repository, String upload) implements RegistryCall {}

  record CancelUpload(String repository, String upload) implements RegistryCall {}

  /** A manifest's bytes, or only its headers. */
  record GetManifest(String repository, ManifestKey key) implements RegistryCall {}

  record PutManifest(String repository, ManifestKey key) implements RegistryCall {}

  record DeleteManifest(String repository, ManifestKey key) implements RegistryCall {}

  record ListTags(String repository) implements RegistryCall {}

  record ListReferrers(String repository, Digest subject) implements RegistryCall {}

  record ListRepositories() implements RegistryCall {}

  /** Nothing that we serve, and the answer to that. */
  record Unknown(RegistryReply reply) implements RegistryCall {}
}
