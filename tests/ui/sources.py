"""Where the look's files are, for tests that read them."""

from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "templates"
STATIC = ROOT / "static" / "blu"


def templates() -> list[Path]:
    """Every HTML template of the project."""
    return sorted(TEMPLATES.rglob("*.html"))


def name(path: Path) -> str:
    """A file as the tests name it."""
    return str(path.relative_to(ROOT))
