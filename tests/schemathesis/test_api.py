"""The API survives whatever its own document allows, and much that it does not."""

import os

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
HEADERS = {"Authorization": "Bearer " + os.environ["PREAU_API_TOKEN"]}

schema = schemathesis.openapi.from_url(os.environ["PREAU_API"] + "/openapi.json")


@schema.parametrize()
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_no_server_error_and_no_undeclared_answer(case):
    case.call_and_validate(headers=HEADERS, checks=CHECKS, timeout=10)


@schema.parametrize()
@settings(max_examples=3, deadline=None, suppress_health_check=list(HealthCheck))
def test_nothing_is_answered_without_a_token(case):
    response = case.call(headers={"Authorization": "Bearer x"}, timeout=10)
    assert response.status_code in (400, 401, 404, 405), response.status_code
    case.validate_response(response, checks=CHECKS)
