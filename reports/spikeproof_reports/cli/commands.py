"""Groups of commands whose error messages list the commands that exist."""

from __future__ import annotations

import click


class Commands(click.Group):
    """Commands: the error for a wrong name lists those that exist; an interrupt becomes `click.Abort`."""

    def resolve_command(
        self, context: click.Context, arguments: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(context, arguments)
        except click.UsageError as error:
            if self.get_command(context, arguments[0]) is not None or arguments[0].startswith("-"):
                raise
            known = ", ".join(self.list_commands(context))
            raise click.UsageError(f"No such command {arguments[0]!r}; there are: {known}", error.ctx) from None

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except KeyboardInterrupt:  # click itself would print an empty line first
            raise click.Abort from None
