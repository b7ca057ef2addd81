"""Plugins: upload, look-up, removal, log bundle."""

from __future__ import annotations

import base64
import io
import tarfile
import tempfile
from pathlib import Path

from starlette.responses import Response

from lab.api import shapes
from lab.api.calls import TEXT, Call, Service, form, require
from lab.api.envelope import Answer, ApiError, action_of
from lab.errors import LabError
from lab.model import Json, Plugin, Repository, SourceConfig
from lab.plugin.artifact import Artifact


def request_upload_token(service: Service, call: Call) -> Answer:
    """POST /toolkit/requestUploadToken."""
    token = service.uploads.new(True)
    url = "/resources/json/delphix/data/upload"
    return Answer({"type": "FileUploadResult", "token": token, "url": url})


def upload(service: Service, call: Call) -> Answer:
    """POST /data/upload: install or upgrade. Only an upgrade tells its job, as on an engine."""
    token, content = str(call.body.get("token")), call.raw
    if service.uploads.take(token) is None:
        raise ApiError("exception.upload.token", "The upload token is unknown or was used.")
    artifact = Artifact(content)
    known = [row.plugin_id for row in service.lab.plugins()]
    with tempfile.NamedTemporaryFile(prefix="artifact-", suffix=".json", delete=False) as file:
        file.write(content)
    path = Path(file.name)

    def work() -> Plugin:
        try:
            return service.lab.upload(path)
        finally:
            path.unlink()

    job = service.background.start(work).reference
    if artifact.plugin_id in known:
        return Answer(job=job)
    return Answer(action=action_of(job))


def list_toolkits(service: Service, call: Call) -> Answer:
    """GET /toolkit."""
    return Answer([toolkit(service, row) for row in service.lab.plugins()])


def get_toolkit(service: Service, call: Call) -> Answer:
    """GET /toolkit/{ref}."""
    return Answer(toolkit(service, service.find(Plugin, call.reference)))


def toolkit(service: Service, row: Plugin) -> Json:
    """The plugin with its definitions. Its code stays here."""
    artifact = service.engine.artifact(row.reference)
    definitions = {key: value for key, value in artifact.content.items() if key != "type"}
    shown = shapes.typed(
        "Plugin",
        row.reference,
        row.name,
        identifier=row.plugin_id,
        displayName=row.name,
        version=row.build_number,
        status="ACTIVE",
        messages=[],
    )
    return {**definitions, **shown, "sourceCode": base64.b64encode(b"").decode()}


def delete_toolkit(service: Service, call: Call) -> Answer:
    """POST /toolkit/{ref}/delete. Raises LabError while something was made with it."""
    row = service.find(Plugin, call.reference)
    store = service.engine.store
    mine = store.all(Repository, lambda repository: repository.plugin == row.reference)
    places = {repository.reference for repository in mine}
    users = [found.name for found in service.lab.containers() if found.repository in places]
    if users:
        raise LabError(f"{row.name} is used by {', '.join(users)}", "Delete them first.")
    configs = [config for place in mine for config in _configs(service, place)]
    store.remove(*configs, *mine, row)
    return Answer(None)


def _configs(service: Service, place: Repository) -> list[SourceConfig]:
    return service.engine.store.all(SourceConfig, lambda row: row.repository == place.reference)


_BUNDLE = form("SupportBundleGenerateParameters", bundleType_={"const": "PLUGIN_LOG"}, plugin_=TEXT)


def generate_bundle(service: Service, call: Call) -> Answer:
    """POST /service/support/bundle/generate: the token of a bundle of the plugin's logs."""
    require(_BUNDLE, call.body)
    name = service.find(Plugin, call.body["plugin"]).name
    return Answer(service.downloads.new(name))


def download(service: Service, call: Call) -> Response:
    """GET /data/downloadOutputStream: the bundle, laid out as an engine's."""
    name = service.downloads.take(call.query.get("token", ""))
    if name is None:
        raise ApiError("exception.download.token", "The download token is unknown or was used.")
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as bundle:
        for level in ("debug", "info", "error"):
            path = service.engine.log.root / name / f"{level}.log"
            if path.exists():
                bundle.add(path, f"log/mgmt_log/plugin_log/{name}/{level}.log")
    return Response(packed.getvalue(), media_type="application/octet-stream")


def log_of_job(service: Service, call: Call) -> Answer:
    """GET /lab/job/{ref}/log, which is the lab's own: what the plugin logged in a job."""
    lines: list[str] = []
    for row in service.lab.plugins():
        path = service.engine.log.root / row.name / "info.log"
        if path.exists():
            mark = f"[{call.reference}|"
            text = path.read_text(encoding="utf-8", errors="replace")
            lines += [line for line in text.splitlines() if mark in line]
    return Answer(lines[-500:])


def parse_upload(fields: dict[str, bytes]) -> tuple[Json, bytes]:
    """The token and the file of a multipart body. Raises ApiError."""
    if "token" not in fields or "file" not in fields:
        raise ApiError("exception.upload.form", "The upload holds no token or no file.")
    return {"token": fields["token"].decode(errors="replace").strip()}, fields["file"].strip()
