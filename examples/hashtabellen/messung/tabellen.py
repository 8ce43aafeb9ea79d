"""Drei Hashtabellen in einfachem Python. Jede zählt auf Wunsch, wie oft sie nachsieht."""

from __future__ import annotations

GOLD = 0x9E3779B97F4A7C15  # 2^64 durch den Goldenen Schnitt: streut auch Schlüssel in Folge


def platz(schluessel: int, bits: int) -> int:
    """Der Platz, auf den ein Schlüssel gehört: die oberen Bits des Produkts (Knuth, TAOCP 3)."""
    return (schluessel * GOLD & 0xFFFFFFFFFFFFFFFF) >> (64 - bits)


class Linear:
    """Offene Adressierung: Ist der Platz besetzt, dann der nächste."""

    def __init__(self, bits: int) -> None:
        self.bits, self.maske = bits, (1 << bits) - 1
        self.plaetze: list[int | None] = [None] * (1 << bits)

    def lege(self, schluessel: int) -> None:
        i = platz(schluessel, self.bits)
        while self.plaetze[i] is not None:
            i = (i + 1) & self.maske
        self.plaetze[i] = schluessel

    # region suche
    def suche(self, schluessel: int) -> bool:
        i = platz(schluessel, self.bits)
        while self.plaetze[i] is not None:
            if self.plaetze[i] == schluessel:
                return True
            i = (i + 1) & self.maske
        return False

    # endregion suche

    def blicke(self, schluessel: int) -> int:
        """Wie viele Plätze `suche` ansieht."""
        i, zahl = platz(schluessel, self.bits), 1
        while self.plaetze[i] is not None and self.plaetze[i] != schluessel:
            i, zahl = (i + 1) & self.maske, zahl + 1
        return zahl


class RobinHood(Linear):
    """Lineares Sondieren, bei dem Platz macht, wer näher an seinem eigenen liegt (Celis, 1986)."""

    def __init__(self, bits: int) -> None:
        super().__init__(bits)
        self.wege = [-1] * (1 << bits)  # wie weit jeder von seinem Platz weg ist; -1: frei

    def lege(self, schluessel: int) -> None:
        i, weg = platz(schluessel, self.bits), 0
        neu: int | None = schluessel
        while self.wege[i] >= 0:
            if self.wege[i] < weg:  # dem geht es besser: Er muss weiter
                self.plaetze[i], neu = neu, self.plaetze[i]
                self.wege[i], weg = weg, self.wege[i]
            i, weg = (i + 1) & self.maske, weg + 1
        self.plaetze[i], self.wege[i] = neu, weg

    def suche(self, schluessel: int) -> bool:
        i, weg = platz(schluessel, self.bits), 0
        while self.wege[i] >= weg:  # sonst läge er schon hier
            if self.plaetze[i] == schluessel:
                return True
            i, weg = (i + 1) & self.maske, weg + 1
        return False

    def blicke(self, schluessel: int) -> int:
        i, weg = platz(schluessel, self.bits), 0
        while self.wege[i] >= weg and self.plaetze[i] != schluessel:
            i, weg = (i + 1) & self.maske, weg + 1
        return weg + 1


class Ketten:
    """Verkettung: An jedem Platz hängt eine Liste."""

    def __init__(self, bits: int) -> None:
        self.bits = bits
        self.plaetze: list[list[int]] = [[] for _ in range(1 << bits)]

    def lege(self, schluessel: int) -> None:
        self.plaetze[platz(schluessel, self.bits)].append(schluessel)

    def suche(self, schluessel: int) -> bool:
        # Kein `in`, das in C liefe: Auch hier sieht Python jeden an.
        for anderer in self.plaetze[platz(schluessel, self.bits)]:  # noqa: SIM110
            if anderer == schluessel:
                return True
        return False

    def blicke(self, schluessel: int) -> int:
        """Wie viele Schlüssel verglichen werden; mindestens einer, denn den Platz sieht man an."""
        kette = self.plaetze[platz(schluessel, self.bits)]
        return kette.index(schluessel) + 1 if schluessel in kette else max(1, len(kette))
