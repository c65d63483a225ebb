//! A server with the edge and a few routes that misbehave on demand.

use std::{
    convert::Infallible,
    net::{SocketAddr, TcpListener},
    sync::{
        Arc,
        mpsc::{self, Receiver, Sender},
    },
    thread::{self, JoinHandle},
    time::Duration,
};

use actix_web::{HttpResponse, web};
use futures_util::{StreamExt, stream};
use latchkey::web::{
    client_ip::ClientIp, compress::NeverCompress, edge::Edge, error::WebError, limits::Limits, origin::Origin,
    request_id::RequestId, server::serve,
};
use tokio::sync::{Semaphore, oneshot};

/// Limits that a test can wait for.
pub(super) fn short() -> Limits {
    Limits {
        head: Duration::from_millis(300),
        handler: Duration::from_millis(400),
        idle: Duration::from_millis(700),
        answer: Duration::from_millis(500),
        ..Limits::default()
    }
}

/// An edge as a public server has it.
pub(super) fn edge() -> Edge {
    Edge {
        workers: 1,
        ..Edge::new(Origin::parse("https://panel.example").expect("an origin"), 1)
    }
}

/// A running server; dropping it stops it.
pub(super) struct Server {
    pub(super) address: SocketAddr,
    /// What its handlers tell the test.
    pub(super) told: Receiver<Told>,
    /// One permit lets one request to `/gated` end.
    pub(super) gate: Arc<Semaphore>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<std::io::Result<()>>>,
}

/// A fact about a handler.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// `/gated` or `/never` has a request.
    Started,
    /// Nobody wants the rest of `/huge` any more.
    Dropped,
}

/// What the handlers share with the test.
#[derive(Clone)]
struct Line {
    tell: Sender<Told>,
    gate: Arc<Semaphore>,
}

impl Server {
    pub(super) fn start(edge: Edge) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let address = listener.local_addr().expect("a bound socket has an address");
        let (stop, stopped) = oneshot::channel();
        let shutdown = async {
            let _ = stopped.await;
        };
        let (tell, told) = mpsc::channel();
        let gate = Arc::new(Semaphore::new(0));
        let line = Line {
            tell,
            gate: Arc::clone(&gate),
        };
        let configure = move |config: &mut web::ServiceConfig| {
            config.app_data(web::Data::new(line.clone()));
            config.configure(pages).configure(failures);
        };
        let thread =
            thread::spawn(move || actix_web::rt::System::new().block_on(serve(listener, edge, configure, shutdown)));
        Self {
            address,
            told,
            gate,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// Asks it to stop, without waiting.
    pub(super) fn ask_to_stop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
    }

    /// Waits until it has stopped.
    pub(super) fn wait(&mut self) {
        if let Some(thread) = self.thread.take() {
            thread
                .join()
                .expect("the server does not panic")
                .expect("the server ends well");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.ask_to_stop();
        if !thread::panicking() {
            self.wait();
        }
    }
}

fn pages(config: &mut web::ServiceConfig) {
    config
        .route("/page", web::get().to(|| async { html("<p>Here.</p>") }))
        .route("/long", web::get().to(|| async { html(&"<p>again</p>".repeat(1000)) }))
        .route("/huge", web::get().to(huge))
        .route("/gated", web::get().to(gated))
        .route("/never", web::get().to(never))
        .route("/secret", web::get().to(secret))
        .route(
            "/csv",
            web::get().to(|| async { text("text/csv", "a,b\n".repeat(1000)) }),
        )
        .route(
            "/json",
            web::get().to(|| async { HttpResponse::Ok().json(vec![0; 1000]) }),
        )
        .route("/kept", web::get().to(kept))
        .route("/text", web::get().to(|| async { HttpResponse::Ok().body("no type") }))
        .route(
            "/empty",
            web::get().to(|| async { web::Redirect::to("/page").see_other() }),
        )
        .route(
            "/who",
            web::get().to(|ip: ClientIp, id: RequestId| async move { html(&format!("{} {id}", ip.0)) }),
        )
        .route(
            "/number/{n}",
            web::get().to(|n: web::Path<u8>| async move { html(&n.to_string()) }),
        )
        .service(
            web::resource("/echo")
                .route(web::post().to(|body: web::Bytes| async move { HttpResponse::Ok().body(body) })),
        )
        .service(
            web::resource("/parsed")
                .route(web::post().to(|body: web::Json<Vec<u8>>| async move { HttpResponse::Ok().json(body) })),
        );
}

fn failures(config: &mut web::ServiceConfig) {
    let refuse = |error: fn() -> WebError| move || async move { Err::<HttpResponse, _>(error()) };
    config
        .route("/forbidden", web::get().to(refuse(|| WebError::Forbidden)))
        .route("/busy", web::get().to(refuse(|| WebError::Busy { retry_after: 1 })))
        .route("/many", web::get().to(refuse(|| WebError::TooMany { retry_after: 40 })))
        .route("/failed", web::get().to(refuse(|| WebError::internal("the cause"))))
        .route("/api/failed", web::get().to(refuse(|| WebError::internal("the cause"))))
        .route("/panic", web::get().to(broken))
        .route("/api/panic", web::get().to(broken))
        .route("/execute/{module}/{function}", web::get().to(broken))
        .route("/cpsess0123456789/execute/Tokens/list", web::get().to(broken))
        .route("/json-api/{function}", web::get().to(broken))
        .route("/login/", web::get().to(broken));
}

fn text(kind: &str, body: String) -> HttpResponse {
    HttpResponse::Ok().content_type(kind).body(body)
}

fn html(body: &str) -> HttpResponse {
    text("text/html; charset=utf-8", body.to_owned())
}

async fn broken() -> HttpResponse {
    panic!("on demand")
}

async fn gated(line: web::Data<Line>) -> HttpResponse {
    let _ = line.tell.send(Told::Started);
    match line.gate.acquire().await {
        Ok(permit) => permit.forget(),
        Err(_) => return HttpResponse::InternalServerError().finish(),
    }
    html("at last")
}

async fn never(line: web::Data<Line>) -> HttpResponse {
    let _ = line.tell.send(Told::Started);
    std::future::pending().await
}

/// How long the answer of `/huge` is: more than the system keeps for a peer that does not read.
pub(super) const HUGE: usize = 32 << 20;

async fn huge(line: web::Data<Line>) -> HttpResponse {
    struct End(Sender<Told>);
    impl Drop for End {
        fn drop(&mut self) {
            let _ = self.0.send(Told::Dropped);
        }
    }
    let end = End(line.tell.clone());
    let piece = web::Bytes::from(vec![b'a'; 64 << 10]);
    let pieces = stream::iter(0..HUGE / piece.len()).map(move |_| {
        let _ = &end;
        Ok::<_, Infallible>(piece.clone())
    });
    HttpResponse::Ok().content_type("text/plain").streaming(pieces)
}

async fn secret() -> HttpResponse {
    let mut response = html(&"<p>again</p>".repeat(1000));
    response.extensions_mut().insert(NeverCompress);
    response
}

async fn kept() -> HttpResponse {
    HttpResponse::Ok()
        .insert_header(("Cache-Control", "private, max-age=60"))
        .content_type("text/html; charset=utf-8")
        .body("kept")
}
