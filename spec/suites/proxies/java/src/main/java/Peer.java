// grpc-java as a server, for spec/suites/proxies. Messages are bytes, so that nothing is generated. It prints its port when it
// listens, ends gracefully at SIGTERM and at once when its stdin does.
//
// usage: Peer PORT WORK_MS [AGE_MS GRACE_MS]     port 0: any that is free

import io.grpc.HandlerRegistry;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.ServerMethodDefinition;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

public final class Peer {
  private static final long STOP_S = 10;

  private static final MethodDescriptor.Marshaller<byte[]> BYTES =
      new MethodDescriptor.Marshaller<>() {
        @Override
        public InputStream stream(byte[] value) {
          return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
          try {
            return stream.readAllBytes();
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        }
      };

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodDescriptor.MethodType type) {
    return MethodDescriptor.newBuilder(BYTES, BYTES).setType(type).setFullMethodName(name).build();
  }

  private static StreamObserver<byte[]> echo(StreamObserver<byte[]> replies) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] request) {
        replies.onNext(request);
      }

      @Override
      public void onError(Throwable failure) {}

      @Override
      public void onCompleted() {
        replies.onCompleted();
      }
    };
  }

  public static void main(String[] args) throws Exception {
    long workNanos = Math.max(1, TimeUnit.MILLISECONDS.toNanos(Long.parseLong(args[1])));
    ScheduledExecutorService timers = Executors.newScheduledThreadPool(2);
    ServerMethodDefinition<byte[], byte[]> once =
        ServerMethodDefinition.create(
            method("proxies.Echo/Once", MethodDescriptor.MethodType.UNARY),
            ServerCalls.asyncUnaryCall(
                (request, reply) ->
                    timers.schedule(
                        () -> {
                          reply.onNext(request);
                          reply.onCompleted();
                        },
                        ThreadLocalRandom.current().nextLong(workNanos),
                        TimeUnit.NANOSECONDS)));
    ServerMethodDefinition<byte[], byte[]> watch =
        ServerMethodDefinition.create(
            method("proxies.Echo/Watch", MethodDescriptor.MethodType.BIDI_STREAMING),
            ServerCalls.asyncBidiStreamingCall(Peer::echo));
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(new InetSocketAddress("127.0.0.1", Integer.parseInt(args[0])))
            .fallbackHandlerRegistry(
                new HandlerRegistry() {
                  @Override
                  public ServerMethodDefinition<?, ?> lookupMethod(String name, String authority) {
                    return name.endsWith("/Once") ? once : name.endsWith("/Watch") ? watch : null;
                  }
                });
    if (args.length == 4) {
      builder.maxConnectionAge(Long.parseLong(args[2]), TimeUnit.MILLISECONDS);
      builder.maxConnectionAgeGrace(Long.parseLong(args[3]), TimeUnit.MILLISECONDS);
    }
    Server server = builder.build().start();
    System.out.println("listening " + server.getPort());
    Runtime.getRuntime()
        .addShutdownHook(
            new Thread(
                () -> {
                  try {
                    server.shutdown().awaitTermination(STOP_S, TimeUnit.SECONDS);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                }));
    System.in.readAllBytes();
    Runtime.getRuntime().halt(0);
  }
}
