package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.Manifest;

/**
 * An image whose layers are all unpacked on this host.
 *
 * @param digest of the manifest
 * @param manifest as the registry has it
 * @param config how to run it; its diff ids name the layers, lowest first
 */
public record CachedImage(Digest digest, Manifest manifest, ImageConfig config) {}
