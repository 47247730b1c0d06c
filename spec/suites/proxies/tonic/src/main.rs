// tonic as a server, for spec/suites/proxies. Messages are bytes, so that nothing is generated. It prints its port when it
// listens, ends gracefully at SIGTERM and at once when its stdin does.
//
// usage: peer PORT WORK_MS [AGE_MS]     port 0: any that is free

use std::convert::Infallible;
use std::future::{Ready, ready};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::{Buf, BufMut, Bytes};
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::signal::unix::{SignalKind, signal};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::body::Body;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder, Streaming};
use tonic::codegen::{BoxFuture, Service, http};
use tonic::server::Grpc;
use tonic::{Request, Response, Status};

/// Hands messages through as they are.
#[derive(Default)]
struct BytesCodec;

impl Codec for BytesCodec {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(item);
        Ok(())
    }
}

impl Decoder for BytesCodec {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// Answers with the request after some work.
struct Once(Duration);

impl Service<Request<Bytes>> for Once {
    type Response = Response<Bytes>;
    type Error = Status;
    type Future = BoxFuture<Self::Response, Status>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Bytes>) -> Self::Future {
        let work = self.0.mul_f64(fastrand::f64());
        Box::pin(async move {
            tokio::time::sleep(work).await;
            Ok(Response::new(request.into_inner()))
        })
    }
}

/// Answers each message with itself.
struct Watch;

impl Service<Request<Streaming<Bytes>>> for Watch {
    type Response = Response<Streaming<Bytes>>;
    type Error = Status;
    type Future = Ready<Result<Self::Response, Status>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, requests: Request<Streaming<Bytes>>) -> Self::Future {
        ready(Ok(Response::new(requests.into_inner())))
    }
}

#[derive(Clone)]
struct Echo {
    work: Duration,
}

impl Service<http::Request<Body>> for Echo {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let work = self.work;
        Box::pin(async move {
            let mut grpc = Grpc::new(BytesCodec);
            Ok(match request.uri().path() {
                "/proxies.Echo/Once" => grpc.unary(Once(work), request).await,
                "/proxies.Echo/Watch" => grpc.streaming(Watch, request).await,
                path => Status::unimplemented(path).into_http(),
            })
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let numbers = std::env::args()
        .skip(1)
        .map(|argument| argument.parse::<u64>())
        .collect::<Result<Vec<_>, _>>()?;
    let listener = TcpListener::bind(("127.0.0.1", numbers[0] as u16)).await?;
    let echo = Echo { work: Duration::from_millis(numbers[1]) };
    let mut server = tonic::transport::Server::builder();
    // Without max_connection_age_grace, with which tonic 0.14.9 sends no GOAWAY but ends the connection after both times.
    if let [_, _, age] = numbers[..] {
        server = server.max_connection_age(Duration::from_millis(age));
    }
    println!("listening {}", listener.local_addr()?.port());
    tokio::spawn(async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
        std::process::exit(0);
    });
    let mut terminated = signal(SignalKind::terminate())?;
    let stopped = async move {
        terminated.recv().await;
    };
    server.serve_with_incoming_shutdown(echo, TcpListenerStream::new(listener), stopped).await?;
    // The runtime would wait for the thread that reads stdin.
    std::process::exit(0)
}
