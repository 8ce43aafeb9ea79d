"""How a language writes and says numbers, how fast it is spoken, and the words of our own pages."""

from pipeline.locale.locale import ENGLISH, Locale, locale_of

__all__ = ["ENGLISH", "Locale", "locale_of"]
