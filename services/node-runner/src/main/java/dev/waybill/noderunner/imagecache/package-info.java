/**
 * Has the images of this host's containers unpacked and ready. Decides what of an image is missing
 * here, fetches it from the platform's own registry by digest, and believes nothing: the digest and
 * size of what is packed and the diff id of what is unpacked are checked before a layer gets its
 * name. Layers are unpacked while they arrive, several at once; requests for one image share the
 * work, images share layers.
 *
 * <p>In: a repository and a manifest's digest. Out: {@link
 * dev.waybill.noderunner.imagecache.CacheOutcome}.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.imagecache;
