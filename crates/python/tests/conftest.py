"""What the tests share. The model is the one in the installed package, unless a test names the tiny one."""

from pathlib import Path

import pytest

from beleving import Scorer

ROOT = Path(__file__).parents[3]
TINY = ROOT / "models" / "tiny"
TEXTS = [
    "Waar blijft mijn pakket? Dit is de derde keer dat ik het vraag.",
    None,
    "",
    "Thank you, that was quick!",
    "Laat maar. Ik regel het zelf wel weer, zoals altijd.",
]
MESSAGES = {
    "id": ["m0", "m1", "m2", "m3", "m4", "m5"],
    "interaction": ["a", "b", "a", "a", "b", "c"],
    "speaker": ["customer", "customer", "staff", "customer", "staff", "customer"],
    "role": [None, None, "planner", None, "servicedesk", None],
    "at": [f"2026-03-0{day}T09:00:00Z" for day in range(1, 7)],
    "text": [
        "Wanneer komt de monteur?",
        "De export geeft foutcode 4012 sinds de update.",
        "U hoort deze week van ons.",
        "Dat zei u vorige week ook. Laat maar.",
        "Dank, het is verholpen in versie 8.",
        "Fijn geholpen, dank u wel!",
    ],
}


@pytest.fixture(scope="session")
def scorer():
    return Scorer()


@pytest.fixture(scope="session")
def tiny():
    return Scorer(TINY)
