"""Die längste Suche nach einem Schlüssel, der da ist"""


def draw(chart, values):
    zeilen = values.tabellen.blicke
    x = [zeile.fuellung.value for zeile in zeilen]
    linear = [zeile.linear_laengste.value for zeile in zeilen]
    robin = [zeile.robin_hood_laengste.value for zeile in zeilen]

    achsen = chart.axes
    achsen.fill_between(x, robin, linear, color=chart.colour("line"))
    achsen.plot(x, linear, color=chart.colour("myth"), marker="s")
    achsen.plot(x, robin, color=chart.colour("accent"), marker="o")
    neben = {"textcoords": "offset points", "ha": "right"}
    achsen.annotate("linear", (x[-2], linear[-2]), xytext=(-14, 4), **neben)
    achsen.annotate("Robin Hood", (x[-1], robin[-1]), xytext=(0, 12), **neben)
    achsen.set_xlabel("Füllung in %")
    achsen.set_ylabel("angesehene Plätze")
    chart.alt = (
        f"Die längste Suche der linearen Tabelle wächst bis {linear[-1]} Plätze, "
        f"die von Robin Hood bis {robin[-1]}"
    )
