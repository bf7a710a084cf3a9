"""How does `.env.example` come about? Written from the settings themselves, so that it names all of them."""

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from candlecast.settings import Settings


def env_example() -> str:
    """Return the text of ``.env.example``: every setting with its meaning and default."""
    lines = ["# Every setting of Candlecast; copy to .env and change what you need."]
    lines += ["# A secret may be given as a file: its name with _FILE at the end. docker-compose.yml has more."]
    lines += ["# Precedence: flag > environment > .env > default."]
    for group, field in Settings.model_fields.items():
        model = field.annotation
        if isinstance(model, type) and issubclass(model, BaseModel):
            lines += ["", f"# {(model.__doc__ or '').strip().splitlines()[0]}"]
            lines += [_example_line(f"{group}__{name}", part) for name, part in model.model_fields.items()]
        else:
            lines += ["", _example_line(group, field)]
    return "\n".join(lines) + "\n"


def _example_line(name: str, field: FieldInfo) -> str:
    default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
    return f"# {field.description}\n#CANDLECAST_{name.upper()}={'' if default is None else default}"
