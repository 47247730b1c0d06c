// Starts grpc's own C++ interop server, whose source is Debian's: prints where it listens, ends when its stdin does.
// Stands in for grpc's server_helper.cc and interop_server_bootstrap.cc, which need all of its test tools.

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <thread>

#include "src/core/lib/surface/call_test_only.h"
#include "test/cpp/interop/server_helper.h"

gpr_atm grpc::testing::interop::g_got_sigint;

namespace grpc {
namespace testing {

InteropServerContextInspector::InteropServerContextInspector(const grpc::ServerContext& context)
    : context_(context) {}

uint32_t InteropServerContextInspector::GetEncodingsAcceptedByClient() const {
  return grpc_call_test_only_get_encodings_accepted_by_peer(context_.call_.call);
}

grpc_compression_algorithm InteropServerContextInspector::GetCallCompressionAlgorithm() const {
  return grpc_call_test_only_get_compression_algorithm(context_.call_.call);
}

bool InteropServerContextInspector::WasCompressed() const {
  // GRPC_WRITE_INTERNAL_COMPRESS and GRPC_WRITE_INTERNAL_TEST_ONLY_WAS_COMPRESSED of src/core/lib/transport/transport.h,
  // which cannot be included without the rest of grpc's dependencies.
  return (grpc_call_test_only_get_message_flags(context_.call_.call) & (0x80000000u | 0x40000000u)) != 0;
}

std::shared_ptr<const AuthContext> InteropServerContextInspector::GetAuthContext() const {
  return context_.auth_context();
}

bool InteropServerContextInspector::IsCancelled() const { return context_.IsCancelled(); }

}  // namespace testing
}  // namespace grpc

namespace {

// grpc's server wants to be told its port: one that is free at this moment.
int FreePort() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t length = sizeof(address);
  if (fd < 0 || bind(fd, reinterpret_cast<sockaddr*>(&address), length) != 0 ||
      getsockname(fd, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    std::perror("no free port");
    _exit(1);
  }
  close(fd);
  return ntohs(address.sin_port);
}

std::string ReadFile(const char* path) {
  std::ifstream file(path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

// With a key and a certificate as parameters it speaks TLS.
std::shared_ptr<grpc::ServerCredentials> Credentials(int argc, char** argv) {
  if (argc < 3) return grpc::InsecureServerCredentials();
  grpc::SslServerCredentialsOptions options;
  options.pem_key_cert_pairs.push_back({ReadFile(argv[1]), ReadFile(argv[2])});
  return grpc::SslServerCredentials(options);
}

}  // namespace

int main(int argc, char** argv) {
  const int port = FreePort();
  grpc::testing::interop::ServerStartedCondition started;
  std::thread watcher([port, &started] {
    {
      std::unique_lock<std::mutex> lock(started.mutex);
      started.condition.wait(lock, [&started] { return started.server_started; });
    }
    std::cout << "listening 127.0.0.1:" << port << std::endl;
    while (std::cin.get() != EOF) {
    }
    _exit(0);
  });
  grpc::testing::interop::RunServer(Credentials(argc, argv), port, &started);
  watcher.join();
}
