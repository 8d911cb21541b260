package dev.waybill.image.ingest;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;

/**
 * An image that somebody wants to have here.
 *
 * @param reference what it is called
 * @param policy whether to ask elsewhere
 * @param platform it is to run on
 * @param actor who wants it
 */
public record PullRequest(Reference reference, PullPolicy policy, Platform platform, Actor actor) {}
