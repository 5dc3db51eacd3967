/**
 * What an HTTP operation of a master is made of, for the master's own and for those of modules that run beside it.
 *
 * <p>A module gives its operations as an {@link io.hearth.master.api.ApiPart}: routes and their share of the OpenAPI
 * document. {@link io.hearth.master.api.ApiService} serves a route: it takes the body on the event loop, calls the
 * handler on the API's threads, and turns every failure into an error document.
 */
package io.hearth.master.api;
