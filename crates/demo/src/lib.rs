//! People, portal and inbox of the demo.
