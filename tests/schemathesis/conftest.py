"""Starts a service on a store of its own, and stops it after the tests."""

import base64
import json
import os
import secrets
import socket
import subprocess
import tempfile
import urllib.parse
import urllib.request

PROGRAM = os.environ["PREAU_BIN"]


class Service:
    """A service with one client that may use the API."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(prefix="preau-api-")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.issuer = f"http://localhost:{self.port}"
        self.config = os.path.join(self.folder.name, "preau.toml")
        key = base64.b64encode(secrets.token_bytes(32)).decode()
        with open(self.config, "w", encoding="utf-8") as file:
            file.write(
                f'server.issuer = "{self.issuer}"\n'
                f'server.listen = ["127.0.0.1:{self.port}"]\n'
                f'database.url = "sqlite:{self.folder.name}/preau.db"\n'
                f'secrets.master_key = "{key}"\n'
                'logs.level = "warn"\n'
            )
        self.secret = secrets.token_urlsafe(32)
        client = os.path.join(self.folder.name, "client.json")
        with open(client, "w", encoding="utf-8") as file:
            json.dump(
                {
                    "client_id": "essai-api",
                    "client_name": "Essai",
                    "client_secret": self.secret,
                    "grant_types": ["client_credentials"],
                    "scope": "clients:read clients:write audit:read",
                },
                file,
            )
        self.run("migrate")
        self.run("client", "apply", client)
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--config", self.config],
            stdout=subprocess.PIPE,
            text=True,
        )
        ready = self.process.stdout.readline()
        assert ready.startswith("ready"), ready

    def run(self, *arguments):
        """Runs a command on the same store."""
        command = [PROGRAM, *arguments, "--config", self.config]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)

    def token(self):
        """An access token for the API."""
        form = urllib.parse.urlencode({"grant_type": "client_credentials"}).encode()
        pair = f"essai-api:{self.secret}".encode()
        request = urllib.request.Request(f"{self.issuer}/oauth2/token", form)
        request.add_header("Authorization", "Basic " + base64.b64encode(pair).decode())
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["access_token"]

    def stop(self):
        """Ends it, and its store."""
        self.process.terminate()
        self.process.wait(timeout=10)
        self.folder.cleanup()


def pytest_configure(config):
    config.service = Service()
    os.environ["PREAU_API"] = f"{config.service.issuer}/api/admin/v1"
    os.environ["PREAU_API_TOKEN"] = config.service.token()


def pytest_unconfigure(config):
    service = getattr(config, "service", None)
    if service:
        service.stop()
