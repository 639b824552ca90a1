"""The rows and curves that there are, in the order of the table."""

MEASURES = {}


def measure(name):
    """Makes a function of a bench (bench.Bench) one of the measures: it returns a Row, a Curve, or a list of them."""

    def register(function):
        MEASURES[name] = function
        return function

    return register
