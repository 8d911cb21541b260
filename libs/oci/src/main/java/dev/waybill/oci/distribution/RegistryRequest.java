package dev.waybill.oci.distribution;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.MediaTypes;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * One request to a registry, described but not made: whoever has a connection makes it, and reads
 * the answer with {@link RegistryAnswer}.
 *
 * @param method of HTTP
 * @param path with the query, from the root of the registry
 * @param headers to send besides authentication
 * @param scope what a token must allow for it, as token services name it
 */
public record RegistryRequest(
    String method, String path, SortedMap<String, String> headers, String scope) {

  /**
   * Before the paths of what is still arriving at the platform's own registry. No part of the
   * distribution specification: only its nodes ask for it.
   */
  public static final String ARRIVING = "/arriving";

  public RegistryRequest {
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  /** The manifest or index under a tag or a digest. */
  public static RegistryRequest manifest(String repository, String key) {
    return new RegistryRequest(
        "GET",
        "/v2/" + repository + "/manifests/" + key,
        header("Accept", MediaTypes.acceptedDocuments()),
        pull(repository));
  }

  /** What is under a tag or a digest, without its content. */
  public static RegistryRequest manifestHead(String repository, String key) {
    RegistryRequest get = manifest(repository, key);
    return new RegistryRequest("HEAD", get.path, get.headers, get.scope);
  }

  /** A blob from its first byte. */
  public static RegistryRequest blob(String repository, Digest digest) {
    return new RegistryRequest(
        "GET", "/v2/" + repository + "/blobs/" + digest, new TreeMap<>(), pull(repository));
  }

  /** A blob from byte {@code offset} on, for a download that broke off there. */
  public static RegistryRequest blobFrom(String repository, Digest digest, long offset) {
    return new RegistryRequest(
        "GET",
        "/v2/" + repository + "/blobs/" + digest,
        header("Range", "bytes=" + offset + "-"),
        pull(repository));
  }

  /** So many bytes of a blob from {@code offset} on, 1 or more. */
  public static RegistryRequest blobPart(
      String repository, Digest digest, long offset, long length) {
    return new RegistryRequest(
        "GET",
        "/v2/" + repository + "/blobs/" + digest,
        header("Range", "bytes=" + offset + "-" + (offset + length - 1)),
        pull(repository));
  }

  /** The same of what is on its way there. */
  public RegistryRequest whileArriving() {
    return new RegistryRequest(method, ARRIVING + path, headers, scope);
  }

  /** Whether a blob is there. */
  public static RegistryRequest blobHead(String repository, Digest digest) {
    return new RegistryRequest(
        "HEAD", "/v2/" + repository + "/blobs/" + digest, new TreeMap<>(), pull(repository));
  }

  /** Opens an upload; the answer's {@code Location} is where to send the bytes. */
  public static RegistryRequest startUpload(String repository) {
    return new RegistryRequest(
        "POST", "/v2/" + repository + "/blobs/uploads/", new TreeMap<>(), push(repository));
  }

  /**
   * Takes a blob over from another repository of the same registry; where that can't be, an upload
   * is opened instead, as by {@link #startUpload}.
   */
  public static RegistryRequest mountBlob(String repository, Digest digest, String from) {
    return new RegistryRequest(
        "POST",
        "/v2/" + repository + "/blobs/uploads/?mount=" + digest + "&from=" + from,
        new TreeMap<>(),
        push(repository) + " " + pull(from));
  }

  /**
   * Sends a whole blob to an upload's location and closes it.
   *
   * @param location the path and query that {@link #startUpload} was answered with
   */
  public static RegistryRequest finishUpload(String repository, String location, Digest digest) {
    String separator = location.indexOf('?') < 0 ? "?" : "&";
    return new RegistryRequest(
        "PUT",
        location + separator + "digest=" + digest,
        header("Content-Type", "application/octet-stream"),
        push(repository));
  }

  /** Puts a document under a tag or its digest. */
  public static RegistryRequest putManifest(String repository, String key, String mediaType) {
    return new RegistryRequest(
        "PUT",
        "/v2/" + repository + "/manifests/" + key,
        header("Content-Type", mediaType),
        push(repository));
  }

  /** The documents about a digest. */
  public static RegistryRequest referrers(String repository, Digest subject) {
    return new RegistryRequest(
        "GET",
        "/v2/" + repository + "/referrers/" + subject,
        header("Accept", MediaTypes.OCI_INDEX),
        pull(repository));
  }

  /** The first page of a repository's tags; the answer's {@code Link} names the next. */
  public static RegistryRequest tags(String repository, int pageSize) {
    return tagsPage(repository, "/v2/" + repository + "/tags/list?n=" + pageSize);
  }

  /** A page of a repository's tags that another page linked to. */
  public static RegistryRequest tagsPage(String repository, String path) {
    return new RegistryRequest("GET", path, new TreeMap<>(), pull(repository));
  }

  private static String pull(String repository) {
    return "repository:" + repository + ":pull";
  }

  private static String push(String repository) {
    return "repository:" + repository + ":pull,push";
  }

  private static SortedMap<String, String> header(String name, String value) {
    SortedMap<String, String> headers = new TreeMap<>();
    headers.put(name, value);
    return headers;
  }
}
