"""The guide's page on performance."""
import machine
from bench import ROOT

CATALOG = ROOT / "Sources/ApigLuaCommand/ApigLuaCommand.docc"
BEGIN = "<!-- figures: scripts/benchmark --guide writes what stands between these comments -->\n"
END = "<!-- end of figures -->\n"


def write(facts, table, plot):
    """Takes the place of the figures that the page has."""
    page = CATALOG / "Performance.md"
    before, _, rest = page.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    if not after:
        raise RuntimeError(f"{page.name} has no place for figures")
    page.write_text(f"{before}{BEGIN}\nOn {machine.text(facts)}:\n\n{table}\n\n{END}{after}")
    if plot:
        (CATALOG / "growth.svg").write_text(plot)
