/**
 * What the data plane serves from memory, beside what one TCP stream carries: {@link io.hearth.bench.serve.ServeBench}.
 * Its contenders are {@link io.hearth.bench.serve.RawReader}, {@link io.hearth.bench.serve.ClientReader} and
 * {@link io.hearth.bench.serve.Iperf}.
 */
package io.hearth.bench.serve;
