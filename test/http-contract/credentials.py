"""Credentials for the requests of Schemathesis, from the region that it drives.

An ID token logs in once, so each login has a new one. The other operations have a session each: an
operation that ends its session takes nothing from the others. After a 401 it gets a new one.
"""

import os
import uuid

import requests
import schemathesis

api = os.environ["LEASEHOLD_URL"]
control = os.environ["LEASEHOLD_CONTROL"]


def new_id_token() -> str:
    claims = {"subject": uuid.uuid4().hex, "scope": "billing:read"}
    answer = requests.post(f"{control}/id-tokens", json=claims, timeout=10)
    answer.raise_for_status()
    return answer.json()["idToken"]


def set_bearer(case, token: str) -> None:
    case.headers = {**(case.headers or {}), "Authorization": f"Bearer {token}"}


@schemathesis.auth(refresh_interval=None).apply_to(operation_id="login")
class IdToken:
    def get(self, case, context):
        return new_id_token()

    def set(self, case, data, context):
        set_bearer(case, data)


@schemathesis.auth(cache_by_key=lambda case, context: context.operation.label).skip_for(operation_id="login")
class SessionToken:
    def get(self, case, context):
        headers = {"Authorization": f"Bearer {new_id_token()}"}
        answer = requests.post(f"{api}/v1/sessions", headers=headers, json={"delivery": "bearer"}, timeout=10)
        answer.raise_for_status()
        return answer.json()["token"]

    def set(self, case, data, context):
        set_bearer(case, data)
