"""The machine, in general terms."""
import os
import platform


def description():
    model = _first("/proc/cpuinfo", "model name", platform.machine())
    memory = int(_first("/proc/meminfo", "MemTotal", "0 kB").split()[0]) / 1024 / 1024
    system = _first("/etc/os-release", "PRETTY_NAME", platform.system(), separator="=").strip('"')
    return {
        "processor": model, "cores": os.cpu_count(), "memory_gib": round(memory), "system": system,
        "kernel": platform.release().split("-")[0], "load_at_start": round(os.getloadavg()[0], 1),
    }


def text(facts):
    return (f"{facts['cores']} cores ({facts['processor']}), {facts['memory_gib']} GiB, {facts['system']}, "
            f"Linux {facts['kernel']}, load {facts['load_at_start']} at the start")


def _first(file, key, otherwise, separator=":"):
    try:
        with open(file, encoding="utf-8") as lines:
            for line in lines:
                name, _, value = line.partition(separator)
                if name.strip() == key:
                    return value.strip()
    except OSError:
        pass
    return otherwise
