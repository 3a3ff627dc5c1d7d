//! Journeys over HTTP against the whole service.
