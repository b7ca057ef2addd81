"""What a physical copy brings along for its owner: a sample of a systemd unit, and a guide."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from domain.dataset.layout import GUIDE_FILE, OPTION_FILE, UNIT_FILE
from domain.installation import Installation
from domain.options.my_cnf import ServerConfig
from shown import shown


@dataclass(frozen=True)
class Owned:
    """A physical copy as its owner gets it.

    Attributes:
        config: of its server.
        installation: that runs it.
        owner: the OS user whose the files are and who runs the server.
        taken_at, written_by: of the snapshot: its time, and the version that wrote the files.
        warnings: of the snapshot.
    """

    config: ServerConfig
    installation: Installation
    owner: str
    taken_at: str
    written_by: str
    warnings: tuple[str, ...] = ()

    @property
    def unit(self) -> str:
        """The text of the systemd unit; root installs it."""
        place, port = self.config.layout.mount, self.config.port
        service = f"mariadb-{port}.service"
        lines = [
            "# A sample. While no server runs here, as root:",
            f"#   cp {place}/{UNIT_FILE} /etc/systemd/system/{service}",
            "#   systemctl daemon-reload",
            f"#   systemctl enable --now {service}",
            "[Unit]",
            f"Description=MariaDB server of {place}, port {port}",
            "Wants=network-online.target",
            "After=network-online.target",
            f"RequiresMountsFor={place}",
            "",
            "[Service]",
            "Type=simple",
            f"User={self.owner}",
            f"ExecStart={_word(self.installation.daemon_path)} --defaults-file={self._options}",
            "UMask=0077",
            "LimitNOFILE=32768",
            "TimeoutStopSec=900",
            "Restart=on-abnormal",
            "RestartSec=5s",
            "",
            "[Install]",
            "WantedBy=multi-user.target",
            "",
        ]
        return "\n".join(lines)

    @property
    def guide(self) -> str:
        """The text that tells the owner what this is and how it is run."""
        return "\n\n".join([*self._what(), *self._how(), *self._known()]) + "\n"

    def _what(self) -> Iterable[str]:
        layout, config = self.config.layout, self.config
        yield (
            "A physical copy, made by the MariaDB plugin for Delphix of a snapshot of "
            f"{shown(self.taken_at)} (MariaDB {shown(self.written_by)}).\n"
            "It is yours: nothing of Delphix works on it any more, and it knows neither a source "
            "nor a staging server."
        )
        yield (
            f"Data          {layout.data}\n"
            f"Option file   {self._options} and {layout.required_file}\n"
            f"Error log     {layout.error_log}\n"
            f"Port          {config.port}, address {config.bind_address}, server id "
            f"{config.server_id}\n"
            f"Owner         {self.owner}, who gets in over the socket {layout.socket} without a "
            "password and with all privileges"
        )

    def _how(self) -> Iterable[str]:
        place, programs = self.config.layout.mount, f"{self.installation.base_dir}/bin"
        options = f"--defaults-file={self._options}"
        outside = (
            "works" if self.config.outside else "is not loaded (plugin_dir), its logins are gone"
        )
        yield (
            f"As {self.owner}:\n"
            f"  start      {self.installation.daemon_path} {options} &\n"
            f"  get in     {programs}/mariadb {options}\n"
            f"  stop       {programs}/mariadb-admin {options} shutdown"
        )
        yield (
            f"{UNIT_FILE} is a sample of a systemd unit; its first lines say how root installs it. "
            "Stop the server that runs first."
        )
        yield (
            f"To give it to another OS user, make an account of that name IDENTIFIED VIA "
            f"unix_socket, stop the server, and as root: chown -R USER: {place}; change User in "
            "the unit."
        )
        yield (
            "Accounts that let somebody in without a password are locked. What reaches other "
            f"servers {outside}. Events run if {OPTION_FILE} switches the event scheduler on. What "
            "is written there is yours to change."
        )

    def _known(self) -> Iterable[str]:
        if self.warnings:
            lines = "\n".join(f"* {shown(text)}" for text in self.warnings)
            yield f"What is known of these data:\n{lines}"
        yield f"This file, {GUIDE_FILE}, may be deleted."

    @property
    def _options(self) -> str:
        return f"{self.config.layout.mount}/{OPTION_FILE}"


def _word(text: str) -> str:
    """A path as systemd reads it."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("%", "%%")
    return f'"{escaped}"' if escaped != text or " " in text else text
