//! The ports of the demo, on the loopback addresses and nowhere else.

use std::{
    io::{self, ErrorKind},
    net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener},
};

use thiserror::Error;

use crate::france_connect::PREFIX;

/// Where each site of the demo is: ports that follow one another.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ports {
    first: u16,
}

/// Why the ports cannot be had.
#[derive(Debug, Error)]
pub enum PortError {
    /// The first port leaves no room for the others.
    #[error("port {0}: choose one from 1 to 65532, since the three that follow are used too")]
    OutOfRange(u16),
    /// Somebody else listens there.
    #[error("port {port} is taken: end what listens there, or choose another with --port")]
    Taken {
        /// The port.
        port: u16,
    },
    /// The system refuses for another reason.
    #[error("port {port} cannot be opened: {reason}")]
    Refused {
        /// The port.
        port: u16,
        /// What the system says.
        reason: io::Error,
    },
}

impl Ports {
    /// The provider's port; the portal, the FranceConnect simulator and the inbox follow.
    ///
    /// # Errors
    /// [`PortError::OutOfRange`].
    pub const fn from_first(first: u16) -> Result<Self, PortError> {
        if first == 0 || first > u16::MAX - 3 {
            return Err(PortError::OutOfRange(first));
        }
        Ok(Self { first })
    }

    /// The identity provider's.
    pub const fn provider(self) -> u16 {
        self.first
    }

    /// The portal's.
    pub const fn portal(self) -> u16 {
        self.first + 1
    }

    /// The FranceConnect simulator's.
    pub const fn simulator(self) -> u16 {
        self.first + 2
    }

    /// The inbox's.
    pub const fn inbox(self) -> u16 {
        self.first + 3
    }

    /// The issuer.
    pub fn issuer(self) -> String {
        origin(self.provider())
    }

    /// The portal's origin, without a final slash.
    pub fn portal_origin(self) -> String {
        origin(self.portal())
    }

    /// The FranceConnect simulator's origin, without a final slash.
    pub fn simulator_origin(self) -> String {
        origin(self.simulator())
    }

    /// The FranceConnect simulator's issuer.
    pub fn simulator_issuer(self) -> String {
        format!("{}{PREFIX}", self.simulator_origin())
    }

    /// The inbox's origin, without a final slash.
    pub fn inbox_origin(self) -> String {
        origin(self.inbox())
    }

    /// Binds them all, before any other work is done.
    ///
    /// # Errors
    /// [`PortError::Taken`] for the first that is, else [`PortError::Refused`].
    pub fn bind(self) -> Result<Listeners, PortError> {
        Ok(Listeners {
            provider: bind(self.provider())?,
            portal: bind(self.portal())?,
            simulator: bind(self.simulator())?,
            inbox: bind(self.inbox())?,
        })
    }
}

fn origin(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// Open sockets: connections wait in them until a server accepts. One for IPv4, and one
/// for IPv6 where the machine has it; all are set non-blocking, as tokio wants them.
#[derive(Debug)]
pub struct Listeners {
    /// The identity provider's.
    pub provider: Vec<TcpListener>,
    /// The portal's.
    pub portal: Vec<TcpListener>,
    /// The FranceConnect simulator's.
    pub simulator: Vec<TcpListener>,
    /// The inbox's.
    pub inbox: Vec<TcpListener>,
}

fn bind(port: u16) -> Result<Vec<TcpListener>, PortError> {
    let ipv4 = listen((Ipv4Addr::LOCALHOST, port).into());
    let mut listeners = vec![ipv4.map_err(|error| fault(port, error))?];
    match listen((Ipv6Addr::LOCALHOST, port).into()) {
        Ok(ipv6) => listeners.push(ipv6),
        Err(error) if error.kind() == ErrorKind::AddrInUse => return Err(fault(port, error)),
        // Any other refusal means that the machine has no IPv6.
        Err(_) => {}
    }
    Ok(listeners)
}

fn listen(address: SocketAddr) -> io::Result<TcpListener> {
    let listener = TcpListener::bind(address)?;
    listener.set_nonblocking(true)?;
    Ok(listener)
}

fn fault(port: u16, error: io::Error) -> PortError {
    match error.kind() {
        ErrorKind::AddrInUse => PortError::Taken { port },
        _ => PortError::Refused {
            port,
            reason: error,
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A first port whose followers are free at the moment.
    fn free_first() -> u16 {
        let is_free = |port| TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok();
        (0..100)
            .filter_map(|_| TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).ok())
            .map(|listener| listener.local_addr().unwrap().port())
            .find(|port| *port < 65_000 && (1..=3).all(|more| is_free(port + more)))
            .expect("there are free ports")
    }

    #[test]
    fn a_taken_port_is_named() {
        let ports = Ports::from_first(free_first()).unwrap();
        for port in [ports.portal(), ports.simulator(), ports.inbox()] {
            let _taken = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).unwrap();
            let message = ports.bind().unwrap_err().to_string();
            assert!(message.contains(&port.to_string()), "{message}");
            assert!(message.contains("taken"), "{message}");
        }
    }

    #[test]
    fn only_loopback_is_listened_on() {
        let listeners = Ports::from_first(free_first()).unwrap().bind().unwrap();
        let all = [
            listeners.provider,
            listeners.portal,
            listeners.simulator,
            listeners.inbox,
        ];
        let all = all.concat_all();
        assert!(all.iter().all(|address| address.ip().is_loopback()));
    }

    #[test]
    fn the_last_ports_leave_no_room() {
        for first in [0, 65_533, 65_535] {
            let message = Ports::from_first(first).unwrap_err().to_string();
            assert!(message.contains(&first.to_string()), "{message}");
        }
        assert_eq!(Ports::from_first(65_532).unwrap().inbox(), 65_535);
    }

    trait ConcatAll {
        fn concat_all(self) -> Vec<SocketAddr>;
    }

    impl ConcatAll for [Vec<TcpListener>; 4] {
        fn concat_all(self) -> Vec<SocketAddr> {
            let listeners = self.into_iter().flatten();
            listeners
                .map(|listener| listener.local_addr().unwrap())
                .collect()
        }
    }
}
