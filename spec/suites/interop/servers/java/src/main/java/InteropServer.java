// Serves grpc-java's own interop TestService on grpc-netty and the loopback address, for spec/suites/interop.
// It prints the port that it got and lives until its stdin closes, so that it cannot outlast the runner.
// The service is grpc-java's (io.grpc:grpc-interop-testing); nothing of it may be written here. With the files of a key and
// a certificate it speaks TLS.

import io.grpc.InsecureServerCredentials;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.ServerInterceptors;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import io.grpc.testing.integration.TestServiceImpl;
import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

public final class InteropServer {
  private InteropServer() {}

  public static void main(String[] args) throws Exception {
    ScheduledExecutorService timers = Executors.newSingleThreadScheduledExecutor();
    ServerCredentials credentials =
        args.length == 2
            ? TlsServerCredentials.create(new File(args[1]), new File(args[0]))
            : InsecureServerCredentials.create();
    Server server =
        NettyServerBuilder.forAddress(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), credentials)
            .addService(
                ServerInterceptors.intercept(new TestServiceImpl(timers), TestServiceImpl.interceptors()))
            .addService(new HealthStatusManager().getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance())
            .build()
            .start();
    System.out.println("listening 127.0.0.1:" + server.getPort());
    try (InputStream stdin = System.in) {
      stdin.transferTo(OutputStream.nullOutputStream());
    }
    server.shutdownNow();
    System.exit(0);
  }
}
