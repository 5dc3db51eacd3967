/**
 * Object stores that speak S3. {@link io.hearth.objectstore.s3.S3ObjectStores} opens them; the SDK is named here alone,
 * and its exceptions end here.
 */
package io.hearth.objectstore.s3;
