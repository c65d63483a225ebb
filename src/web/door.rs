//! A socket that the server answers on, with or without TLS.

use std::{
    io,
    net::TcpListener,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll},
    time::Duration,
};

use tokio::{
    io::{AsyncRead, AsyncWrite, ReadBuf},
    net::TcpStream,
};
use tokio_rustls::{
    TlsAcceptor,
    rustls::{
        ServerConfig, crypto,
        pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    },
    server::TlsStream,
};

use crate::web::slow::{ConnectionClock, GuardedStream};

/// One socket, and what is answered on it.
pub struct Door<C> {
    /// The socket.
    pub listener: TcpListener,
    /// How connections are encrypted; none: they are not.
    pub tls: Option<TlsAcceptor>,
    /// Adds the routes and the data of the application; it runs once for each worker.
    pub configure: C,
}

impl<C> Door<C> {
    /// A socket without TLS.
    pub fn plain(listener: TcpListener, configure: C) -> Self {
        Self {
            listener,
            tls: None,
            configure,
        }
    }
}

/// Why a certificate or its key cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum CertificateError {
    /// The text holds no certificate.
    #[error("it holds no certificate in PEM form")]
    NoCertificate,
    /// The text holds no private key.
    #[error("it holds no private key in PEM form, or one that is encrypted")]
    NoKey,
    /// The two do not belong together, or are of a kind that is not known.
    #[error("the certificate and the key cannot be used together")]
    Unusable(#[source] tokio_rustls::rustls::Error),
}

/// What encrypts connections with a chain of certificates, the server's own first, and its private key, both as PEM:
/// TLS 1.3, and 1.2 for old programs.
pub fn tls(certificates: &[u8], key: &[u8]) -> Result<TlsAcceptor, CertificateError> {
    let chain: Result<Vec<CertificateDer<'static>>, _> = CertificateDer::pem_slice_iter(certificates).collect();
    let chain = chain.map_err(|_| CertificateError::NoCertificate)?;
    if chain.is_empty() {
        return Err(CertificateError::NoCertificate);
    }
    let key = PrivateKeyDer::from_pem_slice(key).map_err(|_| CertificateError::NoKey)?;
    let provider = Arc::new(crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(CertificateError::Unusable)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(CertificateError::Unusable)?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// A connection. Its clock stands on the socket itself, so that a slow handshake is ended like a slow request.
pub(super) enum Stream {
    Plain(GuardedStream<TcpStream>),
    Encrypted(Box<TlsStream<GuardedStream<TcpStream>>>),
}

impl Stream {
    /// Begins a connection; a handshake may take as long as the head of a request.
    pub(super) async fn open(
        io: GuardedStream<TcpStream>,
        tls: Option<TlsAcceptor>,
        patience: Duration,
    ) -> io::Result<Self> {
        let Some(tls) = tls else {
            return Ok(Self::Plain(io));
        };
        match tokio::time::timeout(patience, tls.accept(io)).await {
            Ok(accepted) => Ok(Self::Encrypted(Box::new(accepted?))),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        }
    }

    pub(super) fn clock(&self) -> &ConnectionClock {
        match self {
            Self::Plain(io) => io.clock(),
            Self::Encrypted(io) => io.get_ref().0.clock(),
        }
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_read(cx, buffer),
            Self::Encrypted(io) => Pin::new(io).poll_read(cx, buffer),
        }
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_write(cx, bytes),
            Self::Encrypted(io) => Pin::new(io).poll_write(cx, bytes),
        }
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_flush(cx),
            Self::Encrypted(io) => Pin::new(io).poll_flush(cx),
        }
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self.get_mut() {
            Self::Plain(io) => Pin::new(io).poll_shutdown(cx),
            Self::Encrypted(io) => Pin::new(io).poll_shutdown(cx),
        }
    }
}

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, KeyPair};
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net,
    };
    use tokio_rustls::{
        TlsConnector,
        rustls::{ClientConfig, RootCertStore, pki_types::ServerName},
    };

    use super::*;
    use crate::web::limits::Limits;

    const PATIENCE: Duration = Duration::from_millis(50);

    /// A certificate for `localhost`, and its key.
    fn certificate() -> (String, String) {
        let key = KeyPair::generate().unwrap();
        let parameters = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        (parameters.self_signed(&key).unwrap().pem(), key.serialize_pem())
    }

    /// Both ends of a connection, the server's second.
    async fn connection() -> (TcpStream, GuardedStream<TcpStream>) {
        let listener = net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).await.unwrap();
        let (server, _) = listener.accept().await.unwrap();
        (client, GuardedStream::new(server, Limits::default(), false))
    }

    #[test]
    fn only_a_certificate_with_its_own_key_is_taken() {
        let ((certificate, key), (other, _)) = (certificate(), certificate());
        assert!(tls(certificate.as_bytes(), key.as_bytes()).is_ok());
        let refused = |certificate: &str, key: &str| tls(certificate.as_bytes(), key.as_bytes()).err();
        assert!(matches!(refused("", &key), Some(CertificateError::NoCertificate)));
        assert!(matches!(refused(&certificate, ""), Some(CertificateError::NoKey)));
        assert!(matches!(
            refused(&certificate, &certificate),
            Some(CertificateError::NoKey)
        ));
        assert!(matches!(refused(&other, &key), Some(CertificateError::Unusable(_))));
    }

    #[tokio::test]
    async fn what_is_said_arrives_encrypted() {
        let (certificate, key) = certificate();
        let acceptor = tls(certificate.as_bytes(), key.as_bytes()).unwrap();
        let mut roots = RootCertStore::empty();
        roots
            .add(CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap())
            .unwrap();
        let client = ClientConfig::builder_with_provider(Arc::new(crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_root_certificates(roots)
            .with_no_client_auth();
        let (near, far) = connection().await;
        let name = ServerName::try_from("localhost").unwrap();
        let connector = TlsConnector::from(Arc::new(client));
        let (said, heard) = tokio::join!(
            async {
                let mut stream = connector.connect(name, near).await.unwrap();
                stream.write_all(b"hello").await.unwrap();
                let mut answer = [0; 5];
                stream.read_exact(&mut answer).await.unwrap();
                answer
            },
            async {
                let patience = Duration::from_secs(30);
                let mut stream = Stream::open(far, Some(acceptor), patience).await.unwrap();
                let mut heard = [0; 5];
                stream.read_exact(&mut heard).await.unwrap();
                stream.write_all(&heard).await.unwrap();
                stream.flush().await.unwrap();
                heard
            }
        );
        assert_eq!((&said, &heard), (b"hello", b"hello"));
    }

    #[tokio::test]
    async fn whoever_does_not_speak_tls_is_soon_left() {
        let (certificate, key) = certificate();
        let acceptor = tls(certificate.as_bytes(), key.as_bytes()).unwrap();
        let (silent, far) = connection().await;
        let left = Stream::open(far, Some(acceptor.clone()), PATIENCE).await.err().unwrap();
        assert_eq!(left.kind(), io::ErrorKind::TimedOut);
        drop(silent);
        let (mut plain, far) = connection().await;
        plain.write_all(b"GET / HTTP/1.1\r\n\r\n").await.unwrap();
        assert!(
            Stream::open(far, Some(acceptor), Duration::from_secs(30))
                .await
                .is_err()
        );
    }
}
