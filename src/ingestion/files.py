"""What restored files tell, whoever made the backup."""

from __future__ import annotations

from domain.options.settings import Setting
from remote.answer import Answer
from remote.secret_values import NO_SECRETS
from server import inputs, jobs
from server.instance import Instance


def prove(instance: Instance, name: str, partial: bool, followed: bool) -> int:
    """Every table of the restored files opens on the running server; the number of objects.

    Args:
        instance: runs with the files.
        name: of what they came from, for people.
        partial: what is missing is told, not refused.
        followed: settings that the files need were taken from the source.

    Raises:
        PluginError: BACKUP_UNUSABLE, LOAD_FAILED.
    """
    doing = f"looking into the files of {name} on"
    variables = {
        "PARTIAL": inputs.yes(partial),
        "FOLLOWED": inputs.yes(followed),
        "STALL_SECONDS": str(jobs.STALL_SECONDS),
    }
    instance.run("files_prove_start", doing, variables)
    return jobs.follow(instance, doing, 0, NO_SECRETS).number("objects")


def with_own(required: tuple[Setting, ...], answer: Answer) -> tuple[Setting, ...]:
    """The settings that the files themselves ask for go before the source's."""
    own = tuple(Setting(name, value) for name, value in answer.rows("setting", 2))
    names = {setting.name for setting in own}
    return (*(setting for setting in required if setting.name not in names), *own)
