"""Misst die Tabellen und schreibt JSON: Blicke je Suche (gezählt) und Zeiten (gestoppt).

Gezählt wird mit festen Schlüsseln, also auf jedem Rechner dasselbe. Gestoppt wird, was der Rechner
hergibt: Darum läuft dies hier fünfmal, und die Folien zeigen Median und Intervall.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Callable
from time import perf_counter_ns

from tabellen import Ketten, Linear, RobinHood

BITS = 14
PLAETZE = 1 << BITS
FUELLUNGEN = (30, 50, 60, 70, 80, 85, 90, 95)  # Prozent
VOLL = 90
SORTEN = {"linear": Linear, "robin_hood": RobinHood, "ketten": Ketten}


def schluessel(fuellung: int) -> tuple[list[int], list[int]]:
    """Was in der Tabelle liegt, und ebenso viele, die nicht darin liegen."""
    zahl = PLAETZE * fuellung // 100
    gezogen = random.Random(1953).sample(range(1 << 60), 2 * zahl)
    return gezogen[:zahl], gezogen[zahl:]


# region stoppen
def ns_je_suche(suche: Callable[[int], bool], gesucht: list[int]) -> float:
    """Die schnellste von drei Runden, geteilt durch die Zahl der Suchen."""
    runden = []
    for _ in range(3):
        beginn = perf_counter_ns()
        for einer in gesucht:
            suche(einer)
        runden.append(perf_counter_ns() - beginn)
    return min(runden) / len(gesucht)


# endregion stoppen


def zaehle(fuellung: int) -> dict[str, object]:
    """Eine Zeile: Blicke je erfolgloser Suche im Mittel, und die längste erfolgreiche."""
    drin, draussen = schluessel(fuellung)
    zeile: dict[str, object] = {"fuellung": fuellung}
    for name, sorte in SORTEN.items():
        tabelle = sorte(BITS)
        for einer in drin:
            tabelle.lege(einer)
        blicke = [tabelle.blicke(einer) for einer in draussen]
        zeile[name] = sum(blicke) / len(blicke)
        zeile[f"{name}_laengste"] = max(tabelle.blicke(einer) for einer in drin)
    return zeile


def stoppe() -> dict[str, dict[str, float]]:
    """Zeiten bei voller Tabelle, dazu die von Pythons eigenem dict."""
    drin, draussen = schluessel(VOLL)
    suchen: dict[str, Callable[[int], bool]] = {}
    for name, sorte in SORTEN.items():
        tabelle = sorte(BITS)
        for einer in drin:
            tabelle.lege(einer)
        suchen[name] = tabelle.suche
    suchen["dict"] = dict.fromkeys(drin).__contains__
    return {
        name: {
            "treffer_ns": ns_je_suche(suche, drin),
            "fehlschlag_ns": ns_je_suche(suche, draussen),
        }
        for name, suche in suchen.items()
    }


if __name__ == "__main__":
    print("zählt die Blicke", file=sys.stderr)
    zeilen = [zaehle(fuellung) for fuellung in FUELLUNGEN]
    print("stoppt die Zeiten", file=sys.stderr)
    bei_voll = next(zeile for zeile in zeilen if zeile["fuellung"] == VOLL)
    ergebnis = {
        "plaetze": PLAETZE,
        "voll": VOLL,
        "schluessel": len(schluessel(VOLL)[0]),
        "blicke": zeilen,
        "bei_voll": {name: wert for name, wert in bei_voll.items() if name != "fuellung"},
        "zeit": stoppe(),
    }
    json.dump(ergebnis, sys.stdout, indent=1)
