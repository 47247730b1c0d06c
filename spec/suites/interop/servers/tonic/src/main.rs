//! grpc's interop TestService on tonic behind tonic-web's layer, over HTTP/2 and HTTP/1.1 on the loopback address, for
//! spec/suites/interop. It prints the port that it got and lives until its stdin closes.
//! tonic sends no trailing metadata with OK, so only the initial metadata is echoed.

mod messages;

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use messages::*;
use tokio::io::AsyncReadExt;
use tokio::net::TcpListener;
use tokio::sync::mpsc;
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tokio_stream::{Stream, StreamExt};
use tonic::body::Body;
use tonic::codec::{CompressionEncoding, Streaming};
use tonic::codegen::{BoxFuture, Service, http};
use tonic::metadata::MetadataMap;
use tonic::server::Grpc;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tonic_web::GrpcWebLayer;

const ECHO_INITIAL: &str = "x-grpc-test-echo-initial";

type Answers = Pin<Box<dyn Stream<Item = Result<PayloadResponse, Status>> + Send>>;

/// The methods, one type for all: tonic chooses by the types of the messages.
#[derive(Clone, Copy)]
struct Handler;

macro_rules! handle {
    ($request:ty => $response:ty, $function:ident) => {
        impl Service<Request<$request>> for Handler {
            type Response = Response<$response>;
            type Error = Status;
            type Future = BoxFuture<Self::Response, Status>;

            fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Status>> {
                Poll::Ready(Ok(()))
            }

            fn call(&mut self, request: Request<$request>) -> Self::Future {
                Box::pin($function(request))
            }
        }
    };
}

handle!(Empty => Empty, empty_call);
handle!(SimpleRequest => PayloadResponse, unary_call);
handle!(Streaming<StreamingInputCallRequest> => StreamingInputCallResponse, streaming_input_call);
handle!(StreamingOutputCallRequest => Answers, streaming_output_call);
handle!(Streaming<StreamingOutputCallRequest> => Answers, full_duplex_call);

fn payload(size: i32) -> PayloadResponse {
    PayloadResponse { payload: Some(Payload { kind: 0, body: vec![0; size.max(0) as usize] }) }
}

fn wanted(status: &Option<EchoStatus>) -> Result<(), Status> {
    match status {
        Some(EchoStatus { code, message }) if *code != 0 => Err(Status::new(Code::from(*code), message.clone())),
        _ => Ok(()),
    }
}

fn echo<T>(from: &MetadataMap, mut to: Response<T>) -> Response<T> {
    if let Some(value) = from.get(ECHO_INITIAL) {
        to.metadata_mut().insert(ECHO_INITIAL, value.clone());
    }
    to
}

async fn empty_call(request: Request<Empty>) -> Result<Response<Empty>, Status> {
    Ok(echo(request.metadata(), Response::new(Empty {})))
}

async fn unary_call(request: Request<SimpleRequest>) -> Result<Response<PayloadResponse>, Status> {
    wanted(&request.get_ref().response_status)?;
    Ok(echo(request.metadata(), Response::new(payload(request.get_ref().response_size))))
}

async fn streaming_input_call(
    request: Request<Streaming<StreamingInputCallRequest>>,
) -> Result<Response<StreamingInputCallResponse>, Status> {
    let mut requests = request.into_inner();
    let mut size = 0;
    while let Some(one) = requests.message().await? {
        size += one.payload.map_or(0, |payload| payload.body.len());
    }
    Ok(Response::new(StreamingInputCallResponse { aggregated_payload_size: size as i32 }))
}

async fn streaming_output_call(
    request: Request<StreamingOutputCallRequest>,
) -> Result<Response<Answers>, Status> {
    let metadata = request.metadata().clone();
    let requests = tokio_stream::once(Ok(request.into_inner()));
    Ok(echo(&metadata, Response::new(answers(requests))))
}

async fn full_duplex_call(
    request: Request<Streaming<StreamingOutputCallRequest>>,
) -> Result<Response<Answers>, Status> {
    let metadata = request.metadata().clone();
    Ok(echo(&metadata, Response::new(answers(request.into_inner()))))
}

fn answers(
    mut requests: impl Stream<Item = Result<StreamingOutputCallRequest, Status>> + Send + Unpin + 'static,
) -> Answers {
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(async move {
        while let Some(next) = requests.next().await {
            let request = match next.and_then(|request| wanted(&request.response_status).map(|()| request)) {
                Ok(request) => request,
                Err(status) => {
                    let _ = sender.send(Err(status)).await;
                    return;
                }
            };
            for parameters in request.response_parameters {
                tokio::time::sleep(Duration::from_micros(parameters.interval_us.max(0) as u64)).await;
                // Nobody listens any more.
                if sender.send(Ok(payload(parameters.size))).await.is_err() {
                    return;
                }
            }
        }
    });
    Box::pin(ReceiverStream::new(receiver))
}

#[derive(Clone)]
struct TestService;

fn grpc<T, U>() -> Grpc<ProstCodec<T, U>>
where
    T: prost::Message + Default + Send + 'static,
    U: prost::Message + Default + Send + 'static,
{
    Grpc::new(ProstCodec::default())
        .accept_compressed(CompressionEncoding::Gzip)
        .send_compressed(CompressionEncoding::Gzip)
        .max_decoding_message_size(64 << 20)
}

impl Service<http::Request<Body>> for TestService {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = BoxFuture<Self::Response, Infallible>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        Box::pin(async move {
            Ok(match request.uri().path() {
                "/grpc.testing.TestService/EmptyCall" => grpc::<Empty, Empty>().unary(Handler, request).await,
                "/grpc.testing.TestService/UnaryCall" => {
                    grpc::<PayloadResponse, SimpleRequest>().unary(Handler, request).await
                }
                "/grpc.testing.TestService/StreamingInputCall" => {
                    grpc::<StreamingInputCallResponse, StreamingInputCallRequest>()
                        .client_streaming(Handler, request)
                        .await
                }
                "/grpc.testing.TestService/StreamingOutputCall" => {
                    grpc::<PayloadResponse, StreamingOutputCallRequest>()
                        .server_streaming(Handler, request)
                        .await
                }
                "/grpc.testing.TestService/FullDuplexCall" => {
                    grpc::<PayloadResponse, StreamingOutputCallRequest>().streaming(Handler, request).await
                }
                path => Status::unimplemented(path).into_http(),
            })
        })
    }
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("listening {}", listener.local_addr()?);
    tokio::spawn(async {
        let mut rest = Vec::new();
        let _ = tokio::io::stdin().read_to_end(&mut rest).await;
        std::process::exit(0);
    });
    tonic::transport::Server::builder()
        .accept_http1(true)
        .layer(GrpcWebLayer::new())
        .serve_with_incoming(TestService, TcpListenerStream::new(listener))
        .await?;
    Ok(())
}
