"""What may stand in a diagram in DOT: classes, shapes, and the attributes that are kept or not."""

from __future__ import annotations

from collections.abc import Mapping

from pipeline.dot_file import TEXTS

LOOKS = ("step", "data", "model", "result")  # as in a TOML diagram
CLASSES = (*LOOKS, "accent", "quiet", "strong", "good", "bad", "positive", "negative")
BOXES = ("box", "rect", "rectangle", "square")
# Shape -> how much wider and higher than its text it is.
SHAPES: Mapping[str, tuple[float, float]] = {
    **dict.fromkeys((*BOXES, "note", "tab", "folder", "component", "cds"), (1.0, 1.0)),
    **dict.fromkeys(("plaintext", "plain", "none", "underline"), (1.0, 1.0)),
    **dict.fromkeys(("ellipse", "oval", "circle", "doublecircle", "egg"), (1.42, 1.42)),
    **dict.fromkeys(("hexagon", "octagon", "parallelogram", "trapezium", "house"), (1.4, 1.3)),
    **dict.fromkeys(("diamond", "Mdiamond"), (1.9, 1.9)),
    "cylinder": (1.0, 1.5),
    "point": (0.0, 0.0),
}
LABELS = ("label", "xlabel", "headlabel", "taillabel")  # in the order in which they are drawn

# Attributes that say where things stand: Graphviz's own layout follows them.
_LAYOUT = """
rankdir rank ranksep nodesep splines layout ordering newrank compound concentrate clusterrank
overlap mode model start sep esep K len normalize root mindist nslimit searchsize center
group sortv peripheries sides regular orientation
weight minlen constraint lhead ltail headport tailport samehead sametail headclip tailclip
dir arrowhead arrowtail labelangle labeldistance labelfloat decorate
"""
OURS = frozenset((*TEXTS, "class", "step", "URL", "href", "shape", "style", "id"))
# What the deck sets itself: read, and left out.
_LEFT_OUT = """
fontname fontsize fontnames fontpath labelfontname labelfontsize penwidth arrowsize width height
fixedsize margin pad dpi size ratio page rotate landscape charset labelloc labeljust justify
quantum comment nojustify bb outputorder forcelabels tooltip labeltooltip edgetooltip
headtooltip tailtooltip target labeltarget edgetarget headtarget tailtarget layers layer xdotversion
lp lwidth lheight pos vertices rects showboxes viewport truecolor resolution pin z
"""
_COLOURS = """
color fillcolor fontcolor bgcolor pencolor labelfontcolor gradientangle colorscheme
"""
_OUTSIDE = """
image imagepath imagescale imagepos shapefile stylesheet labelURL labelhref edgeURL edgehref
headURL headhref tailURL tailhref
"""
STYLES = frozenset(["solid", "dashed", "dotted", "bold", "filled", "rounded", "invis"])
LAYOUT, LEFT_OUT = frozenset(_LAYOUT.split()), frozenset(_LEFT_OUT.split())
COLOURS, OUTSIDE = frozenset(_COLOURS.split()), frozenset(_OUTSIDE.split())
